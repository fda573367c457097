"""A bill that is still due: to whom, how much and until when, as a bank or a biller writes it (row BK-13).

    Payment of $210.00 due 03/28          Reminder: your Verizon bill of $84.12 is due on 03/25

Pure. A bill has an amount and a day that lies ahead or is today; without one of them there is nothing to remind of,
and neither is guessed.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache

from handlers.receipts.later.days import day_ahead
from handlers.receipts.typed.dates import number_order
from handlers.receipts.typed.entry import NoExpense
from handlers.receipts.typed.lexicon import alternatives, data, flat, listed
from handlers.receipts.typed.message import LONGEST
from handlers.receipts.typed.nouns import is_day
from handlers.receipts.typed.phrase import shown
from storage.receipts.bills import Bill

FARTHEST = timedelta(days=180)
"""A day without a year that would lie farther ahead than this is one that is past."""
LONGEST_PAYEE = 40
_NUMERIC = r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/-]\d{1,2}(?:[/-](?:\d{4}|\d{2}))?|\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})?"
_SPOKEN = r"in\s\d{1,2}\s(?:days?|weeks?)|today|tonight|tomorrow|the\s\d{1,2}(?:st|nd|rd|th)"
_LEAD = re.compile(
    r"(?:\b(?:due(?:\sdate)?(?:\s(?:on|by|date))?|by|before|until|on|vence(?:\sel)?|scade(?:\sil)?|am|le)\W{0,2})\Z"
)
_DUE = re.compile(r"\b(?:due|vence|scade)\b[^.;]{0,20}\Z")
_JOINED = re.compile(r"(\d{1,2})[-\s]?([a-z]{3,9})\.?(?:[-\s,']{1,2}(\d{4}|\d{2}))?\Z")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})((?:[/-]\d+)?)\Z")
_PAYEE = r"(?P<payee>[^\W_][\w&'.+/ -]{0,40}?)"
_THING = (
    r"(?:bill|payment|invoice|subscription|membership|premium|plan|autopay|auto-pay|account|statement|renewal|emi"
    r"|rechnung)"
)
_PATTERNS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b(?:your|my|ur|the)\s{_PAYEE}\s{_THING}\b",
        rf"\b(?:payment|bill|invoice|pay|transfer)\s(?:of\s)?(?:\S*\d\S*\s)?(?:[A-Z]{{3}}\s)?(?:to|from|for)\s{_PAYEE}"
        r"(?=\s(?:is|are|was|falls?|due|by|on|of|will|before|for|has)\b|[,;:!(]|\.(?:\s|\Z)|\s*\Z)",
        rf"\b(?:factura|facture|recibo|fattura|bolletta|boleta|fatura)\s(?:de|di|da|do)\s{_PAYEE}"
        r"(?=\s(?:por|de|di|da|do|vence|scade)\b|[,.:;])",
        rf"\A{_PAYEE}:\s",
        rf"\A{_PAYEE}\s(?:will\s(?:charge|debit|bill)|requests?|requested)\b",
        rf"\A{_PAYEE}\s{_THING}\b",
        rf"\A{_PAYEE}\s\W?\d[\d.,]*\s(?:is\s)?due\b",
    )
)
_MASKED = re.compile(r"[xX*•.]{1,12}\d{2,6}")
_FILLERS = frozenset(
    listed(
        "a, an, the, your, my, ur, this, our, new, next, upcoming, monthly, weekly, yearly, annual, "
        "quarterly, current, recurring, scheduled, minimum, min, total, amount, payment, bill, invoice, "
        "reminder, notice, alert, important, friendly, final, autopay, auto-pay, dear, customer, statement, "
        "ready, available, now, account, card, balance, due, pay, of, for, is, subject, re, fwd, fw, from, "
        "hi, hello, please"
    )
)


def read_bill(text: str, found: NoExpense, today: date, *, currency: str, country: str | None = None) -> Bill | None:
    """Return the bill that a text tells of which was read as "due"; None without an amount or a day not yet past.

    `currency` and `country` are the person's own, for the order of day and month (DAT-4, DAT-5).
    """
    if found.reason != "due" or not found.amount_minor or found.amount_minor < 0 or found.currency is None:
        return None
    own = found.currency == currency
    day = due_day(text, today, order=number_order(found.currency, country if own else None))
    return None if day is None else Bill(payee_of(text), found.amount_minor, found.currency, day)


def due_day(text: str, today: date, *, order: str = "mdy") -> date | None:
    """Return the day until which a text says that something is due; None for none, and for one that is past."""
    said = flat(" ".join(text[:LONGEST].split()))
    days = [(match, _day(match[0], today, order)) for match in _days().finditer(said)]
    ahead = [(match, day) for match, day in days if day is not None]
    for sign in (_DUE, _LEAD):
        for match, day in ahead:
            if sign.search(said[: match.start()]):
                return day
    return ahead[0][1] if len(days) == 1 and ahead else None


def payee_of(text: str) -> str | None:
    """Return to whom or for what a bill is to be paid, as it is shown; None when the text does not tell."""
    said = " ".join(text[:LONGEST].split())
    for pattern in _PATTERNS:
        found = pattern.search(said)
        named = _stripped(found["payee"]) if found else ""
        if named and not re.search(r"\d{4}|[$€£₹]", named):
            display = named[:1].upper() + named[1:] if flat(named).endswith(" card") else shown(named) or ""
            return display[:LONGEST_PAYEE] or None
    return None


def _stripped(name: str) -> str:
    parts = [part for part in name.split() if not _MASKED.fullmatch(part)]
    while parts and (flat(parts[0]).strip(".,:'") in _FILLERS or is_day(flat(parts[0]))):
        parts = parts[1:]
    while parts and flat(parts[-1]).strip(".,:'") in _FILLERS and flat(parts[-1]) != "card":
        parts = parts[:-1]
    return " ".join(parts) if any(character.isalpha() for character in "".join(parts)) else ""


@cache
def _days() -> re.Pattern[str]:
    months = alternatives(name for names in data("dates")["months"].values() for name in listed(names))
    months = months.replace("(?<![^\\W_])", "")
    named = (
        rf"\d{{1,2}}(?:st|nd|rd|th|\.)?[-\s]?{months}\.?(?:[-\s,']{{1,2}}(?:20\d\d|\d\d(?!\d|[.,]\d)))?"
        rf"|{months}\.?\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s20\d\d)?"
    )
    weekdays = alternatives(_weekdays())
    return re.compile(
        rf"(?<![\w.,$€£₹/-])(?:{named}|{_NUMERIC}|{_SPOKEN}|(?:this\s|next\s)?{weekdays})(?![\w/-]|[.,]\d)"
    )


@cache
def _weekdays() -> dict[str, int]:
    return {name: int(number) for number, names in data("dates")["weekdays"].items() for name in listed(names)}


def _day(said: str, today: date, order: str) -> date | None:
    if said in ("today", "tonight"):
        return today
    if said == "tomorrow":
        return today + timedelta(days=1)
    weekday = _weekdays().get(said.removeprefix("this ").removeprefix("next "))
    if weekday is not None:
        return today + timedelta(days=(weekday - today.isoweekday()) % 7)
    if said.startswith("the "):
        return _of_month(int(re.sub(r"\D", "", said)), today)
    found = next((day for form in _forms(said, order) if (day := day_ahead(form, today))), None)
    return None if found and not _year_of(said) and found > today + FARTHEST else found


def _year_of(said: str) -> str:
    """Return the year that a day was written with, "" for none."""
    named = _JOINED.fullmatch(re.sub(r"(?<=\d)(?:st|nd|rd|th|\.)(?=[-\s]?[a-z])", "", said))
    if named:
        return f"20{named[3][-2:]}" if named[3] else ""
    numbers = re.findall(r"\d+", said)
    return f"20{numbers[-1][-2:]}" if len(numbers) == 3 or re.search(r"20\d\d", said) else ""


def _forms(said: str, order: str) -> list[str]:
    """Return what is to be read as a day, the likeliest first: the other order of day and month comes last (DAT-5)."""
    named = _JOINED.fullmatch(re.sub(r"(?<=\d)(?:st|nd|rd|th|\.)(?=[-\s]?[a-z])", "", said))
    if named:
        return [f"{named[1]} {named[2]}" + (f" 20{named[3][-2:]}" if named[3] else "")]
    slashed = _SLASHED.fullmatch(said)
    if slashed is None:
        return [said]
    year = slashed[3].replace("-", "/")
    orders = [(slashed[1], slashed[2]), (slashed[2], slashed[1])]
    if order == "dmy":
        orders.reverse()
    return [f"{month}/{day}{year}" for month, day in orders]


def _of_month(number: int, today: date) -> date | None:
    for ahead in range(3):
        month = today.month - 1 + ahead
        try:
            day = date(today.year + month // 12, month % 12 + 1, number)
        except ValueError:
            continue
        if day >= today:
            return day
    return None
