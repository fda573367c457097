"""From the fields of a mail to a draft: told to the person, joined with the order it belongs to, put aside till kept.

A mail that waits for its person's word has a draft too, sealed with it in quarantine: it is in no list and no sum until
the person lets it out (rule EML-2). What is attached to it is opened by nobody before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa

from bot.core.calls.mail import Mail, MailPart
from bot.engine.turn import Turn
from handlers.receipts import drafts
from handlers.receipts.duplicates import older_of
from handlers.receipts.fields import Fields, Value
from handlers.receipts.mail import telling
from handlers.receipts.mail.bills import bill_in, is_no_invoice
from handlers.receipts.mail.reading import MailReceipt, drafts_of
from handlers.receipts.mail.sorting import Kind, Way
from handlers.receipts.owner import Owner, owner_of
from storage.receipts import documents, receipts, sources
from storage.receipts.duplicates import point_at
from storage.receipts.mail import mailboxes, quarantine, senders

ORDER_NOTE = "order"


class HeldDraft(msgspec.Struct, frozen=True, omit_defaults=True):
    """The draft of a mail in quarantine; without `fields`, what is attached has to be read first."""

    message_id: str
    merchant: str = ""
    fields: Fields | None = None


def own_addresses(turn: Turn) -> Collection[str]:
    """Return the addresses that the person writes from."""
    return {one.address for one in senders.of_person(turn.work, turn.person.id) if one.own}


def held_draft(turn: Turn, mail: Mail, parts: Sequence[MailPart]) -> HeldDraft | None:
    """Return the draft of a mail that waits, None for a mail that is no receipt."""
    owner = owner_of(turn.work, turn.person.id)
    found = drafts_of(
        mail, parts, drafts.context_of(turn.work, owner, mail.lines), way=Way.SENT, own=own_addresses(turn)
    )
    if not found or (is_no_invoice(found) and bill_in(mail, owner, own_addresses(turn))):
        return None
    one = found[0]
    if one.reading is None:
        return HeldDraft(mail.message_id, one.merchant or "")
    fields = noted(drafts.of_reading(one.reading, reader="rule", raw_text="\n".join(mail.lines)), one)
    return HeldDraft(mail.message_id, fields.name or "", fields)


def let_out(turn: Turn, draft: HeldDraft) -> bool:
    """Make a waiting draft of one that was in quarantine; False when its mail has to be opened for that."""
    if draft.fields is None:
        return False
    owner = owner_of(turn.work, turn.person.id)
    quarantine.claim_message(turn.work, owner.id, draft.message_id)
    source = sources.claim(turn.work, owner.id, kind="email", provider_id=draft.message_id, media_index=0)
    if source is not None:
        keep(turn, owner, draft.fields, source=source, mailbox=None)
    return True


def noted(fields: Fields, one: MailReceipt) -> Fields:
    note = ORDER_NOTE if one.kind is Kind.ORDER else one.note or fields.note
    number = Value(one.order_number, one.order_number, 0.9) if one.order_number else None
    return fields.but(note=note, order_number=number)


def keep(
    turn: Turn, owner: Owner, fields: Fields, *, source: int, mailbox: int | None, pages: Sequence[int] = ()
) -> None:
    """Store a draft, or join it with the one of the same order (EML-7), and tell the person."""
    fields = drafts.settled(turn.work, owner, fields)
    earlier = _same_order(turn, owner, fields)
    if earlier is not None and ORDER_NOTE not in (fields.note, drafts.load(turn.work, earlier).note):
        earlier = None  # two receipts of one order: it was paid in parts
    if earlier is None:
        if receipts_wait(turn, owner):
            turn.notify("mail.too_many", most=drafts.MOST_WAITING)
            return
        row = drafts.open_draft(turn.work, owner, fields, source_id=source, pages=pages)
        older = older_of(turn.work, owner.id, fields, than=row.id)
        if older is not None:
            point_at(turn.work, owner.id, row.id, older)
        if mailbox is not None:
            mailboxes.note_import(turn.work, owner.id, mailbox, row.id)
        telling.draft(turn, row.code, fields)
        return
    if fields.note == ORDER_NOTE:
        return
    receipts.change(turn.work, owner.id, earlier.id, fields.as_draft(), revision=earlier.revision)
    drafts.keep_lines(turn.work, owner.id, earlier.id, fields)
    for order, document_id in enumerate(pages):
        documents.attach(turn.work, owner.id, document_id, receipt_id=earlier.id, page_order=order)
    telling.merged(turn, earlier.code, fields)


def receipts_wait(turn: Turn, owner: Owner) -> bool:
    """Tell whether as many drafts wait as may."""
    return len(receipts.waiting(turn.work, owner.id, drafts.MOST_WAITING)) >= drafts.MOST_WAITING


def _same_order(turn: Turn, owner: Owner, fields: Fields) -> sa.Row[tuple[object, ...]] | None:
    """Return the waiting draft of the same order at the same merchant."""
    if fields.order_number is None:
        return None
    for row in receipts.waiting(turn.work, owner.id, drafts.MOST_WAITING):
        known = drafts.load(turn.work, row)
        if known.order_number and known.order_number.value == fields.order_number.value and known.name == fields.name:
            return row
    return None
