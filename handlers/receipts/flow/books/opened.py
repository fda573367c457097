"""The books of the person who asks, opened for one turn: whose they are, their categories, what their words mean."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.fold import fold
from bot.engine.turn import Turn
from handlers.receipts import wording
from handlers.receipts.books import query
from handlers.receipts.books.cache import BookCache
from handlers.receipts.books.query import Query
from handlers.receipts.books.ranges import Range, Unit, period
from handlers.receipts.books.summary import Summary, summarise
from handlers.receipts.categories import Tree
from handlers.receipts.currencies import is_currency
from handlers.receipts.flow.edits import category_in
from handlers.receipts.flow.flow import owner, tree_of
from handlers.receipts.owner import Owner
from handlers.receipts.typed import Expense, NoExpense, read_answer
from storage.receipts import accounts, book, receipts

_CODE = re.compile(r"\b[A-Z]{3}\b")
_WORDS_TOO = frozenset({"ALL", "TOP", "TRY", "CUP", "COP", "PEN", "MAD", "SOS", "BAM", "GEL"})
"""Codes that are words: they count in capitals only."""


@dataclass(frozen=True, slots=True)
class Books:
    """Whose books, and their categories."""

    owner: Owner
    tree: Tree

    @property
    def this_month(self) -> Range:
        """The month that holds today."""
        return period(Unit.MONTH, self.owner.today)


def open_books(turn: Turn) -> Books:
    """Return the books of the person of this turn."""
    of = owner(turn)
    return Books(of, tree_of(turn, of))


def meant(turn: Turn, books: Books, text: str) -> Query:
    """Return what words of a search or of a range mean to this person."""
    of = books.owner
    named = query.scene(books.tree, accounts.of_person(turn.work, of.id), of.today, week_start=of.week_start)
    return query.parse(text, named)


def cache_of(turn: Turn) -> BookCache:
    """Return what this process keeps of the books of everybody."""
    kept: BookCache = turn.registry.settings[BookCache]
    return kept


def summary_of(turn: Turn, books: Books, wanted: Range) -> Summary:
    """Return the summary of a range, the one of before when nothing has changed since (PERF-3)."""
    revision = book.revision(turn.work, books.owner.id)
    return cache_of(turn).get(
        books.owner.id, revision, ("summary", wanted), lambda: summarise(turn.work, books.owner.id, wanted, books.tree)
    )


def category_named(books: Books, text: str) -> int | None:
    """Return the one category that words mean, None when they mean none or several."""
    return category_in(text.strip(" .!>"), books.tree)


def path_of(books: Books, category_id: int) -> str:
    """Write a category with what it hangs under."""
    return " > ".join(one.name for one in books.tree.path(category_id))


def amount_in(books: Books, text: str) -> tuple[int, str] | None:
    """Read an amount with its currency, the person's own where none is named."""
    of = books.owner
    found = read_answer(f"{text} x", of.today, of.currency, of.locale, of.country)
    if isinstance(found, Expense):
        return found.amount_minor, found.currency
    if isinstance(found, NoExpense) and found.reason == "what_for" and found.amount_minor:
        return found.amount_minor, found.currency or of.currency
    return None


def currency_in(text: str) -> tuple[str | None, str]:
    """Return the currency code that stands in a text, if any, and the text without it."""
    for found in _CODE.finditer(text.upper()):
        code, written = found[0], text[found.start() : found.end()]
        if is_currency(code) and (written.isupper() or code not in _WORDS_TOO):
            return code, " ".join((text[: found.start()] + text[found.end() :]).split())
    return None, text


# -- ranges and amounts as people read them ------------------------------------------------------------------------


def named(turn: Turn, wanted: Range, books: Books) -> str:
    """Write a range: "March", "Mar 16-22", "Q1 2026", "2025", "all time"."""
    today, last = books.owner.today, wanted.end.toordinal() - 1
    end = wanted.end.fromordinal(last)
    if wanted.start.year == 1:
        return turn.text("books.all_time")
    match wanted.unit:
        case Unit.DAY:
            return wording.day(turn, wanted.start, today)
        case Unit.MONTH:
            return wording.month(wanted.start, today)
        case Unit.QUARTER:
            return f"Q{(wanted.start.month + 2) // 3} {wanted.start.year}"
        case Unit.YEAR:
            return str(wanted.start.year)
    if wanted.start.day == wanted.end.day == 1:
        return f"{wording.month(wanted.start, today)}-{wording.month(end, today)}"
    first = f"{wanted.start:%b} {wanted.start.day}"
    if wanted.start.year != end.year:
        first += f", {wanted.start.year}"
    last_day = (
        str(end.day) if (wanted.start.year, wanted.start.month) == (end.year, end.month) else f"{end:%b} {end.day}"
    )
    return f"{first}-{last_day}" if end.year == today.year else f"{first}-{last_day}, {end.year}"


def waiting(turn: Turn, books: Books) -> str:
    """Write how many drafts wait and what they come to, nothing when none does (DRF-3)."""
    sums = receipts.waiting_sums(turn.work, books.owner.id)
    count = sum(one.entries for one in sums)
    amounts = [wording.money(one.amount_minor, one.currency) for one in sums if one.currency and one.amount_minor]
    return turn.text("books.waiting", count=count, amounts="".join(f", {one}" for one in amounts)) if count else ""


def plain(text: str) -> str:
    """Return words of the person, shortened, to be said back."""
    return " ".join(text.split())[:60]


def words_of(text: str) -> list[str]:
    """Return the folded words of a text."""
    return fold(text).split()
