"""`concordat ledger`: checkpoints, proofs and evidence, none of which has to be believed."""

from pathlib import Path
from typing import Annotated, Any

import typer

from broker.cli.acting import Acting, for_agency
from broker.cli.ended import Ended, Exit
from broker.cli.evidence import save_evidence
from broker.cli.noun import noun
from broker.cli.options import JsonOption
from broker.cli.remote import Remote, segment
from broker.cli.speech import emit, emit_json, say
from contracts import verify as offline
from contracts.canonical import parse_json
from contracts.evidence import Folder, examine
from contracts.evidence.finding import Outcome
from contracts.signed_note import VerifierKey, decode_text
from contracts.tlog import open_checkpoint
from contracts.verification_error import VerificationError

app = noun("Checkpoints, proofs and folders of evidence.")

TrustedOption = Annotated[
    str | None,
    typer.Option(
        "--vkey", metavar="VKEY|FILE", help="The ledger's verifier key, which you trust [default: the hub's word]."
    ),
]


@app.command("checkpoint")
@for_agency
def checkpoint(
    acting: Acting,
    vkey: TrustedOption = None,
) -> None:
    """Print the ledger's newest signed checkpoint, once its signature has been verified. Exit 4 if it does not hold.

    Keep checkpoints: a ledger that later shows another history contradicts them.

    Example: concordat ledger checkpoint --agency eastvale-council > checkpoint-$(date +%F)
    """
    note = decode_text(acting.remote.fetch("/v1/ledger/checkpoint"))
    trusted = _trusted(acting.remote, vkey)
    try:
        head = open_checkpoint(note, trusted)
    except VerificationError as error:
        raise Ended(f"the checkpoint does not hold: {error}", Exit.NOT_VERIFIED) from None
    if acting.as_json:
        emit_json({"origin": head.origin, "size": head.size, "root": head.root.hex(), "note": note})
    else:
        emit(note.removesuffix("\n"))
    say(f"Signed by the key of {trusted.name}: {head.size} entries, padding included.")


@app.command("prove")
@for_agency
def prove(
    acting: Acting,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of a disclosure, or of a receipt's entry.")],
    vkey: TrustedOption = None,
) -> None:
    """Prove that an entry stands in the ledger, and that it says what this agency was told. Exit 4 if it does not.

    The proof is checked here, with the same code as concordat-verify; the hub is not asked for its opinion.

    Example: concordat ledger prove 01JD6QK3Z8T0V5W2N4Y6B8C0DS --agency eastvale-council
    """
    base = f"/v1/disclosures/{segment(identifier)}"
    folder = Folder(
        entries={identifier: acting.remote.fetch(f"{base}/entry")},
        openings={identifier: acting.remote.fetch(f"{base}/opening")},
        proofs={identifier: acting.remote.fetch(f"{base}/proof")},
        checkpoint=acting.remote.fetch("/v1/ledger/checkpoint"),
    )
    trusted = _trusted(acting.remote, vkey)
    report = examine(folder, trusted)
    for finding in report.findings:
        if acting.as_json:
            emit_json({"outcome": finding.outcome, "subject": finding.subject, "text": finding.text})
        elif finding.outcome is not Outcome.NOT_CHECKED:
            emit(f"{finding.outcome}  {finding.subject}: {finding.text}")
    if not report.holds:
        raise Ended(report.sentence(), Exit.NOT_VERIFIED)
    say(report.sentence())


@app.command("save")
@for_agency
def save(
    acting: Acting,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for the evidence.")],
    episode: Annotated[str | None, typer.Option("--episode", metavar="ID", help="Of this episode only.")] = None,
    receipts: Annotated[
        list[Path] | None, typer.Option("--receipt", metavar="FILE", help="A receipt that publishing gave; repeatable.")
    ] = None,
) -> None:
    """Save a folder of evidence that anybody can verify offline, years later, without this hub.

    Example: concordat ledger save evidence --agency eastvale-council && concordat-verify evidence
    """
    if directory.exists() and any(directory.iterdir()):
        raise Ended("the folder has something in it: evidence goes into a new one", Exit.WRONG_USAGE)
    kept = [_receipt(path) for path in receipts or ()]
    ids = [one["id"] for one in acting.remote.pages("/v1/disclosures", episode=episode)]
    try:
        saved = save_evidence(acting.remote, directory, ids, kept)
    except VerificationError as error:
        raise Ended(f"the checkpoint does not hold: {error}", Exit.NOT_VERIFIED) from None
    except OSError as error:
        raise Ended(f"the evidence cannot be written ({error.strerror})") from None
    if acting.as_json:
        emit_json(
            {
                "folder": str(directory),
                "entries": saved.entries,
                "receipts": saved.receipts,
                "size": saved.checkpoint.size,
            }
        )
    else:
        emit(str(directory))
    say(f"{saved.entries} entries and {saved.receipts} receipts, under the checkpoint of size {saved.checkpoint.size}.")
    say("The openings hold personal data: keep this folder as you keep the case file. Verify it with: concordat-verify")


@app.command("verify")
def verify(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of evidence.")] = Path(),
    vkey: TrustedOption = None,
    as_json: JsonOption = False,
) -> None:
    """Verify a folder of evidence offline, from its files alone. Exit 4 if anything in it does not hold.

    Example: concordat ledger verify evidence --vkey hub.vkey
    """
    arguments = [str(directory), *(["--key", vkey] if vkey else []), *(["--json"] if as_json else [])]
    code = offline.run(arguments)
    if code:
        raise typer.Exit(code)


def _trusted(remote: Remote, vkey: str | None) -> VerifierKey:
    try:
        if vkey is not None:
            return offline.read_key(vkey)
        return VerifierKey.parse(decode_text(remote.fetch("/v1/ledger/verifier-key")).removesuffix("\n"))
    except (VerificationError, OSError, ValueError):
        raise Ended("--vkey is neither a verifier key nor a file with one", Exit.WRONG_USAGE) from None


def _receipt(path: Path) -> dict[str, Any]:
    try:
        receipt = parse_json(path.read_bytes())
    except (OSError, ValueError):
        receipt = None
    if not isinstance(receipt, dict) or not isinstance(receipt.get("entry"), str):
        raise Ended(f"{path} is not a receipt: give what `concordat event publish --json` printed", Exit.WRONG_USAGE)
    return dict(receipt)
