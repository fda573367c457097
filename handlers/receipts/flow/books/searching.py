"""FIND, a search in plain words, and MORE (rules SEA-1 to SEA-4, NOT-2).

    U> find food in march
    B> 7 found: $212.40.
       Mar 15 Joe's $12.50 R7K2
       ...
       MORE for 2 more.

Where a search stands is kept with the conversation: what was asked as it was understood then, and the last line that
was shown. A page begins after that line, so that nothing is repeated or skipped, whatever is saved meanwhile.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import msgspec

from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.answers import match_choices
from bot.engine.turn import Turn
from bot.engine.vocabulary import match_talk
from handlers.receipts import wording
from handlers.receipts.books.finding import SMS_PAGE, TELEGRAM_PAGE, Page, find
from handlers.receipts.flow import words as receipt_words
from handlers.receipts.flow.books import summaries
from handlers.receipts.flow.books.opened import Books, cache_of, meant, open_books, plain
from handlers.receipts.flow.books.rows import line
from handlers.receipts.flow.elsewhere import belongs_elsewhere
from handlers.receipts.flow.flow import receipt_flow
from storage.receipts import receipts, totals
from storage.receipts.search import After, Filter

BUTTONS = "books"
_NOTE = "books_search"
_KEPT_US = 24 * 3600 * 1_000_000
_FEW, _LONGEST = 6, 80
_IS_WORD = re.compile(r"[^\W\d_]{2}")


class Standing(msgspec.Struct, frozen=True):
    """Where a search stands: what is looked for, the last line shown, how many were, and when it began."""

    wanted: Filter
    day: date
    last: int
    shown: int
    at: int


def search(turn: Turn, rest: str) -> bool:
    """Answer FIND and questions about what was paid."""
    rest = rest.strip(" ?!.")
    if not rest:
        turn.say("books.find_what")
        return True
    books = open_books(turn)
    wanted = meant(turn, books, rest).filter
    if wanted.code and wanted == Filter(code=wanted.code):
        return receipt_words.command(turn, wanted.code)
    _first(turn, books, wanted, rest)
    return True


def _first(turn: Turn, books: Books, wanted: Filter, label: str) -> None:
    turn.conversation.notes.pop(_NOTE, None)
    page = find(turn.work, books.owner.id, wanted, limit=_limit(turn), cache=cache_of(turn))
    if not page.rows:
        turn.say("books.nothing_found", label=plain(label))
        return
    amounts = ", ".join(wording.money(one.amount_minor, one.currency) for one in page.sums)
    turn.say("books.found", count=page.count, amounts=amounts)
    _show(turn, books, wanted, page, shown=0)


def _limit(turn: Turn) -> int:
    return SMS_PAGE if turn.channel == "sms" else TELEGRAM_PAGE


def _show(turn: Turn, books: Books, wanted: Filter, page: Page, *, shown: int) -> None:
    codes = receipts.codes(turn.work, books.owner.id, (one.receipt_id for one in page.rows))
    turn.lines += [line(turn, books, one, codes.get(one.receipt_id or 0)) for one in page.rows]
    shown += len(page.rows)
    if page.after is None:
        turn.conversation.notes.pop(_NOTE, None)
        return
    standing = Standing(wanted, page.after.date, page.after.id, shown, turn.work.now_us)
    turn.conversation.notes[_NOTE] = msgspec.to_builtins(standing)
    left = max(1, page.count - shown)
    if turn.channel == "sms":
        turn.say("books.more_left", count=left)
    else:
        button = f"{BUTTONS}:more:{page.after.id}"
        choice = Choice("books_more", key="receipts.more_button", quiet=True, standing=button)
        turn.offer = Ask("receipts.nothing_more", choices=(choice,), expects=("text",))


# -- the next page -------------------------------------------------------------------------------------------------


def more(turn: Turn, argument: str) -> bool:
    """Show the next page; at the choice of a category, its next ones."""
    top = turn.conversation.top
    if top is not None and top.flow == receipt_flow.name and top.step == "category":
        steps.take(turn, Answer(text="more", choices=("more",)))
        return True
    return (top is None or top.flow == receipt_flow.name) and _next(turn)


def pressed(turn: Turn, argument: str) -> None:
    """Show the page after the one under which MORE was pressed, once."""
    standing = _standing(turn)
    if standing is None or argument != f"more:{standing.last}" or not _next(turn):
        turn.say("books.moved_on")


def _standing(turn: Turn) -> Standing | None:
    kept: Any = turn.conversation.notes.get(_NOTE)
    if kept is None:
        return None
    standing = msgspec.convert(kept, Standing)
    return standing if turn.work.now_us - standing.at < _KEPT_US else None


def _next(turn: Turn) -> bool:
    standing, books = _standing(turn), open_books(turn)
    if standing is None:
        return False
    after = After(standing.day, standing.last)
    page = find(turn.work, books.owner.id, standing.wanted, after=after, limit=_limit(turn), cache=cache_of(turn))
    if not page.rows:
        turn.conversation.notes.pop(_NOTE, None)
        turn.say("books.no_more")
        return True
    first, last = standing.shown + 1, standing.shown + len(page.rows)
    span = str(last) if first == last else f"{first}-{last}"
    turn.say("books.next", span=span, count=max(page.count, last))
    _show(turn, books, standing.wanted, page, shown=standing.shown)
    return True


# -- without a command ---------------------------------------------------------------------------------------------


def question(turn: Turn, rest: str) -> bool:
    """Take "did I pay Joe's 12.50?" as a search; what belongs to another service is left to it (NOT-2)."""
    return bool(rest.strip(" ?!.")) and not belongs_elsewhere(turn, turn.event.text) and search(turn, rest)


def tagged(turn: Turn, text: str) -> bool:
    """Take tags alone as a search; at an open draft they are its own."""
    return turn.conversation.top is None and search(turn, text)


def bounded(turn: Turn, text: str) -> bool:
    """Take "over 50 last month", "starbucks between 10 and 20": amounts that are limits and no prices."""
    if turn.conversation.top is not None or re.match(r"[^\w<>]?\d", text):
        return False
    wanted = meant(turn, open_books(turn), text).filter
    is_exact = wanted.least_milli is not None and wanted.least_milli == wanted.most_milli
    has_bound = wanted.least_milli is not None or wanted.most_milli is not None
    left_over = any(re.search(r"\d", one) for one in wanted.words)
    return has_bound and not is_exact and not left_over and search(turn, text)


def idle(turn: Turn, text: str) -> bool:
    """Take words that nobody else took when they are a search, or when something of the books bears them."""
    if turn.conversation.top is not None or len(text) > _LONGEST or _is_anothers(turn, text):
        return False
    if totals.extent(turn.work, turn.person.id) is None:  # asked first: whoever keeps no books costs no more
        return False
    books = open_books(turn)
    asked = meant(turn, books, text)
    wanted = asked.filter
    if asked.range is not None and summaries.is_whole(asked):
        return summaries.summary(turn, text.strip(" ?!."))
    if wanted == Filter() or len(wanted.words) > _FEW:
        return False
    if wanted == Filter(words=wanted.words) and not any(map(_IS_WORD.search, wanted.words)):
        return False
    if wanted.words and not find(turn.work, books.owner.id, wanted, limit=1, cache=cache_of(turn)).rows:
        return False
    return search(turn, text)


def _is_anothers(turn: Turn, text: str) -> bool:
    prompt = turn.conversation.prompt
    options = [(str(v), str(w), tuple(m)) for v, w, m in prompt.choices] if prompt is not None else []
    if options and match_choices(text, options, many=False) is not None:
        return True
    return match_talk(text, turn.locale) is not None or belongs_elsewhere(turn, text)
