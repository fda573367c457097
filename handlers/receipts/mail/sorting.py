"""What a mail is: a receipt, the confirmation of an order, or nothing that cost money (rule EML-7).

The subject speaks first, for every sender writes there what he wants to be read. A mail that a person sent to us counts
with less evidence than one found in a mailbox, where most mails are no receipts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from bot.core.calls.mail import Mail
from handlers.receipts.merchants import folded
from handlers.receipts.reading.amounts import amounts_in
from handlers.receipts.reading.labels import label_of

_ORDER_TOTAL = re.compile(r"\b(?:order|booking|trip) total\b", re.I)
"""On paper an order's total comes before tax; in mails it is what is paid."""


class Kind(StrEnum):
    """What a mail is."""

    RECEIPT = "receipt"
    ORDER = "order"
    NOTHING = "nothing"


class Way(StrEnum):
    """How a mail came: sent to the person's address here, or found in a mailbox of theirs."""

    SENT = "sent"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a mail is, why in one word, and the number of its order."""

    kind: Kind
    why: str
    order_number: str = ""


@cache
def _table() -> dict[str, dict[str, re.Pattern[str]]]:
    raw = tomllib.loads((Path(__file__).parent / "data" / "sorting.toml").read_text("utf-8"))
    return {
        room: {name: re.compile("|".join(f"(?:{one})" for one in words)) for name, words in table.items()}
        for room, table in raw.items()
        if room != "order_number"
    }


@cache
def _numbers() -> tuple[re.Pattern[str], ...]:
    raw = tomllib.loads((Path(__file__).parent / "data" / "sorting.toml").read_text("utf-8"))
    return tuple(re.compile(one) for one in raw["order_number"]["patterns"])


def sort_mail(mail: Mail, names: Sequence[str], way: Way) -> Sorted:
    """Say what a mail is; `names` are the names of what is attached."""
    subject = folded(mail.subject)
    body = folded("\n".join(mail.lines))
    number = order_number_of(mail)
    told = {name for name, pattern in _table()["subject"].items() if pattern.search(subject)}
    said = {name for name, pattern in _table()["body"].items() if pattern.search(body)}
    attached = [name for name in names if not is_other_paper(name)]
    papers = [name for name in attached if _table()["attachment"]["receipt"].search(folded(name))]
    has_total = mail.order is not None or has_total_line(mail.lines)
    why = _refusal(mail, told, said, papers=bool(papers), has_total=has_total)
    if why:
        return Sorted(Kind.NOTHING, why, number)
    if "receipt" in told and (has_total or attached):
        return Sorted(Kind.RECEIPT, "subject", number)
    if papers and (way is Way.SENT or told & {"receipt", "order"} or "paid" in said):
        return Sorted(Kind.RECEIPT, "attachment", number)
    if attached and way is Way.SENT:
        return Sorted(Kind.RECEIPT, "attachment", number)
    if "order" in told and has_total:
        return Sorted(Kind.ORDER, "subject", number)
    if has_total and "paid" in said and not mail.bulk | ("advert" in told):
        return Sorted(Kind.RECEIPT, "body", number)
    if has_total and (mail.order is not None or ("order" in said and number)):
        return Sorted(Kind.ORDER, "body", number)
    if has_total and way is Way.SENT and "advert" not in told:
        return Sorted(Kind.RECEIPT, "total", number)
    return Sorted(Kind.NOTHING, "no_total" if not has_total else "unclear", number)


def _refusal(mail: Mail, told: set[str], said: set[str], *, papers: bool, has_total: bool) -> str:
    """Return why a mail is no receipt whatever sums stand in it, or nothing."""
    for kind in ("password", "statement", "declined"):
        if kind in told and not (kind != "password" and "receipt" in told and "paid" in said):
            return kind
    if "shipping" in told and not papers and not ("receipt" in told and has_total):
        return "shipping"
    if "advert" in told and not told & {"receipt", "order"}:
        return "advert"
    if "shipping" in said and "paid" not in said and not told & {"receipt", "order"}:
        return "shipping"
    if mail.bulk and "advert" in said and not said & {"paid"} and not told & {"receipt", "order"}:
        return "advert"
    return ""


def is_other_paper(name: str) -> bool:
    """Tell whether the name of an attachment says that it is no receipt: terms, labels, brochures."""
    words, table = folded(name), _table()["attachment"]
    return bool(table["other"].search(words)) and not table["receipt"].search(words)


def is_receipt_paper(name: str) -> bool:
    """Tell whether the name of an attachment says that it is a receipt."""
    return bool(_table()["attachment"]["receipt"].search(folded(name)))


def has_total_line(lines: Sequence[str]) -> bool:
    """Tell whether a total stands in the lines, with its amount beside or below it."""
    for at, line in enumerate(lines):
        words = line[:200]
        name = label_of(re.sub(r"[\d.,$€£]+", " ", words)).name
        if name not in ("total", "tendered") and not _ORDER_TOTAL.search(words):
            continue
        below = lines[at + 1][:60] if at + 1 < len(lines) else ""
        if any(amount.is_money and amount.minor for text in (words, below) for amount in amounts_in(text)):
            return True
    return False


def order_number_of(mail: Mail) -> str:
    """Return the number of the order that a mail is about, in capitals, or nothing."""
    if mail.order is not None and mail.order.number:
        return mail.order.number.upper()
    for text in (mail.subject, *mail.lines[:120]):
        for pattern in _numbers():
            if match := pattern.search(folded(text[:200])):
                return match[1].upper()
    return ""
