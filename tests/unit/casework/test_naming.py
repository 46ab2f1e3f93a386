"""Which agencies an event names."""

from broker.casework import named_agencies

INVOLVED = {"involved": [{"agency": "bright-path", "role": "charity"}, {"role": "health"}]}


def test_every_agency_at_any_depth_is_found() -> None:
    """Parties in lists, the force that is asked, the body on whose behalf it is said; never a withheld one."""
    data = INVOLVED | {"provenance": {"on_behalf_of": "harbour-house"}}
    assert named_agencies(data, "concordat.involvement.added.v1") == {"bright-path", "harbour-house"}
    assert named_agencies({"to": "southfold-police"}, "concordat.handover.offered.v1") == {"southfold-police"}
    assert named_agencies({}, "concordat.episode.opened.v1") == frozenset()


def test_text_that_looks_like_an_agency_is_not_one() -> None:
    """Only fields that hold an agency count: a post of the same name does not."""
    data = {"located_at": "2026-11-22T23:00:00Z", "found_by": "southfold-police"}
    assert named_agencies(data, "concordat.child.located.v1") == frozenset()


def test_a_history_names_whom_its_events_name() -> None:
    """What is told late is told: each past event is read by its own type, an unknown type names nobody."""
    events = [
        {"type": "concordat.involvement.added.v1", "time": "2026-11-22T21:00:00Z", "data": INVOLVED},
        {"type": "concordat.handover.offered.v1", "time": "2026-11-22T22:00:00Z", "data": {"to": "southfold-police"}},
        {"type": "concordat.made.up.v1", "time": "2026-11-22T22:00:00Z", "data": {"to": "northmere-police"}},
    ]
    assert named_agencies({"events": events}, "concordat.episode.history.v1") == {"bright-path", "southfold-police"}
