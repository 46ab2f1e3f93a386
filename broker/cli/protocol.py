"""`concordat protocol`: check, sign, read and bring into force the data-sharing protocols."""

import re
from pathlib import Path
from typing import Annotated

import typer

from broker.cli.document_text import Finding, findings, read_sound, read_text, with_signature
from broker.cli.ended import Ended, Exit
from broker.cli.keys import key_file, load_key, signature_over
from broker.cli.local import commit, existing
from broker.cli.noun import noun
from broker.cli.options import JsonOption, KeyOption, StateOption
from broker.cli.protocol_plan import clauses_for, in_words, plan
from broker.cli.settle import settings_for
from broker.cli.speech import emit, emit_json, emit_table, say
from broker.flows.activate import VersionTaken, activate
from broker.sharing.tree import ProtocolFault
from contracts.protocol import Protocol, fingerprint

app = noun("Check, sign, read and bring into force data-sharing protocols.")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The protocol document, in YAML.")]
_REFERENCE = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)@([1-9][0-9]*)")


@app.command("check")
def check_protocol(file: FileArgument, as_json: JsonOption = False) -> None:
    """Look for faults and doubtful places, each with its line and column. Exit 1 if there is a fault.

    Example: concordat protocol check northmere.yaml
    """
    parsed, found = findings(read_text(file))
    for finding in found:
        _show(finding, file, as_json=as_json)
    faults = sum(isinstance(finding, ProtocolFault) for finding in found)
    if faults or parsed is None:
        raise Ended(f"{faults} fault(s), {len(found) - faults} warning(s): correct the faults before anybody signs")
    say(f"{parsed.protocol.reference}: no fault, {len(found)} warning(s). Fingerprint {fingerprint(parsed.document)}")


def _show(finding: Finding, file: Path, *, as_json: bool) -> None:
    kind = "fault" if isinstance(finding, ProtocolFault) else "warning"
    if as_json:
        emit_json({"kind": kind, "line": finding.line, "column": finding.column, "message": finding.message})
    else:
        emit(f"{file}:{finding.line}:{finding.column}: {kind}: {finding.message}")


