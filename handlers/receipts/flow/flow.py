"""The conversation about one draft: shown, corrected, saved.

    U> 12.50 lunch joe's #work
    B> Joe's $12.50, today, Restaurants #work. OK, EDIT or DROP.
    U> edit
    B> 1 Amount 2 Store 3 Date 4 Category 5 Note. Example: 1 13.50
    U> it was 13.50 at joe's deli yesterday
    B> Joe's Deli $13.50, Mar 17, Restaurants #work. OK, EDIT or DROP.

The draft itself is a row; the frame keeps its id only. So a draft that was saved, dropped or changed elsewhere (an old
button, the API) is seen as it is, and leaving the conversation loses nothing: `REVIEW` brings it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, Field

from bot.engine import steps
from bot.engine.flow import End, Flow, Goto, Next
from bot.engine.state import Frame
from bot.engine.turn import Turn
from handlers.receipts import drafts, wording
from handlers.receipts.categories import Tree, learning
from handlers.receipts.fields import Fields
from handlers.receipts.owner import Owner, owner_of
from storage.receipts import documents, history, receipts
from storage.receipts.preferences import Whereabouts
from storage.receipts.receipts import WAITING


class Focus(BaseModel):
    """Which receipt (or bill) is talked about, which others came with it, and which earlier one it resembles."""

    receipt_id: int = 0
    batch: list[int] = Field(default_factory=list)
    older_id: int | None = None
    earlier: list[int] = Field(default_factory=list)
    explained: bool = True
    page: int = 0
    said: str = ""
    bill_id: int = 0


receipt_flow = Flow("receipt", Focus, version=1, first="check")

ask, take = receipt_flow.ask, receipt_flow.take


@dataclass(frozen=True, slots=True)
class Seen:
    """A receipt as a turn sees it."""

    owner: Owner
    row: sa.Row[Any]
    fields: Fields

    @property
    def waits(self) -> bool:
        """Tell whether it still waits for its person's word."""
        return self.row.state in WAITING


def owner(turn: Turn) -> Owner:
    """Return whose books these are, at this moment."""
    number = turn.address.handle if turn.address is not None and turn.channel == "sms" else None
    return owner_of(turn.work, turn.person.id, where=Whereabouts(turn.locale, turn.person.zone, number))


def tree_of(turn: Turn, of: Owner) -> Tree:
    """Return the person's categories."""
    return learning.own_tree(turn.work, of.id, of.locale)


def focus(turn: Turn) -> Focus:
    """Return what the open conversation is about."""
    kept: Focus = turn.draft
    return kept


def see(turn: Turn, receipt_id: int | None = None) -> Seen | None:
    """Return a receipt of this person (the one that is talked about), None when it is gone."""
    wanted = focus(turn).receipt_id if receipt_id is None else receipt_id
    row = receipts.load(turn.work, turn.person.id, wanted)
    if row is None:
        return None
    fields = drafts.load(turn.work, row)
    if row.state == "confirmed":
        fields = drafts.as_booked(turn.work, turn.person.id, row.id, fields)
    return Seen(owner(turn), row, fields)


def keep(turn: Turn, seen: Seen, fields: Fields) -> Seen:
    """Store changed fields of a draft, or of a confirmed receipt with its transaction; return it as it is now."""
    work, person_id = turn.work, seen.owner.id
    if seen.waits:
        receipts.change(work, person_id, seen.row.id, fields.as_draft(), revision=seen.row.revision)
        if not fields.questions and fields.amount is not None:
            receipts.move(work, person_id, seen.row.id, was=("needs_review",), to="draft")
    else:
        entry = drafts.entry_of(
            work, seen.owner, fields, source_id=seen.row.source_id, pictured=has_picture(turn, seen)
        )
        history.edit(work, person_id, seen.row.id, fields.as_draft(), entry, revision=seen.row.revision)
    changed = see(turn, seen.row.id)
    assert changed is not None  # noqa: S101
    return changed


