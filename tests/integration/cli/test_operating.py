"""An operator at the terminal: agencies, protocols, the health of the installation."""

import asyncio
import json
from pathlib import Path

import pytest

from adapters.sdk import Credentials, EncryptionKey, HubClient
from adapters.sdk.encryption_key import NotForUs
from broker.cli.local import existing
from broker.cli.partnership import PROTOCOL_FILE, found
from broker.settings import Settings
from broker.wiring import build
from tests.integration.cli.conftest import Concordat, RunningHub

VERSION_TWO = PROTOCOL_FILE.read_text(encoding="utf-8").replace("\nversion: 1\n", "\nversion: 2\n")


def test_an_agency_joins_beside_a_running_hub_and_comes_in(concordat: Concordat, tmp_path: Path) -> None:
    """Registered with a key of its own, it gets a token; with its key rotated, the old one opens nothing."""
    key, new = tmp_path / "view.pem", tmp_path / "new.pem"
    add = ("agency", "add", "harbour-view", "--name", "Harbour View", "--kind", "childrens_home")
    (added,) = concordat.lines(*add, "--class", "childrens_homes", "--generate-key", key)
    assert added["scopes"] == ["publish", "subscribe"]
    assert concordat(*add).returncode == 3
    token = ("agency", "token", "harbour-view", "--key", key)
    assert concordat(*token).stdout.count(".") == 2
    assert concordat("agency", "rotate", "harbour-view", "--generate-key", new).returncode == 0
    assert concordat(*token).returncode == 3
    (removed,) = concordat.lines("agency", "remove", "harbour-view", "--yes")
    assert (removed["active"], removed["keys"]) == (False, [])


def test_an_agency_is_registered_with_the_versions_that_its_system_reads(concordat: Concordat) -> None:
    """The older version is asked for at the registration; one that does not exist is refused there and then."""
    add = ("agency", "add", "harbour-mill", "--name", "Harbour Mill", "--kind", "childrens_home", "--knows")
    for slip in ("concordat.canary.sung=1", "concordat.canary.sung", "concordat.risk.changed=canary"):
        refused = concordat(*add, slip)
        assert refused.returncode == 2
        assert "canary" not in refused.stderr
    (added,) = concordat.lines(*add, "concordat.risk.changed=1")
    assert added["knows"] == {"concordat.risk.changed": 1}


def test_the_versions_that_a_system_reads_change_with_it(concordat: Concordat) -> None:
    """Its system is replaced by an older one, then brought up to date; a slip changes nothing."""
    said = ("agency", "knows", "westmoor-council")
    (older,) = concordat.lines(*said, "concordat.risk.changed=1", "concordat.child.located=1")
    assert older["knows"] == {"concordat.risk.changed": 1, "concordat.child.located": 1}
    for slip in ((), ("concordat.risk.changed=1", "--newest"), ("concordat.risk.changed=canary",)):
        assert concordat(*said, *slip).returncode == 2
    (shown,) = concordat.lines("agency", "show", "westmoor-council")
    assert shown["knows"] == older["knows"]
    (newest,) = concordat.lines(*said, "--newest")
    assert newest["knows"] == {}


def test_a_private_key_is_not_taken_for_a_public_one(concordat: Concordat) -> None:
    """An agency that sends its private key is told to keep it."""
    private = concordat.state / "agencies" / "bright-path.pem"
    done = concordat("agency", "rotate", "bright-path", "--public-key", private)
    assert done.returncode == 2
    assert "private key" in done.stderr
    assert "BEGIN" not in done.stdout + done.stderr


