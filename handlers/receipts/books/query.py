"""A search in plain words, read into a `Filter` (rules SEA-1, SEA-2).

    food in march                    a category with its children, a range
    over 50 last month               an absolute amount, whatever the currency
    between 10 and 20 #work          amounts, a tag
    starbucks without receipt        a word, a flag

What is understood is taken out of the text from left to right, the longest phrase first; what remains must stand in the
transaction as words. Everything given must hold.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from bot.core.fold import fold
from handlers.receipts.books import ranges
from handlers.receipts.books.ranges import ALL, MONDAY, Range
from handlers.receipts.categories.tree import UNCATEGORISED, Tree
from storage.receipts import words
from storage.receipts.accounts import Account
from storage.receipts.search import Filter

_LONGEST_QUERY = 200
_PUNCTUATION = ".,;:!?¿¡\"'()[]"
_CODE = re.compile(r"(?=.*[0-9])(?=.*[a-z])[a-hj-km-np-z2-9]{4}")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the words of a search may refer to: the date today, the person's categories and accounts."""

    today: date
    categories: Mapping[str, frozenset[int]] = field(default_factory=dict)
    accounts: Mapping[str, frozenset[int]] = field(default_factory=dict)
    week_start: int = MONDAY


@dataclass(frozen=True, slots=True)
class Query:
    """What a search means: the filter, and the range it named, if any."""

    filter: Filter
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What the next words meant, and how many they were."""

    size: int
    changes: Mapping[str, Any]


@cache
def _vocabulary() -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(Path(__file__).with_name("query.toml").read_text("utf-8"))
    return table


def scene(tree: Tree, accounts: Sequence[Account], now: date, *, week_start: int = MONDAY) -> Scene:
    """Return what a person's searches may refer to; a name borne by several categories means all of them."""
    named: dict[str, frozenset[int]] = {}
    for one in sorted(tree.ids()):
        node = tree.get(one)
        if node is not None:
            name = fold(node.name)
            named[name] = named.get(name, frozenset()) | tree.with_children(one)
    kinds = {one.kind for one in accounts} | {"cash", "card"}
    of_kind = {kind: frozenset(one.id for one in accounts if one.kind == kind) for kind in kinds}
    return Scene(now, named, of_kind, week_start)


def parse(text: str, scene: Scene) -> Query:
    """Return what a search means."""
    cut = _cut(text)
    values: dict[str, Any] = {}
    left: list[str] = []
    while cut:
        found = _read(cut, scene, values)
        if found is None:
            left.append(cut.pop(0))
            continue
        values = {**values, **found.changes}
        del cut[: found.size]
    named = values.pop("range", None)
    tags = values.pop("tags", ())
    stems = words.stems(" ".join(one for one in left if one not in _vocabulary()["fillers"]))
    if named is not None and named != ALL:
        values |= {"start": named.start, "end": named.end}
    return Query(replace(Filter(), words=(*tags, *stems), **values), named)


def _cut(text: str) -> list[str]:
    spaced = re.sub(r"([<>]=?)", r" \1 ", fold(text[:_LONGEST_QUERY]))
    return [one for part in spaced.split() if (one := part.strip(_PUNCTUATION))]


def _read(cut: list[str], scene: Scene, known: Mapping[str, Any]) -> _Found | None:
    first = cut[0]
    if first.startswith("#") and len(first) > 1:
        return _Found(1, {"tags": (*known.get("tags", ()), words.tag_word(first))})
    if _CODE.fullmatch(first):
        return _Found(1, {"code": first.upper()})
    return _amounts(cut) or _dates(cut, scene) or _flag(cut, scene) or _category(cut, scene) or _exact(first)


# -- amounts ------------------------------------------------------------------------------------------------------

_BOUNDS = (("over", "least_milli", 1), ("at_least", "least_milli", 0), ("under", "most_milli", -1),
    ("at_most", "most_milli", 0))  # fmt: skip