@app.command("sign")
def sign(
    file: FileArgument,
    agency: Annotated[str, typer.Option("--agency", metavar="ID", help="The agency that signs.")],
    key: KeyOption = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Write the signature into the file itself.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="COPY", help="Write a signed copy of the document here.")
    ] = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign a protocol with an agency's key. Prints the signature, or writes it into the file or a copy.

    Nothing else of the text is changed. What is signed is its content (RFC 8785), so comments and layout may change
    later and the content may not.

    Example: concordat protocol sign northmere.yaml --agency harbour-house --key harbour-house.pem --in-place
    """
    if in_place and out is not None:
        raise Ended("give --in-place or --out, not both", Exit.WRONG_USAGE)
    parsed = read_sound(file)
    own = key or key_file(settings_for(state).state / "agencies", agency)
    try:
        private = load_key(own)
    except (OSError, ValueError, TypeError):
        raise Ended(
            f"the file {own} cannot be read as an Ed25519 private key in PEM: name the right one with --key",
            Exit.WRONG_USAGE,
        ) from None
    signature = signature_over(parsed.document, agency, private)
    already = any((one.agency, one.key) == (agency, signature["key"]) for one in parsed.protocol.signatures)
    target = file if in_place else out
    if target is not None:
        text = read_text(file)
        target.write_bytes((text if already else with_signature(text, signature)).encode())
        said = "had signed already" if already else "has signed"
        say(f"{agency} {said} {parsed.protocol.reference}: {target}")
        if as_json:
            emit_json(signature)
        return
    if as_json:
        emit_json(signature)
    else:
        emit(f'- {{ agency: {agency}, key: "{signature["key"]}", signature: "{signature["signature"]}" }}')
        say("Put this line under `signatures:` in the document, or run again with --in-place.")


@app.command("activate")
def activate_protocol(file: FileArgument, state: StateOption = None, as_json: JsonOption = False) -> None:
    """Bring a protocol into force at this hub, for those of its parties whose signatures hold.

    Run it again with more signatures to extend it to those who have signed since. Works beside a running hub.

    Example: concordat protocol activate northmere.yaml
    """
    parsed = read_sound(file)
    with existing(state) as built:
        try:
            row = commit(built, lambda draft: activate(draft, parsed.document, built.hub.parts))
        except VersionTaken:
            raise Ended(
                "another document stands under this name and version: what has been signed is never changed. "
                "Give it the next version number, and have it signed",
                Exit.REFUSED,
            ) from None
    named = {signature.agency for signature in parsed.protocol.signatures}
    if as_json:
        emit_json(
            {"protocol": parsed.protocol.reference, "fingerprint": row.fingerprint, "signed_by": sorted(row.signed_by)}
        )
    else:
        emit(f"{parsed.protocol.reference} {row.fingerprint}")
    if row.signed_by:
        say(f"In force between: {', '.join(sorted(row.signed_by))}.")
    else:
        say("It releases nothing yet: no registered agency's signature holds. Sign it with: concordat protocol sign")
    for agency in sorted(named - row.signed_by):
        say(f"The signature of {agency} does not hold: it is over other content, or its key is not registered here.")


@app.command("list")
def list_protocols(state: StateOption = None, as_json: JsonOption = False) -> None:
    """List the protocols of this hub, with who has signed and until when they are in force.

    Example: concordat protocol list
    """
    with existing(state) as built, built.store.reading() as view:
        records = sorted(view.protocols(), key=lambda record: (record.name, record.version))
    rows = []
    for record in records:
        protocol = Protocol.read(record.document)
        days = protocol.in_force
        row = {
            "protocol": protocol.reference,
            "title": protocol.title,
            "from": days.starts.isoformat(),
            "until": days.until.isoformat(),
            "review_by": None if days.review_by is None else days.review_by.isoformat(),
            "active": record.activated_at is not None and record.ended_at is None,
            "signed_by": sorted(record.signed_by),
            "fingerprint": record.fingerprint,
        }
        if as_json:
            emit_json(row)
        rows.append(row)
    if not as_json:
        shown = ("protocol", "title", "from", "until", "review_by", "active", "signed_by")
        emit_table(shown, ([row[name] for name in shown] for row in rows))


@app.command("explain")
def explain(
    source: Annotated[
        str, typer.Argument(metavar="FILE|NAME@VERSION", help="A document, or one of this hub's protocols.")
    ],
    event_type: Annotated[str, typer.Option("--type", metavar="TYPE", help="The event type.")],
    to: Annotated[str, typer.Option("--to", metavar="WHO", help="A role, agency:<id> or class:<name>.")],
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say per field what a recipient gets of an event: released, transformed or withheld, and by which clause.

    Every condition (`when`) is taken to hold. Where a field is given freely in one case and guarded in another (an
    account is judged by what it contains, a place by whether whereabouts are protected) both are shown.

    Example: concordat protocol explain northmere.yaml --type concordat.episode.opened.v1 --to care_provider
    """
    protocol = _protocol(source, state)
    clauses = clauses_for(protocol, event_type, to)
    rows = []
    for field in plan(event_type, clauses):
        outcome, guarded = field.outcome, field.guarded
        if as_json:
            emit_json(
                outcome.model_dump(mode="json")
                | {"categories": list(field.categories)}
                | ({"guarded": guarded.model_dump(mode="json", exclude={"path"})} if field.depends else {})
            )
            continue
        clause = (outcome.clause or "").partition("#")[2] or None
        at_worst = f"{in_words(guarded)} {(guarded.clause or '').partition('#')[2]}".strip() if field.depends else ""
        rows.append((outcome.path, in_words(outcome), clause, at_worst))
    if not as_json:
        emit_table(("field", "what becomes of it", "by clause", "or, with guarded content"), rows)
    conditional = [bound.clause.id for bound in clauses if bound.clause.when is not None]
    if not clauses:
        say("No clause of this protocol speaks of this event to this recipient: nothing is released.")
    elif conditional:
        say(f"Only while their conditions hold: {', '.join(conditional)}.")


def _protocol(source: str, state: Path | None) -> Protocol:
    reference = _REFERENCE.fullmatch(source)
    if reference is None or Path(source).exists():
        return read_sound(Path(source)).protocol
    with existing(state) as built, built.store.reading() as view:
        for record in view.protocols():
            if (record.name, str(record.version)) == reference.groups():
                return Protocol.read(record.document)
    raise Ended("this hub has no such protocol: see `concordat protocol list`")
