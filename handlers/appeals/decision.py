"""The conversation about the city's decision.

    B> Parley: case A-K7Q2M. Did San Francisco answer? // 1 Cancelled // 2 Reduced // 3 Denied // 4 Not yet
    U> 3
    B> I am sorry. What date is on the city's letter? Example: 2/1
    U> 2/16
    B> Next step there is: administrative hearing. ... by Tue Mar 9 (21 days). // 1 How to ask // 2 Remind me // 3 Close
    U> 2

It opens by itself when an answer is due, and at any time with the words "denied" or "dismissed".
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import consent
from bot.engine.flow import End, Flow, Goto, Next, Stay
from bot.engine.turn import Turn
from handlers.appeals import followups, hearing_kit, level_two, records, reminders
from handlers.appeals.case_files import facts_of, own_case
from handlers.appeals.facts import Kept
from handlers.appeals.next_level import NextLevel, next_level
from handlers.appeals.stages import move, stage_of
from handlers.appeals.ticket_dates import DateStatus, read_date
from handlers.appeals.ways import PAGE, ways, ways_page
from handlers.appeals.wording import day
from storage.appeals import cases

REPORTABLE = ("submitted", "returned", "decided", "closed")
_SKIP = frozenset({"skip", "no", "dont know", "don't know", "unknown"})
_MONEY = re.compile(r"^\D{0,12}(\d{1,5})(?:\.(\d{2}))?\D{0,12}$")


class DecisionDraft(Kept):
    """What the person told of one decision so far."""

    case_id: int | None = None
    outcome: str | None = None
    after_minor: int | None = None
    offered: date | None = None
    decided_on: date | None = None


decision = Flow("decision", DecisionDraft, version=1, first="outcome", entry=("denied", "dismissed", "decision"))


@decision.start
def begin(turn: Turn, text: str) -> Next | None:
    """Find the case that a report can be about: the newest one that was mailed and has no outcome yet."""
    rows = cases.of_person(turn.work, turn.person.id, stages=REPORTABLE)
    open_rows = [row for row in rows if row.outcome in (None, "unknown")]
    if not open_rows:
        turn.say("appeals.decision.none")
        return End()
    turn.draft.case_id = open_rows[0].id
    return None


def _case(turn: Turn) -> sa.Row[Any]:
    return own_case(turn, turn.draft.case_id)


def _city_name(turn: Turn) -> str:
    city = records.city_of(turn.work, _case(turn).city_id)
    return city.name if city else ""


@decision.ask("outcome")
def ask_outcome(turn: Turn) -> Ask:
    """Ask what the city answered."""
    choices = tuple(
        Choice(value, key=f"appeals.decision.{value}", words=words)
        for value, words in (
            ("won", ("cancelled", "canceled", "dismissed", "won", "waived", "not guilty")),
            ("reduced", ("lowered",)),
            ("lost", ("denied", "lost", "guilty", "upheld", "rejected")),
            ("not_yet", ("no", "waiting", "nothing")),
        )
    )
    args = {"code": _case(turn).code, "city": _city_name(turn)}
    return Ask("appeals.decision.ask", args, choices=choices, expects=("choice",))


@decision.take("outcome")
def take_outcome(turn: Turn, answer: Answer) -> Next:
    """Keep the outcome, or wait another 30 days."""
    case_id, outcome = turn.draft.case_id, answer.choice
    if stage_of(turn, case_id) not in REPORTABLE:
        return End()
    if outcome is None:
        raise Mistake("engine.no_such_choice")
    if outcome == "not_yet":
        if stage_of(turn, case_id) in ("submitted", "returned"):
            followups.not_yet(turn, case_id)
        turn.say("appeals.decision.waiting")
        return End()
    turn.draft.outcome = outcome
    if outcome == "won":
        followups.decided(turn, case_id, "won")
        move(turn, case_id, "closed", trigger="user", reason="won")
        reminders.stop(turn, case_id)
        turn.say("appeals.decision.good_news")
        return End()
    return Goto("amount" if outcome == "reduced" else "date")


@decision.ask("amount")
def ask_amount(turn: Turn) -> Ask:
    """Ask what is left to pay."""
    return Ask("appeals.decision.amount")


@decision.take("amount")
def take_amount(turn: Turn, answer: Answer) -> Next:
    """Keep the new amount; it can be skipped."""
    text = answer.text.strip().lower()
    if text not in _SKIP:
        match = _MONEY.match(text.replace(",", ""))
        if match is None:
            raise Mistake("appeals.decision.amount_unclear")
        turn.draft.after_minor = int(match[1]) * 100 + int(match[2] or 0)
    return Goto("date")


@decision.ask("date")
def ask_date(turn: Turn) -> Ask:
    """Ask for the date on the city's letter."""
    offered = turn.draft.offered
    if offered is not None:
        sure = Choice("ok", key="appeals.decision.date_ok", words=("ok", "yes", "right"))
        args = {"day": f"{day(offered)}, {offered.year}"}
        return Ask("appeals.decision.date_sure", args, choices=(sure,), expects=("text", "choice"), open_choices=True)
    return Ask("appeals.decision.date_lost" if turn.draft.outcome == "lost" else "appeals.decision.date")


