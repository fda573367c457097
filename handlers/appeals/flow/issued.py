"""The dates of a ticket: when it was issued, what happened since, when a late notice was mailed.

B> What issue date is printed on the ticket? Example: 11/16
U> 2/11
B> Do you mean Wed Feb 11, 2026? Reply OK, or pick one.
U> ok
B> Wed Feb 11, 2026. Which fits? 1 No letter came since 2 A late notice came ...
U> 1
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import Goto, Next
from bot.engine.turn import Turn
from handlers.appeals.flow.flow import DateMeant, ask, changed, draft_of, onward, take
from handlers.appeals.flow.rules import today
from handlers.appeals.flow.shown import day
from handlers.appeals.flow.words_meant import OK
from handlers.appeals.ticket_dates import DateReading, DateStatus, read_date

_SITUATIONS = ("none", "late_notice", "already_paid", "towed")
_LONG = re.compile(r"[A-Za-z]?\d[\dA-Za-z.\-]{6,}")


def date_beside(text: str, number: str, today: date) -> DateReading | None:
    """Return the date in what is left of a message without its number, or None when nothing is left."""
    rest = _LONG.sub(" ", text.replace(number, " ")) if number else text
    return read_date(rest, today) if re.search(r"[/\-]|[^\W\d]{3,}", rest) and re.search(r"\d", rest) else None


def _shown(value: date | None) -> str | None:
    return day(value) if value else None


@ask("issued", kept=lambda turn: _shown(draft_of(turn).facts.issue_date))
def ask_issued(turn: Turn) -> Ask:
    """Ask for the issue date."""
    example = today(turn) - timedelta(days=5)
    return Ask("appeals.issued.ask", {"example": f"{example.month}/{example.day}"})


@take("issued")
def take_issued(turn: Turn, answer: Answer) -> Next:
    """Take the issue date; what can be read in two ways is asked."""
    reading = read_date(answer.text, today(turn))
    _refuse_unread(turn, reading, "issued")
    if reading.status is DateStatus.NEEDS_CONFIRM and reading.day:
        draft_of(turn).date_meant = DateMeant(day=reading.day, others=list(reading.alternatives))
        return Goto("issued_meant")
    if reading.day:
        set_issued(turn, reading.day)
    return onward(turn)


def set_issued(turn: Turn, issued: date) -> None:
    """Keep the issue date."""
    draft = draft_of(turn)
    draft.date_meant = None
    draft.facts.issue_date = issued
    changed(turn, "dates")


def take_date_too(turn: Turn, text: str) -> None:
    """Take an issue date that stands beside a number in the same message (rule CONV-4)."""
    draft = draft_of(turn)
    if draft.facts.issue_date is not None:
        return
    number = draft.facts.number or (draft.number_meant.number if draft.number_meant else "")
    reading = date_beside(text, number, today(turn))
    if reading is not None and reading.status is DateStatus.OK and reading.day:
        set_issued(turn, reading.day)


def _refuse_unread(turn: Turn, reading: DateReading, step: str) -> None:
    if reading.status is DateStatus.ASK_AGAIN:
        raise Mistake(f"appeals.{step}.{reading.reason}")


def _ask_meant(turn: Turn) -> Ask:
    meant = draft_of(turn).date_meant
    if meant is None:
        return ask_issued(turn)
    first = Choice("0", text=day(meant.day), words=OK)
    others = tuple(Choice(str(n), text=day(d)) for n, d in enumerate(meant.others[:3], 1))
    again = Choice("again", key="appeals.date.again")
    return Ask(
        "appeals.date.which", {"day": day(meant.day)}, choices=(first, *others, again), expects=("choice", "text")
    )


ask("issued_meant")(_ask_meant)
ask("notice_meant")(_ask_meant)


@take("issued_meant")
def take_issued_meant(turn: Turn, answer: Answer) -> Next:
    """Take the confirmed reading of the issue date (AC-36)."""
    meant, draft = draft_of(turn).date_meant, draft_of(turn)
    if answer.choice is None or meant is None:
        return take_issued(turn, answer)
    if answer.choice == "again":
        draft.date_meant = None
        return Goto("issued")
    set_issued(turn, [meant.day, *meant.others][int(answer.choice)])
    return onward(turn)


@ask("situation")
def ask_situation(turn: Turn) -> Ask:
    """Ask what happened since."""
    issued = draft_of(turn).facts.issue_date
    choices = tuple(Choice(s, key=f"appeals.situation.{s}") for s in _SITUATIONS)
    args = {"issued": day(issued) if issued else ""}
    return Ask("appeals.situation.ask", args, choices=choices, expects=("choice",))


@take("situation")
def take_situation(turn: Turn, answer: Answer) -> Next:
    """Take what happened since."""
    facts = draft_of(turn).facts
    facts.situation = answer.choice  # type: ignore[assignment]
    if facts.situation != "late_notice":
        facts.notice_date = None
    changed(turn, "dates")
    return onward(turn)


@ask("notice", kept=lambda turn: _shown(draft_of(turn).facts.notice_date))
def ask_notice(turn: Turn) -> Ask:
    """Ask when the late notice was mailed."""
    return Ask("appeals.notice.ask")


@take("notice")
def take_notice(turn: Turn, answer: Answer) -> Next:
    """Take the date of the late notice."""
    facts = draft_of(turn).facts
    reading = read_date(answer.text, today(turn), not_before=facts.issue_date)
    _refuse_unread(turn, reading, "notice")
    if reading.status is DateStatus.NEEDS_CONFIRM and reading.day:
        draft_of(turn).date_meant = DateMeant(day=reading.day, others=list(reading.alternatives))
        return Goto("notice_meant")
    facts.notice_date, facts.situation = reading.day, "late_notice"
    changed(turn, "dates")
    return onward(turn)


@take("notice_meant")
def take_notice_meant(turn: Turn, answer: Answer) -> Next:
    """Take the confirmed reading of the notice's date."""
    draft = draft_of(turn)
    meant = draft.date_meant
    if answer.choice is None or meant is None:
        return take_notice(turn, answer)
    draft.date_meant = None
    if answer.choice == "again":
        return Goto("notice")
    draft.facts.notice_date = [meant.day, *meant.others][int(answer.choice)]
    changed(turn, "dates")
    return onward(turn)
