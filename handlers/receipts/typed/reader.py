"""From a text to an expense: the order in which its parts are read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from handlers.receipts.currencies import exponent, format_amount, is_currency, largest_usual
from handlers.receipts.merchants import brands, merchant_key
from handlers.receipts.typed.amounts import Amount, Rank, find_amounts, percentages, take_no_money
from handlers.receipts.typed.arithmetic import combined, percent_tip, take_split
from handlers.receipts.typed.choice import choose, is_alternative
from handlers.receipts.typed.circumstances import take_circumstances
from handlers.receipts.typed.dates import OLDEST, Calendar, FoundDay, find_days, number_order
from handlers.receipts.typed.entry import Expense, Kind, NoExpense, Reading, Several
from handlers.receipts.typed.lexicon import phrases
from handlers.receipts.typed.message import Message, is_only_headed, languages, read_message
from handlers.receipts.typed.number_words import find_word_amounts
from handlers.receipts.typed.payee import find_payee
from handlers.receipts.typed.refusals import is_spending, refusal
from handlers.receipts.typed.statement import tells_other

MOST_DRAFTS = 10
_GOT_BACK = re.compile(
    r"\b(?:got|get|received|gave me)\s[^\w\s]{0,3}\d[\d.,]*\s(?:\w+\s)?back\b"
    r"|\b(?:got|get|received)\sback\s[^\w\s]{0,3}\d"
)
_LEAST = re.compile(
    r"\bmin(?:imum|\.)?\s(?:amount\s|payment\s)?(?:due\s)?(?:(?:is|of|:)\s?)?[^\w\s]{0,3}(?:[a-z]{2,3}\.?\s)?\Z"
)
_COMMA = re.compile(r",\s|[;\n&+]|\sand\s")
_LISTED = re.compile(r"[^\W\d_][^\d]{1,30}?\s\W?\d[\d.]*\W?|\W?\d[\d.]*\W?\s[^\W\d_][^\d]{1,30}")
_SHORTEST_LIST = 2
_RETURNED = re.compile(r"return\s(?!(?:ticket|flight|trip|fare|train|bus|journey)s?(?!\w))")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of the person who wrote: today there, their currency, language and country."""

    today: date
    currency: str
    locale: str = "en"
    country: str | None = None


def read_expense(text: str, today: date, currency: str, locale: str = "en", country: str | None = None) -> Reading:
    """Read one typed or forwarded text.

    `currency` is the person's own (an ISO 4217 code; raises ValueError for another). No text raises; the work grows
    with the first 2,000 characters only.
    """
    return _reading(text, Person(today, currency, locale, country), is_statement=True)


def read_answer(text: str, today: date, currency: str, locale: str = "en", country: str | None = None) -> Reading:
    """Read words that are known to be of a purchase, as an answer or a correction: whatever their sentence is."""
    return _reading(text, Person(today, currency, locale, country), is_statement=False)


def _reading(text: str, person: Person, *, is_statement: bool) -> Reading:
    if not is_currency(person.currency):
        raise ValueError(f"not an ISO 4217 code: {person.currency[:10]!r}")
    message = read_message(text)
    if reason := refusal(message.flat):
        return _refused(message, reason, person)
    if is_statement and (not message.is_forwarded or is_only_headed(message)) and (other := _other(message, person)):
        return other
    return _read(message, person, may_divide=True)


def _refused(message: Message, reason: str, person: Person) -> NoExpense:
    """Return the refusal with the amount that was seen, so that an income or a reminder can be offered."""
    if reason not in ("income", "due", "transfer", "declined"):
        return NoExpense(reason)
    _take_days(message, person)
    take_no_money(message)
    seen = find_amounts(message, person.currency)
    amounts = choose(message, seen).amounts or (_least_due(message, seen) if reason == "due" else ())
    code = _currency_of(amounts[0], person) if amounts else None
    return NoExpense(reason, amount_minor=_minor(amounts[0].value, code) if code else None, currency=code)


def _least_due(message: Message, amounts: Sequence[Amount]) -> tuple[Amount, ...]:
    """Return the least that a statement asks for, where it names no total that is due (BK-13)."""
    return tuple(amount for amount in amounts if amount.value and _LEAST.search(message.flat[: amount.start]))[:1]


def _other(message: Message, person: Person) -> NoExpense | None:
    """Return what the person's own words say instead of spending, with the amount that was seen."""
    seen = replace(message, taken=list(message.taken))
    days = _take_days(seen, person)
    take_no_money(seen)
    for start, end, _ in percentages(seen):
        seen.take(start, end)
    amounts = _numbers(seen, person)
    why = tells_other(seen, amounts, person.currency, is_dated=bool(days)) if amounts else None
    if why is None:
        return None
    chosen = choose(seen, amounts).amounts
    code = _currency_of(chosen[0], person) if chosen else None
    question = {"planned": "date", "doubtful": "purchase", "likely": "purchase"}.get(why)
    return NoExpense(why, question, amount_minor=_minor(chosen[0].value, code) if code else None, currency=code)


