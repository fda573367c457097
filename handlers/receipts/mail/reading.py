"""From an opened mail to what may become drafts: the seam to the rest of receipts (rules EML-5, EML-7).

The order is that of trust: what is attached, then structured data that the page agrees with, then the page, then the
text. Nothing is decided here about who may send; that is for the turn.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.core.calls.mail import Mail, MailOrder, MailPart
from handlers.receipts.mail.merchant import merchant_of
from handlers.receipts.mail.sorting import Kind, Sorted, Way, is_other_paper, is_receipt_paper, sort_mail
from handlers.receipts.reading import Context, Field, Question, Reading, page_of_text, read_receipt


@dataclass(frozen=True, slots=True)
class MailReceipt:
    """One receipt in a mail: either `reading`, or `part` that a reader of pictures has to look at.

    `merchant`, `day` and `order_number` come from the mail itself, for what the print does not tell. `why` says in one
    word what made it a receipt.
    """

    kind: Kind
    why: str
    reading: Reading | None = None
    part: MailPart | None = None
    merchant: str | None = None
    day: date | None = None
    order_number: str = ""
    note: str = ""


def drafts_of(
    mail: Mail, parts: Sequence[MailPart], context: Context, *, way: Way, own: Collection[str] = ()
) -> list[MailReceipt]:
    """Return the receipts of a mail, none for a mail that is no receipt (EML-7)."""
    told = sort_mail(mail, [part.name for part in parts], way)
    if told.kind is Kind.NOTHING:
        return []
    basis = MailReceipt(
        told.kind, told.why, merchant=merchant_of(mail, own), day=_day(mail, context), order_number=told.order_number,
        note=mail.note,
    )  # fmt: skip
    papers = _papers(parts)
    if papers:
        return [replace(basis, part=part) for part in papers]
    reading = _reading(mail, context, basis)
    return [replace(basis, reading=reading)] if reading.total is not None else []


def is_receipt(mail: Mail, names: Sequence[str], way: Way) -> bool:
    """Tell whether a mail is worth keeping at all (EML-9: of a mailbox nothing else is stored)."""
    told: Sorted = sort_mail(mail, names, way)
    return told.kind is not Kind.NOTHING


def _papers(parts: Sequence[MailPart]) -> list[MailPart]:
    """Return the attachments that are receipts: those named so, else all that are not named otherwise."""
    found = [part for part in parts if not is_other_paper(part.name)]
    return [part for part in found if is_receipt_paper(part.name)] or found


def _day(mail: Mail, context: Context) -> date | None:
    for text in (mail.order.day if mail.order else "", mail.day):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            continue
        if day <= context.received:
            return day
    return None


def _reading(mail: Mail, context: Context, basis: MailReceipt) -> Reading:
    reading = read_receipt([page_of_text(mail.lines)], context)
    if mail.order is not None:
        reading = _agreed(reading, mail.order)
    answered = set[Question]()
    if basis.merchant:
        reading = replace(reading, merchant=Field(basis.merchant, mail.sender.name, 0.9, "rule"))
        answered.add(Question.MERCHANT)
    if basis.day and (reading.date is None or reading.date.confidence < 0.9 or mail.order):
        reading = replace(reading, date=Field(basis.day, basis.day.isoformat(), 0.9, "rule"), dates=(basis.day,))
        answered |= {Question.DATE, Question.DATE_ORDER, Question.DATE_FUTURE, Question.DATE_OLD}
    if mail.order is not None:
        answered |= {Question.TOTAL, Question.CURRENCY}
    return replace(reading, questions=tuple(one for one in reading.questions if one not in answered))


def _agreed(reading: Reading, order: MailOrder) -> Reading:
    """Return a reading with the total that the shop wrote for machines and that its reader sees too."""
    total = Field(order.total_minor, str(order.total_minor), 0.97, "rule")
    return replace(reading, total=total, currency=Field(order.currency, order.currency, 0.97, "rule"))
