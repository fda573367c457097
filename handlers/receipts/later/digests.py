"""Digests: what was spent, sent by itself to a person who asked for it (rule SUM-7).

    U> digest weekly
    B> Weekly digest: Sundays at 18:00. DIGEST OFF ends it.
    B> Last 7 days: $412.07 (12). Groceries $210.10, Food $98.00. Before: $380.00. DIGEST OFF ends this.

Asking for it is consent, noted as such by SMS, where STOP ends it. With nothing to say nothing is sent. After four
that nobody answered the person is asked once whether they still want them; without an answer they stop.

A digest rests while the plan has none (`report_rights`).
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.engine import consent
from bot.engine.turn import Turn
from handlers.receipts import report_rights, wording
from handlers.receipts.books.ranges import Range, Unit, before, last_days
from handlers.receipts.books.summary import CurrencySummary, summarise
from handlers.receipts.categories import Tree
from handlers.receipts.flow.flow import owner, receipt_flow, tree_of
from handlers.receipts.flow.saving import waiting_beside
from handlers.receipts.mail import letters
from handlers.receipts.owner import Owner
from storage import addresses
from storage.receipts import bank_pairs, digests
from storage.receipts.preferences import DIGESTS
from storage.schema import moment

TIMER = "receipts.digest"
WORDING = "digest 1"
"""The version of the words that answer DIGEST: `receipts.later.digest_weekly` and its fellows."""
MOST_UNANSWERED = 4
SUNDAY, EVENING, MORNING = 6, time(18), time(9)
_SHOWN = 4
_FIRST = timedelta(days=31)
"""How far back the first digest looks for matches."""
_WORDS = re.compile(r"/?digests?(?:\s+(?P<kind>daily|weekly|monthly|off|stop|none))?", re.I)


def next_due(kind: str, now: datetime, zone: str) -> datetime:
    """Return when the next digest is due: daily and on the 1st at 9:00, on Sundays at 18:00, of the person's zone."""
    local = now.astimezone(ZoneInfo(zone))
    day, at = local.date(), EVENING if kind == "weekly" else MORNING
    while True:
        due = datetime.combine(day, at, ZoneInfo(zone))
        if _is_day(kind, day) and due > now:
            return due
        day += timedelta(days=1)


def _is_day(kind: str, day: date) -> bool:
    return kind == "daily" or (day.weekday() == SUNDAY if kind == "weekly" else day.day == 1)


def range_of(kind: str, day: date) -> Range:
    """Return what a digest of a day tells of: the day before, the last seven days, the month before."""
    if kind == "daily":
        return before(Unit.DAY, day)
    return last_days(7, day) if kind == "weekly" else before(Unit.MONTH, day)


# -- the word ------------------------------------------------------------------------------------------------------


def heard(turn: Turn, text: str) -> bool:
    """Take DIGEST with what is wanted, or tell what is set."""
    found = _WORDS.fullmatch(text.strip().rstrip(".!"))
    top = turn.conversation.top
    if found is None or (top is not None and top.flow != receipt_flow.name):
        return False
    kind = (found["kind"] or "").casefold()
    if not kind:
        kept = digests.load(turn.work, turn.person.id)
        turn.say(f"receipts.later.digest_{kept.kind if kept else 'none'}")
    elif kind in DIGESTS and report_rights.refused(turn, report_rights.CUSTOM):
        return True
    elif kind in DIGESTS:
        digests.put(turn.work, turn.person.id, kind)
        consent.agree(turn, WORDING)
        _schedule(turn, kind, owner(turn))
        turn.say(f"receipts.later.digest_{kind}")
    else:
        _stop(turn)
        turn.say("receipts.later.digest_off")
    return True


def _stop(turn: Turn) -> None:
    digests.end(turn.work, turn.person.id)
    turn.cancel_timers(_key(turn))


def _key(turn: Turn) -> str:
    return f"digest:{turn.person.id}:"


def _schedule(turn: Turn, kind: str, of: Owner) -> None:
    due = next_due(kind, turn.now, of.zone)
    turn.timer(TIMER, _key(turn), due, day=due.date().isoformat())


# -- when it is due ------------------------------------------------------------------------------------------------


