"""A word without a code, from the report to every mailbox: told as the code would be, and said in the receipt."""

import json

CANARY = "amber-quillfeather"


def test_a_word_without_a_code_is_told_as_the_code_would_be(doors):
    """Who would hear the level hears the word; who would not finds it in nothing; the reporter is warned."""
    handle = doors.place()
    plain = doors.open(handle, risk={"level": "high"}).receipt
    receipt = doors.open(handle, risk={"level": {"unmapped": CANARY}}).receipt
    assert [(one.code, one.pointer) for one in receipt.warnings] == [("unmapped_code", "/data/risk/level")]
    assert CANARY not in receipt.model_dump_json()
    assert plain.warnings == ()
    assert [(one.agency, one.released, one.withheld) for one in receipt.told] == [
        (one.agency, one.released, one.withheld) for one in plain.told
    ]
    told = 0
    for agency in ("northmere-police", "eastvale-council", "westmoor-council", "northmere-health", "bright-path"):
        openings = [one["data"] for one in doors.mail(agency) if one["type"] == "concordat.episode.opened.v1"]
        if not openings:
            continue
        before, after = openings[-2:]
        assert json.dumps(after) == json.dumps(before).replace('"high"', json.dumps({"unmapped": CANARY}))
        told += CANARY in json.dumps(after)
    assert told
