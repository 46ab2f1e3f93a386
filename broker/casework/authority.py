"""Whether this agency may publish this event about this episode."""

from broker.casework.episode import Episode
from broker.casework.involvement import Involvements, roles_of
from broker.casework.refusal import EPISODE_CLOSED, conflict, invalid, not_entitled, unknown_episode
from contracts.agency import Agency
from contracts.envelope import Subject
from contracts.events.base import Contract
from contracts.events.involvement import InvolvementAdded
from contracts.events.returning import ChildLocated, EpisodeClosed
from contracts.parse import ParsedEvent
from contracts.vocabulary import EpisodeStatus, Stage

# What a closed episode refuses: everything that would carry the search on.
_SEARCH_STAGES = frozenset({Stage.REPORT, Stage.SEARCH, Stage.HANDOVER})
_SEARCH_FACTS = (ChildLocated, EpisodeClosed)


def subject_of(event: ParsedEvent) -> Subject | None:
    """Return what the event is about; Refused 403 for a type that the hub alone publishes, 422 for a wrong subject.

    An event about a child may come without a subject: the hub then gives the child's handle.
    """
    contract, subject = event.contract, event.envelope.about()
    if contract.derived:
        raise not_entitled("only the hub publishes this type")
    if contract.either_subject:
        if subject is None:
            raise invalid("say what this is about: the subject is episode/<id> or child/<handle>", "/subject")
        return subject
    if contract.about_child and subject is not None and subject.kind != "child":
        raise invalid("this type is about a child: the subject is child/<handle>, or left out", "/subject")
    if not contract.about_child and (subject is None or subject.kind != "episode"):
        raise invalid("this type is about an episode: the subject is episode/<id>", "/subject")
    return subject


def check_part(event: ParsedEvent, publisher: Agency, episode: Episode | None) -> Episode:
    """Return the episode if the publisher may know of it; Refused 404 alike if it does not exist or has no such party.

    A part that has ended is enough to know of the episode. Saying that it is involved is open to every registered
    agency: ids cannot be guessed, and a claim lets others hear from it, never it from others.
    """
    if episode is None:
        raise unknown_episode()
    if not isinstance(event.data, InvolvementAdded) and all(one.agency != publisher.id for one in episode.involvements):
        raise unknown_episode()
    return episode


def check_role(contract: Contract, publisher: Agency, involvements: Involvements) -> None:
    """Refused 403 unless the publisher holds a role that the contract asks for, confirmed where it asks that too."""
    needed = contract.publishers
    if not needed.roles or roles_of(involvements, publisher.id, confirmed=needed.confirmed) & needed.roles:
        return
    roles = ", ".join(sorted(role.value for role in needed.roles))
    how = (
        "confirmed by the responsible authority or the owning force: ask either to publish "
        "concordat.involvement.confirmed.v1"
        if needed.confirmed
        else "which your agency can say of itself with concordat.involvement.added.v1"
    )
    raise not_entitled(f"this type is published by an agency in one of the roles {roles}, {how}")


def check_open(event: ParsedEvent, episode: Episode) -> None:
    """Refused 409 if the episode is closed and the event belongs to the search.

    A closed episode refuses what would carry the search on: changes of its risk, enquiries, sightings, handovers, that
    the child is located, a second closing. Everything else goes on, for police often close before the interview: a
    return and its clock, well-being, interview, aftercare, acknowledgements; and what a contract keeps open
    (`after_closing`): who is involved, what is shared or withheld, meetings, answers to earlier enquiries, taking
    publicity back.
    """
    if episode.status is not EpisodeStatus.CLOSED or event.contract.after_closing:
        return
    if event.contract.stage in _SEARCH_STAGES or isinstance(event.data, _SEARCH_FACTS):
        raise conflict(
            EPISODE_CLOSED,
            "this episode is closed: if the child is missing again, open a new one; aftercare goes on here",
        )