def has_picture(turn: Turn, seen: Seen) -> bool:
    """Tell whether a receipt has a picture or file."""
    return bool(documents.of_receipt(turn.work, seen.owner.id, seen.row.id))


def answered(fields: Fields, *questions: str) -> Fields:
    """Return the fields without questions that were just answered."""
    return fields.but(questions=tuple(one for one in fields.questions if one not in questions))


# -- where to go ---------------------------------------------------------------------------------------------------

_STEPS = (
    ("parking", "parking"),
    ("unreadable", "unreadable"),
    ("no_reader", "unreadable"),
    ("several_receipts", "several"),
    ("currency", "currency"),
    ("total", "total"),
    ("not_positive", "total"),
    ("what_for", "what"),
    ("merchant", "store"),
    ("date_order", "dates"),
    ("date", "date"),
    ("date_future", "dates"),
    ("date_old", "dates"),
)
"""Which step asks which question, in the order in which they are asked."""


def next_step(fields: Fields, *, older_id: int | None = None) -> str:
    """Return the step that a draft is at: its first open question, a likeness to settle, or the check."""
    for question, step in _STEPS:
        if question in fields.questions:
            return step
    if fields.amount is None:
        return "amount"
    return "duplicate" if older_id is not None else "check"


def onward(turn: Turn, seen: Seen) -> Next:
    """Go to what is to be asked next of a draft; a change of what is saved already ends the talk."""
    if not seen.waits:
        return ended(turn, seen)
    focus(turn).explained = True
    return Goto(next_step(seen.fields, older_id=focus(turn).older_id), forget=True)


def ended(turn: Turn, seen: Seen) -> Next:
    """Tell of a saved receipt how it stands now."""
    tree = tree_of(turn, seen.owner)
    turn.say("receipts.changed", code=seen.row.code, line=wording.line(turn, seen.owner, tree, seen.fields))
    for told in turn.registry.words.get("receipt_changed", ()):
        told(turn, str(seen.row.id))
    return End()


def tidied(turn: Turn) -> None:
    """Take conversations about receipts that do not wait any more off the stack; of a batch, one may be left."""
    turn.keep_draft()
    for frame in list(turn.conversation.frames):
        if frame.flow == receipt_flow.name and not _stands(turn, frame):
            turn.conversation.frames.remove(frame)
            turn.conversation.prompt = None


def _stands(turn: Turn, frame: Frame) -> bool:
    about = receipt_flow.load(frame.draft, frame.version)
    left = [one for one in about.batch or [about.receipt_id] if _waits(turn, one)]
    if about.batch and len(left) == 1:
        single = see(turn, left[0])
        assert single is not None  # noqa: S101
        older = single.row.older_id
        frame.draft = Focus(receipt_id=left[0], older_id=older).model_dump(mode="json")
        frame.step = next_step(single.fields, older_id=older)
    return bool(left)


def _waits(turn: Turn, receipt_id: int) -> bool:
    row = receipts.load(turn.work, turn.person.id, receipt_id)
    return row is not None and row.state in WAITING


def done(turn: Turn) -> Next:
    """End the talk about a receipt; what was asked before it is asked again if it still waits."""
    top = turn.conversation.frames.pop()
    tidied(turn)
    turn.conversation.frames.append(top)
    return End()


def open_receipt(turn: Turn, receipt_id: int, *, step: str | None = None, **about: Any) -> None:
    """Begin to talk about a receipt, on top of what is talked about."""
    seen = see(turn, receipt_id)
    if seen is None:
        return
    turn.keep_draft()
    older = about.setdefault("older_id", seen.row.older_id)
    start = step or next_step(seen.fields, older_id=older)
    steps.open_flow(turn, receipt_flow.name, "", Focus(receipt_id=receipt_id, **about).model_dump(mode="json"), start)
