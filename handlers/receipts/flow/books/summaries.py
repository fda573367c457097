"""What was spent, in fixed words (rules SUM-3, SUM-4, SUM-8, DRF-3).

U> summary march
B> March so far: $412.07 spent, 12 purchases. Groceries 60%, Food 25%, Uncategorised 15%. Biggest "IKEA" $102.60.
   February $380.00. 2 waiting, $38.10.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.engine.turn import Turn
from handlers.receipts import wording
from handlers.receipts.books.finding import sums
from handlers.receipts.books.query import Query
from handlers.receipts.books.ranges import Range
from handlers.receipts.books.rates import RateFile
from handlers.receipts.books.summary import CurrencySummary, Share
from handlers.receipts.categories.tree import UNCATEGORISED
from handlers.receipts.flow.books.opened import Books, cache_of, meant, named, open_books, plain, summary_of, waiting
from handlers.receipts.flow.books.rows import name_of
from handlers.receipts.flow.elsewhere import belongs_elsewhere
from storage.receipts.search import Filter
from storage.receipts.totals import SPENDING

SHOWN_ON_SMS, SHOWN = 3, 10
_PREPOSITION = re.compile(r"^(?:on|for|at|in|of|en|de)\s+", re.I)


def summary(turn: Turn, rest: str) -> bool:
    """Answer SUMMARY with a range, or with more than that, in the words of a search."""
    books = open_books(turn)
    query = meant(turn, books, rest)
    if is_whole(query):
        _whole(turn, books, query.range or books.this_month)
        return True
    if belongs_elsewhere(turn, rest):
        return False
    _part(turn, books, query, rest)
    return True


def told(turn: Turn, rest: str) -> bool:
    """Answer "biggest expense last month", "total for food", "spending by category": words that are nothing else."""
    books, bare = open_books(turn), _PREPOSITION.sub("", rest.strip(" ?!."))
    query = meant(turn, books, bare)
    is_range = is_whole(query) and (query.range is not None or not bare)
    if not (is_range or (query.filter.categories is not None and _is_structured(query.filter))):
        return False
    return summary(turn, bare)


def spent(turn: Turn, rest: str) -> bool:
    """Answer "spent this week", "spent on food"; with an amount in it, it is a purchase."""
    query = meant(turn, open_books(turn), rest)
    is_range = query.range is not None or query.filter.categories is not None
    return is_range and _is_structured(query.filter) and summary(turn, rest)


def _is_structured(wanted: Filter) -> bool:
    return not wanted.words and wanted.least_milli is None and wanted.most_milli is None and wanted.code is None


def is_whole(query: Query) -> bool:
    """Tell whether words name a range or nothing, and no part of what was spent."""
    return query.filter == Filter(start=query.filter.start, end=query.filter.end)


# -- of everything -------------------------------------------------------------------------------------------------


def _whole(turn: Turn, books: Books, wanted: Range) -> None:
    found = summary_of(turn, books, wanted)
    label, beside = _label(turn, books, wanted), waiting(turn, books)
    if not found.currencies:
        turn.say("books.nothing_spent", range=named(turn, wanted, books), waiting=f" {beside}." if beside else "")
        return
    main, *others = found.currencies
    pieces = [_head(turn, label, main), *_beside(turn, main), _shares(turn, books, main)]
    pieces += [*_biggest(turn, books, main), *_before(turn, books, wanted, main)]
    for one in others:
        pieces += _other(turn, books, one)
    pieces += about(turn, books, [(one.spent_minor, one.currency) for one in found.currencies])
    pieces += [beside] if beside else []
    turn.lines.append(f"{'. '.join(pieces)}." if turn.channel == "sms" else "\n".join(pieces))


def _label(turn: Turn, books: Books, wanted: Range) -> str:
    label = named(turn, wanted, books)
    label = label[:1].upper() + label[1:]
    unfinished = wanted.start <= books.owner.today < wanted.end and wanted.days > 1 and wanted.start.year > 1
    return turn.text("books.so_far", range=label) if unfinished else label


def _head(turn: Turn, label: str, one: CurrencySummary) -> str:
    key = "books.head_one" if one.count == 1 else "books.head"
    return turn.text(key, range=label, amount=wording.money(one.spent_minor, one.currency), count=one.count)


def _beside(turn: Turn, one: CurrencySummary) -> list[str]:
    amounts = (("refunds", one.refunds_minor), ("income", one.income_minor), ("pending", one.pending_minor))
    return [turn.text(f"books.{name}", amount=wording.money(of, one.currency)) for name, of in amounts if of]


def _shares(turn: Turn, books: Books, one: CurrencySummary) -> str:
    """List the largest categories; Uncategorised is always among them."""
    most = SHOWN_ON_SMS if turn.channel == "sms" else SHOWN
    told = [share for share in one.shares if share.percent or (share.amount_minor and turn.channel != "sms")]
    shown = [share for share in told if share.category_id != UNCATEGORISED][:most]
    shown += [share for share in one.shares if share.category_id == UNCATEGORISED]
    shown.sort(key=lambda share: -share.amount_minor)
    joint = ", " if turn.channel == "sms" else "\n"
    return joint.join(_share(turn, books, share, one.currency) for share in shown)


def _share(turn: Turn, books: Books, share: Share, currency: str) -> str:
    name = wording.category_name(turn, books.tree, share.category_id or None)
    amount = wording.money(share.amount_minor, currency)
    return turn.text("books.share", name=name, percent=share.percent, amount=amount)


def _biggest(turn: Turn, books: Books, one: CurrencySummary) -> list[str]:
    if one.biggest is None or one.count == 1:
        return []
    return [
        turn.text(
            "books.biggest",
            name=name_of(turn, one.biggest),
            amount=wording.money(one.biggest.amount_minor, one.currency),
            day=wording.day(turn, one.biggest.date, books.owner.today),
        )
    ]


def _before(turn: Turn, books: Books, wanted: Range, one: CurrencySummary) -> list[str]:
    if wanted.previous is None or one.previous_minor is None or wanted.start.year == 1:
        return []
    change = one.spent_minor - one.previous_minor
    key = "books.before_more" if change > 0 else "books.before_less" if change < 0 else "books.before_same"
    label = named(turn, wanted.previous, books)
    amount, by = wording.money(one.previous_minor, one.currency), wording.money(abs(change), one.currency)
    return [turn.text(key, range=label[:1].upper() + label[1:], amount=amount, by=by)]


def _other(turn: Turn, books: Books, one: CurrencySummary) -> list[str]:
    amount = wording.money(one.spent_minor, one.currency)
    key = "books.also_one" if one.count == 1 else "books.also"
    head = [turn.text(key, amount=amount, count=one.count), *_beside(turn, one)]
    return head if turn.channel == "sms" else [*head, _shares(turn, books, one)]


def about(turn: Turn, books: Books, amounts: Sequence[tuple[int, str]]) -> list[str]:
    """Say what amounts of several currencies come to, by the operator's stored rates and with their day (SUM-4)."""
    kept: RateFile | None = turn.registry.settings.get(RateFile)
    rates = kept.newest() if kept is not None and len({currency for _, currency in amounts}) > 1 else None
    total = None if rates is None else rates.about(amounts, books.owner.currency)
    if rates is None or total is None:
        return []
    day = wording.day(turn, rates.date, books.owner.today)
    return [turn.text("books.about", amount=wording.money(total, books.owner.currency), day=day)]


