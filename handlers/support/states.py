"""The states of a ticket and the moves between them; every other move is refused in words (section 9)."""

from __future__ import annotations

from enum import StrEnum

from bot.core.errors import Refusal


class State(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting_user"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Did(StrEnum):
    """What moves a ticket. `WROTE` is a message of its person that is no thanks; `KEPT` a reply that keeps it open;
    `WAITS` says that the person has the next word although nothing was sent."""

    WROTE = "wrote"
    ASSIGNED = "assigned"
    REPLIED = "replied"
    KEPT = "kept"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    SILENT = "silent"
    RESTED = "rested"
    MERGED = "merged"
    WAITS = "waits"


LIVE = (State.NEW, State.OPEN, State.WAITING)
MOVES: dict[tuple[State, Did], State] = {
    (State.NEW, Did.WROTE): State.NEW,
    (State.OPEN, Did.WROTE): State.OPEN,
    (State.WAITING, Did.WROTE): State.OPEN,
    (State.RESOLVED, Did.WROTE): State.OPEN,
    (State.NEW, Did.ASSIGNED): State.OPEN,
    (State.OPEN, Did.ASSIGNED): State.OPEN,
    (State.WAITING, Did.ASSIGNED): State.WAITING,
    (State.NEW, Did.WAITS): State.WAITING,
    (State.OPEN, Did.WAITS): State.WAITING,
    (State.RESOLVED, Did.REOPENED): State.OPEN,
    (State.WAITING, Did.SILENT): State.RESOLVED,
    (State.RESOLVED, Did.RESTED): State.CLOSED,
    **{(state, Did.REPLIED): State.WAITING for state in LIVE},
    **{(state, Did.KEPT): State.OPEN for state in LIVE},
    **{(state, Did.RESOLVED): State.RESOLVED for state in LIVE},
    **{(state, Did.MERGED): State.CLOSED for state in LIVE},
}


def move(state: State, did: Did) -> State:
    """Return the state after a move; raise Refusal for one that the table does not hold."""
    after = MOVES.get((state, did))
    if after is None:
        raise Refusal("support.refused_move", state=state.replace("_", " "), did=did)
    return after


def happenings(before: State, did: Did, after: State) -> list[str]:
    """Return what a move means to the clocks, in order."""
    if before is State.RESOLVED and after is State.OPEN:
        return ["reopened"]
    found = ["staff"] if did in (Did.REPLIED, Did.KEPT) else []
    if before is State.WAITING and after is State.OPEN:
        found.append("goes_on")
    if after is State.WAITING and before is not State.WAITING:
        found.append("waits")
    if did is Did.WROTE and after is State.OPEN:
        found.append("person")
    if after is State.RESOLVED:
        found.append("resolved")
    return found
