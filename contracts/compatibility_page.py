"""The hard cases of evolution as a Markdown table; the tests hold the gate to every row."""

from contracts.compatibility.cases import Case
from contracts.compatibility.cases_of_meaning import MEANING
from contracts.compatibility.cases_of_members import MEMBERS
from contracts.compatibility.cases_of_values import VALUES
from contracts.compatibility.finding import Side

CASES: tuple[Case, ...] = (*VALUES, *MEMBERS, *MEANING)

_HEAD = """\
# What may change within a major version

Generated from `contracts/compatibility/` by `python -m contracts.generate`; do not edit. The tests run every row.

`python -m contracts.release --check` holds each contract against every release of its major version. A change passes
if it breaks nobody: not *publishers*, who go on sending what was valid; not *recipients*, who go on reading as they
did, leaving out members that they do not know; and not *protocols*, which go on releasing what their parties read and
no more. What breaks anybody is the next major version ([how contracts evolve](../explanation/how-contracts-evolve.md)).

What the gate cannot be certain of, it fails.
"""
_PARTS = (("Values", VALUES), ("Members and lists", MEMBERS), ("What no schema shows", MEANING))


def compatibility_page() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *(_table(title, cases) for title, cases in _PARTS)])


def _table(title: str, cases: tuple[Case, ...]) -> str:
    rows = "\n".join(_row(case) for case in cases)
    return f"""## {title}

| Change | Publishers | Recipients | Protocols | Because |
| --- | --- | --- | --- | --- |
{rows}
"""


def _row(case: Case) -> str:
    verdicts = " | ".join("**breaks**" if side in case.breaks else "passes" for side in Side)
    return f"| {case.change} | {verdicts} | {case.because} |"