_AMOUNT = re.compile(r"[^\d\s.,-]{0,3}(\d{1,3}(?:,\d{3})+(?:\.\d{1,3})?|\d{1,9}(?:[.,]\d{1,3})?)[^\d\s]{0,3}")


def _milli(word: str) -> int | None:
    """Return an amount in thousandths of its unit, None when the word is none; "1,234.50" and "12,50" are amounts."""
    found = _AMOUNT.fullmatch(word)
    if found is None:
        return None
    digits = found[1]
    grouped = re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", digits) is not None
    return int(Decimal(digits.replace(",", "" if grouped else ".")) * 1000)


def _amounts(cut: list[str]) -> _Found | None:
    known = _vocabulary()
    size = _starts(cut, known["between"])
    if size and len(cut) >= size + 3 and cut[size + 1] in known["and"]:
        low, high = _milli(cut[size]), _milli(cut[size + 2])
        if low is not None and high is not None:
            return _Found(size + 3, {"least_milli": min(low, high), "most_milli": max(low, high)})
    for name, bound, shift in _BOUNDS:
        size = _starts(cut, known[name])
        amount = _milli(cut[size]) if size and len(cut) > size else None
        if amount is not None and not _is_date_word(cut[size]):
            return _Found(size + 1, {bound: amount + shift})
    return None


def _is_date_word(word: str) -> bool:
    return re.fullmatch(r"(19|20)\d\d", word) is not None


def _exact(word: str) -> _Found | None:
    """Take a number with decimals or a currency sign as the exact amount."""
    amount = _milli(word) if re.search(r"\d[.,]\d\d\b|[$€£¥₹]", word) else None
    return None if amount is None else _Found(1, {"least_milli": amount, "most_milli": amount})


# -- dates, flags, categories --------------------------------------------------------------------------------------


def _dates(cut: list[str], scene: Scene) -> _Found | None:
    def read(at: int) -> tuple[Range, int] | None:
        return ranges.read(cut[at:], scene.today, week_start=scene.week_start)

    known = _vocabulary()
    since = _starts(cut, known["since"])
    if since and (start := read(since)):
        taken = since + start[1]
        until = _starts(cut[taken:], known["until"])
        if until and (end := read(taken + until)):
            return _Found(taken + until + end[1], {"range": Range(start[0].start, end[0].end)})
        return _Found(taken, {"range": Range(start[0].start, scene.today + timedelta(days=1))})
    between = _starts(cut, known["between"])
    if between and (start := read(between)):
        taken = between + start[1]
        if cut[taken : taken + 1] and cut[taken] in known["and"] and (end := read(taken + 1)):
            return _Found(taken + 1 + end[1], {"range": Range(start[0].start, end[0].end)})
    whole = read(0)
    return None if whole is None else _Found(whole[1], {"range": whole[0]})


def _flag(cut: list[str], scene: Scene) -> _Found | None:
    flags = _vocabulary()["flags"]
    size = _starts(cut, flags)
    if not size:
        return None
    values = dict(flags[" ".join(cut[:size])])
    if "kind" in values:
        values["kinds"] = (values.pop("kind"),)
    if "state" in values:
        values["states"] = (values.pop("state"),)
    if "account" in values:
        values["accounts"] = scene.accounts.get(values.pop("account"), frozenset())
    if values.pop("uncategorised", False):
        values["categories"] = frozenset({UNCATEGORISED})
    return _Found(size, values)


def _category(cut: list[str], scene: Scene) -> _Found | None:
    size = _starts(cut, scene.categories)
    return _Found(size, {"categories": scene.categories[" ".join(cut[:size])]}) if size else None


def _starts(cut: Sequence[str], phrases: Mapping[str, Any] | Sequence[str]) -> int:
    """Return of how many words the longest of some phrases is with which the words begin, 0 for none."""
    return next((size for size in range(min(5, len(cut)), 0, -1) if " ".join(cut[:size]) in phrases), 0)
