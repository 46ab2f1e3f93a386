"""`concordat agency`: who is registered at this hub, with which keys and rights."""

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from broker.cli.agency_keys import (
    EncryptionKeyOption,
    GenerateEncryptionOption,
    GenerateOption,
    PublicKeyOption,
    new_keys,
)
from broker.cli.ended import Ended, Exit
from broker.cli.keys import write_secret
from broker.cli.local import commit, existing
from broker.cli.noun import noun
from broker.cli.options import HubOption, JsonOption, KeyOption, StateOption
from broker.cli.remote import connect
from broker.cli.speech import emit, emit_json, emit_table, say
from broker.flows.enrol import AlreadyEnrolled, amend, enrol
from broker.web.tokens import SCOPES
from contracts.agency import Agency
from contracts.lineage import check_known
from contracts.vocabulary import AgencyKind

if TYPE_CHECKING:
    from broker.built import Built

app = noun("Register agencies, change their keys, get a token.")

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Short name of the agency, such as harbour-house.")]
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_AREA = re.compile(r"[A-Z][0-9]{8}")
_CLASS = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LONGEST_ID = 63


@app.command("add")
def add(
    agency_id: IdArgument,
    name: Annotated[str, typer.Option("--name", help="Its full name.")],
    kind: Annotated[AgencyKind, typer.Option("--kind", help="What sort of body it is.")],
    classes: Annotated[
        list[str] | None,
        typer.Option("--class", help="Class of party in protocols, such as childrens_homes; repeatable."),
    ] = None,
    areas: Annotated[
        list[str] | None,
        typer.Option("--area", help="ONS code of an area; for a police force, one that it polices; repeatable."),
    ] = None,
    scopes: Annotated[
        list[str] | None,
        typer.Option("--scope", help="What its tokens may do; repeatable [default: publish, subscribe]."),
    ] = None,
    public_key: PublicKeyOption = None,
    generate_key: GenerateOption = None,
    encryption_key: EncryptionKeyOption = None,
    generate_encryption_key: GenerateEncryptionOption = None,
    no_system: Annotated[
        bool, typer.Option("--no-system", help="It has no system that receives: it must always be rung.")
    ] = False,
    telephone: Annotated[str | None, typer.Option("--telephone", help="The duty number to ring.")] = None,
    knows: Annotated[
        list[str] | None,
        typer.Option(
            "--knows",
            metavar="TYPE=MAJOR",
            help="Older version of an event type that its system reads, such as concordat.risk.changed=1; repeatable.",
        ),
    ] = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register an agency at this hub. Works beside a running hub.

    Example: concordat agency add harbour-view --name "Harbour View" --kind childrens_home
    --class childrens_homes --public-key harbour-view.pub.pem
    """
    agency = Agency(
        id=_checked(agency_id, _ID, "an agency's id is lower-case words with hyphens, such as harbour-house"),
        name=name,
        kind=kind,
        classes=frozenset(_checked(one, _CLASS, "a class is written such as childrens_homes") for one in classes or ()),
        areas=frozenset(_checked(one, _AREA, "an area is an ONS code, such as E06000999") for one in areas or ()),
        has_channel=not no_system,
        scopes=_scopes(scopes or ["publish", "subscribe"]),
        telephone=telephone,
        knows=_versions(knows or []),
    )
    with existing(state) as built:
        if _find(built, agency.id) is not None:
            raise Ended(_TAKEN, Exit.REFUSED)
        given = new_keys(public_key, generate_key, encryption_key, generate_encryption_key)
        agency = replace(agency, keys=given.with_former((), keep=False))
        try:
            commit(built, lambda draft: enrol(draft, agency))
        except AlreadyEnrolled:
            raise Ended(_TAKEN, Exit.REFUSED) from None
    _tell(agency, as_json=as_json)
    if given.signing is None and agency.has_channel:
        say("It has no key yet, so it cannot come in. Give it one with: concordat agency rotate")
    say(f"{agency.id} is registered. It can be told nothing until a protocol that it has signed is in force.")


_TAKEN = "an agency of this id is registered already: change its key with `agency rotate`, or choose another id"


@app.command("list")
def list_agencies(state: StateOption = None, as_json: JsonOption = False) -> None:
    """List the agencies of this hub.

    Example: concordat agency list
    """
    with existing(state) as built, built.store.reading() as view:
        agencies = sorted(view.agencies(), key=lambda agency: agency.id)
    if as_json:
        for agency in agencies:
            emit_json(_described(agency))
        return
    emit_table(
        ("id", "name", "kind", "classes", "scopes", "keys", "active"),
        (
            (a.id, a.name, a.kind, sorted(a.classes), sorted(a.scopes), len(a.keys), "yes" if a.active else "no")
            for a in agencies
        ),
    )


@app.command("show")
def show(agency_id: IdArgument, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Show one agency: its rights, areas and public keys.

    Example: concordat agency show harbour-house
    """
    with existing(state) as built:
        agency = _known(built, agency_id)
    _tell(agency, as_json=as_json)


@app.command("rotate")
def rotate(
    agency_id: IdArgument,
    public_key: PublicKeyOption = None,
    generate_key: GenerateOption = None,
    encryption_key: EncryptionKeyOption = None,
    generate_encryption_key: GenerateEncryptionOption = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Go on taking its former keys too, until the next rotation.")
    ] = False,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give an agency a new key to come in with, a new key that is encrypted to, or both.

    Its former keys of the same purpose stop working at once, unless --keep is given. Its NATS credentials end with the
    key that it came in with: hand it others with `concordat agency credentials`.

    Example: concordat agency rotate harbour-house --public-key new.pub.pem --keep
    """
    if not any((public_key, generate_key, encryption_key, generate_encryption_key)):
        raise Ended("name the new key with --public-key, or have one made with --generate-key", Exit.WRONG_USAGE)
    with existing(state) as built:
        agency = _known(built, agency_id)
        given = new_keys(public_key, generate_key, encryption_key, generate_encryption_key)
        keys = given.with_former(agency.keys, keep=keep)
        # Only a key to come in with brings an agency back that was removed.
        agency = replace(agency, keys=keys, active=agency.active or given.signing is not None)
        commit(built, lambda draft: amend(draft, agency))
    _tell(agency, as_json=as_json)
    if given.signing is not None:
        say(f"{agency.id} comes in with {sum(key.get('use') != 'enc' for key in agency.keys)} key(s) from now on.")
    if given.encryption is not None:
        say(f"Channel keys of {agency.id} are wrapped to its new encryption key from now on.")


@app.command("knows")
def knows(
    agency_id: IdArgument,
    versions: Annotated[
        list[str] | None,
        typer.Argument(metavar="TYPE=MAJOR...", help="Older versions that it reads, such as concordat.risk.changed=1."),
    ] = None,
    newest: Annotated[bool, typer.Option("--newest", help="It reads the newest version of every type.")] = False,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which older versions of event types an agency's system reads, in place of what was said before.

    From then on its mailbox holds these versions, and the newest of every other type. What is in it already stays.

    Example: concordat agency knows harbour-house concordat.risk.changed=1
    """
    if bool(versions) == newest:
        raise Ended("name the versions that it reads, or say --newest", Exit.WRONG_USAGE)
    read = _versions(versions or [])
    with existing(state) as built:
        agency = replace(_known(built, agency_id), knows=read)
        commit(built, lambda draft: amend(draft, agency))
    _tell(agency, as_json=as_json)


@app.command("remove")
def remove(
    agency_id: IdArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take an agency's keys and rights away. What was recorded of it stays, and stays provable.

    Example: concordat agency remove harbour-house --yes
    """
    with existing(state) as built:
        agency = _known(built, agency_id)
        if not yes and not typer.confirm(f"Remove {agency.id}? It can neither come in nor be told any more.", err=True):
            raise Ended("nothing was changed")
        agency = replace(agency, keys=(), active=False)
        commit(built, lambda draft: amend(draft, agency))
    _tell(agency, as_json=as_json)
    say(f"{agency.id} is removed. Whoever it was involved with must now be rung by others.")


@app.command("credentials")
def credentials(
    agency_id: IdArgument,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Write them to this new file, for its owner alone.")
    ] = None,
    state: StateOption = None,
) -> None:
    """Print the credentials with which an agency's system comes in over NATS (a .creds file).

    They are good until the agency's key is rotated or the agency is removed. Whoever holds them can act for the agency.

    Example: concordat agency credentials harbour-house --to harbour-house.creds
    """
    # Here and not above: the other commands do not wait for NATS to be loaded.
    from broker.cli.nats import credentials_of  # noqa: PLC0415

    with existing(state) as built:
        text = credentials_of(built, _known(built, agency_id))
    if to is None:
        emit(text.rstrip("\n"))
        return
    try:
        write_secret(to, text)
    except FileExistsError:
        raise Ended(f"{to} exists already: credentials never overwrite a file, name a new one") from None
    except OSError as error:
        raise Ended(f"the credentials cannot be written to {to} ({error.strerror})") from None
    say(f"The credentials are in {to}, readable by its owner only. Hand them to {agency_id} over a safe way.")


@app.command("token")
def token(
    agency_id: IdArgument,
    scopes: Annotated[
        list[str] | None, typer.Option("--scope", help="Ask for this scope only; repeatable [default: all it has].")
    ] = None,
    hub: HubOption = None,
    key: KeyOption = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Get a bearer token from a running hub, with the agency's private key (private_key_jwt, RFC 7523).

    Example: TOKEN=$(concordat agency token harbour-house)
    """
    with connect(agency_id, hub, state, key) as remote:
        text = remote.token(tuple(sorted(_scopes(scopes))) if scopes else ())
    if as_json:
        emit_json({"agency": agency_id, "access_token": text, "token_type": "Bearer"})
    else:
        emit(text)


def _find(built: "Built", agency_id: str) -> Agency | None:
    with built.store.reading() as view:
        return next((agency for agency in view.agencies() if agency.id == agency_id), None)


def _known(built: "Built", agency_id: str) -> Agency:
    agency = _find(built, agency_id)
    if agency is None:
        raise Ended("no agency of this id is registered: see `concordat agency list`")
    return agency


def _scopes(named: list[str]) -> frozenset[str]:
    if not set(named) <= set(SCOPES):
        raise Ended(f"a scope is one of {', '.join(SCOPES)}", Exit.WRONG_USAGE)
    return frozenset(named)


def _versions(named: list[str]) -> dict[str, int]:
    form = "a version is written TYPE=MAJOR, such as concordat.risk.changed=1"
    parts = [one.rpartition("=") for one in named]
    if not all(major.isascii() and major.isdigit() for _, _, major in parts):
        raise Ended(form, Exit.WRONG_USAGE)
    versions = {noun: int(major) for noun, _, major in parts}
    try:
        check_known(versions)
    except ValueError as error:
        raise Ended(str(error), Exit.WRONG_USAGE) from None
    return versions


def _checked(text: str, form: re.Pattern[str], instruction: str) -> str:
    if form.fullmatch(text) is None or len(text) > _LONGEST_ID:
        raise Ended(instruction, Exit.WRONG_USAGE)
    return text


def _described(agency: Agency) -> dict[str, Any]:
    return {
        "id": agency.id,
        "name": agency.name,
        "kind": str(agency.kind),
        "classes": sorted(agency.classes),
        "areas": sorted(agency.areas),
        "scopes": sorted(agency.scopes),
        "active": agency.active,
        "receives": agency.has_channel,
        "telephone": agency.telephone,
        "knows": agency.knows,
        "keys": list(agency.keys),
    }


def _tell(agency: Agency, *, as_json: bool) -> None:
    described = _described(agency)
    if as_json:
        emit_json(described)
        return
    keys = described.pop("keys")
    lines = [f"{key['kty']} {key.get('crv', '')} {key['kid']} to {_purpose(key)}" for key in keys]
    emit_table(("", ""), [*described.items(), ("keys", lines)])


def _purpose(key: dict[str, str]) -> str:
    return "encrypt to" if key.get("use") == "enc" else "sign with"