def _numbers(message: Message, person: Person) -> list[Amount]:
    """Return the amounts in figures and in words, in the text's order."""
    amounts = find_amounts(message, person.currency)
    spelled = find_word_amounts(message, person.currency, only_with_currency=any(a.value for a in amounts))
    return sorted([*amounts, *spelled], key=lambda amount: amount.start)


def _take_days(message: Message, person: Person) -> list[FoundDay]:
    """Find the days; the text's own currency settles the order of day and month (DAT-4)."""
    told = next(
        (code for amount in find_amounts(message, person.currency) if (code := _told_currency(amount, person))), None
    )
    order = (
        number_order(told, None) if told and told != person.currency else number_order(person.currency, person.country)
    )
    return find_days(message, Calendar(person.today, order))


def _told_currency(amount: Amount, person: Person) -> str | None:
    return amount.code or (amount.shared.settle(person.currency) if amount.shared else None)


def _currency_of(amount: Amount, person: Person) -> str | None:
    """Return the currency of an amount, the person's own when the text tells none; None must be asked."""
    return _told_currency(amount, person) if amount.code or amount.shared else person.currency


def _read(message: Message, person: Person, *, may_divide: bool) -> Reading:
    days = _take_days(message, person)
    if any(day.is_planned for day in days):
        return NoExpense("planned", "date")
    take_no_money(message)
    people = None if message.is_forwarded else take_split(message)
    percents = percentages(message)
    percent = None if message.is_forwarded else percent_tip(message, percents)
    for start, end, _ in percents:
        message.take(start, end)
    amounts = _numbers(message, person)
    tip = None
    if not message.is_forwarded:
        amounts, tip = combined(message, amounts)
    if may_divide and (listed := _listed(message, amounts, person)):
        return Several(listed)
    choice = choose(message, amounts)
    if not choice.amounts:
        return NoExpense("no_amount", "amount")
    if not choice.only:
        drafts = (
            _divided(message, choice.amounts, person)
            if may_divide and not is_alternative(message, choice.amounts)
            else ()
        )
        return Several(drafts) if drafts else _which(choice.amounts, person)
    sums = _Sums(choice.only, tip, percent, people)
    return _expense(message, sums, days, person)


def _which(amounts: Sequence[Amount], person: Person) -> NoExpense:
    shown = [
        format_amount(_minor(amount.value, code), code) for amount in amounts if (code := _currency_of(amount, person))
    ]
    return NoExpense("which_amount", "amount", tuple(dict.fromkeys(shown)))


def _listed(message: Message, amounts: Sequence[Amount], person: Person) -> tuple[Expense, ...]:
    """Return the drafts of a list whose every part is one known thing or shop with one number ("uber 12, bus 3")."""
    parts = [part for part in _COMMA.split(message.flat) if part.strip()]
    if len(amounts) != len(parts) or len(parts) < _SHORTEST_LIST or any(a.rank is Rank.LABELLED for a in amounts):
        return ()
    if not all(_LISTED.fullmatch(part.strip()) for part in parts):
        return ()
    return _divided(message, amounts, person)


def _divided(message: Message, amounts: Sequence[Amount], person: Person) -> tuple[Expense, ...]:
    """Return one draft for each amount when each has its own words, before it or after it (TX-31)."""
    if message.is_forwarded or len(amounts) > MOST_DRAFTS:
        return ()
    starts = [amount.start for amount in amounts]
    text = message.text
    if not _has_words(message.flat[: starts[0]]):
        pieces = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    else:
        ends = [amount.end for amount in amounts]
        pieces = [text[a:b] for a, b in zip([0, *ends[:-1]], [*ends[:-1], len(text)], strict=True)]
    if not all(_has_words(re.sub(r"\d", "", read_message(piece).flat)) for piece in pieces):
        return ()
    readings = [_read(read_message(piece.strip(" ,;+&\n")), person, may_divide=False) for piece in pieces]
    drafts = tuple(reading for reading in readings if isinstance(reading, Expense))
    if len(drafts) < len(amounts) or not _are_purchases(amounts, drafts):
        return ()
    named = {draft.date for draft in drafts if draft.date}
    return tuple(replace(draft, date=min(named)) for draft in drafts) if len(named) == 1 else drafts


def _are_purchases(amounts: Sequence[Amount], drafts: Sequence[Expense]) -> bool:
    """Say whether several amounts are prices: written as money is, or each of a known thing or shop (no score)."""
    return all(
        amount.rank is not Rank.BARE or draft.description or merchant_key(draft.merchant or "") in brands()
        for amount, draft in zip(amounts, drafts, strict=True)
    )


