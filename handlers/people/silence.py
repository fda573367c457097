"""A number that was silent for ninety days: who writes from it now (rules ID-10, SMS-21)?

    U> status
    B> This number was quiet for long. Send a case code like A-7Q4MK, ... or your project's topic.
    U> 94103
    B> Thank you. Go on.

Numbers change hands. Until a code or the ZIP on file is given nothing is shown or done. After three wrong answers the
number leaves the account a day later, and the person's other addresses are told; who writes from it then is new. The
guard looks at what the snapshot has, the last time the address wrote; services tell what proves a person.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from bot.engine import navigation
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from bot.engine.vocabulary import Said, Word, match_word
from handlers.people import linking, merging, unlinking
from storage import timers
from storage.accounts import holdings
from storage.schema import micros

SILENCE, HOLD, TRIES = timedelta(days=90), timedelta(hours=24), 3
LEAVES, WARNS = "people.leaves", "people.warns"
NOTE = "people.challenge"
_TOLD = {"case", "receipt", "entry", "bank", "project", "ticket"}
"""What a person told us. A plan alone tells nothing, and must be ended without a proof."""
_SILENCE_US = SILENCE // timedelta(microseconds=1)


def register(registry: Registry) -> None:
    """Register the guard, and what follows three wrong answers."""
    registry.guards.append(guard)
    registry.on(f"timer:{LEAVES}")(leaves_due)
    registry.on(f"timer:{WARNS}")(warns_due)


def guard(turn: Turn) -> bool:
    """Take every message of a number that has to show first whose it is."""
    address = turn.address
    if address is None or address.channel != "sms":
        return False
    asked: dict[str, Any] | None = turn.conversation.notes.get(NOTE)
    if asked is not None and asked["address"] == address.id:
        _heard(turn, asked)
        return True
    if address.last_in_at is None or turn.work.now_us - address.last_in_at <= _SILENCE_US or not _has_data(turn):
        return False
    turn.conversation.notes[NOTE] = asked = {"address": address.id, "tries": 0}
    if not _passes(turn):
        turn.audit("person.challenge", f"person:{turn.person_id}", address=address.id)
        _ask(turn, match_word(turn.event.text, turn.locale, channel="sms"))
        turn.silent = True
    return True


def _ask(turn: Turn, said: Said | None) -> None:
    """Ask for the proof; who wanted to see or delete their data was refused, and that stands on record (PRIV-6)."""
    if said is not None and said.word in (Word.EXPORT, Word.DELETE):
        turn.audit(f"privacy.{said.word}.refused", f"person:{turn.person_id}")
    turn.say("people.silence.ask")


def _has_data(turn: Turn) -> bool:
    """Tell whether there is anything of this person that should be shown to nobody else, proof of it or not."""
    provable = turn.registry.words.get("provable", ())
    return any(has(turn, "") for has in provable) or bool(_TOLD & holdings.of_person(turn.work, turn.person.id).keys())


def _passes(turn: Turn) -> bool:
    """Let a message pass that proves who writes."""
    if not any(shows(turn, turn.event.text) for shows in turn.registry.words.get("proof", ())):
        return False
    turn.conversation.notes.pop(NOTE)
    for hears in turn.registry.words.get("proven", ()):
        hears(turn, "")
    turn.audit("person.challenge.met", f"person:{turn.person_id}")
    turn.say("people.silence.thanks")
    return True


def _heard(turn: Turn, asked: dict[str, Any]) -> None:
    said = match_word(turn.event.text, turn.locale, channel="sms")
    turn.silent = True
    if said is not None and said.word is Word.AGENT:
        navigation.to_person(turn)
    elif asked["tries"] >= TRIES:
        turn.say("people.silence.held")
    elif _passes(turn):
        turn.silent = False
    elif turn.event.kind != "text" or said is not None:
        _ask(turn, said)
    else:
        asked["tries"] += 1
        turn.say("people.silence.wrong" if asked["tries"] < TRIES else "people.silence.held")
        if asked["tries"] >= TRIES:
            _failed(turn, asked["address"])


def _failed(turn: Turn, address_id: int) -> None:
    """Let the number leave in a day, and tell the person where else they can be reached."""
    body = orjson.dumps({"address": address_id})
    _at(turn, LEAVES, address_id, body, turn.now + HOLD)
    for row in linking.live(turn, turn.person.id):
        if row.id != address_id and row.state == "active":
            _at(turn, WARNS, row.id, orjson.dumps({"address": row.id, "about": address_id}), turn.now)
    turn.audit("person.challenge.failed", f"person:{turn.person_id}", address=address_id)


def _at(turn: Turn, kind: str, of: int, body: bytes, due: Any) -> None:
    key = f"{kind}:{of}:{micros(turn.now)}"
    timers.set_timer(turn.work, kind=kind, key=key, due=due, person_id=turn.person_id, body=body)


def warns_due(turn: Turn) -> None:
    """Tell a person at another address that a number is about to leave."""
    payload = turn.event.payload
    merging.answer_at(turn, int(payload["address"]))
    turn.say("people.silence.warning", number=linking.shown_address(turn, int(payload["about"])))


def leaves_due(turn: Turn) -> None:
    """Let the number go: the person keeps what they have, and who writes from it is new."""
    turn.silent = True
    address_id = int(turn.event.payload["address"])
    asked = turn.conversation.notes.get(NOTE)
    if asked is not None and asked["address"] == address_id and asked["tries"] >= TRIES:
        turn.conversation.notes.pop(NOTE)
        unlinking.leave(turn, address_id)
