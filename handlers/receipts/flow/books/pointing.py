"""A saved receipt that is named by words instead of its code: "delete the uber one", "edit the last one" (DRF-6, 7).

    U> delete the uber one
    B> Delete R7K2 (Uber $23.00, today) from your books? DELETE or KEEP.

One that fits is taken, and asked about where it would be lost; of several the person chooses by the code.
"""

from __future__ import annotations

import re

from bot.engine.turn import Turn
from handlers.receipts.books.finding import find
from handlers.receipts.flow import words as receipt_words
from handlers.receipts.flow.books import searching
from handlers.receipts.flow.books.opened import cache_of, meant, open_books
from storage.receipts import history, receipts
from storage.receipts.search import Filter

_TOLD = re.compile(
    r"(?P<act>delete|remove|edit|change|fix|correct|(?:show\s+(?:me\s+)?)?(?:the\s+)?(?:picture|photo)\s+(?:of|for))"
    r"\s+(?P<what>\S.*)",
    re.I | re.S,
)
_ACTS = {"delete": "delete", "remove": "delete", "edit": "edit", "change": "edit", "fix": "edit", "correct": "edit"}
_ASIDE = re.compile(
    r"\b(?:the|my|that|this|one|ones|receipts?|expenses?|purchases?|entry|transactions?|again|please|i\s+(?:just\s+)?saved)\b",
    re.I,
)
_LAST = re.compile(r"last|latest|newest|previous|most\s+recent|last\s+thing", re.I)


def pointed(turn: Turn, text: str) -> bool:
    """Do what is asked of the one receipt that words name; False when nothing in the books bears them."""
    found = _TOLD.fullmatch(text.strip(" .!?"))
    if found is None or turn.conversation.top is not None:
        return False
    act = _ACTS.get(found["act"].casefold(), "picture")
    what = " ".join(_ASIDE.sub(" ", found["what"]).split())
    if not what or _LAST.fullmatch(what):
        return bool(_ASIDE.search(found["what"])) and _newest(turn, act)
    return _named(turn, act, what)


def _newest(turn: Turn, act: str) -> bool:
    newest = history.newest(turn.work, turn.person.id)
    row = None if newest is None else receipts.load(turn.work, turn.person.id, newest.receipt_id)
    return row is not None and row.state == "confirmed" and receipt_words.command(turn, f"{act} {row.code}")


def _named(turn: Turn, act: str, what: str) -> bool:
    books = open_books(turn)
    wanted = meant(turn, books, what).filter
    if wanted == Filter():
        return False
    page = find(turn.work, books.owner.id, wanted, limit=2, cache=cache_of(turn))
    codes = receipts.codes(turn.work, books.owner.id, (one.receipt_id for one in page.rows))
    if page.count == 1 and page.rows[0].receipt_id in codes:
        return receipt_words.command(turn, f"{act} {codes[page.rows[0].receipt_id]}")
    if not codes:
        return False
    searching.search(turn, what)
    turn.say("books.send_code", word=act.upper())
    return True
