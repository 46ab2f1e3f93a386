"""Why an event is refused: in words that say what to do, and give nothing away."""

UNKNOWN_EPISODE = "unknown-episode"
UNKNOWN_CHILD = "unknown-child"
NOT_ENTITLED = "not-entitled"
INVALID_EVENT = "invalid-event"
EPISODE_EXISTS = "episode-exists"
PLACEMENT_EXISTS = "placement-exists"
EPISODE_CLOSED = "episode-closed"
NOT_CLOSABLE = "not-closable"
NOT_REOPENABLE = "not-reopenable"
HANDOVER_PENDING = "handover-pending"
NO_OPEN_OFFER = "no-open-offer"


class Refused(Exception):
    """The event may not advance anything. Echoes no submitted value.

    `slug` is the last part of the problem type (RFC 9457), `status` one of 403, 404, 409 and 422, `pointer` an RFC 6901
    pointer into the event where one place of it is at fault.
    """

    def __init__(self, slug: str, status: int, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.slug = slug
        self.status = status
        self.detail = detail
        self.pointer = pointer


def unknown_episode() -> Refused:
    """Return the one answer for an episode that does not exist and for one that the publisher has no part in."""
    return Refused(
        UNKNOWN_EPISODE,
        404,
        "no episode of this id that your agency has a part in: open one with concordat.episode.opened.v1, "
        "or say what your part is with concordat.involvement.added.v1",
        "/subject",
    )


def unknown_child() -> Refused:
    """Return the one answer for a handle without a placement record and for a record that the publisher is not in."""
    return Refused(
        UNKNOWN_CHILD,
        404,
        "no placement record of this handle names your agency: ask the responsible authority to name it with "
        "concordat.placement.notified.v1, or open an episode if the child is missing",
        "/subject",
    )


def not_entitled(detail: str) -> Refused:
    """Return a refusal for want of authority."""
    return Refused(NOT_ENTITLED, 403, detail)


def invalid(detail: str, pointer: str) -> Refused:
    """Return a refusal of one place in the event."""
    return Refused(INVALID_EVENT, 422, detail, pointer)


def conflict(slug: str, detail: str) -> Refused:
    """Return a refusal because of how the episode stands."""
    return Refused(slug, 409, detail)
