"""Consent to reminders by SMS: given in one word, noted with that word, ended by STOP (rules SMS-10, SMS-11).

Who texts us first consents to replies and to news of the own case, not to reminders. On Telegram nothing is asked: a
person there blocks a bot with one tap.
"""

from __future__ import annotations

from bot.engine import terms
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from storage import addresses

WORDS = frozenset({"remind", "reminders on", "recordar", "recordatorios"})
WORDING = "reminders 1"
"""The version of the words that ask for consent: `engine.offer_reminders`, and those of OPTIONS and MENU."""


def register(registry: Registry) -> None:
    """Register the word, and its offer."""
    registry.word("text")(remind)
    registry.word("opened")(offer)


def offer(turn: Turn, flow: str) -> bool:
    """Tell a person who begins something by SMS, once, how to be reminded of it."""
    address = turn.address
    if address is None or address.channel != "sms" or turn.conversation.notes.get("reminders_offered"):
        return False
    turn.conversation.notes["reminders_offered"] = 1
    turn.say("engine.offer_reminders")
    return True


def remind(turn: Turn, text: str) -> bool:
    """Take REMIND as consent, once, and confirm it; False for everything else."""
    address = turn.address
    if address is None or address.channel != "sms" or text.strip().strip(".!\"'").casefold() not in WORDS:
        return False
    agree(turn, WORDING)
    turn.say("engine.opt_in")
    return True


def agree(turn: Turn, wording: str) -> None:
    """Note that the person asked for reminders just now, at this address, in answer to the words named."""
    address = turn.address
    if address is None:
        return
    handle = f"{address.channel}:{address.handle}"
    if addresses.has_consent(turn.work, person_id=turn.person.id, kind="nudges", handle=handle):
        return
    addresses.consent_to(
        turn.work,
        person_id=turn.person.id,
        handle=handle,
        kind="nudges",
        wording=terms.named(wording),
        source=f"inbox:{turn.inbox_id}",
    )
