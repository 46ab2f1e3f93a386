"""A decision in sentences that a data protection officer can read out."""

from collections import defaultdict
from typing import Any

_REASONS = {
    "no_permit": "no clause permits it",
    "forbidden": "a clause forbids it",
    "narrowed_by_publisher": "the publisher kept it back",
    "transform_not_applicable": "the clause's limit cannot be applied to it",
    "depends_on_contents": "it is released only if all that it contains is permitted",
}


def sentences(detail: dict[str, Any]) -> list[str]:
    """Say what was decided on each field and on what basis, without any value."""
    said = []
    if detail.get("reason"):
        said.append(f"Nothing was released: {detail['reason'].replace('_', ' ')}.")
    for outcome, heading in (("released", "Released"), ("transformed", "Transformed"), ("withheld", "Withheld")):
        # One sentence for each ground, not one ground for each field; an item of a list is named once.
        by_ground: dict[str, dict[str, None]] = defaultdict(dict)
        for field in detail.get("fields", ()):
            if field["outcome"] == outcome:
                by_ground[_ground(field)][field["path"]] = None
        said.extend(f"{heading}{ground}: {', '.join(paths)}." for ground, paths in by_ground.items())
    if detail.get("purposes"):
        said.append(f"Purpose: {', '.join(detail['purposes'])}.")
    bases = detail.get("legal_bases", {})
    said.extend(
        f"Legal basis of the {side}: {', '.join(bases[side])}."
        for side in ("discloser", "recipient")
        if bases.get(side)
    )
    return said


def _ground(field: dict[str, Any]) -> str:
    how = f" as {field['transform']}" if field.get("transform") else ""
    clause = f" by {field['clause']}" if field.get("clause") else ""
    why = f", because {_REASONS.get(field['reason'], field['reason'].replace('_', ' '))}" if field.get("reason") else ""
    return f"{how}{clause}{why}"
