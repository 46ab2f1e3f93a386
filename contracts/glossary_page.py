"""The code lists as a Markdown page for people: the shared words, in every jurisdiction."""

from collections.abc import Iterator

from contracts.vocabulary import Jurisdiction
from contracts.vocabulary.code_list import Code, CodeList
from contracts.vocabulary.library import packaged

_HEAD = """\
# Glossary

Generated from `contracts/vocabulary/lists` by `python -m contracts.generate`; do not edit.

Every code that events may carry, with what it means and what people call it. A term stands for all three nations
unless one of them has its own. **Unconfirmed** marks a list whose words or codes have not been checked with the body
that owns them: an operator can put a list of their own in its place without a change of the program.
"""
_NATIONS = tuple(Jurisdiction)


def glossary_page() -> str:
    """Return the page: for every list, in every version, a table of its codes."""
    library = packaged()
    lists = [version for versions in library.versions.values() for version in versions]
    lists.sort(key=lambda each: (each.title, each.from_))
    index = "\n".join(f"- [{_heading(each)}](#{_anchor(each)})" for each in lists)
    return "\n".join([_HEAD, index, *(_section(each) for each in lists)])


def _section(each: CodeList) -> str:
    until = "until replaced" if each.until is None else f"until {each.until.isoformat()}"
    unconfirmed = "" if each.confirmed else "\n- **Unconfirmed**"
    table = "\n".join(_table(each))
    return f"""
## {_heading(each)}

{each.about}

- List: `{each.list}`, version {each.version}, in force from {each.from_.isoformat()} {until}
- Source: {each.source.removesuffix(".")}.{unconfirmed}

{table}
"""


def _table(each: CodeList) -> Iterator[str]:
    """Yield the lines of the table; columns for nations and hours only where a code has its own."""
    differ = any(code.terms for code in each.codes)
    timed = any(code.after_hours is not None for code in each.codes)
    yield _line(
        "Code", *((nation.title() for nation in _NATIONS) if differ else ["Term"]), "Meaning", *["After"] * timed
    )
    yield _line("---", *["---"] * (len(_NATIONS) if differ else 1), "---", *["---:"] * timed)
    for code in each.codes:
        terms = [code.term_in(nation) for nation in _NATIONS] if differ else [code.term]
        hours = "" if code.after_hours is None else f"{code.after_hours} h"
        yield _line(f"`{code.code}`", *terms, _meaning(code), *[hours] * timed)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _meaning(code: Code) -> str:
    own = [f"{nation.title()}: {code.definitions[nation]}" for nation in _NATIONS if nation in code.definitions]
    return " ".join([code.definition, *own])


def anchor_of(name: str) -> str:
    """Return the anchor of a list on the page: of its newest version, if it has several."""
    return _anchor(max(packaged().versions[name], key=lambda each: each.from_))


def _heading(each: CodeList) -> str:
    return each.title if len(packaged().versions[each.list]) == 1 else f"{each.title}, version {each.version}"


def _anchor(each: CodeList) -> str:
    kept = "".join(sign for sign in _heading(each).lower() if sign.isalnum() or sign in " -_")
    return kept.replace(" ", "-")
