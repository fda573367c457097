"""EXPORT in the chat: a kind, and a range or what is new.

    U> EXPORT CSV MARCH
    B> transactions.csv: 42 entries, Mar 1 - Mar 31, spent $1,204.10.
    U> export
    B> Which file? 1 CSV for spreadsheets 2 ... 6 All my data
    U> export beancount new
    B> Nothing new since your last beancount export.

`EXPORT` for all one's data is the right that the engine answers: it stays what it is, one choice among the kinds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bot.core.fold import fold, words
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.receipts.books import query, ranges
from handlers.receipts.books.query import Scene
from handlers.receipts.exports import asking, connecting, handing, importing, starting
from handlers.receipts.exports.export_kind import ExportKind
from storage.receipts.exports import Wanted
from storage.receipts.search import Filter

KINDS = {
    "csv": ExportKind.CSV, "spreadsheet": ExportKind.CSV, "sheet": ExportKind.CSV, "excel": ExportKind.CSV,
    "items": ExportKind.ITEMS, "lines": ExportKind.ITEMS,
    "zip": ExportKind.ZIP, "pictures": ExportKind.ZIP, "photos": ExportKind.ZIP,
    "json": ExportKind.JSON, "backup": ExportKind.JSON,
    "beancount": ExportKind.BEANCOUNT, "hledger": ExportKind.HLEDGER, "ledger": ExportKind.HLEDGER,
    "ofx": ExportKind.OFX, "qif": ExportKind.QIF, "quicken": ExportKind.QIF,
    "firefly": ExportKind.FIREFLY, "actual": ExportKind.ACTUAL,
}  # fmt: skip
_NEW = frozenset({"new", "newest", "changes", "changed"})
_VERBS = frozenset({"export", "download"})
_FILLERS = frozenset(
    {"as", "to", "my", "a", "the", "file", "please", "for", "since", "books", "iii", "all", "everything", "whole"}
)
_DATA = frozenset({"data", "datos", "mydata"})
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Request:
    """What an EXPORT asked for; `strange` is a word that says nothing to us."""

    wanted: Wanted | None = None
    strange: str = ""


def register(registry: Registry) -> None:
    """Register words, flows, outcomes and texts."""
    registry.add_texts(Path(__file__).parent / "texts")
    asking.register(registry)
    handing.register(registry)
    importing.register(registry)
    connecting.register(registry)
    registry.word("export")(asked)
    registry.word("text")(said)
    registry.word("deleting")(offer)


def asked(turn: Turn, argument: str) -> bool:
    """Take the global word, whose asker was not doubted; all of one's data is for the engine to answer."""
    if _DATA & set(words(fold(turn.event.text))):
        wholly = "own_export" in turn.registry.words
        if not wholly and turn.person_id is not None and starting.has_books(turn.work, turn.person_id):
            turn.say("receipts.export.own_now")
        return False
    return _export(turn, argument)


def said(turn: Turn, text: str) -> bool:
    """Take "EXPORT CSV MARCH"."""
    cut = fold(text).split() if len(text) <= _LONGEST else []
    if len(cut) < 2 or cut[0] not in _VERBS or not any(one in KINDS or one in _NEW for one in cut):
        return False
    if any(doubts(turn, "export") for doubts in turn.registry.words.get("prove", ())):
        return True
    return _export(turn, " ".join(cut[1:]))


def offer(turn: Turn, argument: str) -> bool:
    """Offer the whole ledger before an account is deleted (EXP-12)."""
    if turn.person_id is None or not starting.has_books(turn.work, turn.person_id):
        return False
    turn.say("receipts.export.before_delete")
    return True


def _export(turn: Turn, argument: str) -> bool:
    frame = turn.conversation.top
    if frame is not None and frame.call is not None:
        turn.say("engine.still_working")
        return True
    request = parse(argument, starting.today(turn))
    if request.strange:
        turn.say("receipts.export.strange", word=request.strange[:20])
    elif request.wanted is None:
        asking.which(turn)
    else:
        starting.start(turn, request.wanted)
    return True


def parse(text: str, today: date) -> Request:
    """Read what follows EXPORT: a kind, and a range in plain words or NEW."""
    cut = [one for one in fold(text).split() if one not in _FILLERS or one == "since"]
    kind = next((KINDS[one] for one in cut if one in KINDS), None)
    rest = [one for one in cut if one not in KINDS and one not in _NEW]
    if kind is None:
        return Request(strange=" ".join(rest)) if rest else Request()
    wanted = Wanted(kind.value, fresh=any(one in _NEW for one in cut))
    if not rest or wanted.fresh:
        return Request(wanted)
    found = query.parse(" ".join(rest), Scene(today))
    if found.range is None or found.filter != replace(Filter(), start=found.filter.start, end=found.filter.end):
        return Request(strange=" ".join(rest))
    if found.range == ranges.ALL:
        return Request(wanted)
    return Request(replace(wanted, start=found.range.start, end=found.range.end))


__all__ = ["KINDS", "Request", "parse", "register"]
