"""Pictures that are no ordinary receipt: unreadable, several in one, or a parking ticket (OCR-3, OCR-9, OCR-10, DRF-9).

B> I cannot read this one. Flat, bright, whole receipt please, or type it, like 12.50 lunch Joe's.
"""

from __future__ import annotations

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import navigation
from bot.engine.flow import End, Goto, Hush, Next, Stay
from bot.engine.turn import Turn
from handlers.receipts import drafts, reading_rights
from handlers.receipts.fields import Fields, Value, told
from handlers.receipts.flow.check import gone
from handlers.receipts.flow.flow import Seen, answered, ask, done, keep, next_step, onward, see, take
from handlers.receipts.flow.pictures import APPEAL, begin_reading, take_pictures
from handlers.receipts.flow.saving import drop
from handlers.receipts.merchants import merchant_key, telling_brands
from handlers.receipts.typed import Expense, NoExpense, read_answer
from storage.receipts import documents, receipts
from storage.receipts.receipts import WAITING


@ask("unreadable", effort=False)
def ask_unreadable(turn: Turn) -> Ask:
    """Ask for a better picture, or for the three values."""
    seen = see(turn)
    if seen is None:
        return gone()
    choices = (
        Choice("again", key="receipts.again_button", words=("again", "try again", "retry"), quiet=True),
        Choice("drop", key="receipts.drop_button", words=("drop", "forget", "forget it"), quiet=True),
    )
    trouble = next((flag.removeprefix("trouble_") for flag in seen.fields.flags if flag.startswith("trouble_")), "")
    key = f"receipts.unread_{trouble}" if trouble in _TROUBLES else "receipts.unread"
    args = {"told": reading_rights.told(turn)} if trouble == reading_rights.USED_UP else {}
    return Ask(key, args, choices=choices, expects=("text", "picture"), open_choices=True)


_TROUBLES = ("encrypted", "too_large", "no_reader", "no_receipt", "gone", reading_rights.USED_UP)


@take("unreadable")
def take_unreadable(turn: Turn, answer: Answer) -> Next:
    """Take a new picture in place of this one, another try, or the purchase in words."""
    seen = see(turn)
    if seen is None:
        return End()
    if answer.pictures:
        receipts.move(turn.work, seen.owner.id, seen.row.id, was=WAITING, to="rejected")
        turn.conversation.frames.pop()
        turn.conversation.prompt = None
        take_pictures(turn, answer)
        return Hush()
    if answer.choice == "drop":
        drop(turn, seen)
        return done(turn)
    if answer.choice == "again":
        return _again(turn, seen)
    return _typed(turn, seen, answer.text)


def _again(turn: Turn, seen: Seen) -> Next:
    pages = documents.of_receipt(turn.work, seen.owner.id, seen.row.id)
    if begin_reading(turn, [page.id for page in pages]):
        return Stay()
    receipts.move(turn.work, seen.owner.id, seen.row.id, was=WAITING, to="failed")
    turn.say("receipts.reading_one")
    return done(turn)


def _typed(turn: Turn, seen: Seen, text: str) -> Next:
    said = _told(seen, text)
    if said is None:
        raise Mistake("receipts.type_it")
    fields = drafts.settled(
        turn.work, seen.owner, said.but(raw_text=f"{seen.fields.raw_text}\n{said.raw_text}".strip())
    )
    return onward(turn, keep(turn, seen, fields))


def _told(seen: Seen, text: str) -> Fields | None:
    """Return the purchase in words, or the part of it that they tell: the rest is asked for."""
    of = seen.owner
    found = read_answer(text, of.today, of.currency, of.locale, of.country)
    if isinstance(found, Expense):
        return drafts.of_expense(found, of, raw_text=text)
    if isinstance(found, NoExpense) and found.reason == "what_for" and found.amount_minor:
        currency = Value(found.currency or of.currency)
        return Fields(
            currency, total=told(found.amount_minor, text[:40]), date=Value(of.today), questions=("what_for",)
        )
    thing = read_answer(f"1.00 {text}", of.today, of.currency, of.locale, of.country)
    if isinstance(thing, Expense) and (thing.description or thing.date or merchant_key(text) in telling_brands()):
        return drafts.of_expense(thing, of, raw_text=text).but(total=None)
    return None


@ask("several", effort=False)
def ask_several(turn: Turn) -> Ask:
    """Say how many receipts one picture shows, and what can be done."""
    choices = (
        Choice("one", key="receipts.one_button", words=("one", "save", "ok"), quiet=True),
        Choice("drop", key="receipts.drop_button", words=("drop", "photos"), quiet=True),
    )
    return Ask("receipts.several", choices=choices, expects=("text", "picture"), open_choices=True, in_place=True)


@take("several")
def take_several(turn: Turn, answer: Answer) -> Next:
    """Go on with the one that was read, or wait for a photo of each."""
    seen = see(turn)
    if seen is None:
        return End()
    if answer.pictures or answer.choice == "drop":
        drop(turn, seen)
        if answer.pictures:
            take_pictures(turn, answer)
        return done(turn)
    if answer.choice != "one":
        return _typed(turn, seen, answer.text)
    return onward(turn, keep(turn, seen, answered(seen.fields, "several_receipts")))


@ask("parking", effort=False)
def ask_parking(turn: Turn) -> Ask:
    """Offer the appeal for a notice of a parking violation."""
    choices = (
        Choice(APPEAL, key="receipts.appeal_button", words=("appeal", "yes", "y"), quiet=True),
        Choice("expense", key="receipts.expense_button", words=("expense", "paid", "receipt", "no"), quiet=True),
        Choice("drop", key="receipts.drop_button", words=("drop", "neither"), quiet=True),
    )
    return Ask("receipts.parking", choices=choices, expects=("text",), in_place=True)


@take("parking")
def take_parking(turn: Turn, answer: Answer) -> Next:
    """Begin the appeal with the picture, or keep it as an expense."""
    seen = see(turn)
    if seen is None:
        return End()
    if answer.choice == "drop":
        drop(turn, seen)
        return done(turn)
    if answer.choice != APPEAL:
        fields = answered(seen.fields, "parking")
        keep(turn, seen, fields)
        return Goto(next_step(fields), forget=True)
    receipts.move(turn.work, seen.owner.id, seen.row.id, was=WAITING, to="rejected")
    turn.conversation.frames.pop()
    turn.conversation.prompt = None
    navigation.begin(turn, APPEAL, "parking ticket")
    turn.say("receipts.photo_of_ticket")
    return Stay()
