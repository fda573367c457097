"""A bill that is still due: nothing is saved, a reminder is offered (row BK-13).

    U> Reminder: your Verizon bill of $84.12 is due on 03/25
    B> Verizon $84.12 is due Mar 25: nothing saved. Shall I remind you the day before? OK or NO.
    U> ok
    B> I remind you Mar 24 at 9:00. BILLS lists what is set.
    B> Verizon $84.12 is due tomorrow. Send it when it is paid, and I save it.        (on Mar 24)

Anything but OK and NO is heard as if nothing had been asked; BILL ON takes the offer up later. A bill is never a draft
and never in the books.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.flow import End, Next, Stay
from bot.engine.turn import Turn
from handlers.receipts import wording
from handlers.receipts.flow import doubtful, elsewhere
from handlers.receipts.flow.check import DROP_WORDS, OK_WORDS, gone
from handlers.receipts.flow.flow import ask, focus, owner, receipt_flow, take
from handlers.receipts.later.dues import read_bill
from handlers.receipts.owner import Owner
from handlers.receipts.typed import NoExpense, read_expense
from storage.receipts import bills
from storage.receipts.bills import Bill

TIMER, STEP = "receipts.bill", "bill"
MORNING = time(9)
_DAY = timedelta(days=1)
_LIST = re.compile(r"/?bills", re.I)
_ON = re.compile(r"/?bill\s+(?:on|remind|reminder)", re.I)
_OFF = re.compile(r"/?bills?\s+(?P<number>\d{1,2})\s+(?:off|stop|end|drop|paid|none|no)", re.I)
_BILLED = re.compile(
    r"\b(?:your|bill|statement|invoice|premium|subscription|autopay|auto-pay|minimum|rent|mortgage|loan)\b", re.I
)
_FINED = re.compile(r"\b(?:fines?|tickets?|citations?|penalt(?:y|ies)|violations?|towed|tow)\b", re.I)
"""What a notice of a fine says is an answer to the appeal, however much it looks like a bill."""


def reminded_at(day: date, now: datetime, zone: str) -> datetime | None:
    """Return when a bill is told: at 9:00 of the day before, of its own day when that is past; None when both are."""
    for told in (day - _DAY, day):
        due = datetime.combine(told, MORNING, ZoneInfo(zone))
        if due > now:
            return due
    return None


# -- what is offered -----------------------------------------------------------------------------------------------


def offered(turn: Turn, of: Owner, found: NoExpense, text: str) -> bool:
    """Offer to remind of a bill; False for words that tell of none, or of one whose day is past."""
    read = read_bill(text, found, of.today, currency=of.currency, country=of.country)
    if read is None:
        return False
    if read.day == of.today:
        turn.say("receipts.later.bill_today", name=_name(turn, read))
        return True
    one = bills.offer(turn.work, of.id, read)
    if one.state == "set":
        turn.say("receipts.later.bill_known", name=_name(turn, one), day=_told_day(turn, one.day, of))
    elif turn.conversation.top is None:
        turn.keep_draft()
        steps.open_flow(turn, receipt_flow.name, draft={"bill_id": one.id}, step=STEP)
    else:
        turn.say("receipts.later.bill_beside", name=_name(turn, one), day=_told_day(turn, one.day, of))
    return True


@ask(STEP, effort=False)
def ask_bill(turn: Turn) -> Ask:
    """Ask whether to remind of it."""
    one, of = _asked(turn), owner(turn)
    if one is None:
        return gone()
    choices = (
        Choice("ok", key="receipts.later.bill_button", words=OK_WORDS, quiet=True),
        Choice("no", key="receipts.no_button", words=(*DROP_WORDS, "nope", "n"), quiet=True),
    )
    due = reminded_at(one.day, turn.now, of.zone)
    early = due is not None and due.astimezone(ZoneInfo(of.zone)).date() < one.day
    key = "receipts.later.bill_offer" if early else "receipts.later.bill_offer_close"
    told = {"name": _name(turn, one), "day": _told_day(turn, one.day, of)}
    return Ask(key, told, choices=choices, expects=("text", "choice"), open_choices=True)


@take(STEP)
def take_bill(turn: Turn, answer: Answer) -> Next:
    """Set the reminder on OK, forget the offer on NO; hear other words as if nothing had been asked."""
    one = _asked(turn)
    if one is None:
        return End()
    if answer.choice == "ok":
        _set(turn, one)
        return End()
    if answer.choice == "no":
        bills.move(turn.work, turn.person.id, one.id, was="offered", to="ended")
        turn.say("receipts.later.bill_no")
        return End()
    doubtful.hear_as_ever(turn, answer.text)
    return Stay()


def _asked(turn: Turn) -> Bill | None:
    return bills.load(turn.work, turn.person.id, focus(turn).bill_id)


def _set(turn: Turn, one: Bill) -> None:
    of = owner(turn)
    due = reminded_at(one.day, turn.now, of.zone)
    if due is None:
        key = "bill_today" if one.day == of.today else "day_past"
        turn.say(f"receipts.later.{key}", name=_name(turn, one), day=wording.day(turn, one.day, of.today))
    elif len(bills.ahead(turn.work, of.id, of.today)) >= bills.MOST:
        turn.say("receipts.later.bills_full", count=bills.MOST)
    else:
        bills.tidy(turn.work, of.id, of.today)
        bills.move(turn.work, of.id, one.id, was="offered", to="set")
        turn.timer(TIMER, _key(one.id), due, bill=one.id)
        turn.say("receipts.later.bill_set", day=_told_day(turn, due.astimezone(ZoneInfo(of.zone)).date(), of))


# -- the words -----------------------------------------------------------------------------------------------------


def heard(turn: Turn, text: str) -> bool:
    """Take BILLS, BILL ON and BILL 1 OFF, and a bill that comes while a receipt is talked about."""
    top = turn.conversation.top
    said = text.strip().rstrip(".!")
    if top is not None and top.flow != receipt_flow.name:
        return _on_beside(turn, said)
    off = _OFF.fullmatch(said)
    if off:
        _off(turn, int(off["number"]))
    elif _ON.fullmatch(said):
        _on(turn)
    elif _LIST.fullmatch(said):
        listed(turn)
    else:
        return top is not None and top.step != STEP and _came_beside(turn, text)
    return True


def listed(turn: Turn) -> None:
    """List the bills that are reminded of, next first."""
    of = owner(turn)
    kept = bills.ahead(turn.work, of.id, of.today)
    turn.say("receipts.later.bills" if kept else "receipts.later.no_bills", count=len(kept))
    for number, one in enumerate(kept, 1):
        turn.say("receipts.later.bill", number=number, name=_name(turn, one), day=_told_day(turn, one.day, of))


def _on(turn: Turn) -> None:
    of = owner(turn)
    offers = bills.ahead(turn.work, of.id, of.today, state="offered")
    if offers:
        _set(turn, max(offers, key=lambda one: one.id))
    else:
        turn.say("receipts.later.no_bills")


def _on_beside(turn: Turn, said: str) -> bool:
    """Take BILL ON, which was offered, while another service asks; all other words there are that service's."""
    of = owner(turn)
    if not _ON.fullmatch(said) or not bills.ahead(turn.work, of.id, of.today, state="offered"):
        return False
    _on(turn)
    return True


