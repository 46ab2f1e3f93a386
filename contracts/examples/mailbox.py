"""Examples of what a mailbox says of itself."""

from contracts.events.mailbox import ERASED, GAP
from contracts.examples.base import Fault, examples

_GAP = {"asked_after": "1.42", "kept_from": "2.1"}

EXAMPLES = {
    ERASED: examples(
        "",
        ERASED,
        subject=None,
        minimal={},
        full={},
        invalid={"provenance": "the office"},
        fault=Fault("/data/provenance", "model_type"),
    ),
    GAP: examples(
        "",
        GAP,
        subject=None,
        minimal=_GAP,
        full=_GAP,
        invalid={"asked_after": "1.42"},
        fault=Fault("/data/kept_from", "missing"),
    ),
}
