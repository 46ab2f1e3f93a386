"""The first word of a command: a group of verbs, or one command of its own."""

import typer


def noun(about: str | None = None) -> typer.Typer:
    """Return a group of verbs that says what it is about, or, with nothing to say, the place of a single command.

    Help is plain text, the same in a terminal, a pipe and the documentation.
    """
    return typer.Typer(
        help=about,
        no_args_is_help=about is not None,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
