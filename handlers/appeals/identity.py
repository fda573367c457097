"""Whether the person at a telephone number is still the one whose cases these are (rules CONV-10, ADR-7, AC-83).

Numbers are reassigned. After 90 days without a word from a number, a case code or the ZIP of the return address is
asked for before anything of a case is shown. Any such silence since the last proof counts, also an earlier one.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from bot.engine.turn import Turn
from handlers.appeals.case_files import facts_of
from storage.appeals import cases
from storage.schema import micros
from storage.transcript import transcript

SILENCE = timedelta(days=90)
PROVEN, WANTED, TRIES = "appeals.proven_at", "appeals.proof_wanted", "appeals.proof_tries"
MOST_TRIES = 5
_LOOK_BACK = 400


def must_prove(turn: Turn) -> bool:
    """Tell whether the person has to show who they are before case data is shown."""
    address, notes = turn.address, turn.conversation.notes
    if address is None or address.channel != "sms" or turn.event.channel is None:
        return False
    if address.last_in_at is None:
        return bool(cases.of_person(turn.work, turn.person.id, limit=1)) and PROVEN not in notes
    proven = int(notes.get(PROVEN) or 0)
    span = SILENCE // timedelta(microseconds=1)
    now = micros(turn.now)
    if now - max(proven, address.last_in_at) > span:
        return True
    if now - proven <= span:
        return False
    return _was_silent(turn, address.id, since=max(proven, _first_case(turn)), span=span)


def _first_case(turn: Turn) -> int:
    """Return when this person's first case was opened; a silence before it proves nothing against them."""
    first = turn.row(sa.select(sa.func.min(cases.case.c.created_at)).where(cases.case.c.person_id == turn.person.id))
    return micros(first[0]) if first is not None and first[0] is not None else micros(turn.now)


def _was_silent(turn: Turn, address_id: int, *, since: int, span: int) -> bool:
    """Look for a silence of 90 days in the messages of this address since the last proof."""
    rows = turn.rows(
        sa.select(transcript.c.at)
        .where(
            transcript.c.person_id == turn.person.id,
            transcript.c.address_id == address_id,
            transcript.c.direction == "in",
        )
        .order_by(transcript.c.id.desc())
        .limit(_LOOK_BACK)
    )
    later = micros(turn.now)
    for row in rows:
        if later - row.at > span:
            return True
        if row.at <= since:
            return False
        later = row.at
    return False


def ask_proof(turn: Turn) -> None:
    """Ask for a case code or the ZIP, and remember that it was asked."""
    turn.conversation.notes[WANTED] = 1
    turn.say("appeals.prove")


def doubted(turn: Turn, argument: str) -> bool:
    """Ask for the proof before a person's own data is handed out or deleted, where it is due (rule PRIV-6).

    Who has no case has no code to show: staff find out who asks.
    """
    if not must_prove(turn):
        return False
    if cases.of_person(turn.work, turn.person.id, limit=1):
        ask_proof(turn)
        return True
    turn.alert("privacy_wanted", key=f"privacy:{argument}:{turn.person_id}:{turn.inbox_id}", person=turn.person_id)
    turn.say(f"engine.{argument}")
    return True


def is_asked(turn: Turn) -> bool:
    """Tell whether the proof was asked for and is still missing."""
    return bool(turn.conversation.notes.get(WANTED))


def proves(turn: Turn, text: str) -> bool:
    """Tell whether a text is a code or the ZIP of one of this person's cases; five wrong answers end it."""
    notes = turn.conversation.notes
    if int(notes.get(TRIES) or 0) >= MOST_TRIES:
        return False
    if shows(turn, text):
        proven(turn)
        return True
    notes[TRIES] = int(notes.get(TRIES) or 0) + 1
    return False


def has_proof(turn: Turn, argument: str) -> bool:
    """Tell whether there is a case whose code or ZIP only its person knows."""
    return bool(cases.of_person(turn.work, turn.person.id, limit=1))


def shows(turn: Turn, text: str) -> bool:
    """Tell whether a text is a code or the ZIP of one of this person's cases."""
    given = text.strip().upper()
    return any(
        given in (row.code, row.code.replace("-", "")) or facts_of(turn.work, row).zip_is(given)
        for row in cases.of_person(turn.work, turn.person.id)
    )


def accepted(turn: Turn, argument: str) -> bool:
    """Take it that the person showed elsewhere who they are."""
    proven(turn)
    return True


def proven(turn: Turn) -> None:
    """Note that the person showed who they are."""
    notes = turn.conversation.notes
    notes[PROVEN] = micros(turn.now)
    notes.pop(WANTED, None)
    notes.pop(TRIES, None)
