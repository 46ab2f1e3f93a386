"""The home's file on a child: `<state>/children/<reference>.json`, in the home's own words.

{"reference": "HH-07", "full_name": "…", "called": "…", "born": "2011-03-04", "nhs": "…", "looks": "…",
 "health": "…", "council_reference": "…", "protected_address": false}
"""

import json
import re
from pathlib import Path
from typing import Any

from adapters.reference import NotUnderstood

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)


def read_child_file(state: Path, reference: str) -> dict[str, Any]:
    """Return the file on a child. Raises NotUnderstood, naming neither reference nor content."""
    if _REFERENCE.fullmatch(reference) is None:
        raise NotUnderstood("'child' is the reference of a child file: letters, digits, hyphens")
    try:
        document = json.loads((state / "children" / f"{reference}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotUnderstood("there is no child file of this reference: add it, or report by 'publish'") from None
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise NotUnderstood("the child file is not a JSON object: put it right, or report by 'publish'")
    return document
