"""Webhooks: where an agency has its mail sent, what was attempted, and sending again."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Security
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.responses import Response

from broker.delivery.subscription import Content, Order, Subscription
from broker.flows import endpoints
from broker.flows.webhook import Courier
from broker.ports.outgoing import TargetRefused
from broker.ports.store import Unit, View
from broker.ports.webhooks import Attempt, Endpoint
from broker.web.answers import Json
from broker.web.auth import bearer
from broker.web.body import body_of, described
from broker.web.problems import Problem, may
from broker.web.queries import DEFAULT_LIMIT, Cursor, Limit, opened, page, position
from broker.web.shapes import endpoints as shapes
from broker.web.shapes.common import Page
from broker.web.surface import Surface, surface_of
from broker.web.tokens import Session
from contracts.envelope import rfc3339
from contracts.identifiers import UNIQUE_ID
from contracts.parse import Fault

router = APIRouter(prefix="/v1/endpoints", tags=["webhooks"])

T = TypeVar("T")
_Surface = Annotated[Surface, Depends(surface_of)]
_Subscriber = Annotated[Session, Security(bearer, scopes=["subscribe"])]
_Id = Annotated[str, Path(pattern=UNIQUE_ID)]
_Type = Annotated[str, Field(max_length=100, pattern=r"^[a-z0-9_.]+\*?$|^\*$")]
MAX_TYPES = 50
_MOST_CHARACTERS = 2000


class Settings(BaseModel):
    """What may be chosen of an endpoint; what is left out stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    url: str | None = Field(None, min_length=1, max_length=_MOST_CHARACTERS, description="https, public")
    types: tuple[_Type, ...] | None = Field(
        None, max_length=MAX_TYPES, description="event types; `*` at the end stands for any ending; none means all"
    )
    content: Content | None = Field(None, description="notice: ids and type only, the rest is fetched from the inbox")
    order: Order | None = Field(None, description="episode: one after the other within an episode")
    enabled: bool | None = Field(None, description="what comes while it is off is sent when it is on again")

    @field_validator("types")
    @classmethod
    def _known(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and endpoints.unknown_types(value):
            raise ValueError(
                "no event of one of these types will ever come: see /asyncapi.json for the types there are"
            )
        return value

    def over(self, standing: Subscription) -> Subscription | None:
        """Return a subscription with what is said here put over it; None if nothing is."""
        said = {name: getattr(self, name) for name in ("types", "content", "order")}
        changed = {name: value for name, value in said.items() if value is not None}
        return replace(standing, **changed) if changed else None


class NewEndpoint(Settings):
    """A new endpoint."""

    url: str = Field(min_length=1, max_length=_MOST_CHARACTERS, description="https, public")


class Recovery(BaseModel):
    """From where on to send again."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    after: str = Field(max_length=40, description="<generation>.<number>, as in concordatsequence")


_EXAMPLE = {"url": "https://desk.example/concordat", "types": ["concordat.episode.*", "concordat.child.*"]}


@router.get("", response_model=Page[shapes.Endpoint], summary="List the agency's endpoints")
async def list_own(
    surface: _Surface, session: _Subscriber, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Response:
    """Answer with a page of endpoints, without their secrets."""
    start = opened(cursor) or ""
    found = await surface.read(lambda view: view.endpoints(session.agency))
    later = [one for one in found if one.id > start]
    following = later[limit - 1].id if len(later) > limit else None
    return Json(page({"items": [_shown(one) for one in later[:limit]], "next": following}))


@router.post(
    "",
    status_code=201,
    response_model=shapes.NewEndpoint,
    summary="Make an endpoint",
    openapi_extra=described(NewEndpoint, _EXAMPLE) | may("conflict"),
)
async def create(
    surface: _Surface, session: _Subscriber, body: Annotated[NewEndpoint, Depends(body_of(NewEndpoint))]
) -> Response:
    """Answer with the endpoint and its secret, which is shown this once. Mail that comes from now on is sent to it."""
    hub = surface.hub
    endpoint_id = hub.parts.new_id()
    wanted = body.over(Subscription()) or Subscription()

    def make(unit: Unit) -> Endpoint:
        made = endpoints.create(unit, endpoint_id, session.agency, body.url, wanted, hub.parts, hub.outgoing)
        if body.enabled is False:
            asked = endpoints.Change(enabled=False)
            return endpoints.change(unit, session.agency, endpoint_id, asked, hub.parts, hub.outgoing)
        return made

    made = await _change(surface, make)
    return Json(_shown(made) | {"secret": made.keys.secret_text}, 201)


@router.get("/{endpoint_id}", response_model=shapes.Endpoint, summary="See an endpoint")
async def show(surface: _Surface, session: _Subscriber, endpoint_id: _Id) -> Response:
    """Answer with one endpoint, without its secret."""
    return Json(_shown(await _own(surface, session, endpoint_id)))


@router.patch(
    "/{endpoint_id}",
    response_model=shapes.Endpoint,
    summary="Change an endpoint",
    openapi_extra=described(Settings, {"content": "notice"}),
)
async def change(
    surface: _Surface, session: _Subscriber, endpoint_id: _Id, body: Annotated[Settings, Depends(body_of(Settings))]
) -> Response:
    """Answer with the endpoint as it stands."""
    hub = surface.hub

    def amend(unit: Unit) -> Endpoint:
        standing = endpoints.own_endpoint(unit, session.agency, endpoint_id)
        asked = endpoints.Change(body.url, body.over(standing.subscription), body.enabled)
        return endpoints.change(unit, session.agency, endpoint_id, asked, hub.parts, hub.outgoing)

    return Json(_shown(await _change(surface, amend)))


@router.delete("/{endpoint_id}", status_code=204, summary="Remove an endpoint")
async def remove(surface: _Surface, session: _Subscriber, endpoint_id: _Id) -> Response:
    """Forget the endpoint, its keys and its attempts. The mailbox is untouched."""
    await _change(surface, lambda unit: endpoints.remove(unit, session.agency, endpoint_id))
    return Response(status_code=204)


@router.post("/{endpoint_id}/rotate-secret", response_model=shapes.NewEndpoint, summary="Give an endpoint new keys")
async def rotate(surface: _Surface, session: _Subscriber, endpoint_id: _Id) -> Response:
    """Answer with the new secret, shown this once. For 24 hours messages are signed with the former keys too."""
    parts = surface.hub.parts
    rotated = await _change(surface, lambda unit: endpoints.rotate(unit, session.agency, endpoint_id, parts))
    return Json(_shown(rotated) | {"secret": rotated.keys.secret_text})


@router.post("/{endpoint_id}/test", response_model=shapes.Attempt, summary="Send a test message now")
async def test(surface: _Surface, session: _Subscriber, endpoint_id: _Id) -> Response:
    """Send one message that says nothing, also while the endpoint is off; answer with how the attempt ended."""
    endpoint = await _own(surface, session, endpoint_id)
    attempt = await Courier(surface.hub.parts, surface.hub.outgoing).test(endpoint)

    def record(unit: Unit) -> None:
        endpoints.own_endpoint(unit, session.agency, endpoint_id)
        unit.add_attempts([attempt])

    await _change(surface, record)
    return Json(_attempt(attempt))


@router.get("/{endpoint_id}/attempts", response_model=Page[shapes.Attempt], summary="List attempts, newest first")
async def attempts(
    surface: _Surface, session: _Subscriber, endpoint_id: _Id, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Response:
    """Answer with a page of attempts: when, how long, how they ended. Bodies are never kept."""
    before = opened(cursor)
    found = await _known(
        surface.read(lambda view: endpoints.attempts(view, session.agency, endpoint_id, before, limit + 1))
    )
    following = found[limit - 1].id if len(found) > limit else None
    return Json(page({"items": [_attempt(one) for one in found[:limit]], "next": following}))


@router.post(
    "/{endpoint_id}/attempts/{attempt_id}/resend",
    status_code=202,
    response_model=shapes.Queued,
    summary="Send a message again",
    openapi_extra=may("conflict"),
)
async def resend(surface: _Surface, session: _Subscriber, endpoint_id: _Id, attempt_id: _Id) -> Response:
    """Send the message of an attempt again, under the id that it has, whether or not it arrived."""
    parts = surface.hub.parts
    queued = await _change(surface, lambda unit: endpoints.resend(unit, session.agency, endpoint_id, attempt_id, parts))
    return Json(
        {"message_id": queued.disclosure, "sequence": str(queued.position), "due_at": rfc3339(queued.due_at)}, 202
    )


@router.post(
    "/{endpoint_id}/recover",
    status_code=202,
    response_model=shapes.Recovering,
    summary="Send again what has not arrived",
    openapi_extra=described(Recovery, {"after": "1.204"}) | may("invalid-position"),
)
async def recover(
    surface: _Surface, session: _Subscriber, endpoint_id: _Id, body: Annotated[Recovery, Depends(body_of(Recovery))]
) -> Response:
    """Send everything after a position that the endpoint wants and has not got; answer with where that begins."""
    after, parts = position(body.after), surface.hub.parts
    assert after is not None  # noqa: S101 (the body has it)
    start = await _change(surface, lambda unit: endpoints.recover(unit, session.agency, endpoint_id, after, parts))
    return Json({"after": str(start)}, 202)


async def _own(surface: Surface, session: Session, endpoint_id: str) -> Endpoint:
    def look(view: View) -> Endpoint:
        return endpoints.own_endpoint(view, session.agency, endpoint_id)

    return await _known(surface.read(look))


async def _change(surface: Surface, work: Callable[[Unit], T]) -> T:
    """Change something of endpoints, and have the dispatcher look; Problem for what the flow refuses."""
    changed = await _known(surface.write(work))
    surface.hub.notifier.wake()
    return changed


async def _known(work: Awaitable[T]) -> T:
    try:
        return await work
    except endpoints.NoSuchEndpoint:
        raise Problem("not-found") from None
    except endpoints.TooManyEndpoints:
        raise Problem(
            "conflict", f"an agency has at most {endpoints.MOST_ENDPOINTS} endpoints: remove one that is not used"
        ) from None
    except endpoints.NothingToResend:
        raise Problem(
            "conflict", "a test, or what is no longer kept, cannot be sent again: send another test"
        ) from None
    except TargetRefused as error:
        # The refusal's text is fixed: it says what is taken, and nothing of what was sent.
        raise Problem("invalid-body", errors=[Fault("/url", "target_refused", str(error))]) from None


def _shown(one: Endpoint) -> dict[str, Any]:
    return {
        "id": one.id,
        "url": one.url,
        "types": list(one.subscription.types),
        "content": one.subscription.content.value,
        "order": one.subscription.order.value,
        "enabled": one.switched_off is None,
        "disabled_because": None if one.switched_off is None else one.switched_off.value,
        "disabled_at": None if one.switched_off_at is None else rfc3339(one.switched_off_at),
        "failing_since": None if one.failing_since is None else rfc3339(one.failing_since),
        "created_at": rfc3339(one.created_at),
        "queued_up_to": str(one.cursor),
        "public_key": one.keys.public_text,
        "former_public_key": None if one.former_keys is None else one.former_keys.public_text,
        "former_until": None if one.former_until is None else rfc3339(one.former_until),
    }


def _attempt(one: Attempt) -> dict[str, Any]:
    return {
        "id": one.id,
        "message_id": one.message,
        "sequence": None if one.position is None else str(one.position),
        "at": rfc3339(one.at),
        "milliseconds": one.milliseconds,
        "outcome": one.outcome.value,
        "status": one.status,
    }
