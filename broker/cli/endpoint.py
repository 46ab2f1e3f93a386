"""`concordat endpoint`: where an agency has its messages sent by webhook, what was tried, and sending again."""

import json
from typing import Annotated, Any

import typer

from broker.cli.acting import Acting, for_agency
from broker.cli.ended import Ended, Exit
from broker.cli.noun import noun
from broker.cli.remote import segment
from broker.cli.speech import emit_json, emit_pretty, emit_table, say
from broker.delivery.schedule import Outcome
from broker.delivery.subscription import Content, Order

app = noun("Webhooks: where an agency's messages are sent, what was tried, sending again.")

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the endpoint.")]
AttemptArgument = Annotated[str, typer.Argument(metavar="ATTEMPT", help="Id of the attempt.")]
TypesOption = Annotated[
    list[str] | None,
    typer.Option("--type", help="Send only this event type; * at the end for any ending, alone for all; repeatable."),
]
ContentOption = Annotated[
    Content | None, typer.Option("--content", help="Whole messages, or a notice with ids and type only.")
]
OrderOption = Annotated[
    Order | None, typer.Option("--order", help="One after the other within an episode, or as each falls due.")
]
_MOST_SHOWN = 500
_ONCE = "The secret is shown this once: hand it to the system that receives, over a safe way."


@app.command("list")
@for_agency
def list_endpoints(acting: Acting) -> None:
    """List the endpoints of this agency, without their secrets.

    Example: concordat endpoint list --agency northmere-health
    """
    items = list(acting.remote.pages("/v1/endpoints"))
    if acting.as_json:
        for item in items:
            emit_json(item)
        return
    emit_table(
        ("id", "url", "types", "content", "order", "state", "failing since"),
        (
            (
                one["id"],
                one["url"],
                one["types"] or "all",
                one["content"],
                one["order"],
                _state(one),
                one["failing_since"],
            )
            for one in items
        ),
    )


@app.command("add")
@for_agency
def add(
    acting: Acting,
    url: Annotated[str, typer.Option("--url", help="Where messages are sent: public https.")],
    types: TypesOption = None,
    content: ContentOption = None,
    order: OrderOption = None,
    disabled: Annotated[
        bool, typer.Option("--disabled", help="Send nothing yet; what comes meanwhile is sent once it is enabled.")
    ] = False,
) -> None:
    """Make an endpoint, which gets what comes from now on. Its secret is printed on stdout, this once.

    Example: concordat endpoint add --agency northmere-health --url https://desk.example/concordat
    """
    asked = _asked(url, types, content, order, enabled=False if disabled else None)
    _show(acting, acting.remote.post("/v1/endpoints", asked))
    say(_ONCE)


@app.command("show")
@for_agency
def show(acting: Acting, endpoint: IdArgument) -> None:
    """Show one endpoint, without its secret.

    Example: concordat endpoint show 01JD6QK3Z8T0V5W2N4Y6B8C0EP --agency northmere-health
    """
    _show(acting, acting.remote.get(_path(endpoint)))


@app.command("change")
@for_agency
def change(
    acting: Acting,
    endpoint: IdArgument,
    url: Annotated[str | None, typer.Option("--url", help="Where messages are sent: public https.")] = None,
    types: TypesOption = None,
    content: ContentOption = None,
    order: OrderOption = None,
    enabled: Annotated[
        bool | None,
        typer.Option("--enable/--disable", help="Send nothing for a while; what comes meanwhile is sent afterwards."),
    ] = None,
) -> None:
    """Change an endpoint; what is not named stays. Types that are named replace those it had.

    Example: concordat endpoint change 01JD6QK3Z8T0V5W2N4Y6B8C0EP --agency northmere-health --enable
    """
    asked = _asked(url, types, content, order, enabled=enabled)
    if asked == b"{}":
        raise Ended(
            "name what is to change: --url, --type, --content, --order, --enable or --disable", Exit.WRONG_USAGE
        )
    _show(acting, acting.remote.patch(_path(endpoint), asked))


