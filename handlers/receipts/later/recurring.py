"""Expenses that come again: offered after the third, and watched when the person says so (rules REM-1, TX-32).

B> Saved R7K2. ... Netflix comes about every month. TRACK R7K2 tells you when one is missing or rises.
U> track r7k2
B> Tracked: Netflix $15.49 every month. TRACKED lists them.
B> Netflix $15.49 was expected on Apr 15 and is not in your books.
B> Netflix rose from $15.49 to $17.99.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.engine.turn import Turn
from handlers.receipts import wording
from handlers.receipts.flow.flow import Seen, owner, receipt_flow, see
from handlers.receipts.later.rhythms import GRACE, NEEDED, expected_after, is_rise, rhythm
from handlers.receipts.merchants import merchant_key
from handlers.receipts.owner import Owner
from storage.receipts import receipts, series, transactions
from storage.receipts.series import Series
from storage.receipts.transactions import Transaction

TIMER = "receipts.series"
MOST_MISSED = 3
"""After so many in a row that did not come, it is over."""
NINE = time(9)
_LOOKED_AT = 2 * NEEDED
_CODE = r"(?=\w*\d)(?=\w*[A-Z])[2-9A-HJ-KM-NP-Z]{4}"
_TRACK = re.compile(rf"/?track\s+(?P<code>{_CODE})(?:\s+(?P<every>weekly|monthly|yearly))?", re.I)
_UNTRACK = re.compile(r"/?(?:untrack|track\s+off|track\s+drop)\s+(?P<number>\d{1,2})", re.I)
_LIST = re.compile(r"/?(?:tracked|tracks?)", re.I)
_EVERY = {"weekly": "week", "monthly": "month", "yearly": "year"}


# -- after saving --------------------------------------------------------------------------------------------------


def saved(turn: Turn, receipt_id: str) -> bool:
    """Look at the expense of a receipt that was just saved."""
    seen = see(turn, int(receipt_id))
    entry = _entry(turn, seen) if seen else None
    if seen is None or entry is None:
        return False
    news = booked(turn, seen.owner, entry)
    if news is None and _is_new(turn, seen, entry):
        every = _EVERY.get(seen.fields.recurring or "") or _rhythm(turn, entry)
        if every is not None:
            series.put(turn.work, seen.owner.id, _series(entry, every, "offered"))
            told = turn.text(f"receipts.later.every_{every}")
            turn.say("receipts.later.track_offer", name=entry.merchant, every=told, code=seen.row.code)
    if news:
        turn.say("receipts.later.rose", **news)
    return True


def booked(turn: Turn, of: Owner, entry: Transaction) -> dict[str, str] | None:
    """Take an expense, from whichever source, as the next of a tracked series.

    None when it belongs to none; else what is to be told of a rise, nothing when it did not rise.
    """
    known = series.of_merchant(turn.work, of.id, entry.merchant_key) if entry.merchant_key else None
    if known is None or known.state != "tracked" or known.currency != entry.currency or entry.date <= known.last_on:
        return None
    now = replace(known, amount_minor=entry.amount_minor, last_on=entry.date, missed=0)
    _watch(turn, of, replace(now, id=series.put(turn.work, of.id, now)))
    if not is_rise(entry.amount_minor, known.amount_minor):
        return {}
    amounts = (wording.money(one, entry.currency) for one in (known.amount_minor, entry.amount_minor))
    return {"name": known.merchant, **dict(zip(("before", "amount"), amounts, strict=True))}


def _entry(turn: Turn, seen: Seen) -> Transaction | None:
    """Return the expense of a receipt whose merchant is known."""
    stored = transactions.of_receipt(turn.work, seen.owner.id, seen.row.id)
    return next((one for one in stored if one.kind == "expense" and one.merchant_key and one.amount_minor > 0), None)


def _is_new(turn: Turn, seen: Seen, entry: Transaction) -> bool:
    """Tell whether this merchant was never offered, so that nobody is asked twice."""
    return series.of_merchant(turn.work, seen.owner.id, entry.merchant_key or "") is None


def _rhythm(turn: Turn, entry: Transaction) -> str | None:
    person_id = turn.person.id
    rows = transactions.of_merchant(turn.work, person_id, entry.merchant_key or "", _LOOKED_AT)
    found = transactions.load_all(turn.work, person_id, [row.id for row in rows])
    alike = [one for one in found if (one.kind, one.currency) == ("expense", entry.currency) and one.state != "void"]
    return rhythm([(one.date, one.amount_minor) for one in alike])


def _series(entry: Transaction, every: str, state: str) -> Series:
    key, name = entry.merchant_key or "", entry.merchant or ""
    return Series(key, name, every, entry.currency, entry.amount_minor, entry.date, state)


# -- the words -----------------------------------------------------------------------------------------------------


def heard(turn: Turn, text: str) -> bool:
    """Take TRACK with a code, UNTRACK with a number, and the list of what is tracked."""
    top = turn.conversation.top
    if top is not None and top.flow != receipt_flow.name:
        return False
    said = text.strip().rstrip(".!")
    track, untrack = _TRACK.fullmatch(said), _UNTRACK.fullmatch(said)
    if track:
        _track(turn, track["code"], _EVERY.get((track["every"] or "").casefold()))
    elif untrack:
        _untrack(turn, int(untrack["number"]))
    elif _LIST.fullmatch(said):
        _list(turn)
    else:
        return False
    return True


def _track(turn: Turn, code: str, every: str | None) -> None:
    row = receipts.by_code(turn.work, turn.person.id, code)
    seen = None if row is None else see(turn, row.id)
    entry = _entry(turn, seen) if seen else None
    if seen is None:
        turn.say("receipts.no_such_code", code=code.upper())
        return
    if entry is None:
        turn.say("receipts.later.track_cannot", code=seen.row.code)
        return
    known = series.of_merchant(turn.work, seen.owner.id, entry.merchant_key or merchant_key(entry.merchant or ""))
    made = _series(entry, every or (known.every if known else "month"), "tracked")
    made = replace(made, id=series.put(turn.work, seen.owner.id, made))
    _watch(turn, seen.owner, made)
    turn.say("receipts.later.tracked", **_told(turn, made))


def _untrack(turn: Turn, number: int) -> None:
    kept = series.tracked(turn.work, turn.person.id)
    if not 0 < number <= len(kept):
        turn.say("receipts.later.no_such_track", number=number)
        return
    _end(turn, kept[number - 1])
    turn.say("receipts.later.untracked", name=kept[number - 1].merchant)


def _list(turn: Turn) -> None:
    kept = series.tracked(turn.work, turn.person.id)
    turn.say("receipts.later.tracks" if kept else "receipts.later.no_tracks", count=len(kept))
    for number, one in enumerate(kept, 1):
        turn.say("receipts.later.track", number=number, **_told(turn, one))


def _told(turn: Turn, one: Series) -> dict[str, str]:
    amount = wording.money(one.amount_minor, one.currency)
    return {"name": one.merchant, "amount": amount, "every": turn.text(f"receipts.later.every_{one.every}")}


def _end(turn: Turn, one: Series) -> None:
    series.put(turn.work, turn.person.id, replace(one, state="ended"))
    turn.cancel_timers(_key(one.id))


def _key(series_id: int) -> str:
    return f"series:{series_id}:"


# -- when it is due ------------------------------------------------------------------------------------------------


def _watch(turn: Turn, of: Owner, one: Series) -> None:
    """Look, some days after the next is expected, whether it came; what was expected before is not told any more."""
    expected = expected_after(one.every, one.last_on)
    while (due := datetime.combine(expected + GRACE[one.every], NINE, ZoneInfo(of.zone))) <= turn.now:
        expected = expected_after(one.every, expected)
    turn.timer(TIMER, _key(one.id), due, series=one.id, day=expected.isoformat())


def due(turn: Turn) -> None:
    """Tell that an expected expense is missing; after the third in a row it is over."""
    one, of = series.load(turn.work, turn.person.id, int(turn.event.payload["series"])), owner(turn)
    if one is None or one.state != "tracked":
        return
    day = wording.day(turn, datetime.fromisoformat(turn.event.payload["day"]).date(), of.today)
    now = replace(one, missed=one.missed + 1)
    if now.missed >= MOST_MISSED:
        _end(turn, now)
        _miss(turn, "missing_ended", one, day)
        return
    series.put(turn.work, of.id, now)
    _watch(turn, of, now)
    _miss(turn, "missing", one, day)


def _miss(turn: Turn, key: str, one: Series, day: str) -> None:
    amount = wording.money(one.amount_minor, one.currency)
    turn.notify(f"receipts.later.{key}", name=one.merchant, amount=amount, day=day)
