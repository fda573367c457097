"""Several pictures of one receipt: a long one in parts, the next page, a batch that is one purchase (CAP-2, CAP-3).

U> page
B> Send the next page.
U> (photo)
B> Trader Joe's $26.23, Mar 15, Supermarket. OK, EDIT or DROP.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.engine.turn import Turn
from handlers.receipts import drafts
from handlers.receipts.fields import Fields
from handlers.receipts.flow.flow import focus, receipt_flow, see
from handlers.receipts.flow.readings import best_of, of_print, reading_of
from handlers.receipts.owner import Owner
from storage.receipts import documents, receipts
from storage.receipts.receipts import WAITING

NOTE = "receipt_page"
WORDS = frozenset({"page", "next page", "add page", "add a page", "another page", "more pages"})
SAME_WORDS = frozenset({"same", "same receipt", "one receipt", "it is one", "its one receipt", "all one", "join"})


def asked_for_page(turn: Turn, text: str) -> bool:
    """Let the next photo be a page of the draft on show."""
    top = turn.conversation.top
    if text.strip(" .!").casefold() not in WORDS or top is None or top.flow != receipt_flow.name:
        return False
    seen = see(turn)
    if seen is None or not seen.waits or not documents.of_receipt(turn.work, seen.owner.id, seen.row.id):
        return False
    turn.conversation.notes[NOTE] = focus(turn).receipt_id
    turn.say("receipts.send_page")
    turn.silent = True
    return True


def means_same(text: str) -> bool:
    """Tell whether a person says that several pictures are one receipt."""
    return text.strip(" .!").casefold() in SAME_WORDS


def page_wanted(turn: Turn) -> int | None:
    """Return the draft that the photos at hand are pages of, once."""
    wanted = turn.conversation.notes.pop(NOTE, None)
    seen = see(turn, int(wanted)) if wanted else None
    return seen.row.id if seen is not None and seen.waits else None


def continued(turn: Turn, of: Owner, receipt_ids: Sequence[int]) -> list[int]:
    """Join what is a receipt and its continuation: no total on the one, no merchant on the next (CAP-2)."""
    kept: list[int] = []
    for one in receipt_ids:
        before, here = (see(turn, kept[-1]) if kept else None), see(turn, one)
        if before is not None and here is not None and _goes_on(before.fields, here.fields):
            join(turn, of, [kept[-1], one])
        else:
            kept.append(one)
    return kept


def _goes_on(before: Fields, here: Fields) -> bool:
    is_read = bool(before.raw_text) and bool(here.raw_text)
    return is_read and before.amount is None and here.name is None and here.amount is not None


def join(turn: Turn, of: Owner, receipt_ids: Sequence[int]) -> int:
    """Make several drafts one, read as the pages of it in their order; return its id."""
    work, (first, *others) = turn.work, receipt_ids
    pages = [page.id for one in receipt_ids for page in documents.of_receipt(work, of.id, one)]
    for order, document_id in enumerate(pages):
        documents.attach(work, of.id, document_id, receipt_id=first, page_order=order)
    for one in others:
        receipts.move(work, of.id, one, was=WAITING, to="rejected")
    bodies = [best_of(work, of, one)[0] for one in pages]
    printed = tuple(page for body in bodies for page in body.pages)
    seen = see(turn, first)
    if seen is None or not printed:
        return first
    whole = msgspec.structs.replace(bodies[0], pages=printed)
    fields = drafts.settled(work, of, of_print(of, whole, reading_of(work, whole, of)))
    receipts.change(work, of.id, first, fields.as_draft(), revision=seen.row.revision)
    drafts.keep_lines(work, of.id, first, fields)
    if drafts.is_settled(fields):
        receipts.move(work, of.id, first, was=("needs_review",), to="draft")
    return first
