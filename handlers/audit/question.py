"""A question to the audit in words: `who operator:ann since 7d text refund page 2`. Pure.

A word that names a filter takes what follows it up to the next such word. Times are days, hours, a date or yesterday,
in UTC; a date after `until` is meant with its whole day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.core.errors import Refusal
from storage.audit.entries import OUTCOMES
from storage.audit.search import LEAST_TEXT, Wanted

FILTERS = ("who", "action", "category", "target", "since", "until", "outcome", "text")
_WORDS = tuple(name for name in FILTERS if name not in ("since", "until"))
_SPAN = re.compile(r"(\d{1,4})([dhm])")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_DAYS = {"today": timedelta(), "yesterday": timedelta(days=-1)}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOST_PAGES = 500


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, and which page of it."""

    wanted: Wanted
    page: int = 1


def asked(argument: str, now: datetime, *, first: str = "") -> Question:
    """Read a question; `first` names the filter of what stands before the first named one. Raise Refusal otherwise."""
    parts = parts_of(argument, first)
    return Question(page=page_of(parts), wanted=wanted_from(parts, now))


def page_of(parts: dict[str, str]) -> int:
    """Take the number of the page out of the words."""
    number = parts.pop("page", "1")
    if not number.isdigit() or not 1 <= int(number) <= _MOST_PAGES:
        raise Refusal("audit.bad_page")
    return int(number)


def wanted_from(parts: dict[str, str], now: datetime) -> Wanted:
    """Return the filters of words by name, with their bounds; raise Refusal for one that cannot be."""
    times = {name: moment_of(parts[name], now, ends=name == "until") for name in ("since", "until") if name in parts}
    words = {name: text for name, text in parts.items() if name in _WORDS}
    if 0 < len(words.get("text", "")) < LEAST_TEXT:
        raise Refusal("audit.short_text")
    if words.get("outcome", "ok") not in OUTCOMES:
        raise Refusal("audit.bad_outcome")
    return Wanted(**words, **times).bounded(now)  # type: ignore[arg-type]


def parts_of(argument: str, first: str = "", *, filters: tuple[str, ...] = FILTERS) -> dict[str, str]:
    """Return the words of each filter that is named; raise Refusal for a word of none, and a filter without words."""
    found: dict[str, list[str]] = {}
    name = first
    for word in argument.split():
        if word.casefold() in (*filters, "page") and word.casefold() not in found:
            name = word.casefold()
            found[name] = []
        elif not name:
            raise Refusal("audit.usage")
        else:
            found.setdefault(name, []).append(word)
    if not all(found.values()):
        raise Refusal("audit.usage")
    return {name: " ".join(words) for name, words in found.items()}


def moment_of(text: str, now: datetime, *, ends: bool = False) -> datetime:
    """Return the moment that a span before now (7d, 24h, 30m) or a date names; raise Refusal for neither.

    A date that `ends` something is meant with its whole day.
    """
    if span := _SPAN.fullmatch(text):
        return now - int(span[1]) * _UNITS[span[2]]
    word = _DAYS.get(text.casefold())
    try:
        found = datetime.fromisoformat(f"{now.date() + word}" if word is not None else text)
    except ValueError:
        raise Refusal("audit.bad_time") from None
    if ends and (word is not None or _DATE.fullmatch(text)):
        found += timedelta(days=1)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
