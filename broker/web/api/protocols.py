"""Protocols: their documents, and who has signed."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Security
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from broker.flows.activate import VersionTaken, activate
from broker.flows.draft import Draft
from broker.ports.records import ProtocolRecord
from broker.ports.store import View
from broker.sharing.document import InvalidProtocol, parse_protocol
from broker.web.answers import Json
from broker.web.auth import bearer
from broker.web.body import body_of, described, media_type, parse_json, read_body
from broker.web.faults import faults_of
from broker.web.problems import Problem, may
from broker.web.queries import accepts
from broker.web.shapes.registry import ProtocolHead, ProtocolList, ProtocolVersion
from broker.web.surface import Surface, surface_of
from broker.web.tokens import Session
from contracts.agency import Agency
from contracts.envelope import rfc3339
from contracts.parse import Fault
from contracts.protocol import Protocol

router = APIRouter(prefix="/v1/protocols", tags=["protocols"], dependencies=[Depends(accepts("application/json"))])

_MAX_DOCUMENT_BYTES = 1024 * 1024
_YAML = "application/yaml"
_JSON = "application/json"
_Surface = Annotated[Surface, Depends(surface_of)]
_Officer = Annotated[Session, Security(bearer, scopes=["audit"])]
_Name = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,200}$")]
_Version = Annotated[int, Path(ge=1, le=2**31 - 1)]
_DOCUMENT = {
    _YAML: {"schema": {"type": "string", "description": "the document in YAML 1.2"}},
    _JSON: {"schema": {"type": "object", "description": "the same content as JSON"}},
}


class Accession(BaseModel):
    """An agency signs: `key` is its registered key's RFC 7638 thumbprint; Ed25519 over the document's signed bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    agency: str = Field(pattern=r"^[a-z0-9-]{1,63}$")
    key: str = Field(max_length=100)
    signature: str = Field(max_length=200)


_EXAMPLE = {"agency": "eastvale-council", "key": "<thumbprint>", "signature": "<base64url>"}


@router.get("", response_model=ProtocolList, summary="List the protocols that the agency is a party to")
async def list_all(surface: _Surface, session: _Officer) -> Response:
    """Answer with every version, and who has signed it."""
    agency = _agency(surface, session)
    records = await surface.read(lambda view: view.protocols())
    shown = [_head(record) for record in records if _is_party(record, agency)]
    return Json({"items": sorted(shown, key=lambda one: (one["protocol"], one["version"])), "next": None})


@router.get("/{name}/versions/{version}", response_model=ProtocolVersion, summary="See one version of a protocol")
async def show(surface: _Surface, session: _Officer, name: _Name, version: _Version) -> Response:
    """Answer with the document as it was signed."""
    agency = _agency(surface, session)
    record = await surface.read(lambda view: _find(view, name, version))
    if record is None or not _is_party(record, agency):
        raise Problem("not-found")
    return Json(_head(record) | {"document": record.document})


@router.post(
    "",
    status_code=201,
    summary="Bring a protocol to the hub, with its signatures",
    response_model=ProtocolHead,
    openapi_extra={"requestBody": {"required": True, "content": _DOCUMENT}} | may("not-entitled", "conflict"),
)
async def create(request: Request, surface: _Surface, session: _Officer) -> Response:
    """Answer with the version as it stands: it binds the parties that have signed, pair by pair."""
    kind = media_type(request, _YAML, _JSON)
    body = await read_body(request, _MAX_DOCUMENT_BYTES)
    if kind == _YAML:
        document, protocol = await run_in_threadpool(_from_yaml, body)
    else:
        document, protocol = _from_json(await parse_json(body))
    agency = _agency(surface, session)
    if not protocol.has_party(agency.id, agency.classes):
        raise Problem("not-entitled", "bring only protocols that name your agency, or a class of it, as a party")
    return Json(_head(await _activated(surface, lambda _draft: document)), 201)


@router.post(
    "/{name}/versions/{version}/signatures",
    status_code=201,
    summary="Sign a version",
    response_model=ProtocolHead,
    openapi_extra=described(Accession, _EXAMPLE) | may("not-entitled", "conflict"),
)
async def sign(
    surface: _Surface,
    session: _Officer,
    name: _Name,
    version: _Version,
    body: Annotated[Accession, Depends(body_of(Accession))],
) -> Response:
    """Answer with the version as it stands, from now on with this agency bound."""
    agency = _agency(surface, session)
    if body.agency != agency.id:
        raise Problem("not-entitled", "sign for your own agency")

    def signed(draft: Draft) -> dict[str, Any]:
        record = _find(draft, name, version)
        if record is None or not _is_party(record, agency):
            raise Problem("not-found")
        given = record.document.get("signatures") or []
        others = given if isinstance(given, list) else []
        return {**record.document, "signatures": [*others, body.model_dump()]}

    record = await _activated(surface, signed, agency.id)
    return Json(_head(record), 201)


async def _activated(
    surface: Surface, document: Callable[[Draft], dict[str, Any]], signer: str | None = None
) -> ProtocolRecord:
    parts = surface.hub.parts

    def step(draft: Draft) -> ProtocolRecord:
        record = activate(draft, document(draft), parts)
        if signer is not None and signer not in record.signed_by:
            wrong = Fault(
                "/signature", "not_verified", "sign RFC 8785 of the document without signatures with a registered key"
            )
            raise Problem("invalid-body", errors=[wrong])
        return record

    try:
        return await surface.hub.sequencer.submit(step)
    except VersionTaken:
        raise Problem("conflict", "another document stands under this version: give yours the next one") from None


def _from_yaml(body: bytes) -> tuple[dict[str, Any], Protocol]:
    try:
        parsed = parse_protocol(body.decode())
    except UnicodeError:
        raise Problem("invalid-body", "send the document in UTF-8") from None
    except InvalidProtocol as error:
        faults = [
            Fault("", "invalid_protocol", f"line {one.line}, column {one.column}: {one.message}")
            for one in error.faults
        ]
        raise Problem("invalid-body", errors=faults) from None
    return parsed.document, parsed.protocol


def _from_json(document: Any) -> tuple[dict[str, Any], Protocol]:
    if not isinstance(document, dict):
        raise Problem("invalid-body", errors=[Fault("", "not_an_object", "send the document as a JSON object")])
    try:
        return document, Protocol.read(document)
    except ValidationError as error:
        raise Problem("invalid-body", errors=faults_of(error, Protocol)) from None
    except (ValueError, RecursionError):
        raise Problem("not-json") from None


def _agency(surface: Surface, session: Session) -> Agency:
    agency = surface.directory.find(session.agency)
    if agency is None:
        raise Problem("not-registered")
    return agency


def _find(view: View | Draft, name: str, version: int) -> ProtocolRecord | None:
    return next((one for one in view.protocols() if (one.name, one.version) == (name, version)), None)


def _is_party(record: ProtocolRecord, agency: Agency) -> bool:
    return Protocol.read(record.document).has_party(agency.id, agency.classes)


def _head(record: ProtocolRecord) -> dict[str, Any]:
    return {
        "protocol": record.name,
        "version": record.version,
        "title": record.document.get("title"),
        "in_force": record.document.get("in_force"),
        "fingerprint": record.fingerprint,
        "signed_by": sorted(record.signed_by),
        "activated_at": None if record.activated_at is None else rfc3339(record.activated_at),
        "ended_at": None if record.ended_at is None else rfc3339(record.ended_at),
    }
