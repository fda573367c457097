"""STATUS and case codes: where a person's own cases stand, and nobody else's (NEVER-6, AC-82, AC-83)."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from bot.engine.turn import Turn
from handlers.appeals import followups, identity, records
from handlers.appeals.overview import CaseLine, case_line
from handlers.appeals.wording import day
from storage.appeals import cases, letters

MOST_SHOWN = 3
_CODE = re.compile(r"(?:(?:status|case)\s+)?(A-[A-HJKMNP-Z2-9]{5})[.!]?", re.IGNORECASE)
_BARE = re.compile(r"A[A-HJKMNP-Z2-9]{5}", re.IGNORECASE)


def status(turn: Turn, argument: str) -> bool:
    """Answer the word STATUS, with or without a case code; False when this person has no case."""
    named = _code_in(argument)
    if named is not None:
        return by_code(turn, named)
    rows = [row for row in cases.of_person(turn.work, turn.person.id) if row.reason != "same_ticket"]
    if not rows:
        return False
    if identity.must_prove(turn):
        identity.ask_proof(turn)
        return True
    _show(turn, rows)
    return True


def _show(turn: Turn, rows: list[sa.Row[Any]]) -> None:
    live = [row for row in rows if row.stage not in cases.ENDED] or rows
    for row in live[:MOST_SHOWN]:
        _say(turn, row)
    if len(live) > MOST_SHOWN:
        turn.say("appeals.status.more", count=len(live) - MOST_SHOWN)


def by_code(turn: Turn, code: str) -> bool:
    """Show the person's own case of a code; anybody else's does not exist, in the same words."""
    row = cases.by_code(turn.work, code)
    if row is None or row.person_id != turn.person_id:
        turn.say("appeals.status.not_found")
        return True
    identity.proven(turn)
    _say(turn, row)
    return True


def reads(turn: Turn, text: str) -> bool:
    """Tell whether a message is a case code alone, which shows where the case stands."""
    return _CODE.fullmatch(text) is not None


def heard(turn: Turn, text: str) -> bool:
    """Take a message that is nothing but a case code, or the proof that was asked for; False otherwise."""
    if identity.is_asked(turn):
        if identity.proves(turn, text):
            _show(turn, [row for row in cases.of_person(turn.work, turn.person.id) if row.reason != "same_ticket"])
            return True
        if re.fullmatch(r"\s*\d{5}(-\d{4})?\s*", text):
            turn.say("appeals.prove.wrong")
            return True
    match = _CODE.fullmatch(text.strip())
    if match is not None:
        mine = _is_mine(turn, match[1].upper())
        return by_code(turn, match[1].upper()) if mine or turn.conversation.top is None else False
    if _BARE.fullmatch(text.strip()):
        code = f"A-{text.strip()[1:].upper()}"
        return by_code(turn, code) if _is_mine(turn, code) else False
    return False


def _is_mine(turn: Turn, code: str) -> bool:
    row = cases.by_code(turn.work, code)
    return row is not None and row.person_id == turn.person_id


def _code_in(argument: str) -> str | None:
    match = _CODE.fullmatch(argument.strip())
    return match[1].upper() if match else None


def _say(turn: Turn, row: sa.Row[Any]) -> None:
    line = case_line(turn.work, row)
    turn.say("appeals.status.line", code=line.code, city=line.city, last=line.last_four, state=_state(turn, row, line))


def _state(turn: Turn, row: sa.Row[Any], line: CaseLine) -> str:
    """Put a stage into words, with the date that comes next."""
    letter = next(iter(letters.of_case(turn.work, row.id)), None)
    if row.stage == "submitted" and letter is not None and letter.status in letters.RANKS:
        return _on_its_way(turn, row, letter)
    if row.stage in ("decided", "closed") and row.outcome is not None:
        return turn.text(f"appeals.status.{row.stage}_{row.outcome}")
    if line.next_date is not None and row.stage in ("intake", "review", "ready", "awaiting_payment"):
        return turn.text(f"appeals.status.{row.stage}_by", day=day(line.next_date))
    return turn.text(f"appeals.status.{row.stage}")


def _on_its_way(turn: Turn, row: sa.Row[Any], letter: sa.Row[Any]) -> str:
    tracking = ""
    if letter.tracking is not None:
        number = turn.work.seal.open(letter.tracking).decode()
        shown = f"TEST {number}" if letter.test_mode else number
        tracking = turn.text("appeals.status.tracking", number=shown)
    if letter.status == "delivered" and letter.delivered_at is not None:
        city = records.city_of(turn.work, row.city_id)
        local = letter.delivered_at.astimezone(city.zone) if city else letter.delivered_at
        return turn.text(
            "appeals.status.letter_delivered", day=day(local.date()), days=followups.decision_days(turn, row)
        )
    return turn.text(f"appeals.status.letter_{letter.status}", tracking=tracking)
