"""Words that may be a purchase and may be talk: asked before anything is kept (NOT-3).

U> thai basil 21
B> Is that a purchase: Thai Basil $21.00? OK saves it, NO forgets it.
U> ok
B> Saved. March so far: $21.00. ...

Nothing is a draft before the answer, and anything but OK and NO is heard as if nothing had been asked.
"""

from __future__ import annotations

from bot.core.prompts import Answer, Ask, Choice
from bot.engine import navigation, steps
from bot.engine.flow import End, Next, Stay
from bot.engine.turn import Turn
from handlers.receipts import drafts, regulars, wording
from handlers.receipts.fields import Fields
from handlers.receipts.flow.check import DROP_WORDS, OK_WORDS, gone
from handlers.receipts.flow.flow import ask, focus, open_receipt, owner, receipt_flow, see, take
from handlers.receipts.flow.saving import save
from handlers.receipts.owner import Owner
from handlers.receipts.typed import Expense, read_answer
from storage.receipts import sources

STEP = "purchase"


def fields_of(turn: Turn, of: Owner, text: str) -> Fields | None:
    """Read the words as a purchase, whatever their sentence is; None when they still are none."""
    found = read_answer(text, of.today, of.currency, of.locale, of.country)
    if not isinstance(found, Expense) or not (found.merchant or found.description):
        return None
    return drafts.of_expense(regulars.in_words(turn.work, of.id, found, text), of, raw_text=text)


def ask_whether(turn: Turn, text: str) -> None:
    """Ask whether the words are a purchase, on top of what is talked about."""
    turn.keep_draft()
    steps.open_flow(turn, receipt_flow.name, draft={"said": text}, step=STEP)


@ask(STEP, effort=False)
def ask_purchase(turn: Turn) -> Ask:
    """Show what it would be."""
    fields = fields_of(turn, owner(turn), focus(turn).said)
    if fields is None:
        return gone()
    choices = (
        Choice("ok", key="receipts.ok_button", words=OK_WORDS, quiet=True),
        Choice("no", key="receipts.no_button", words=(*DROP_WORDS, "nope", "n"), quiet=True),
    )
    what = wording.priced(turn, fields)
    return Ask("receipts.is_purchase", {"what": what}, choices=choices, expects=("text", "choice"), open_choices=True)


@take(STEP)
def take_purchase(turn: Turn, answer: Answer) -> Next:
    """Save it on OK, forget it on NO; hear other words as if nothing had been asked."""
    if answer.choice == "ok":
        return _kept(turn)
    if answer.choice == "no":
        turn.say("receipts.no_purchase")
        return End()
    hear_as_ever(turn, answer.text)
    return Stay()


def hear_as_ever(turn: Turn, text: str) -> None:
    """Take the open question away and hear words as if it had not been asked."""
    turn.conversation.frames.pop()
    turn.conversation.prompt = None
    if not any(word(turn, text) for word in turn.registry.words.get("text", ())):
        navigation.idle(turn)


def _kept(turn: Turn) -> Next:
    of = owner(turn)
    fields = fields_of(turn, of, focus(turn).said)
    if fields is None:
        return End()
    source = sources.claim(turn.work, of.id, kind="text", provider_id=turn.event.key, media_index=0)
    row = drafts.open_draft(turn.work, of, drafts.settled(turn.work, of, fields), source_id=source)
    turn.conversation.frames.pop()
    turn.conversation.prompt = None
    seen = see(turn, row.id)
    if seen is None or not save(turn, seen):
        open_receipt(turn, row.id)
    return Stay()
