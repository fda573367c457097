"""Before one's data is handed out or deleted: a code to another address of the person (rules TF-1, ID-13, A12).

    U> delete my data
    B> To be sure that it is you: I sent 6 digits to +1 *** *** 0188. Send them here within 10 minutes.
    U> 482913
    B> This deletes your answers, photos, letters and messages here, in 24 hours. ...

Who has one address only answers there: a code to it would prove nothing. No plan, debt or suspension stands in the way
of these rights, so nothing of that is asked here.
"""

from __future__ import annotations

import re
from datetime import timedelta

import orjson

from bot.engine import navigation
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from bot.engine.vocabulary import Word
from handlers.people import linking, merging
from storage import timers
from storage.accounts import codes
from storage.schema import micros

TIMER = "people.step_up"
GOOD_FOR = timedelta(minutes=10)
_WANTED, _SHOWN = "people.step_up", "people.stepped"
_DIGITS = re.compile(r"\d{6}")


def register(registry: Registry) -> None:
    """Register the doubt, the code, and how it travels."""
    registry.word("prove")(before_deleting)
    registry.words.setdefault("text", []).insert(0, heard)  # before a child is refused: the right is theirs too
    registry.on(f"timer:{TIMER}")(sent)


def before_deleting(turn: Turn, right: str) -> bool:
    """Doubt who wants a deletion; a copy of all data asks for itself, and a file of one's books has its own code."""
    return right == "delete" and doubted(turn, right)


def doubted(turn: Turn, right: str) -> bool:
    """Ask for a code that goes to the person's other address; False for who has shown theirs, or has no other."""
    if turn.address is None or _has_shown(turn, right):
        return False
    others = [row for row in linking.live(turn, turn.person.id) if row.id != turn.address.id and row.state == "active"]
    if not others:
        return False
    shown = codes.issue(turn.work, turn.person.id, right, address_id=others[0].id)
    if shown is None:
        turn.say("people.link.too_many")
        return True
    turn.conversation.notes[_WANTED] = right
    body = orjson.dumps({"address": others[0].id, "code": turn.work.seal.seal(shown.digits.encode()).hex()})
    timers.set_timer(
        turn.work, kind=TIMER, key=f"{TIMER}:{shown.id}", due=turn.now, person_id=turn.person_id, body=body
    )
    turn.say("people.step_up.ask", address=linking.shown_address(turn, others[0].id))
    return True


def sent(turn: Turn) -> None:
    """Say the code at the other address."""
    payload = turn.event.payload
    merging.answer_at(turn, int(payload["address"]))
    code = turn.work.seal.open(bytes.fromhex(payload["code"])).decode()
    turn.hide(code)
    turn.purpose = "code"
    turn.say("people.step_up.code", code=code)


def heard(turn: Turn, text: str) -> bool:
    """Take the six digits that are waited for."""
    wanted = turn.conversation.notes.get(_WANTED)
    digits = text.replace(" ", "").strip(".")
    if wanted is None or _DIGITS.fullmatch(digits) is None:
        return False
    turn.hide(digits)
    if not codes.prove(turn.work, turn.person.id, wanted, digits):
        turn.say("people.step_up.wrong")
        return True
    turn.conversation.notes.pop(_WANTED)
    turn.conversation.notes[_SHOWN] = {"right": wanted, "at": micros(turn.now)}
    turn.audit("person.step_up", f"person:{turn.person_id}", right=wanted)
    if wanted == "delete":
        return navigation.obey_word(turn, Word.DELETE)
    navigation.to_staff(turn, wanted)
    return True


def _has_shown(turn: Turn, right: str) -> bool:
    shown = turn.conversation.notes.get(_SHOWN)
    return (
        shown is not None
        and shown["right"] == right
        and turn.work.now_us - shown["at"] <= GOOD_FOR // timedelta(microseconds=1)
    )
