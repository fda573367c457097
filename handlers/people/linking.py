"""LINK: a code on one channel, sent back from the other, confirmed on the first (rules ID-4, OR-4).

    U> LINK                                        (by SMS)
    B> Send this to our bot in Telegram within 10 minutes: LINK 482913. Never give it to anybody.
    U> LINK 482913                                 (in Telegram)
    B> Thank you. Now please confirm where you asked: +1 *** *** 0188.

A code that was guessed at five times from one address is taken from it no more, and ends when that address hits it.
"""

from __future__ import annotations

import re
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.fold import fold, trim
from bot.engine.registry import Registry
from bot.engine.rights import Decision, Reason
from bot.engine.turn import Turn
from handlers.people.masking import masked
from storage import addresses, timers
from storage.accounts import codes, merges
from storage.addresses import NOBODY
from storage.people import address
from storage.schema import micros

ANSWERED = "people.answered"
FEATURE = "account.addresses"
PAYLOAD = "link_"
_ASKS = frozenset({
    "link", "/link", "link account", "link my account", "link phone", "link my phone", "link my number",
    "link telegram", "link my telegram", "link my phone number", "link a phone", "connect my telegram", "enlazar",
    "link another number", "connect telegram", "connect my phone", "vincular", "vincular telefono", "vincular telegram",
})  # fmt: skip
_CODE = re.compile(r"\W*link\W*(\d{3})\W?(\d{3})\W*", re.IGNORECASE)
_TRIES = "people.link_tries"


def register(registry: Registry) -> None:
    """Register the word, and the payload by which a link starts a chat."""
    registry.word("text")(heard)
    registry.word("start")(started)


def heard(turn: Turn, text: str) -> bool:
    """Take LINK, alone or with a code."""
    code = _CODE.fullmatch(text) if len(text) < 30 else None
    if code is not None:
        _entered(turn, code[1] + code[2], token=False)
    elif len(text) < 30 and trim(fold(text)) in _ASKS:
        _begin(turn)
    else:
        return False
    return True


def started(turn: Turn, payload: str) -> bool:
    """Take /start with the token of a link; any other payload is not ours."""
    if not payload.startswith(PAYLOAD):
        return False
    _entered(turn, payload.removeprefix(PAYLOAD), token=True)
    return True


# -- where it is asked for ---------------------------------------------------------------------------------------------


def _begin(turn: Turn) -> None:
    if turn.address is None or not may_add(turn, 1):
        return
    shown = codes.issue(turn.work, turn.person.id, "link", address_id=turn.address.id)
    if shown is None:
        turn.say("people.link.too_many")
        return
    turn.hide(shown.digits)
    turn.hide(shown.token)
    turn.purpose = "code"
    turn.audit("person.link.asked", f"person:{turn.person_id}")
    bot, number = turn.registry.bot_username, turn.registry.sms_number
    turn.say("people.link.code", code=shown.digits)
    if turn.channel == "sms" and bot:
        turn.say("people.link.bot", url=f"https://t.me/{bot}?start={PAYLOAD}{shown.token}")
    elif turn.channel != "sms" and number:
        turn.say("people.link.number", number=number)


def may_add(turn: Turn, more: int) -> bool:
    """Tell whether a person may have so many more addresses, and say why not (LG-9)."""
    found = turn.registry.rights.decide(turn, FEATURE)
    if found.reason is Reason.SUSPENDED:
        turn.say("people.link.suspended")
        return False
    if _room(found) is None or len(live(turn, turn.person.id)) + more <= (_room(found) or 0):
        return True
    turn.say("people.link.full", told=found.told or found.value)
    return False


def _room(found: Decision) -> int | None:
    return None if found.value is None else int(found.value or 0)


def live(turn: Turn, person_id: int) -> list[sa.Row[Any]]:
    """Return the addresses of a person that lead to somebody, oldest first."""
    rows = addresses.of_person(turn.work, person_id)
    return [row for row in rows if turn.work.seal.open(row.handle).decode() != NOBODY]


# -- where it is sent back from ----------------------------------------------------------------------------------------


def _entered(turn: Turn, given: str, *, token: bool) -> None:
    if turn.address is None:
        return
    turn.hide(given)
    since = micros(turn.now - codes.LIFE)
    wrong = [one for one in turn.conversation.notes.get(_TRIES, ()) if one > since]
    if len(wrong) >= codes.MOST_TRIES:
        codes.kill(turn.work, given)
        turn.say("people.link.locked")
        return
    row = codes.answer(turn.work, given, address_id=turn.address.id, token=token)
    if row is None:
        turn.conversation.notes[_TRIES] = [*wrong, turn.work.now_us]
        turn.audit("person.link.wrong", f"person:{turn.person_id}")
        turn.say("people.link.wrong")
        return
    turn.conversation.notes.pop(_TRIES, None)
    _matched(turn, row)


def _matched(turn: Turn, row: sa.Row[Any]) -> None:
    asker = merges.survivor_of(turn.work, row.person_id)
    if asker == turn.person_id:
        turn.say("people.link.same")
        return
    turn.audit("person.link.answered", f"person:{asker}", address=turn.address.id if turn.address else None)
    timers.set_timer(
        turn.work, kind=ANSWERED, key=f"{ANSWERED}:{row.id}", due=turn.now, person_id=asker,
        body=orjson.dumps({"code": row.id}),
    )  # fmt: skip
    turn.say("people.link.confirm_there", address=shown_address(turn, row.address_id))


def shown_address(turn: Turn, address_id: int) -> str:
    """Return an address as it may be shown."""
    row = turn.row(sa.select(address.c.channel, address.c.handle).where(address.c.id == address_id))
    return "" if row is None else masked(row.channel, turn.work.seal.open(row.handle).decode())
