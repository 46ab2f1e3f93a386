"""What a data protection officer asks of disclosures. Every answer is itself recorded as a consultation."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Security
from pydantic import AwareDatetime
from starlette.responses import PlainTextResponse, Response

from broker.flows import audit
from broker.flows.consult import Caller, consult
from broker.ports.records import DisclosureFilter
from broker.ports.store import View
from broker.web.answers import Json
from broker.web.auth import bearer, caller_of
from broker.web.problems import Problem, may
from broker.web.queries import DEFAULT_LIMIT, Cursor, EpisodeId, Limit, accepts, opened, page
from broker.web.shapes.common import Page
from broker.web.shapes.disclosures import Disclosure, Explanation
from broker.web.surface import Surface, surface_of
from broker.web.tokens import Session
from contracts.disclosure import Opening
from contracts.identifiers import UNIQUE_ID
from contracts.ledger_entry import LedgerEntry

router = APIRouter(
    prefix="/v1/disclosures", tags=["disclosures"], dependencies=[Depends(accepts("application/json", "text/plain"))]
)

T = TypeVar("T")
_Surface = Annotated[Surface, Depends(surface_of)]
_Reader = Annotated[Session, Security(bearer, scopes=["audit", "oversight", "subscribe"])]
_Id = Annotated[str, Path(pattern=UNIQUE_ID, description="the disclosure's id, which is its ledger entry's")]
_AgencyId = Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,63}$")]
_Name = Annotated[str | None, Query(max_length=200, pattern=r"^[a-z0-9_.@*\[\]-]+$")]


@router.get("", response_model=Page[Disclosure], summary="Search disclosures and withholdings, newest first")
async def search(
    surface: _Surface,
    session: _Reader,
    recipient: _AgencyId = None,
    publisher: _AgencyId = None,
    episode: EpisodeId = None,
    child: Annotated[str | None, Query(pattern=UNIQUE_ID, description="handle of the child")] = None,
    type: Annotated[str | None, Query(max_length=100, pattern=r"^[a-z0-9_.]*\*?$")] = None,  # noqa: A002 (its name)
    protocol: _Name = None,
    field: _Name = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    outcome: Literal["disclosed", "withheld"] | None = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Answer with a page of what the caller may see: its own agency's both ways, or with oversight all."""
    caller = caller_of(session)
    wanted = DisclosureFilter(
        agency=caller.agency,
        recipient=recipient,
        publisher=publisher,
        episode=episode,
        child=child,
        type=type,
        protocol=protocol,
        field=field,
        since=_utc(since),
        until=_utc(until),
        outcome=outcome,
        before=opened(cursor),
        limit=limit,
    )
    found = await surface.read(lambda view: audit.search(view, caller, wanted))
    await _record(surface, caller, "disclosures")
    return Json(page(found))


@router.get("/{disclosure_id}", response_model=Disclosure, summary="See one disclosure")
async def show(surface: _Surface, session: _Reader, disclosure_id: _Id) -> Response:
    """Answer with one disclosure, without values."""
    caller = caller_of(session)

    def look(view: View) -> dict[str, Any] | None:
        found = audit.find(view, caller, disclosure_id)
        return (
            None
            if found is None or found.disclosure is None
            else audit.summary(view, caller, found.disclosure, found.side)
        )

    return Json(await _consulted(surface, caller, disclosure_id, look))


@router.get(
    "/{disclosure_id}/explanation", response_model=Explanation, summary="See why each field was released or withheld"
)
async def explanation(surface: _Surface, session: _Reader, disclosure_id: _Id) -> Response:
    """Answer with the decision by field and clause, in data and in sentences."""
    caller = caller_of(session)
    return Json(
        await _consulted(surface, caller, disclosure_id, lambda view: audit.explanation(view, caller, disclosure_id))
    )


@router.get("/{disclosure_id}/entry", response_model=LedgerEntry, summary="Get the exact bytes of the ledger entry")
async def entry(surface: _Surface, session: _Reader, disclosure_id: _Id) -> Response:
    """Answer with the leaf: canonical JSON, to be hashed as it is."""
    caller = caller_of(session)

    def look(view: View) -> bytes | None:
        found = audit.find(view, caller, disclosure_id)
        return None if found is None else found.entry.leaf

    return Json(await _consulted(surface, caller, disclosure_id, look))


@router.get(
    "/{disclosure_id}/opening",
    response_model=Opening,
    summary="Get what opens the entry's commitments for this caller",
)
async def opening(surface: _Surface, session: _Reader, disclosure_id: _Id) -> Response:
    """Answer with keys and values: personal data, for the eyes of those who are entitled."""
    caller = caller_of(session)
    found = await _consulted(surface, caller, disclosure_id, lambda view: audit.opening(view, caller, disclosure_id))
    return Json(found.model_dump(mode="json"))


@router.get(
    "/{disclosure_id}/proof",
    response_class=PlainTextResponse,
    summary="Get the inclusion proof (C2SP tlog-proof)",
    openapi_extra=may("not-yet-published"),
)
async def proof(surface: _Surface, session: _Reader, disclosure_id: _Id) -> Response:
    """Answer with a proof under the latest checkpoint; 404 with Retry-After until there is one."""
    caller = caller_of(session)
    try:
        found = await _consulted(surface, caller, disclosure_id, lambda view: audit.proof(view, caller, disclosure_id))
    except audit.NotYet:
        raise not_yet(surface) from None
    return PlainTextResponse(found)


def not_yet(surface: Surface) -> Problem:
    """Return the problem of what the next checkpoint will cover."""
    seconds = max(1, round(surface.settings.checkpoint_seconds))
    return Problem("not-yet-published", headers={"retry-after": str(seconds)})


async def _consulted(surface: Surface, caller: Caller, consulted: str, look: Callable[[View], T | None]) -> T:
    """Look, and record that the caller has looked before anything is shown; Problem 404 if there is nothing for it."""
    found = await surface.read(look)
    if found is None:
        raise Problem("not-found")
    await _record(surface, caller, consulted)
    return found


async def _record(surface: Surface, caller: Caller, consulted: str) -> None:
    parts = surface.hub.parts
    await surface.hub.sequencer.submit(lambda draft: consult(draft, caller, consulted, parts))


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)
