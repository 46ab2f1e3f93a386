"""The reference pages say what the code does."""

import pytest

from broker.cli.reference import helps, pages
from broker.settings import Settings


def test_the_reference_pages_are_up_to_date() -> None:
    """A command, option or setting that was changed is changed in the documentation too."""
    for path, text in pages().items():
        assert path.read_text(encoding="utf-8") == text, "run python -m broker.cli.reference"


def test_every_setting_is_described() -> None:
    """A setting that nobody can look up is a trap."""
    for name, field in Settings.model_fields.items():
        assert field.description, name


@pytest.mark.parametrize(("name", "text"), [pair for pair in helps() if "COMMAND [ARGS]" not in pair[1]])
def test_every_command_shows_an_example(name: str, text: str) -> None:
    """Help that ends in a line to copy."""
    assert "Example: " in text
    assert name in text.partition("Example: ")[2]