# -- of a part -----------------------------------------------------------------------------------------------------


def _part(turn: Turn, books: Books, query: Query, rest: str) -> None:
    """Answer what a category, a store or a tag came to, with the range before where a range was named."""
    wanted = query.range or books.this_month
    kinds = query.filter.kinds or SPENDING
    narrowed = replace(query.filter, start=wanted.start, end=wanted.end, kinds=kinds)
    label = plain(_PREPOSITION.sub("", rest.strip(" ?.!")))
    if query.range is None:
        label = f"{label}, {named(turn, wanted, books)}"
    label = label[:1].upper() + label[1:]
    cache = cache_of(turn)
    found = sums(turn.work, books.owner.id, narrowed, cache=cache)
    if not found:
        turn.say("books.nothing_found", label=label)
        return
    count = sum(one.count for one in found)
    amounts = ", ".join(wording.money(one.amount_minor, one.currency) for one in found)
    turn.say("books.part_one" if count == 1 else "books.part", label=label, amounts=amounts, count=count)
    for said in about(turn, books, [(one.amount_minor, one.currency) for one in found]):
        turn.lines[-1] += f" {said}."
    if wanted.previous is not None and wanted.start.year > 1:
        earlier_days = replace(narrowed, start=wanted.previous.start, end=wanted.previous.end)
        before = sums(turn.work, books.owner.id, earlier_days, cache=cache)
        earlier = ", ".join(wording.money(one.amount_minor, one.currency) for one in before)
        previous = named(turn, wanted.previous, books)
        if earlier:
            turn.lines[-1] += " " + turn.text("books.part_before", range=previous, amounts=earlier)
