"""The page on mappings works as it is written, and the mappings that come with the project are right."""

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sdk import Outbox, new_id
from adapters.sdk.mapping import Mapping
from adapters.sdk.mapping.__main__ import COMMAND, main
from contracts.parse import parse_event

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/how-to/map-your-own-words.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```sh\n(.*?)\n```\n\n```\n(.*?)```", PAGE, re.DOTALL)
SAMPLES = sorted(path for path in (ROOT / "adapters").glob("*/*.json"))


@pytest.mark.parametrize(("command", "answer"), COMMANDS)
def test_the_pages_commands_say_what_the_page_says(command, answer, monkeypatch, capsys):
    """Whoever copies a command sees the report that the page shows; nothing is said beside it."""
    monkeypatch.chdir(ROOT)
    assert command.startswith(COMMAND)
    status = main(shlex.split(command.removeprefix(COMMAND)))
    said = capsys.readouterr()
    assert (said.out, said.err) == (answer, "")
    assert status == (0 if answer.endswith("\ncomplete\n") else 1)


def test_the_page_shows_both_samples():
    """No mapping comes with the project that nobody is shown."""
    assert len(COMMANDS) == len(SAMPLES) == 2


def test_the_pages_code_puts_a_form_into_the_outbox(tmp_path):
    """A row of the home's form leaves as events of its contract."""
    names = {}
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(code, names)  # noqa: S102 (our own page)
    row = {"Child": "HH-07", "Status": "missing", "Worry": "Very worried", "Last seen": "22/11/2026 19:30"}
    form = ROOT / "adapters/childrens_home/missing_form.json"
    with Outbox.open(tmp_path / "outbox") as outbox:
        applied = names["report"](
            outbox, "harbour-house", form, row, f"episode/{new_id()}", datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
        )
        (waiting,) = outbox.waiting()
    assert applied.gaps == ()
    event = parse_event(waiting.event)
    assert (event.data.risk.level, event.data.last_seen.at.isoformat()) == ("high", "2026-11-22T19:30:00+00:00")


def test_the_page_lists_every_member_of_a_rule():
    """What a rule can have stands in the page's table, and nothing that it cannot."""
    from adapters.sdk.mapping.document import FieldRule  # noqa: PLC0415 (used here alone)

    table = PAGE[PAGE.index("| Member of a rule") : PAGE.index("An event is made if")]
    listed = {
        name
        for row in table.splitlines()[2:]
        for name in re.findall(r"`(\w+)`", row.split("|")[1] if "|" in row else "")
    }
    assert listed == set(FieldRule.model_fields)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_samples_are_mappings(path):
    """Each is read without a fault, under a name and version of its own."""
    assert Mapping.load(path).document.version == 1


def test_nothing_personal_is_printed_unless_asked_for(tmp_path, capsys):
    """Names, dates and words without a code stay out of the report; --show-words shows the words, on stdout."""
    form = ROOT / "adapters/childrens_home/missing_form.json"
    table = ROOT / "adapters/childrens_home/missing_form.csv"
    secrets = ("Robin", "Ada Test", "943", "HH-0", "amber", "Nan's", "2012", "Casey", "01632")
    for more in ([], ["--json"]):
        assert main(["--mapping", str(form), "--csv", str(table), *more]) == 1
        said = capsys.readouterr()
        assert not [secret for secret in secrets if secret in said.out + said.err]
    main(["--mapping", str(form), "--csv", str(table), "--show-words"])
    said = capsys.readouterr()
    assert "1 x amber" in said.out
    assert said.err == ""
    main(["--mapping", str(form), "--csv", str(table), "--events"])
    said = capsys.readouterr()
    assert [json.loads(line)["row"] for line in said.out.splitlines()] == [2, 3, 3]
    assert "amber" not in said.err
    assert said.err.endswith("not complete\n")


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ("", "first line"),
        ("Wren Canary,14/05/2012\nWren Canary,14/05/2012\n", "first line"),
        ("Child,Child\n", "the same name"),
        ("Child\nEX-1,Wren Canary\n", "row 2 has more cells"),
        ('Child\n"Wren Canary\n', "not CSV"),
        (b"Child\n\xff\n", "not CSV"),
    ],
)
def test_a_file_that_is_no_table_is_not_read_out(table, word, tmp_path, capsys):
    """A table without its column names, or a broken one, ends with 2 and is quoted nowhere."""
    (tmp_path / "t.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    form = ROOT / "adapters/childrens_home/missing_form.json"
    assert main(["--mapping", str(form), "--csv", str(tmp_path / "t.csv")]) == 2
    said = capsys.readouterr()
    assert word in said.err
    assert "Canary" not in said.out + said.err


def test_columns_that_nobody_thought_of_are_named(tmp_path, capsys):
    """A column that was added to the export, or taken out of it, is found before it is missed."""
    (tmp_path / "t.csv").write_text("\ufeffCHILD,MISSING,MIS_START,MIS_END,SIBLINGS\nEX-1,M,03/10/2026,,2\n\n", "utf-8")
    form = ROOT / "adapters/council/ssda903_missing.json"
    assert main(["--mapping", str(form), "--csv", str(tmp_path / "t.csv"), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["unmapped_columns"], report["missing_columns"]) == (["SIBLINGS"], ["DOB"])
    assert (report["rows"], report["gaps"]) == (1, [])


def test_a_wrong_mapping_ends_with_its_faults(tmp_path, capsys):
    """The places of a mapping's faults go to stderr, one a line; a file that is not there is said too."""
    (tmp_path / "m.json").write_text('{"mapping": "a", "version": 1, "title": "t", "events": []}')
    table = str(ROOT / "adapters/council/ssda903_missing.csv")
    assert main(["--mapping", str(tmp_path / "m.json"), "--csv", table]) == 2
    assert capsys.readouterr().err.startswith("mapping /events: ")
    assert main(["--mapping", str(tmp_path / "none.json"), "--csv", table]) == 2
    assert "No such file" in capsys.readouterr().err
