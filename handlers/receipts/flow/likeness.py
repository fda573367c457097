"""A draft that looks like a receipt of before: the same, or a second purchase (rules DUP-1 to DUP-4).

U> (the same photo again)
B> This looks like R7K2 (Trader Joe's $26.23, Mar 15). 1 Same, forget it 2 Different, save both
"""

from __future__ import annotations

from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import End, Goto, Next
from bot.engine.turn import Turn
from handlers.receipts import wording
from handlers.receipts.flow.check import corrected, gone
from handlers.receipts.flow.flow import Seen, ask, done, focus, next_step, see, take
from handlers.receipts.flow.questions import inline
from storage.receipts import duplicates, receipts
from storage.receipts.receipts import WAITING


@ask("duplicate", effort=False)
def ask_duplicate(turn: Turn) -> Ask:
    """Name the receipt that it looks like."""
    seen, older = see(turn), see(turn, focus(turn).older_id or 0)
    if seen is None or older is None:
        return gone()
    choices = (
        Choice("same", key="receipts.same_button", words=("same", "yes", "duplicate", "forget it"), quiet=True),
        Choice(
            "different", key="receipts.different_button", words=("different", "both", "no", "save both"), quiet=True
        ),
    )
    args = {
        "code": older.row.code,
        "older": described(turn, older),
        "choices": inline(turn, [turn.text("receipts.same_button"), turn.text("receipts.different_button")]),
    }
    return Ask("receipts.duplicate", args, choices=choices, expects=("text",), open_choices=True, in_place=True)


def described(turn: Turn, seen: Seen) -> str:
    """Write a receipt as "Trader Joe's $26.23, Mar 15"."""
    parts = [wording.priced(turn, seen.fields)]
    if seen.fields.day is not None:
        parts.append(wording.day(turn, seen.fields.day, seen.owner.today))
    return ", ".join(parts)


def _says_more(seen: Seen, older: Seen) -> bool:
    """Tell whether words that came with the newer one, its tags or its note, would go with it."""
    fields, before = seen.fields, older.fields
    return bool(set(fields.tags) - set(before.tags)) or (fields.note is not None and fields.note != before.note)


@take("duplicate")
def take_duplicate(turn: Turn, answer: Answer) -> Next:
    """Forget the newer one, or remember that they are two."""
    seen, older_id = see(turn), focus(turn).older_id
    if seen is None or older_id is None:
        return End()
    if answer.choice == "same":
        receipts.move(turn.work, seen.owner.id, seen.row.id, was=WAITING, to="rejected")
        older = see(turn, older_id)
        if older is not None and _says_more(seen, older):
            turn.say("receipts.forgotten_words", code=older.row.code)
        else:
            turn.say("receipts.forgotten")
        return done(turn)
    if answer.choice != "different":
        return corrected(turn, seen, answer.text)
    duplicates.call_different(turn.work, seen.owner.id, seen.row.id, older_id)
    focus(turn).older_id = None
    return Goto(next_step(seen.fields), forget=True)