def take_beside(turn: Turn, text: str) -> bool:
    """Offer to remind of a bill that comes while another service asks and that does not answer it (NOT-3)."""
    top = turn.conversation.top
    if top is None or top.flow == receipt_flow.name or not _BILLED.search(text) or _FINED.search(text):
        return False
    return elsewhere.service_of(turn, text) is None and _came_beside(turn, text)


def _off(turn: Turn, number: int) -> None:
    of = owner(turn)
    kept = bills.ahead(turn.work, of.id, of.today)
    if not 0 < number <= len(kept):
        turn.say("receipts.later.no_such_bill", number=number)
        return
    one = kept[number - 1]
    bills.move(turn.work, of.id, one.id, was="set", to="ended")
    turn.cancel_timers(_key(one.id))
    turn.say("receipts.later.bill_off", name=_name(turn, one))


def _came_beside(turn: Turn, text: str) -> bool:
    """Offer to remind of a bill that is forwarded while a draft waits for its answer."""
    if not elsewhere.tells_money(text):
        return False
    of = owner(turn)
    found = read_expense(text, of.today, of.currency, of.locale, of.country)
    return isinstance(found, NoExpense) and found.reason == "due" and offered(turn, of, found, text)


# -- when it is due ------------------------------------------------------------------------------------------------


def due(turn: Turn) -> None:
    """Tell a bill that is due, once, unless it was ended or its day is past."""
    one, of = bills.load(turn.work, turn.person.id, int(turn.event.payload["bill"])), owner(turn)
    if one is None or not bills.move(turn.work, of.id, one.id, was="set", to="ended") or one.day < of.today:
        return
    turn.notify("receipts.later.bill_due", name=_name(turn, one), day=_told_day(turn, one.day, of))


def _key(bill_id: int) -> str:
    return f"bill:{bill_id}:"


def _name(turn: Turn, one: Bill) -> str:
    amount = wording.money(one.amount_minor, one.currency)
    if one.payee is None:
        return turn.text("receipts.later.bill_nameless", amount=amount)
    return turn.text("receipts.priced", name=one.payee, amount=amount)


def _told_day(turn: Turn, day: date, of: Owner) -> str:
    return turn.text("receipts.later.tomorrow") if day == of.today + _DAY else wording.day(turn, day, of.today)
