"""Who gets a ticket by itself, and what happens when they stay silent (AS-1 to AS-3).

It runs in the person's queue, a moment after the ticket was opened or came back. Open tickets of each of the staff are
counted then; who was chosen is told in their own chat. Without anybody the ticket waits, staff hear of it once, and
every change (somebody is back, a ticket is over) tries again.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.support import contacts
from handlers.support.rulebook import counting, strategy
from handlers.support.scoring import FULL, Candidate, Wanted, choose
from handlers.support.states import Did
from handlers.support.tickets import Ticket, act, clocks_of, happened, pump, wake, whisper
from storage import alerts, operators
from storage.support import desk, history, tickets

SILENT = {"urgent": timedelta(minutes=60), "high": timedelta(minutes=60)}
SILENT_ELSE = timedelta(minutes=240)
AGAIN = timedelta(minutes=60)
SOLVED_LATELY, ANSWERED_LATELY = timedelta(days=30), timedelta(days=90)
SECOND = 2
_NO_TICKETS = ("support_viewer", "marketing", "finance")
_WAITING = ("new", "open")


def register(registry: Registry) -> None:
    """Register what falls due."""
    registry.on("timer:support.assign")(due)
    registry.on("timer:support.return")(returns)


def due(turn: Turn) -> None:
    """Give a ticket that nobody has to whom the rules choose; who stayed silent on it last takes it by hand alone."""
    turn.silent = True
    row = tickets.load(turn.work, int(turn.event.payload["ticket"]))
    if row is None or row.assignee is not None or row.state not in _WAITING:
        return
    given = history.assignments(turn.work, row.id)
    silent = {one.operator_id for one in given[-2:-1]} if given and given[-1].reason == "return" else set[int]()
    give(turn, row, reason="initial", but=frozenset(silent))


def give(turn: Turn, row: Ticket, *, reason: str, but: frozenset[int] = frozenset()) -> None:
    """Choose who gets a ticket, never one of `but`; with nobody it waits (A85)."""
    found = [one for one in candidates(turn, row) if one.id not in but]
    language = turn.person.locale
    own = contacts.of(turn) if contacts.has_one(turn) else None
    able = [one for one in found if one.available and one.load < FULL]
    chosen = next((one for one in able if own is not None and one.id == own.id), None)
    chosen = chosen or choose(found, Wanted(row.category, row.priority, language), strategy(turn.work))
    if chosen is None:
        _wait(turn, row, is_staffed=bool(found))
        return
    after = act(turn, row, Did.ASSIGNED, actor="system", assignee=chosen.id)
    stands_in = own is not None and chosen.id != own.id
    again = stands_in or (reason == "initial" and history.assignments(turn.work, row.id))
    given = "reassign" if again else reason
    history.assigned(turn.work, row.person_id, row.id, chosen.id, actor="system", reason=given)
    watch(turn, after)
    operator = next(one for one in operators.in_force(turn.work) if one.id == chosen.id)
    tell_assignee(turn, after, operator)
    if own is None and given == "initial":
        contacts.introduce(turn, operator)


def _wait(turn: Turn, row: Ticket, *, is_staffed: bool) -> None:
    """Let a ticket wait in the queue, tell staff once, and try again."""
    returned = sum(one.reason == "return" for one in history.assignments(turn.work, row.id))
    if happened(turn, row.person_id, row.id, "queued", actor="system", key=f"queued:{returned}:{row.reopened}"):
        turn.alert(
            "ticket_queued", key=f"queued:{row.id}:{returned}:{row.reopened}", ticket=tickets.code(row.number),
            priority=row.priority, staff="full or away" if is_staffed else "nobody",
        )  # fmt: skip
    again = counting(turn.work).desk.calendar.due(turn.now, AGAIN)
    wake(turn, row, "support.assign", f"support:assign:{row.id}", again)


def candidates(turn: Turn, row: Ticket) -> list[Candidate]:
    """Return everybody who may answer tickets, as the rules see them."""
    rows = [one for one in operators.in_force(turn.work) if one.person_id and one.role not in _NO_TICKETS]
    rows = [one for one in rows if one.person_id != row.person_id]
    ids, work = [one.id for one in rows], turn.work
    known, counts = desk.profiles(work), desk.open_counts(work, ids)
    rated, took = desk.ratings(work, ids), desk.response_seconds(work, ids, turn.now - ANSWERED_LATELY)
    given, solved = desk.last_given(work, ids), tickets.solvers(work, row.person_id, turn.now - SOLVED_LATELY)
    found = []
    for one in rows:
        said = _said(known.get(one.id))
        found.append(
            Candidate(
                one.id, frozenset(said["skills"].split()), frozenset(said["languages"].split()), counts.get(one.id, 0),
                said["capacity"], said["available"], _is_online(turn, one),
                Fraction(rated[one.id]).limit_denominator(1000) if one.id in rated else None,
                Fraction(round(took[one.id]), 3600) if one.id in took else None,
                one.id in solved, given.get(one.id),
            )
        )  # fmt: skip
    return found


def _said(row: sa.Row[Any] | None) -> dict[str, Any]:
    return desk.FRESH if row is None else dict(row._mapping)


def _is_online(turn: Turn, operator: sa.Row[Any]) -> bool:
    return operator.session_until is not None and turn.now < operator.session_until


def tell_assignee(turn: Turn, row: Ticket, operator: sa.Row[Any]) -> None:
    """Tell one of the staff that a ticket is theirs, in their own chat."""
    if operator.person_id is None:
        return
    _overtaken(turn, row, operator)
    subject = tickets.subject_of(turn.work, row) or "no words yet"
    text = f"{tickets.code(row.number)} is yours: {row.priority}, {row.category}, by {row.channel}. {subject}"
    whisper(turn, operator.person_id, f"yours:{row.id}:{turn.inbox_id}", text)


def _overtaken(turn: Turn, row: Ticket, operator: sa.Row[Any]) -> None:
    """Let no alert of the ticket that was not told yet come behind: the others hear who has it, nobody of a queue."""
    for one in alerts.of_matter(turn.work, f"ticket:{row.number}"):
        if one.kind == "ticket_opened":
            alerts.overtake(turn.work, one, operator.id, **{"with": operator.name})
        else:
            turn.work.claim(alerts.mark_told(turn.work, one.id))


# -- the return timer --------------------------------------------------------------------------------------------------


def watch(turn: Turn, row: Ticket) -> None:
    """Let the return timer of a ticket run anew, from now on."""
    if row.assignee is not None:
        wake(turn, row, "support.return", f"support:return:{row.id}:", turn.now)


def returns(turn: Turn) -> None:
    """Take a ticket back from somebody who stayed silent while a response was owed, and give it to another (AS-3)."""
    turn.silent = True
    row = tickets.load(turn.work, int(turn.event.payload["ticket"]))
    if row is None or row.assignee is None or row.state not in _WAITING:
        return
    clocks, given = clocks_of(turn, row.id), history.assignments(turn.work, row.id)
    running = [one.began for one in (clocks.first, clocks.next) if one is not None]
    if not running:
        return
    since = max([min(running), *([given[-1].at] if given else [])])
    calendar = counting(turn.work, row.opened_at).desk.of(row.priority)
    ends = calendar.due(since, SILENT.get(row.priority, SILENT_ELSE))
    if turn.now < ends:
        wake(turn, row, "support.return", f"support:return:{row.id}:", ends)
        return
    _take_back(turn, row)


def _take_back(turn: Turn, row: Ticket) -> None:
    late = int(row.assignee)
    if not tickets.change(turn.work, row.id, row.version, assignee=None):
        wake(turn, row, "support.return", f"support:return:{row.id}:", turn.now + timedelta(minutes=1))
        return
    history.assigned(turn.work, row.person_id, row.id, None, actor="system", reason="return")
    count = sum(one.reason == "return" for one in history.assignments(turn.work, row.id))
    if count >= SECOND:
        code = tickets.code(row.number)
        turn.alert("ticket_returned", key=f"returned:{row.id}:{count}", ticket=code, times=count, to="manager")
    after = tickets.load(turn.work, row.id)
    assert after is not None  # noqa: S101
    pump(turn, after)
    give(turn, after, reason="reassign", but=frozenset({late}))