def test_an_agencys_encryption_key_is_registered_beside_a_running_hub(
    concordat: Concordat, hub: RunningHub, receipt: dict[str, object], tmp_path: Path
) -> None:
    """What lies in NATS for a force opens with the key that it sent, as soon as the operator has registered it."""
    police, file = "northmere-police", tmp_path / "police.enc.pub.json"
    own, former = EncryptionKey.generate(), EncryptionKey.load(concordat.state / "agencies" / f"{police}.enc.pem")
    file.write_text(json.dumps(own.public_jwk()))
    (before,) = concordat.lines("agency", "show", police)
    (after,) = concordat.lines("agency", "rotate", police, "--encryption-key", file)
    assert [key["kid"] for key in after["keys"]] == [before["keys"][0]["kid"], own.kid]
    assert concordat("agency", "token", police).returncode == 0, "the key that it comes in with stays"

    async def wrapped() -> str:
        credentials = Credentials.load(police, concordat.state / "agencies" / f"{police}.pem")
        async with HubClient(hub.url, credentials) as client, asyncio.timeout(20):
            while True:
                with existing(concordat.state) as built, built.store.reading() as view:
                    kids = [key.kid for key in view.channel_keys() if key.agency == police]
                if kids:
                    return await client.channel_key(kids[0])
                await asyncio.sleep(0.05)

    assert receipt["told"]
    text = asyncio.run(wrapped())
    assert own.unwrap(text)["kty"] == "oct"
    with pytest.raises(NotForUs):
        former.unwrap(text)


def test_a_key_for_one_purpose_is_not_taken_for_the_other(concordat: Concordat, tmp_path: Path) -> None:
    """A signing key as an encryption key, the reverse, and one key for both are all refused; nothing is changed."""
    agency, signing, encryption = "bright-path", tmp_path / "sign.json", tmp_path / "enc.json"
    signing.write_text(json.dumps(Credentials.generate(agency).public_jwk()))
    encryption.write_text(json.dumps(EncryptionKey.generate().public_jwk()))
    before = concordat.lines("agency", "show", agency)
    both = tmp_path / "both.json"
    both.write_text(
        json.dumps({"kty": "EC", "crv": "P-256"} | _P256)  # a curve that can do either
    )
    for options in (
        ("--encryption-key", signing),
        ("--public-key", encryption),
        ("--public-key", both, "--encryption-key", both),
        ("--encryption-key", encryption, "--generate-encryption-key", tmp_path / "made.pem"),
        ("--encryption-key", concordat.state / "agencies" / f"{agency}.enc.pem"),
    ):
        assert concordat("agency", "rotate", agency, *options).returncode == 2
    assert not (tmp_path / "made.pem").exists()
    assert concordat.lines("agency", "show", agency) == before


_P256 = {
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
}
"""The example key of RFC 7517, appendix A.1."""


def test_a_protocol_is_signed_by_its_parties_and_brought_into_force(founded: Path, tmp_path: Path) -> None:
    """From text to effect: checked, signed in place by two, activated; unsigned by a third; never changed after."""
    file = tmp_path / "northmere.yaml"
    file.write_text(VERSION_TWO, encoding="utf-8")
    run = Concordat(founded)
    for agency in ("northmere-police", "harbour-house"):
        assert run("protocol", "sign", file, "--agency", agency, "--in-place").returncode == 0
    signed = file.read_text(encoding="utf-8")
    assert signed.startswith(VERSION_TWO)
    (done,) = run.lines("protocol", "activate", file)
    assert done["signed_by"] == ["harbour-house", "northmere-police"]
    file.write_text(signed.replace("title: Northmere", "title: Otherwise"), encoding="utf-8")
    assert run("protocol", "activate", file).returncode == 3
    listed = {one["protocol"]: one for one in run.lines("protocol", "list")}
    assert listed["northmere-missing-children@2"]["fingerprint"] == done["fingerprint"]


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
    looked_at = {
        "database",
        "durability",
        "ledger",
        "running hub",
        "NATS",
        "NATS accounts",
        "NATS stream",
        "NATS relay",
    }
    assert looked_at <= {one["check"] for one in checks}
    assert [one for one in checks if one["check"].startswith("NATS") and one["verdict"] != "ok"] == []


def test_a_doctor_says_what_to_do_where_there_is_no_hub(tmp_path: Path) -> None:
    """Exit 1 and the next step; and the doctor makes no hub of its own."""
    done = Concordat(tmp_path / "none")("doctor")
    assert done.returncode == 1
    assert "start a hub with: concordat up" in done.stdout
    assert not (tmp_path / "none").exists()


@pytest.fixture
def founded(tmp_path: Path) -> Path:
    """A hub that has been founded and is not running."""
    state = tmp_path / "state"
    built = build(Settings(state=state))
    found(built.hub, state / "agencies")
    built.close()
    return state
