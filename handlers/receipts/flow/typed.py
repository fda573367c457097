"""A purchase in words: typed, spoken, or forwarded from a bank (rules CAP-6, CAP-8, NOT-1 to NOT-3).

U> 12.50 lunch joe's #work
B> Joe's $12.50, today, Restaurants #work. OK, EDIT or DROP.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from bot.core.fold import fold
from bot.engine.answers import match_choices
from bot.engine.turn import Turn
from handlers.receipts import drafts, regulars, wording
from handlers.receipts.duplicates import older_of
from handlers.receipts.fields import Fields, Value, told
from handlers.receipts.flow import batch, doubtful, elsewhere
from handlers.receipts.flow.flow import owner, receipt_flow
from handlers.receipts.later import bills
from handlers.receipts.owner import Owner
from handlers.receipts.typed import Expense, NoExpense, Several, read_expense
from handlers.receipts.typed.nouns import is_generic
from storage.receipts import sources
from storage.receipts.duplicates import point_at

_TOKENS = re.compile(r"[^\W_]+")
_FEW = 4
_CLEAR = frozenset({"otp", "declined", "balance"})
_VAGUE = frozenset({"due", "statement", "shipping", "advert"})
_NUMBER = re.compile(r"\d")
_DIGIT = re.compile(r"\d[.)]?")
_EARNED = re.compile(r"\b(?:paid|salary|payroll|wages?|paycheck|pagaron|sueldo|nomina|gehalt|sold)\b", re.I)


def warm() -> None:
    """Compile what reads purchases before the first person writes one."""
    for text in ("12.50 lunch joe's yesterday", "how much is it?"):
        read_expense(text, date(2026, 3, 2), "USD")


def take_words(turn: Turn, text: str, *, kind: str | None = None) -> bool:
    """Open a draft for a purchase in words; False when the words are none."""
    of = owner(turn)
    found = read_expense(text, of.today, of.currency, of.locale, of.country)
    if elsewhere.service_of(turn, text, found) is not None:
        return False
    kind = kind or ("bank_text" if elsewhere.BANK.search(text) and len(text) > 40 else "text")
    match found:
        case Expense():
            _open(turn, of, [_fields(turn, of, found, text, kind)], kind)
            return True
        case Several(several):
            _open(turn, of, [drafts.of_expense(one, of, raw_text=text) for one in several], kind)
            return True
        case NoExpense():
            return _no_expense(turn, of, found, text, kind)


def take_beside(turn: Turn, text: str) -> bool:
    """Keep a purchase that is typed while another service asks and that does not answer it (CAP-6, UX-21)."""
    top = turn.conversation.top
    if top is None or top.flow == receipt_flow.name or not elsewhere.says_it_was_spent(text):
        return False
    of = owner(turn)
    found = read_expense(text, of.today, of.currency, of.locale, of.country)
    if not (isinstance(found, Expense) and (found.merchant or found.description)):
        return False
    if elsewhere.service_of(turn, text, found) is not None:
        return False
    fields = _fields(turn, of, found, text, "text")
    _kept(turn, of, [fields], "text")
    turn.say("receipts.kept_beside", what=wording.priced(turn, fields))
    return True


def _fields(turn: Turn, of: Owner, found: Expense, text: str, kind: str) -> Fields:
    """Return the fields of one purchase, with a merchant that the person knows; a bank's number is no shop's."""
    fields = drafts.of_expense(regulars.in_words(turn.work, of.id, found, text), of, raw_text=text)
    return fields if kind == "bank_text" else fields.but(phone=regulars.phone_of(text))


def _open(turn: Turn, of: Owner, purchases: list[Fields], kind: str) -> None:
    batch.open_batch(turn, _kept(turn, of, purchases, kind))


def _kept(turn: Turn, of: Owner, purchases: list[Fields], kind: str) -> list[int]:
    ids = []
    for place, fields in enumerate(purchases):
        source = sources.claim(turn.work, of.id, kind=kind, provider_id=turn.event.key, media_index=place)
        ready = drafts.settled(turn.work, of, fields)
        row = drafts.open_draft(turn.work, of, ready, source_id=source)
        older = older_of(turn.work, of.id, ready, than=row.id)
        if older is not None:
            point_at(turn.work, of.id, row.id, older)
        ids.append(int(row.id))
    return ids


# -- what is none --------------------------------------------------------------------------------------------------


def _no_expense(turn: Turn, of: Owner, found: NoExpense, text: str, kind: str) -> bool:
    if found.reason == "quoted" and elsewhere.tells_money(text):
        turn.say("receipts.no_purchase_quoted")
        return True
    act = _REASONS.get(found.reason)
    if act is not None:
        return act(turn, of, found, text)
    if found.reason == "due" and bills.offered(turn, of, found, text):
        return True
    if found.reason in _CLEAR or (found.reason in _VAGUE and (elsewhere.BANK.search(text) or _NUMBER.search(text))):
        turn.say(f"receipts.no_purchase_{found.reason}")
        return True
    return False


def _without_amount(turn: Turn, of: Owner, found: NoExpense, text: str) -> bool:
    """Ask what a "coffee" cost; other words without an amount are none of ours (TX-28)."""
    spoken = _TOKENS.findall(fold(text))
    if not spoken or len(spoken) > _FEW or not all(map(is_generic, spoken)):
        return False
    _open(turn, of, [Fields(currency=Value(of.currency), description=fold(text), date=Value(of.today))], "text")
    return True


def _without_thing(turn: Turn, of: Owner, found: NoExpense, text: str) -> bool:
    """Ask what a lone amount was for (TX-29); a lone digit answers a question that is no more, and gets the menu."""
    if found.amount_minor is None or _DIGIT.fullmatch(text.strip()) or answers_menu(turn, text):
        return False
    fields = Fields(
        currency=Value(found.currency or of.currency), total=told(found.amount_minor, text[:40]), date=Value(of.today),
        questions=("what_for",),
    )  # fmt: skip
    _open(turn, of, [fields], "text")
    return True


def answers_menu(turn: Turn, text: str) -> bool:
    """Tell whether a text picks one of the choices on show ("1", "one", "my cases"), and so is no purchase."""
    prompt = turn.conversation.prompt
    if prompt is None or not prompt.choices or turn.address is None or prompt.address_id != turn.address.id:
        return False
    options = [(str(value), str(label), tuple(more)) for value, label, more in prompt.choices]
    return match_choices(text, options) is not None


def _rivals(turn: Turn, of: Owner, found: NoExpense, text: str) -> bool:
    """Ask which of two amounts it was, or in which currency, or whether a very large one is right (AMT-10)."""
    if found.reason == "currency" and found.amount_minor:
        fields = Fields(
            currency=Value(of.currency), total=told(found.amount_minor), date=Value(of.today), questions=("currency",)
        )
        _open(turn, of, [fields], "text")
        return True
    turn.say(f"receipts.ask_{found.reason}", choices=" or ".join(found.candidates))
    return True


def _income(turn: Turn, of: Owner, found: NoExpense, text: str) -> bool:
    if found.amount_minor is None or not (
        elsewhere.tells_money(text) or elsewhere.BANK.search(text) or _EARNED.search(text)
    ):
        return False
    currency = found.currency or of.currency
    fields = Fields(
        currency=Value(currency), kind="income", total=told(-abs(found.amount_minor)), date=Value(of.today),
    )  # fmt: skip
    turn.say("receipts.income", amount=wording.money(abs(found.amount_minor), currency))
    _open(turn, of, [fields], "bank_text")
    return True


def _planned(turn: Turn, of: Owner, found: NoExpense, text: str) -> bool:
    """Say that a purchase lies ahead; a plan with a number that is no money ("I want to do 3 calls") is not ours."""
    if found.amount_minor is not None and not elsewhere.tells_money(text):
        return False
    turn.say("receipts.planned")
    return True


def _doubtful(turn: Turn, of: Owner, found: NoExpense, text: str) -> bool:
    """Ask whether words are a purchase; of a merchant that the person has bought from before they are."""
    fields = doubtful.fields_of(turn, of, text)
    if fields is None:
        return False
    if fields.name and regulars.knows(turn.work, of.id, fields.name):
        _open(turn, of, [fields], "text")
    elif turn.conversation.top is None:
        doubtful.ask_whether(turn, text)
    else:
        return False
    return True


_REASONS: dict[str, Callable[[Turn, Owner, NoExpense, str], bool]] = {
    "no_amount": _without_amount,
    "what_for": _without_thing,
    "which_amount": _rivals,
    "currency": _rivals,
    "zero": _rivals,
    "too_large": _rivals,
    "income": _income,
    "planned": _planned,
    "doubtful": _doubtful,
    "likely": _doubtful,
}
