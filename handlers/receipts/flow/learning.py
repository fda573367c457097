"""What a correction teaches, and the offer to correct the earlier ones too (rules CAT-5, CAT-7)."""

from __future__ import annotations

from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import Goto, Next
from bot.engine.turn import Turn
from handlers.receipts import drafts, wording
from handlers.receipts.categories import learning
from handlers.receipts.fields import Fields
from handlers.receipts.flow.edits import Changed
from handlers.receipts.flow.flow import Seen, ask, focus, onward, see, take, tree_of
from handlers.receipts.merchants import merchant_key
from storage.receipts import rules, transactions
from storage.receipts.rules import Rule


def learn(turn: Turn, seen: Seen, changed: Changed) -> Fields:
    """Teach what was corrected and return the fields to store: a new merchant may bring its own category."""
    fields = changed.fields
    if "store" in changed.names:
        _alias(turn, seen, fields)
        if "category" not in changed.names and fields.reason != "told":
            fields = drafts.settled(turn.work, seen.owner, fields)
    elif "thing" in changed.names:
        fields = drafts.settled(turn.work, seen.owner, fields)
    if "category" in changed.names:
        _rule(turn, seen, fields)
    return fields


def _alias(turn: Turn, seen: Seen, fields: Fields) -> None:
    """Remember what the person calls a merchant that a reader named otherwise."""
    read = seen.fields.merchant
    if read is not None and read.origin != "person" and seen.fields.reader != "rule" and fields.name:
        learning.rename_merchant(turn.work, seen.owner.id, merchant_key(read.value), fields.name)


def _rule(turn: Turn, seen: Seen, fields: Fields) -> None:
    if not fields.name:
        return
    key = merchant_key(fields.name)
    rules.teach(turn.work, seen.owner.id, Rule("merchant", key, fields.category_id))
    others = transactions.of_merchant(turn.work, seen.owner.id, key)
    own = {one.id for one in transactions.of_receipt(turn.work, seen.owner.id, seen.row.id)}
    focus(turn).earlier = [row.id for row in others if row.category_id != fields.category_id and row.id not in own]


@ask("earlier", effort=False)
def ask_earlier(turn: Turn) -> Ask:
    """Offer to change the earlier ones too."""
    seen, earlier = see(turn), focus(turn).earlier
    choices = (
        Choice("yes", key="receipts.yes_button", words=("yes", "y", "ok", "all"), quiet=True),
        Choice("no", key="receipts.no_button", words=("no", "n", "keep"), quiet=True),
    )
    name = wording.category_name(turn, tree_of(turn, seen.owner), seen.fields.category_id) if seen else ""
    key = "receipts.earlier_one" if len(earlier) == 1 else "receipts.earlier"
    return Ask(key, {"count": len(earlier), "category": name}, choices=choices, expects=("choice",), in_place=True)


@take("earlier")
def take_earlier(turn: Turn, answer: Answer) -> Next:
    """Change them, or not, and go on with the draft."""
    seen, earlier = see(turn), focus(turn).earlier
    focus(turn).earlier = []
    assert seen is not None  # noqa: S101
    if answer.choice == "yes":
        changed = learning.change_earlier(turn.work, seen.owner.id, earlier, seen.fields.category_id)
        turn.say("receipts.earlier_done", count=changed)
    return onward(turn, seen)


def then_earlier(turn: Turn, seen: Seen) -> Next:
    """Go on with a draft that was corrected; whether its earlier ones follow is asked first."""
    return Goto("earlier", forget=True) if focus(turn).earlier else onward(turn, seen)
