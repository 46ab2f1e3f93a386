"""Examples of a child who has become an adult."""

from contracts.examples.base import CHILD, Fault, examples

EXAMPLES = {
    "concordat.subject.turned_18.v1": examples(
        "",
        "concordat.subject.turned_18.v1",
        subject=CHILD,
        minimal={"turned_18_on": "2030-02-28"},
        full={"turned_18_on": "2030-02-28", "birth_date_status": "confirmed"},
        invalid={"turned_18_on": "2030-02-29"},
        fault=Fault("/data/turned_18_on", "value_error"),
    ),
}
