"""An operator at the terminal: agencies, protocols, the health of the installation."""

from pathlib import Path

import pytest

from broker.cli.partnership import PROTOCOL_FILE
from tests.integration.cli.conftest import Concordat, RunningHub, hub_in

VERSION_TWO = PROTOCOL_FILE.read_text(encoding="utf-8").replace("\nversion: 1\n", "\nversion: 2\n")


def test_an_agency_joins_beside_a_running_hub_and_comes_in(concordat: Concordat, tmp_path: Path) -> None:
    """Registered with a key of its own, it gets a token; with its key rotated, the old one opens nothing."""
    key, new = tmp_path / "view.pem", tmp_path / "new.pem"
    add = ("agency", "add", "harbour-view", "--name", "Harbour View", "--kind", "childrens_home")
    (added,) = concordat.lines(*add, "--class", "childrens_homes", "--generate-key", key)
    assert added["scopes"] == ["publish", "subscribe"]
    assert concordat(*add).returncode == 3
    token = ("agency", "token", "harbour-view", "--key")
    assert concordat(*token, key).stdout.count(".") == 2
    assert concordat("agency", "rotate", "harbour-view", "--generate-key", new).returncode == 0
    assert concordat(*token, new).returncode == 0
    assert concordat(*token, key).returncode == 3
    assert concordat("agency", "remove", "harbour-view", "--yes").returncode == 0
    assert concordat(*token, new).returncode == 3
    (shown,) = concordat.lines("agency", "show", "harbour-view")
    assert (shown["active"], shown["keys"]) == (False, [])


def test_a_private_key_is_not_taken_for_a_public_one(concordat: Concordat) -> None:
    """An agency that sends its private key is told to keep it."""
    private = concordat.state / "agencies" / "bright-path.pem"
    done = concordat("agency", "rotate", "bright-path", "--public-key", private)
    assert done.returncode == 2
    assert "private key" in done.stderr
    assert len(concordat.lines("agency", "show", "bright-path")[0]["keys"]) == 1


def test_a_protocol_is_signed_by_its_parties_and_brought_into_force(tmp_path: Path) -> None:
    """From text to effect: checked, signed in place by two, activated; unsigned by a third; never changed after."""
    file = tmp_path / "northmere.yaml"
    file.write_text(VERSION_TWO, encoding="utf-8")
    with hub_in(tmp_path / "state") as hub:
        run = Concordat(hub.state, hub.url)
        assert run("protocol", "check", file).returncode == 0
        for agency in ("northmere-police", "harbour-house", "harbour-house"):
            assert run("protocol", "sign", file, "--agency", agency, "--in-place").returncode == 0
        assert file.read_text(encoding="utf-8").startswith(VERSION_TWO)
        (done,) = run.lines("protocol", "activate", file)
        assert done["signed_by"] == ["harbour-house", "northmere-police"]
        listed = {one["protocol"]: one["signed_by"] for one in run.lines("protocol", "list")}
        assert listed["northmere-missing-children@2"] == ["harbour-house", "northmere-police"]
        file.write_text(
            file.read_text(encoding="utf-8")
            .replace("because:", "because: it was changed,", 1)
            .replace("title: Northmere", "title: Otherwise"),
            encoding="utf-8",
        )
        assert run("protocol", "activate", file).returncode in (1, 3)
        assert run("doctor").returncode == 0


def test_a_faulty_protocol_is_found_at_its_line(tmp_path: Path) -> None:
    """A misspelt role is named by line and column; nothing can be signed."""
    file = tmp_path / "draft.yaml"
    file.write_text(VERSION_TWO.replace("role: host_authority", "role: hots_authority", 1), encoding="utf-8")
    line = VERSION_TWO[: VERSION_TWO.index("role: host_authority")].count("\n") + 1
    alone = Concordat(tmp_path / "none")
    done = alone("protocol", "check", file)
    assert done.returncode == 1
    assert f"draft.yaml:{line}:" in done.stdout
    assert alone("protocol", "sign", file, "--agency", "harbour-house").returncode == 1


def test_a_protocol_explains_itself_field_by_field(tmp_path: Path) -> None:
    """Before anything has happened: what would a care provider be told of a report?"""
    alone = Concordat(tmp_path / "none")
    told = ("protocol", "explain", PROTOCOL_FILE, "--type", "concordat.episode.opened.v1", "--to")
    fields = {one["path"]: one for one in alone.lines(*told, "care_provider")}
    assert fields["risk.level"]["outcome"] == "released"
    assert fields["risk.level"]["clause"] == "northmere-missing-children@1#care-provider-during-search"
    assert fields["reporter.name"]["outcome"] == "withheld"
    assert all(one["outcome"] == "withheld" for one in alone.lines(*told, "charity"))
    assert alone(*told, "nobody").returncode == 2


def test_a_doctor_finds_a_running_hub_well(concordat: Concordat, hub: RunningHub) -> None:
    """Exit 0, and every check says what it found."""
    checks = concordat.lines("doctor", "--hub", hub.url)
    assert {one["verdict"] for one in checks} <= {"ok", "look"}
    assert {"database", "durability", "ledger", "running hub"} <= {one["check"] for one in checks}


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (lambda state: (state / "keys" / "kek").write_text("00" * 32 + "\n"), "key store"),
        (lambda state: (state / "keys" / "kek").chmod(0o644), "key-encryption key"),
        (lambda state: state.chmod(0o755), "state folder"),
        (lambda state: (state / "keys" / "kek").unlink(), "key-encryption key"),
        (lambda state: [path.unlink() for path in state.glob("concordat.db*")], "database"),
    ],
)
def test_a_doctor_finds_what_is_wrong(founded: Path, harm, found: str) -> None:
    """A lost or open key, another's key, a folder open to all, a lost database: exit 1, and what to do."""
    harm(founded)
    done = Concordat(founded)("doctor")
    assert done.returncode == 1
    assert f"WRONG  {found}: " in done.stdout
    assert "→" in done.stdout


@pytest.fixture
def founded(tmp_path: Path) -> Path:
    """A hub that has been founded and is not running."""
    with hub_in(tmp_path / "state") as hub:
        assert hub.stop(15) == 0
    return tmp_path / "state"