def due(turn: Turn) -> None:
    """Send what there is to say, ask after four in silence, stop after that."""
    kept, of = digests.load(turn.work, turn.person.id), owner(turn)
    if kept is None:
        return
    unanswered = 0 if _answered(turn, kept.sent_at) else int(kept.unanswered)
    if unanswered >= MOST_UNANSWERED and kept.asked:
        _stop(turn)
        return
    _schedule(turn, kept.kind, of)
    if not _consents(turn) or not report_rights.allows(turn, report_rights.CUSTOM):
        return
    if unanswered >= MOST_UNANSWERED:
        turn.notify("receipts.later.digest_still", kind=kept.kind)
        digests.sent(turn.work, of.id, unanswered=unanswered, asked=True)
        return
    text = digest_text(turn, of, kept.kind, date.fromisoformat(turn.event.payload["day"]), since=kept.sent_at)
    if text is not None:
        turn.notify("receipts.later.digest", text=text)
        letters.digest(turn, text)
        digests.sent(turn.work, of.id, unanswered=unanswered + 1, asked=False)


def _answered(turn: Turn, sent_at: datetime | None) -> bool:
    """Tell whether the person wrote anything, anywhere, since the last one."""
    heard = [one.last_in_at for one in addresses.of_person(turn.work, turn.person.id) if one.last_in_at is not None]
    return sent_at is None or (bool(heard) and moment(max(heard)) > sent_at)


def _consents(turn: Turn) -> bool:
    """Tell whether the address may be written to: on SMS with consent in words, which STOP ends (SMS-11)."""
    address = turn.address
    if address is None:
        return False
    handle = f"{address.channel}:{address.handle}"
    return address.channel != "sms" or addresses.has_consent(
        turn.work, person_id=turn.person.id, kind="nudges", handle=handle
    )


def digest_text(turn: Turn, of: Owner, kind: str, day: date, *, since: datetime | None = None) -> str | None:
    """Write the digest of a day, None when there is nothing to say (SUM-8: a fixed template, names quoted).

    Matches with bank lines that were made by themselves are told once: those since the digest before (MAT-2).
    """
    tree = tree_of(turn, of)
    summary = summarise(turn.work, of.id, range_of(kind, day), tree)
    waiting = waiting_beside(turn, of).strip()
    matched = _matched(turn, of, since or turn.now - _FIRST)
    if not summary.currencies and not waiting and not matched:
        return None
    parts = [_sums(turn, tree, one) for one in summary.currencies[:_SHOWN]]
    title = turn.text(f"receipts.later.digest_title_{kind}", month=wording.month(range_of(kind, day).start, of.today))
    said = " ".join(parts) or turn.text("receipts.later.digest_nothing")
    return " ".join(filter(None, (f"{title}: {said}", waiting, matched)))


def _matched(turn: Turn, of: Owner, since: datetime) -> str:
    found = bank_pairs.matched_since(turn.work, of.id, since)
    if not found:
        return ""
    shown = ", ".join(f"{one.code} {wording.money(one.amount_minor, one.currency)}" for one in found[:_SHOWN])
    return turn.text("receipts.later.digest_matched", count=len(found), shown=shown)


def _sums(turn: Turn, tree: Tree, one: CurrencySummary) -> str:
    args: dict[str, object] = {"amount": wording.money(one.spent_minor, one.currency), "count": one.count}
    shares = [share for share in one.shares if share.amount_minor > 0][:_SHOWN]
    named = ", ".join(
        f"{wording.category_name(turn, tree, share.category_id or None)}"
        f" {wording.money(share.amount_minor, one.currency)}"
        for share in shares
    )
    text = turn.text("receipts.later.digest_sums", **args) + (f" {named}." if named else "")
    if one.biggest is not None and one.biggest.merchant and one.count > 1:
        amount = wording.money(one.biggest.amount_minor, one.currency)
        text += " " + turn.text("receipts.later.digest_biggest", name=one.biggest.merchant, amount=amount)
    if one.previous_minor:
        text += " " + turn.text("receipts.later.digest_before", amount=wording.money(one.previous_minor, one.currency))
    return text
