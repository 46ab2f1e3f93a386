"""A publisher's receipt, for reading: who was told, and above all who must be rung."""

from typing import Any

from broker.cli.speech import emit, emit_table, printable, say


def show_receipt(receipt: dict[str, Any]) -> None:
    """Write the receipt on stdout; say on stderr whom a person must ring."""
    emit(
        printable(f"accepted {receipt['accepted_at']}  {receipt.get('subject') or ''}  ledger entry {receipt['entry']}")
    )
    told, missed = receipt.get("told", ()), receipt.get("not_told", ())
    if told:
        emit_table(
            ("told", "as", "under", "released", "transformed", "withheld", "disclosure"),
            (
                [
                    one[name]
                    for name in ("agency", "role", "protocol", "released", "transformed", "withheld", "disclosure_id")
                ]
                for one in told
            ),
        )
    if missed:
        emit_table(
            ("not told", "why", "ring", ""),
            ((one["agency"], one["reason"], "RING" if one["ring"] else "", one["detail"]) for one in missed),
        )
    for warning in receipt.get("warnings", ()):
        say(f"Warning {warning['code']} {warning.get('pointer') or ''}: {warning.get('detail') or ''}")
    ring = sorted({one["agency"] for one in missed if one["ring"]})
    if ring:
        say(f"Ring now: {', '.join(ring)}.")
    elif not told:
        say("Nobody was told: the event names no other agency, or none that may know.")
