"""What a reading leaves open, asked one at a time: total, date, store, currency, category, note.

B> Kedai Maju, Mar 15. Is the total 1 RM48.90 2 RM48.92 3 other?
U> 1
B> Kedai Maju RM48.90, Mar 15, Supermarket. OK, EDIT or DROP.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import End, Goto, Next
from bot.engine.turn import Turn
from handlers.receipts import drafts, wording
from handlers.receipts.categories import Tree
from handlers.receipts.currencies import currency_table, largest_usual
from handlers.receipts.fields import Fields, told
from handlers.receipts.flow import edits
from handlers.receipts.flow.check import OK_WORDS, apply, corrected, gone
from handlers.receipts.flow.edits import Changed
from handlers.receipts.flow.elsewhere import tells_money
from handlers.receipts.flow.flow import Seen, answered, ask, focus, keep, onward, see, take, tree_of
from handlers.receipts.typed import Expense, read_answer
from storage.receipts import totals
from storage.receipts.totals import Span

OTHER = "other"
LIKELIEST = 6
_USUAL = ("food.restaurants", "groceries.supermarket", "food.coffee", "transport.fuel", "health.pharmacy",
    "shopping.online", "home.repairs", "transport.taxi", "utilities.power", "personal.hair")  # fmt: skip


def inline(turn: Turn, labels: Sequence[str]) -> str:
    """Write choices in one line, as "1 RM48.90 2 RM48.92", where the channel has no buttons."""
    if turn.channel != "sms":
        return ""
    return " " + " ".join(f"{number} {label}" for number, label in enumerate(labels, 1))


def known(turn: Turn, seen: Seen) -> str:
    """Write what is known of a draft without its amount, as "Kedai Maju, Mar 15."."""
    parts = [wording.name_of(turn, seen.fields)] if seen.fields.name or seen.fields.description else []
    if seen.fields.day is not None and not {"date", "date_order"} & set(seen.fields.questions):
        parts.append(wording.day(turn, seen.fields.day, seen.owner.today))
    return f"{', '.join(parts)}. " if parts else ""


# -- total ---------------------------------------------------------------------------------------------------------


@ask("total", effort=False)
def ask_total(turn: Turn) -> Ask:
    """Offer the likeliest totals."""
    seen = see(turn)
    if seen is None:
        return gone()
    if not seen.fields.totals:
        return ask_amount(turn)
    labels = [wording.money(one, seen.fields.currency.value) for one in seen.fields.totals]
    choices = [Choice(str(n), text=label, quiet=True) for n, label in enumerate(labels)]
    choices.append(Choice(OTHER, key="receipts.other_button", words=("none", "neither", "another"), quiet=True))
    args = {"known": known(turn, seen), "choices": inline(turn, [*labels, turn.text("receipts.other")])}
    return Ask("receipts.total", args, choices=tuple(choices), expects=("text",), open_choices=True, in_place=True)


@take("total")
def take_total(turn: Turn, answer: Answer) -> Next:
    """Take the chosen total, or the one that is typed."""
    seen = see(turn)
    if seen is None:
        return End()
    if answer.choice == OTHER:
        return Goto("amount", forget=True)
    if answer.choice is not None and int(answer.choice) < len(seen.fields.totals):
        amount = seen.fields.totals[int(answer.choice)]
        return onward(turn, keep(turn, seen, edits.priced(amount, seen.fields)))
    return corrected(turn, seen, answer.text)


@ask("amount", effort=False)
def ask_amount(turn: Turn) -> Ask:
    """Ask for the amount."""
    seen = see(turn)
    return gone() if seen is None else Ask("receipts.amount", {"known": known(turn, seen)}, expects=("text",))


@take("amount")
def take_amount(turn: Turn, answer: Answer) -> Next:
    """Take an amount; more than that in the same message is taken, too."""
    seen = see(turn)
    if seen is None:
        return End()
    amount = edits.change("amount", answer.text, seen.fields, seen.owner, tree_of(turn, seen.owner))
    if amount is None or not amount.amount:
        changed = edits.read(answer.text, seen.fields, seen.owner, tree_of(turn, seen.owner))
        if changed is None or "amount" not in changed.names:
            raise Mistake("receipts.no_amount")
        return apply(turn, seen, changed)
    if abs(amount.amount) > largest_usual(amount.currency.value):
        raise Mistake("receipts.too_large", amount=wording.money(amount.amount, amount.currency.value))
    return apply(turn, seen, Changed(amount, frozenset({"amount"})))


# -- dates ---------------------------------------------------------------------------------------------------------


@ask("dates", effort=False)
def ask_dates(turn: Turn) -> Ask:
    """Offer both readings of a date, or ask whether an odd one is right."""
    seen = see(turn)
    if seen is None:
        return gone()
    days = _days(seen.fields)
    labels = [_whole(one) for one in days]
    words = OK_WORDS if len(days) == 1 else ()
    choices = [Choice(str(n), text=label, words=words, quiet=True) for n, label in enumerate(labels)]
    choices.append(Choice(OTHER, key="receipts.other_button", words=("none", "neither", "no", "wrong"), quiet=True))
    if len(days) == 1:
        args = {"known": _priced(turn, seen), "date": labels[0]}
        return Ask("receipts.odd_date", args, choices=tuple(choices), expects=("text",), open_choices=True,
            in_place=True)  # fmt: skip
    args = {"known": _priced(turn, seen), "choices": inline(turn, [*labels, turn.text("receipts.other")])}
    return Ask("receipts.dates", args, choices=tuple(choices), expects=("text",), open_choices=True, in_place=True)


def _days(fields: Fields) -> tuple[date, ...]:
    own = () if fields.day is None else (fields.day,)
    return tuple(dict.fromkeys((*own, *fields.dates)))


def _whole(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"


def _priced(turn: Turn, seen: Seen) -> str:
    return f"{wording.priced(turn, seen.fields)}. "


@take("dates")
def take_dates(turn: Turn, answer: Answer) -> Next:
    """Take the chosen day, or the one that is typed."""
    seen = see(turn)
    if seen is None:
        return End()
    days = _days(seen.fields)
    if answer.choice == OTHER:
        return Goto("date", forget=True)
    if answer.choice is not None and int(answer.choice) < len(days):
        return onward(turn, keep(turn, seen, edits.dated(days[int(answer.choice)], seen.fields)))
    return corrected(turn, seen, answer.text)


@ask("date", effort=False)
def ask_date(turn: Turn) -> Ask:
    """Ask for the day."""
    seen = see(turn)
    return gone() if seen is None else Ask("receipts.date", {"known": _priced(turn, seen)}, expects=("text",))


@take("date")
def take_date(turn: Turn, answer: Answer) -> Next:
    """Take a day."""
    return _told_field(turn, "date", answer.text, "receipts.no_date")


# -- store, category, note, currency -------------------------------------------------------------------------------


@ask("store", effort=False)
def ask_store(turn: Turn) -> Ask:
    """Ask who was paid."""
    seen = see(turn)
    return gone() if seen is None else Ask("receipts.store", {"known": _amount(seen)}, expects=("text",))


def _amount(seen: Seen) -> str:
    if seen.fields.amount is None:
        return ""
    return f"{wording.money(seen.fields.amount, seen.fields.currency.value)}. "


@take("store")
def take_store(turn: Turn, answer: Answer) -> Next:
    """Take a name."""
    return _told_field(turn, "store", answer.text, "receipts.no_store")


@ask("what", effort=False)
def ask_what(turn: Turn) -> Ask:
    """Ask what a lone amount was for (TX-29)."""
    seen = see(turn)
    return gone() if seen is None else Ask("receipts.what", {"amount": _amount(seen).strip(". ")}, expects=("text",))


@take("what")
def take_what(turn: Turn, answer: Answer) -> Next:
    """Take a store, a thing, or both."""
    seen = see(turn)
    if seen is None:
        return End()
    found = read_answer(f"1.00 {answer.text}", seen.owner.today, seen.owner.currency, seen.owner.locale)
    if not isinstance(found, Expense) or not (found.merchant or found.description):
        raise Mistake("receipts.no_thing")
    day = {} if found.date is None else {"date": told(found.date)}
    merchant = told(found.merchant) if found.merchant else None
    tags = tuple(found.tags)
    fields = answered(seen.fields, "what_for").but(merchant=merchant, description=found.description, tags=tags, **day)
    return onward(turn, keep(turn, seen, drafts.settled(turn.work, seen.owner, fields)))


@ask("note", effort=False, free_text=True)
def ask_note(turn: Turn) -> Ask:
    """Ask for the note."""
    return Ask("receipts.note", expects=("text",))


@take("note")
def take_note(turn: Turn, answer: Answer) -> Next:
    """Take the note as it is."""
    return _told_field(turn, "note", answer.text, "receipts.no_note")


@ask("category", effort=False)
def ask_category(turn: Turn) -> Ask:
    """Offer the likeliest categories; MORE shows the next, and any name may be typed."""
    seen = see(turn)
    if seen is None:
        return gone()
    tree = tree_of(turn, seen.owner)
    shown = likeliest(turn, seen, tree)[focus(turn).page * LIKELIEST :][:LIKELIEST]
    choices = [Choice(str(one), text=wording.category_name(turn, tree, one)) for one in shown]
    more = Choice("more", key="receipts.more_button", words=("more", "others", "next"))
    return Ask("receipts.category", choices=(*choices, more), expects=("text",), open_choices=True, in_place=True)


def likeliest(turn: Turn, seen: Seen, tree: Tree) -> list[int]:
    """Return the categories in the order in which they are offered: those in use, the usual ones, then all."""
    span = Span(seen.owner.today.replace(day=1, year=seen.owner.today.year - 1), seen.owner.today)
    rows = sorted(totals.by_category(turn.work, seen.owner.id, span), key=lambda row: -row.entries)
    used = [row.category_id for row in rows if tree.get(row.category_id)]
    usual = [one for key in _USUAL if (one := tree.by_key(key)) is not None]
    shown = tree.ids()
    leaves = [one for one in sorted(shown) if not tree.children(one)]
    ordered = [one for one in dict.fromkeys((*used, *usual, *leaves)) if one in shown]
    return [one for one in ordered if one != seen.fields.category_id]


@take("category")
def take_category(turn: Turn, answer: Answer) -> Next:
    """Take a category by choice or by name."""
    seen = see(turn)
    if seen is None:
        return End()
    if answer.choice == "more":
        offered = len(likeliest(turn, seen, tree_of(turn, seen.owner)))
        focus(turn).page = (focus(turn).page + 1) % max(1, -(-offered // LIKELIEST))
        return Goto("category", forget=True)
    focus(turn).page = 0
    if answer.choice is not None:
        return apply(turn, seen, Changed(edits.categorised(int(answer.choice), seen.fields), frozenset({"category"})))
    return _told_field(turn, "category", answer.text, "receipts.no_category")


@ask("currency", effort=False)
def ask_currency(turn: Turn) -> Ask:
    """Ask which currency it is."""
    seen = see(turn)
    if seen is None:
        return gone()
    own = tuple(dict.fromkeys((seen.fields.currency.value, seen.owner.currency)))
    choices = tuple(Choice(code, text=code, words=_words(code)) for code in own)
    return Ask("receipts.currency", {"known": known(turn, seen)}, choices=choices, expects=("text",),
        open_choices=True, in_place=True)  # fmt: skip


def _words(code: str) -> tuple[str, ...]:
    return tuple(word for word, of in currency_table().words.items() if of == code)[:8]


@take("currency")
def take_currency(turn: Turn, answer: Answer) -> Next:
    """Take the currency."""
    seen = see(turn)
    if seen is None:
        return End()
    if answer.choice is not None:
        fields = answered(seen.fields, "currency").but(currency=told(answer.choice, answer.text[:20]))
        return onward(turn, keep(turn, seen, fields))
    return _told_field(turn, "currency", answer.text, "receipts.no_currency")


def _told_field(turn: Turn, name: str, text: str, otherwise: str) -> Next:
    """Take the value of a field, or a correction of others; raise Mistake when it is neither."""
    seen = see(turn)
    if seen is None:
        return End()
    tree = tree_of(turn, seen.owner)
    if name == "store" and edits.is_addressed(text):
        changed = edits.read(text, seen.fields, seen.owner, tree)
    elif (fields := edits.change(name, text.strip(), seen.fields, seen.owner, tree)) is not None:
        changed = Changed(fields, frozenset({name}))
    else:
        changed = edits.read(text, seen.fields, seen.owner, tree)
        if changed is not None and "amount" in changed.names and not _says_amount(text):
            changed = None
    if changed is None:
        raise Mistake(otherwise)
    return apply(turn, seen, changed)


def _says_amount(text: str) -> bool:
    return tells_money(text) or edits.is_addressed(text)
