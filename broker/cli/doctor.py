"""`concordat doctor`: is this installation well, and if not, what is to be done?"""

from typing import Annotated

import typer

from broker.cli.check import Check, Verdict
from broker.cli.checks import check_hub, examine
from broker.cli.ended import Ended
from broker.cli.noun import noun
from broker.cli.options import JsonOption, StateOption
from broker.cli.settle import settings_for
from broker.cli.speech import emit, emit_json, say

app = noun()


@app.command()
def doctor(
    state: StateOption = None,
    hub: Annotated[
        str | None, typer.Option("--hub", metavar="URL", help="Ask this running hub too whether it is ready.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Look over this installation and say in plain words what is wrong and what to do. Exit 1 if anything is wrong.

    It changes nothing, and shows no personal data.

    Example: concordat doctor --state my-hub
    """
    checks: list[Check] = []
    for check in examine(settings_for(state)):
        checks.append(check)
        _show(check, as_json=as_json)
    if hub is not None:
        checks.append(check_hub(hub))
        _show(checks[-1], as_json=as_json)
    wrong = sum(check.verdict is Verdict.WRONG for check in checks)
    if wrong:
        raise Ended(f"{wrong} thing(s) to put right.")
    doubtful = sum(check.verdict is Verdict.LOOK for check in checks)
    say("All is well." if not doubtful else f"Nothing is wrong; {doubtful} thing(s) to look at.")


def _show(check: Check, *, as_json: bool) -> None:
    if as_json:
        emit_json({"check": check.name, "verdict": check.verdict.value, "found": check.found, "do": check.do})
        return
    emit(f"{check.verdict.value:<6} {check.name}: {check.found}")
    if check.do is not None:
        emit(f"       → {check.do}")
