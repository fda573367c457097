"""Saving, dropping and taking back: what OK, DROP, UNDO and DELETE do, on whatever button or word (DRF-2, DRF-6).

Each is claimed on the row: a second OK, a redelivered one and a tap on an old button find nothing to do, and say so.
"""

from __future__ import annotations

from datetime import date

from bot.core.prompts import Ask, Choice
from bot.engine.turn import Turn
from handlers.receipts import drafts, wording
from handlers.receipts.books.ranges import Unit, period
from handlers.receipts.books.summary import spent_by_currency
from handlers.receipts.flow.flow import Seen, has_picture, open_receipt, receipt_flow, see
from handlers.receipts.owner import Owner
from storage.receipts import history, receipts
from storage.receipts.receipts import WAITING

BUTTONS = "receipt"
"""The name under which buttons of receipts are registered; they act whatever is asked at the moment."""


def button(act: str, code: str) -> str:
    """Return the data of a button that acts on a receipt by its code."""
    return f"{BUTTONS}:{act}:{code}"


def save(turn: Turn, seen: Seen) -> bool:
    """Confirm a draft and tell where the month stands; False when it cannot be saved yet."""
    if not seen.waits:
        turn.say(f"receipts.already_{seen.row.state}", code=seen.row.code)
        return True
    if seen.fields.amount is None or seen.fields.questions:
        return False
    place = len(turn.lines)
    confirm(turn, seen)
    spent = so_far(turn, seen.owner, seen.fields.day or seen.owner.today, seen.fields.currency.value)
    turn.lines.insert(place, turn.text("receipts.saved", code=seen.row.code, so_far=spent))
    turn.offer = undo_offer(seen.row.code, *(turn.offer.choices if turn.offer else ()))
    return True


def confirm(turn: Turn, seen: Seen) -> int | None:
    """Confirm a draft with its one transaction; None when it does not wait any more."""
    work, owner, fields = turn.work, seen.owner, seen.fields
    pictured = has_picture(turn, seen)
    entry = drafts.entry_of(work, owner, fields, source_id=seen.row.source_id, pictured=pictured)
    saved = history.confirm(work, owner.id, seen.row.id, entry, cash_back=drafts.cash_back_of(owner, fields))
    if saved is not None:
        turn.tell("receipt.filed", receipt=seen.row.code)
        for told in turn.registry.words.get("receipt_saved", ()):
            told(turn, str(seen.row.id))
    return saved


def undo_offer(code: str, *others: Choice) -> Ask:
    """Return the offer to take it back, as a button where there are buttons, with what else is offered."""
    standing = button("undo", code)
    choice = Choice("receipt_undo", key="receipts.undo_button", words=("undo",), quiet=True, standing=standing)
    return Ask("receipts.nothing_more", choices=(choice, *others), expects=("text",), in_place=True)


def so_far(turn: Turn, owner: Owner, day: date, currency: str) -> str:
    """Write what a month came to, with what still waits beside it (DRF-3)."""
    spent = spent_by_currency(turn.work, owner.id, period(Unit.MONTH, day)).get(currency, 0)
    current = (day.year, day.month) == (owner.today.year, owner.today.month)
    key = "receipts.month_so_far" if current else "receipts.month_was"
    text = turn.text(key, month=wording.month(day, owner.today), amount=wording.money(spent, currency))
    return text + waiting_beside(turn, owner)


def waiting_beside(turn: Turn, owner: Owner) -> str:
    """Write how many drafts wait and what they come to, nothing when none does (DRF-3)."""
    sums = receipts.waiting_sums(turn.work, owner.id)
    count = sum(one.entries for one in sums)
    if not count:
        return ""
    amounts = [wording.money(one.amount_minor, one.currency) for one in sums if one.currency and one.amount_minor]
    return turn.text("receipts.waiting_beside", count=count, amounts="".join(f", {one}" for one in amounts))


def drop(turn: Turn, seen: Seen) -> None:
    """Forget a draft; its picture goes when nothing else needs it and the time for a change of mind is over."""
    if receipts.move(turn.work, seen.owner.id, seen.row.id, was=WAITING, to="rejected"):
        turn.say("receipts.dropped", name=wording.name_of(turn, seen.fields))
    else:
        turn.say(f"receipts.already_{seen.row.state}", code=seen.row.code)


def take_back(turn: Turn, receipt_id: int) -> Seen | None:
    """Take back the newest act on a receipt and say so; return the draft that waits again, if one does."""
    act = history.undo(turn.work, turn.person.id, receipt_id)
    seen = see(turn, receipt_id)
    if seen is None:
        return None
    if act is None:
        turn.say("receipts.too_late_to_undo", code=seen.row.code)
        return None
    turn.say(f"receipts.undone_{act}", code=seen.row.code, name=wording.priced(turn, seen.fields))
    return seen if seen.waits else None


def undo_newest(turn: Turn, argument: str) -> bool:
    """Do what a bare UNDO asks for, when the newest act of the last day is one on a receipt."""
    newest = history.newest(turn.work, turn.person.id)
    if newest is None:
        return False
    reopen(turn, take_back(turn, newest.receipt_id))
    return True


def reopen(turn: Turn, seen: Seen | None) -> None:
    """Talk about a draft that waits again, unless something else is being asked."""
    top = turn.conversation.top
    if seen is not None and (top is None or top.flow == receipt_flow.name):
        open_receipt(turn, seen.row.id)
