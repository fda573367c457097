"""A bill by mail that is still to be paid: no draft, a reminder is offered (rows BK-13, EML-7).

    Subject: Your bill is ready / Amount due $84.12 / Due date April 2

Such a mail has a total like a receipt; that it is due, on a day not yet past, and that nothing says it was paid, tells
it from one. An invoice or a paper that is attached stays a draft: it is kept, whether paid or not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from bot.core.calls.mail import Mail
from bot.engine.turn import Turn
from handlers.receipts import wording
from handlers.receipts.later.dues import read_bill
from handlers.receipts.mail import telling
from handlers.receipts.mail.merchant import merchant_of
from handlers.receipts.mail.reading import MailReceipt
from handlers.receipts.merchants import folded
from handlers.receipts.owner import Owner
from handlers.receipts.typed import NoExpense, read_expense
from storage.receipts import bills
from storage.receipts.bills import Bill

_DUE = re.compile(
    r"\b(?:due|payable|pay (?:by|before)|autopay|auto-pay|will be (?:charged|debited|taken)|minimum payment"
    r"|fallig|zahlbar bis|vence|vencimiento|vencimento|echeance|a payer avant|scade|scadenza|entro il)\b"
)
_PAID = re.compile(
    r"\b(?:(?:amount|total|you(?:'ve| have)?|been|was|were) paid|paid (?:with|by|on|in full|via)|receipt|refund(?:ed)?"
    r"|thank(?:s| you) for your (?:payment|purchase|order)|payment (?:received|successful|confirmed|complete)"
    r"|bezahlt|pagado|pagato|pago recebido|paye)\b"
)
MOST_LINES = 60


def is_no_invoice(found: Sequence[MailReceipt]) -> bool:
    """Tell whether nothing but a sum made a mail a receipt: one that calls itself an invoice stays a draft."""
    return all(one.part is None and one.why in ("total", "body") for one in found)


def bill_in(mail: Mail, owner: Owner, own: Collection[str]) -> Bill | None:
    """Return the bill that a mail asks to pay; None for one that was paid, or names no sum or no day ahead."""
    said = folded("\n".join((mail.subject, *mail.lines)))
    if not _DUE.search(said) or _PAID.search(said):
        return None
    text = " ".join(_telling(mail))
    found = read_expense(text, owner.today, owner.currency, owner.locale, owner.country)
    if not isinstance(found, NoExpense):
        return None
    read = read_bill(text, found, owner.today, currency=owner.currency, country=owner.country)
    return read and replace(read, payee=merchant_of(mail, own) or read.payee)


def offer(turn: Turn, owner: Owner, one: Bill) -> None:
    """Offer to remind of it; BILL ON in the chat takes the offer up."""
    bill = bills.offer(turn.work, owner.id, one)
    key = "mail.bill_known" if bill.state == "set" else "mail.bill" if bill.payee else "mail.bill_nameless"
    amount, day = wording.money(bill.amount_minor, bill.currency), wording.day(turn, bill.day, owner.today)
    turn.notify(key, amount=amount, merchant=telling.plain(bill.payee or "?"), day=day)


def _telling(mail: Mail) -> list[str]:
    """Return the subject and the lines that tell what is due, each with the one below, where a label has its value."""
    lines = [line.strip() for line in mail.lines[:MOST_LINES]]
    told = {near for at, line in enumerate(lines) if _DUE.search(folded(line)) for near in (at, at + 1)}
    kept = [lines[at] for at in sorted(told) if at < len(lines)]
    return [f"{line}." if line and line[-1] not in ".:;,!?" else line for line in (mail.subject.strip(), *kept)]
