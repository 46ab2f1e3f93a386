"""Tell it once: what one event does, from the placement record to the receipt."""

from broker.ports.records import DisclosureFilter


def test_one_report_tells_everybody_who_may_know(doors):
    """A home reports a child missing once, and police, both councils and health are told."""
    handle = doors.place()
    receipt = doors.open(handle).receipt
    assert {told.agency for told in receipt.told} == {"eastvale-council", "westmoor-council", "northmere-health"}
    assert doors.mail("northmere-police")[-1]["type"] == "concordat.episode.opened.v1"
    with doors.hub.store.reading() as view:
        rows = view.disclosures(DisclosureFilter(agency=None))
    assert len([row for row in rows if row.type == "concordat.episode.opened.v1"]) == 5