@decision.take("date")
def take_date(turn: Turn, answer: Answer) -> Next:
    """Take the date, keep the decision, and tell what comes next (DL-10)."""
    draft, text = turn.draft, answer.text.strip().lower()
    if draft.offered is not None and answer.choice == "ok":
        draft.decided_on, draft.offered = draft.offered, None
        return _decided(turn)
    if text in _SKIP:
        return _decided(turn)
    row = _case(turn)
    city, issued = records.city_of(turn.work, row.city_id), facts_of(turn.work, row).issue_date
    read = read_date(answer.text, turn.today(city.timezone if city else "America/New_York"), not_before=issued)
    if read.status is DateStatus.ASK_AGAIN or read.day is None:
        raise Mistake("appeals.decision.date_unclear")
    if read.status is DateStatus.NEEDS_CONFIRM:
        draft.offered = read.day
        return Stay()
    draft.decided_on, draft.offered = read.day, None
    return _decided(turn)


def _decided(turn: Turn) -> Next:
    draft, row = turn.draft, _case(turn)
    followups.decided(turn, row.id, draft.outcome, decided_on=draft.decided_on, after_minor=draft.after_minor)
    ahead = next_level(turn, row, draft.decided_on)
    if ahead is None:
        turn.say("appeals.decision.no_next")
        return _close(turn, "no_next_level")
    if ahead.is_past and ahead.last is not None:
        turn.say("appeals.decision.past", day=day(ahead.last), days=ahead.days)
        _say_routes(turn)
        return _close(turn, "window_past")
    return Goto("next")


def _ahead(turn: Turn) -> NextLevel | None:
    row = _case(turn)
    return next_level(turn, row, row.decided_on)


@decision.ask("next")
def ask_next(turn: Turn) -> Ask:
    """Show the next level and what may be done."""
    ahead = _ahead(turn)
    values = ["how", "remind", "close"]
    if ahead is None or ahead.last is None:
        values.remove("remind")
    if hearing_kit.is_included(turn):
        values.append("kit")
    if ahead is not None and level_two.is_offered(turn, _case(turn), ahead):
        values.insert(0, "letter")
    choices = tuple(Choice(value, key=f"appeals.next.{value}") for value in values)
    args: dict[str, object] = {"name": ahead.name if ahead else "", "cost": ahead.cost if ahead else ""}
    if ahead is None or ahead.last is None:
        return Ask("appeals.next.ask_undated", args, choices=choices, expects=("choice",))
    args |= {"day": day(ahead.last), "days": ahead.days, "source": ahead.source}
    key = "appeals.next.ask" if ahead.cost else "appeals.next.ask_free"
    return Ask(key, args, choices=choices, expects=("choice",))


@decision.take("next")
def take_next(turn: Turn, answer: Answer) -> Next:
    """Show the routes, set reminders, start the next letter, or close."""
    row, ahead = _case(turn), _ahead(turn)
    match answer.choice:
        case "how":
            _say_routes(turn)
            return Stay()
        case "kit":
            hearing_kit.make(turn, row)
            return Stay()
        case "remind" if ahead is not None and ahead.last is not None:
            city = records.city_of(turn.work, row.city_id)
            zone = city.timezone if city else "America/New_York"
            consent.agree(turn, "appeals.next.remind")
            days = reminders.before_next_level(turn, row.id, ahead.last, zone)
            listed = " and ".join(day(one) for one in days)
            turn.say("appeals.next.reminded" if days else "appeals.next.too_near", days=listed)
            return End()
        case "letter" if ahead is not None:
            return level_two.start(turn, row, ahead)
        case _:
            return _close(turn, "declined")


def _say_routes(turn: Turn) -> None:
    found = ways(turn, records.city_of(turn.work, _case(turn).city_id))
    if not found:
        turn.say("appeals.next.no_routes")
    elif turn.channel == "sms":
        turn.say("appeals.next.routes_page")
        turn.show(ways_page(turn, found), PAGE)
    else:
        turn.say("appeals.next.routes", routes="; ".join(found))


def _close(turn: Turn, reason: str) -> Next:
    case_id = turn.draft.case_id
    reminders.stop(turn, case_id)
    if stage_of(turn, case_id) == "decided":
        move(turn, case_id, "closed", trigger="user", reason=reason)
    turn.say("appeals.decision.closed")
    return End()
