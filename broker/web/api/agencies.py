"""The operator registers agencies, changes their keys and scopes, and revokes them."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Security
from joserfc.errors import JoseError
from joserfc.jwk import import_key
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.responses import Response

from broker.flows.channel_keys import is_wrapping_key
from broker.flows.draft import Draft
from broker.flows.enrol import AlreadyEnrolled, amend, enrol
from broker.web.answers import Json
from broker.web.assertions import signing_key
from broker.web.auth import bearer
from broker.web.body import body_of, described
from broker.web.problems import Problem, may
from broker.web.queries import DEFAULT_LIMIT, Cursor, Limit, accepts, opened, page
from broker.web.shapes.common import Page
from broker.web.shapes.registry import RegisteredAgency
from broker.web.surface import Surface, surface_of
from broker.web.tokens import SCOPES, Session
from contracts.agency import Agency
from contracts.lineage import check_known
from contracts.vocabulary import AgencyKind

router = APIRouter(prefix="/v1/agencies", tags=["agencies"], dependencies=[Depends(accepts("application/json"))])

_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_NAME = r"^[^\x00-\x1f\x7f]+$"
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
_Surface = Annotated[Surface, Depends(surface_of)]
_Operator = Annotated[Session, Security(bearer, scopes=["admin"])]
_Id = Annotated[str, Path(pattern=_SLUG, max_length=63)]
_Code = Annotated[str, Field(pattern=r"^[A-Z][0-9]{8}$")]
_Class = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class Change(BaseModel):
    """What may be changed of an agency; what is left out stays. `keys` replaces the whole list."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str | None = Field(None, pattern=_NAME, max_length=200)
    classes: frozenset[_Class] | None = None
    areas: frozenset[_Code] | None = None
    has_channel: bool | None = None
    active: bool | None = None
    keys: tuple[dict[str, str], ...] | None = Field(None, max_length=20)
    scopes: frozenset[str] | None = None
    nats_content: Literal["full", "notice"] | None = None
    knows: dict[str, int] | None = None
    telephone: str | None = Field(None, pattern=r"^[0-9+() ]{3,30}$")

    @field_validator("knows", mode="before")
    @classmethod
    def _existing(cls, value: object) -> object:
        # Before pydantic looks at the members: it would name their places, and the names are the sender's own text.
        if value is not None:
            if not isinstance(value, dict) or not all(type(major) is int for major in value.values()):
                raise ValueError("send an object of event types without their version, each with a number")
            check_known(value)
        return value

    @field_validator("scopes")
    @classmethod
    def _known(cls, value: frozenset[str] | None) -> frozenset[str] | None:
        if value is not None and not value <= frozenset(SCOPES):
            raise ValueError(f"scopes are {', '.join(SCOPES)}")
        return value

    @field_validator("keys")
    @classmethod
    def _public(cls, value: tuple[dict[str, str], ...] | None) -> tuple[dict[str, str], ...] | None:
        for jwk in value or ():
            _check_key(jwk)
        return value


class Registration(Change):
    """A new agency."""

    id: str = Field(pattern=_SLUG, max_length=63)
    name: str = Field(pattern=_NAME, max_length=200)
    kind: AgencyKind