@app.command("remove")
@for_agency
def remove(
    acting: Acting,
    endpoint: IdArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove an endpoint with its keys and attempts. The mailbox is untouched: feed and inbox still have it all.

    Example: concordat endpoint remove 01JD6QK3Z8T0V5W2N4Y6B8C0EP --agency northmere-health --yes
    """
    if not yes and not typer.confirm("Remove this endpoint? Nothing is sent to it any more.", err=True):
        raise Ended("nothing was changed")
    acting.remote.delete(_path(endpoint))
    if acting.as_json:
        emit_json({"id": endpoint, "removed": True})
    say("The endpoint is removed.")


@app.command("rotate-secret")
@for_agency
def rotate_secret(acting: Acting, endpoint: IdArgument) -> None:
    """Give an endpoint new keys, and print the new secret on stdout, this once. For a day both sign.

    If a secret has leaked, rotate twice: the leaked one then signs nothing more.

    Example: concordat endpoint rotate-secret 01JD6QK3Z8T0V5W2N4Y6B8C0EP --agency northmere-health
    """
    _show(acting, acting.remote.post(f"{_path(endpoint)}/rotate-secret"))
    say(_ONCE)


@app.command("test")
@for_agency
def test(acting: Acting, endpoint: IdArgument) -> None:
    """Send one message that says nothing, now, also while the endpoint is disabled. Exit 1 if it does not arrive.

    Example: concordat endpoint test 01JD6QK3Z8T0V5W2N4Y6B8C0EP --agency northmere-health
    """
    attempt = acting.remote.post(f"{_path(endpoint)}/test")
    _show(acting, attempt)
    if attempt["outcome"] != Outcome.DELIVERED:
        raise Ended("the test message has not arrived: docs/how-to/receive-webhooks.md says what each outcome means")


@app.command("attempts")
@for_agency
def attempts(
    acting: Acting,
    endpoint: IdArgument,
    limit: Annotated[int, typer.Option("--limit", min=1, max=_MOST_SHOWN, help="At most so many.")] = 50,
) -> None:
    """List what was tried at an endpoint and how it ended, newest first. Bodies are never kept.

    Example: concordat endpoint attempts 01JD6QK3Z8T0V5W2N4Y6B8C0EP --agency northmere-health
    """
    answer = acting.remote.get(f"{_path(endpoint)}/attempts", limit=limit)
    if acting.as_json:
        for item in answer["items"]:
            emit_json(item)
    else:
        columns = ("at", "outcome", "status", "milliseconds", "sequence", "message_id", "id")
        emit_table(columns, (tuple(one[column] for column in columns) for one in answer["items"]))
    if answer["next"] is not None:
        say(f"Only the newest {limit} are shown: raise --limit (at most {_MOST_SHOWN}).")


@app.command("resend")
@for_agency
def resend(acting: Acting, endpoint: IdArgument, attempt: AttemptArgument) -> None:
    """Send the message of an attempt again, under the id that it has, whether or not it arrived.

    Example: concordat endpoint resend 01JD6QK3Z8T0V5W2N4Y6B8C0EP 01JD6QK3Z8T0V5W2N4Y6B8C0AT --agency northmere-health
    """
    _show(acting, acting.remote.post(f"{_path(endpoint)}/attempts/{segment(attempt)}/resend"))


@app.command("recover")
@for_agency
def recover(
    acting: Acting,
    endpoint: IdArgument,
    after: Annotated[
        str,
        typer.Option(
            "--after", metavar="POSITION", help="The concordatsequence of the last message that you have, such as 1.42."
        ),
    ],
) -> None:
    """Send everything after a position that the endpoint wants and has not taken, in order: after an outage.

    Example: concordat endpoint recover 01JD6QK3Z8T0V5W2N4Y6B8C0EP --after 1.204 --agency northmere-health
    """
    _show(acting, acting.remote.post(f"{_path(endpoint)}/recover", json.dumps({"after": after}).encode()))


def _path(endpoint: str) -> str:
    return f"/v1/endpoints/{segment(endpoint)}"


def _asked(
    url: str | None, types: list[str] | None, content: Content | None, order: Order | None, *, enabled: bool | None
) -> bytes:
    """Return what was said, as the hub takes it; what was not said is left out."""
    said = {"url": url, "types": types or None, "content": content, "order": order, "enabled": enabled}
    return json.dumps({name: value for name, value in said.items() if value is not None}).encode()


def _show(acting: Acting, answer: dict[str, Any]) -> None:
    emit_json(answer) if acting.as_json else emit_pretty(answer)


def _state(one: dict[str, Any]) -> str:
    return "enabled" if one["enabled"] else f"disabled ({one['disabled_because']})"
