"""What follows when a minor writes: a child is refused and their drafts dropped, others cannot pay (rule UPL-8)."""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.appeals import ages, checkouts
from handlers.appeals.stages import BEFORE_PAYMENT
from handlers.appeals.withdrawals import withdraw
from storage.appeals import cases

_UNPAID = (*BEFORE_PAYMENT, "awaiting_payment")


def heard(turn: Turn, text: str) -> bool:
    """Take a message that states an age, and every message of a child; False for all others."""
    age = ages.keep(turn, text)
    if ages.is_child(turn):
        _refuse(turn)
        return True
    if age is None:
        return False
    if not ages.may_pay(turn):
        for row in cases.of_person(turn.work, turn.person.id, stages=("ready", "awaiting_payment")):
            checkouts.close(turn, row.id, why="age")
        for close in turn.registry.words.get("minor", ()):
            close(turn, "")
        turn.say("appeals.age.minor")
        return True
    turn.say("appeals.age.noted")
    return True


def drop(turn: Turn, argument: str) -> bool:
    """Withdraw what is not paid."""
    for row in cases.of_person(turn.work, turn.person.id, stages=_UNPAID):
        withdraw(turn, row.id)
    return False


def _refuse(turn: Turn) -> None:
    """Drop what is not paid; the rest is deleted after a day (ID-12), and staff look after what was paid."""
    conversation = turn.conversation
    conversation.frames.clear()
    conversation.parked.clear()
    conversation.prompt = None
    for drops in turn.registry.words.get("child", ()):
        drops(turn, "")
    turn.alert("privacy_wanted", key=f"privacy:child:{turn.person_id}", person=turn.person_id, why="under 13")
    turn.say("appeals.age.child")
