"""Days to remember of a receipt: the last day to return, the end of a warranty (rules REM-1, PR-47, PR-48).

    B> Saved R7K2. ... Return by Apr 17: RETURN R7K2 reminds you.
    U> return r7k2
    B> I remind you 3 days and 1 day before Apr 17. RETURN R7K2 OFF ends it.
    B> Return by Apr 17: Ikea $402.60 (R7K2).                                       (on Apr 14, and on Apr 16)

Days come from the print or from the person, never from a guess, and nothing is set without the person's word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.prompts import Ask, Choice
from bot.engine.turn import Turn
from handlers.receipts import wording
from handlers.receipts.fields import Fields
from handlers.receipts.flow.flow import Seen, owner, receipt_flow, see
from handlers.receipts.later import bills
from handlers.receipts.later.days import after, day_ahead
from handlers.receipts.owner import Owner
from storage.receipts import bills as stored_bills
from storage.receipts import receipts, reminders

TIMER = "receipts.deadline"
BEFORE = {"return": (3, 1), "warranty": (30,)}
NINE = time(9)
_CODE = r"(?=\w*\d)(?=\w*[A-Z])[2-9A-HJ-KM-NP-Z]{4}"
_WORDS = re.compile(rf"/?(?P<kind>return|warranty)(?:\s+by)?\s+(?P<code>{_CODE})(?:\s+(?P<rest>\S.*))?", re.I)
_LIST = re.compile(r"/?(?:returns|warranties)", re.I)
_OFF = frozenset({"off", "stop", "end", "none", "no"})


def printed(kind: str, fields: Fields) -> date | None:
    """Return the day that is printed: the return day, or the end of a warranty whose length is."""
    if kind == "return":
        return fields.return_by.value if fields.return_by else None
    if fields.warranty is None or fields.day is None:
        return None
    return after(fields.warranty.value, fields.day)


# -- what is offered, what is said ---------------------------------------------------------------------------------


def saved(turn: Turn, receipt_id: str) -> bool:
    """Offer to remind of the days that are printed on a receipt just saved."""
    seen = see(turn, int(receipt_id))
    if seen is None:
        return False
    for kind in BEFORE:
        day = printed(kind, seen.fields)
        if day is not None and day > seen.owner.today:
            shown = wording.day(turn, day, seen.owner.today)
            turn.say(f"receipts.later.{kind}_offer", code=seen.row.code, day=shown)
            _offer(turn, kind, seen.row.code)
    return True


def _offer(turn: Turn, kind: str, code: str) -> None:
    """Offer it as a button too, where there are buttons."""
    button = Choice(
        f"{kind}_on", key=f"receipts.later.{kind}_button", quiet=True, standing=f"receipt_later:{kind}:{code}"
    )
    others = turn.offer.choices if turn.offer else ()
    turn.offer = Ask("receipts.nothing_more", choices=(*others, button), expects=("text",), in_place=True)


def pressed(turn: Turn, argument: str) -> None:
    """Set the printed day of a receipt, by its button."""
    kind, _, code = argument.partition(":")
    if kind in BEFORE:
        _of_code(turn, kind, code, "")


def heard(turn: Turn, text: str) -> bool:
    """Take RETURN or WARRANTY with a code, and the list of what is set."""
    top = turn.conversation.top
    if top is not None and top.flow != receipt_flow.name:
        return False
    said = text.strip().rstrip(".!")
    if _LIST.fullmatch(said):
        _list(turn)
        return True
    found = _WORDS.fullmatch(said)
    if found is None:
        return False
    _of_code(turn, found["kind"].casefold(), found["code"], found["rest"] or "")
    return True


def _list(turn: Turn) -> None:
    of = owner(turn)
    ahead = reminders.of_person(turn.work, of.id, of.today)
    to_pay = bool(stored_bills.ahead(turn.work, of.id, of.today))
    if ahead or not to_pay:
        _list_days(turn, of, ahead)
    if to_pay:
        bills.listed(turn)


def _list_days(turn: Turn, of: Owner, ahead: Sequence[sa.Row[Any]]) -> None:
    turn.say("receipts.later.days" if ahead else "receipts.later.no_days", count=len(ahead))
    for row in ahead:
        day = wording.day(turn, row.day, of.today)
        turn.say(f"receipts.later.{row.kind}_day", code=row.code, day=day)


def _of_code(turn: Turn, kind: str, code: str, rest: str) -> None:
    row = receipts.by_code(turn.work, turn.person.id, code)
    seen = None if row is None else see(turn, row.id)
    if seen is None:
        turn.say("receipts.no_such_code", code=code.upper()[:8])
    elif seen.row.state != "confirmed":
        turn.say(f"receipts.already_{seen.row.state}", code=seen.row.code)
    elif rest.casefold() in _OFF:
        reminders.end(turn.work, turn.person.id, seen.row.id, kind=kind)
        turn.cancel_timers(_key(kind, seen.row.id))
        turn.say(f"receipts.later.{kind}_off", code=seen.row.code)
    else:
        _set(turn, kind, seen, rest)


def _set(turn: Turn, kind: str, seen: Seen, rest: str) -> None:
    of = seen.owner
    day = _day(kind, rest, seen) if rest else printed(kind, seen.fields)
    if day is None:
        turn.say(f"receipts.later.{kind}_which", code=seen.row.code)
    elif day <= of.today:
        turn.say("receipts.later.day_past", day=wording.day(turn, day, of.today))
    else:
        reminders.put(turn.work, of.id, seen.row.id, kind=kind, day=day)
        turn.cancel_timers(_key(kind, seen.row.id))
        ahead = [before for before in BEFORE[kind] if _remind(turn, kind, seen.row.id, before, day=day, of=of)]
        key = f"receipts.later.{kind}_set" if len(ahead) == len(BEFORE[kind]) else "receipts.later.day_close"
        turn.say(key, code=seen.row.code, day=wording.day(turn, day, of.today), kind=kind.upper())


def _day(kind: str, said: str, seen: Seen) -> date | None:
    """Return the day that a person gives; a warranty may be given by its length, counted from the purchase."""
    of = seen.owner
    length = after(said, seen.fields.day or of.today) if kind == "warranty" else None
    currency = seen.fields.currency.value
    return length or day_ahead(said.removeprefix("by "), of.today, currency=currency, country=of.country)


def _remind(turn: Turn, kind: str, receipt_id: int, before: int, *, day: date, of: Owner) -> bool:
    due = datetime.combine(day - timedelta(days=before), NINE, ZoneInfo(of.zone))
    if due <= turn.now:
        return False
    body = {"receipt": receipt_id, "kind": kind, "day": day.isoformat()}
    turn.timer(TIMER, f"{_key(kind, receipt_id)}{before}", due, **body)
    return True


def _key(kind: str, receipt_id: int) -> str:
    return f"receipt:{receipt_id}:{kind}:"


# -- when it is due ------------------------------------------------------------------------------------------------


def due(turn: Turn) -> None:
    """Tell a day that is near, unless it was changed, or the receipt is not in the books any more."""
    payload = turn.event.payload
    receipt_id, kind, day = int(payload["receipt"]), str(payload["kind"]), date.fromisoformat(payload["day"])
    seen = see(turn, receipt_id)
    if seen is None or seen.row.state != "confirmed" or day < seen.owner.today:
        return
    if reminders.day_of(turn.work, turn.person.id, receipt_id, kind=kind) != day:
        return
    name, shown = wording.priced(turn, seen.fields), wording.day(turn, day, seen.owner.today)
    turn.notify(f"receipts.later.{kind}_due", code=seen.row.code, name=name, day=shown)