_KEY = {"kty": "OKP", "crv": "Ed25519", "kid": "2026-11", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
_NEW = {"id": "harbour-house", "name": "Harbour House", "kind": "childrens_home", "scopes": ["publish"], "keys": [_KEY]}


@router.get("", response_model=Page[RegisteredAgency], summary="List the agencies")
async def list_all(
    surface: _Surface, _session: _Operator, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Response:
    """Answer with a page of agencies in order of their ids."""
    start = opened(cursor) or ""
    agencies = await surface.read(lambda view: view.agencies())
    later = sorted((one for one in agencies if one.id > start), key=lambda one: one.id)
    following = later[limit - 1].id if len(later) > limit else None
    return Json(page({"items": [_shown(one) for one in later[:limit]], "next": following}))


@router.post(
    "",
    status_code=201,
    response_model=RegisteredAgency,
    summary="Register an agency",
    openapi_extra=described(Registration, _NEW) | may("conflict"),
)
async def register(
    surface: _Surface, _session: _Operator, body: Annotated[Registration, Depends(body_of(Registration))]
) -> Response:
    """Answer with the agency as registered."""
    agency = _changed(Agency(body.id, body.name, body.kind), body)
    try:
        await surface.hub.sequencer.submit(lambda draft: enrol(draft, agency))
    except AlreadyEnrolled:
        raise Problem("conflict", "an agency of this id is registered already: change it with PATCH") from None
    return Json(_shown(agency), 201)


@router.get("/{agency_id}", response_model=RegisteredAgency, summary="See an agency")
async def show(surface: _Surface, _session: _Operator, agency_id: _Id) -> Response:
    """Answer with one agency, registered or revoked."""
    agencies = await surface.read(lambda view: view.agencies())
    return Json(_shown(_named(agencies, agency_id)))


@router.patch(
    "/{agency_id}",
    response_model=RegisteredAgency,
    summary="Change an agency: keys, scopes, channel",
    openapi_extra=described(Change, {"keys": [_KEY]}),
)
async def change(
    surface: _Surface, _session: _Operator, agency_id: _Id, body: Annotated[Change, Depends(body_of(Change))]
) -> Response:
    """Answer with the agency as it stands. Its tokens end within a second if it is no longer active."""
    return Json(_shown(await _amended(surface, agency_id, body)))


@router.delete("/{agency_id}", response_model=RegisteredAgency, summary="Revoke an agency")
async def revoke(surface: _Surface, _session: _Operator, agency_id: _Id) -> Response:
    """Answer with the agency as it stands: it stays resolvable, and may no longer come in."""
    return Json(_shown(await _amended(surface, agency_id, Change(active=False))))


async def _amended(surface: Surface, agency_id: str, asked: Change) -> Agency:
    def step(draft: Draft) -> Agency:
        agency = _changed(_named(draft.agencies(), agency_id), asked)
        amend(draft, agency)
        return agency

    return await surface.hub.sequencer.submit(step)


def _changed(agency: Agency, asked: Change) -> Agency:
    said = {name: getattr(asked, name) for name in Change.model_fields if name in asked.model_fields_set}
    # Only a telephone number can be taken away; null elsewhere says nothing.
    return replace(agency, **{name: value for name, value in said.items() if value is not None or name == "telephone"})


def _named(agencies: tuple[Agency, ...], agency_id: str) -> Agency:
    for agency in agencies:
        if agency.id == agency_id:
            return agency
    raise Problem("not-found")


def _check_key(jwk: dict[str, str]) -> None:
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise ValueError(
            "send public keys only, and replace this one: a private key that was sent is no longer private"
        )
    try:
        if is_wrapping_key(jwk):
            import_key(dict(jwk))
        else:
            signing_key({**jwk, "kty": "" if jwk.get("use", "sig") != "sig" else jwk.get("kty", "")})
    except (JoseError, ValueError, TypeError, KeyError):
        raise ValueError(
            "a key is a public JWK: Ed25519, P-256 or RSA of at least 2048 bits to sign; "
            'X25519 or P-256 with "use": "enc" to encrypt'
        ) from None


def _shown(agency: Agency) -> dict[str, Any]:
    return {
        "id": agency.id,
        "name": agency.name,
        "kind": agency.kind.value,
        "classes": sorted(agency.classes),
        "areas": sorted(agency.areas),
        "has_channel": agency.has_channel,
        "active": agency.active,
        "scopes": sorted(agency.scopes),
        "nats_content": agency.nats_content,
        "knows": agency.knows,
        "keys": list(agency.keys),
        "telephone": agency.telephone,
    }
