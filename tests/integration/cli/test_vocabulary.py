"""CONCORDAT_VOCABULARY: an operator's own code lists, read when the hub starts."""

import json
from pathlib import Path

import pytest

from broker.cli.ended import Ended
from broker.cli.local import built_hub
from broker.settings import Settings
from contracts.vocabulary.library import packaged


def settings(root: Path, words: Path) -> Settings:
    return Settings(state=root / "state", vocabulary=words, nats="off")


def write(folder: Path, **changes: object) -> Path:
    """Write the packaged list of placement codes into a folder, with changes."""
    document = packaged().versions["placement_code"][-1].model_dump(mode="json", by_alias=True, exclude_none=True)
    folder.mkdir()
    (folder / "placement_code.json").write_text(json.dumps(document | changes))
    return folder


def test_a_hub_reads_the_lists_of_its_operator(tmp_path: Path) -> None:
    """The hub starts, and its words are those of the folder."""
    built = built_hub(settings(tmp_path, write(tmp_path / "words", title="Kinds of placement")))
    try:
        titles = {each.title for each in built.hub.parts.words.versions["placement_code"]}
    finally:
        built.close()
    assert titles == {"Kinds of placement"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"from": "tomorrow"}, "placement_code.json: /from"), ({"codes": []}, "placement_code.json: /codes")],
)
def test_a_hub_does_not_start_on_a_list_that_it_cannot_use(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    """The operator reads the file and the place in it; no hub has been made."""
    with pytest.raises(Ended, match=said):
        built_hub(settings(tmp_path, write(tmp_path / "words", **changes)))
    assert not (tmp_path / "state").exists()


def test_a_folder_that_is_not_there_is_named_by_its_setting(tmp_path: Path) -> None:
    """A slip in the path is not taken for a folder without lists."""
    with pytest.raises(Ended, match="CONCORDAT_VOCABULARY: the folder cannot be read"):
        built_hub(settings(tmp_path, tmp_path / "wrods"))