def _has_words(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{3}", text))


@dataclass(frozen=True, slots=True)
class _Sums:
    """The amount as the text states it and what is still to be computed with it."""

    amount: Amount
    tip: Amount | None
    percent: Decimal | None
    people: int | None


def _minor(value: Decimal, code: str) -> int:
    return int((value * 10 ** exponent(code)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _expense(message: Message, sums: _Sums, days: list[FoundDay], person: Person) -> Reading:
    amount = sums.amount
    code = _currency_of(amount, person)
    if code is None:
        codes = tuple(sorted(amount.shared.codes)) if amount.shared else ()
        return NoExpense("currency", "currency", codes)
    if not amount.value:
        return NoExpense("zero", "amount")
    full = _minor(amount.value, code)
    if full > largest_usual(code):
        return NoExpense("too_large", "amount", (format_amount(full, code),), amount_minor=full, currency=code)
    tip = _minor(sums.tip.value, code) if sums.tip else None
    if sums.percent is not None:
        tip = _minor(amount.value * sums.percent / 100, code)
        full += tip
    note = f"{_plain(full, code)} / {sums.people}" if sums.people else None
    share = (2 * full + sums.people) // (2 * sums.people) if sums.people else full
    kind = _kind(message, amount)
    message.take(amount.start, amount.end)
    for match in re.finditer(rf"(?<![^\W_]){code}(?![^\W_])", message.text):
        message.take(*match.span())
    if not message.is_forwarded:
        take_circumstances(message)
    payee = find_payee(message, languages(message, person.locale), is_refund=kind is Kind.REFUND)
    merchant = None if kind is Kind.TRANSFER else payee.merchant
    if _is_bare_number(message, amount, payee.merchant, payee.description) and not days:
        return NoExpense("what_for", "merchant", (format_amount(full, code),), amount_minor=full, currency=code)
    expense = Expense(
        -share if kind is Kind.REFUND else share,
        code,
        merchant=merchant,
        description=payee.description,
        kind=kind,
        tip=tip,
        tags=message.tags,
        note=note,
        last4=message.last4,
        split=sums.people,
        recurring=_recurring(message),
        confidence=_confidence(amount, merchant, payee.description),
    )
    return _dated(expense, days, person.today)


def _plain(amount_minor: int, code: str) -> str:
    from handlers.receipts.currencies import decimal_text

    return decimal_text(amount_minor, code)


def _is_bare_number(message: Message, amount: Amount, merchant: str | None, description: str | None) -> bool:
    """Say whether the text is one whole number without a sign: likelier an answer to a menu than an expense (TX-29)."""
    return amount.rank is Rank.BARE and not (merchant or description or message.tags or _has_words(message.flat))


def _kind(message: Message, amount: Amount) -> Kind:
    if phrases("numbers", "own_transfers").search(message.flat):
        return Kind.TRANSFER
    if phrases("numbers", "cash_machines").search(message.flat) and not phrases("numbers", "no_cash_machine").search(
        message.flat
    ):
        return Kind.TRANSFER
    refund = (
        _GOT_BACK.search(message.flat)
        or phrases("numbers", "refund_words").search(message.flat)
        or (not message.is_forwarded and _RETURNED.match(message.flat))
    )
    if refund and not (
        refund[0].startswith("cash") and re.search(r"\b(?:spent|charged|purchase|paid)\b", message.flat)
    ):
        return Kind.REFUND
    return (
        Kind.REFUND if amount.is_negative and not (message.is_forwarded and is_spending(message.flat)) else Kind.EXPENSE
    )


def _recurring(message: Message) -> str | None:
    match = phrases("merchants", "words", "recurring").search(message.flat)
    if not match:
        return None
    return (
        "weekly"
        if "week" in match[0]
        else "yearly"
        if match[0][:2] in ("ye", "an") or "year" in match[0]
        else "monthly"
    )


def _confidence(amount: Amount, merchant: str | None, description: str | None) -> float:
    """Return a figure of 0 to 1 from how the amount was told and whether a thing or a merchant was."""
    told = {Rank.BARE: 0.6, Rank.DECIMALS: 0.8, Rank.CURRENCY: 0.9, Rank.LABELLED: 0.95}[amount.rank]
    return told if merchant else told - (0.05 if description else 0.2)


def _dated(expense: Expense, days: list[FoundDay], today: date) -> Expense:
    """Add the day that the text names: too old or to come is asked (DAT-7), ambiguous keeps both readings."""
    found = next((day for day in days if day.day), None)
    if not found or not found.day:
        return expense
    both = (found.day, found.other) if found.other else ()
    if found.day > today or today - found.day > OLDEST:
        return replace(expense, question="date", candidates=(found.day.isoformat(),))
    if both:
        asked = tuple(day.isoformat() for day in both)
        return replace(expense, date=found.day, dates=both, question="date", candidates=asked)
    return replace(expense, date=found.day)
