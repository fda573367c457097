"""Answers to a question with choices, typed: digit, digit in words, word, unique prefix, or several (SMS-40).

The open question decides what a text means; here is only the reading. An answer that fits two choices is told apart
from one that fits none, so that the question can be asked again in the right words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from bot.core.fold import fold, trim, words
from bot.engine.vocabulary import match_affirmation
from bot.engine.vocabulary.lexicon import lexicons

Option = tuple[str, str, tuple[str, ...]]
"""Value, label, more words that mean it."""


@dataclass(frozen=True, slots=True)
class Match:
    """The one choice that was meant, by value."""

    value: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several choices fit; their values, in order."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Board:
    """The choices of a question, folded once: each term with its words, and the lengths beyond which nothing fits."""

    values: tuple[str, ...]
    by_term: Mapping[str, tuple[str, ...]]
    shown: tuple[tuple[str, str, frozenset[str]], ...]
    affirming: Mapping[bool, tuple[str, ...]]
    longest: int
    longest_of_many: int


_ARTICLES = re.compile(r"^(?:the|a|an|my|our|el|la|mi)\s+")
_COMMAS = re.compile(r",|;|&|\+|\band\b|\by\b")
_JOINTS = re.compile(r"\s*(?:,|;|/|&|\+|\band\b|\balso\b|\by\b|\be\b|\bplus\b|\s)\s*")
_KEYCAP = re.compile(r"([0-9])\s?\u20e3")
_TYPO_LENGTH, _PAIR = 5, 2
_AROUND = 60
"""What may stand around a choice ("I would like to take option number three please"); a longer text is a story."""


class _Told(NamedTuple):
    """Words of answers in all languages; read at the first answer, for a start need not wait for them."""

    numbers: Mapping[str, int]
    last: frozenset[str]
    every: frozenset[str]
    both: frozenset[str]
    beside: frozenset[str]
    thin: frozenset[str]


@cache
def _told() -> _Told:
    known = lexicons("en")
    numbers = {name: number for lexicon in known for name, number in lexicon.numbers.items()}
    sets = ("last", "every", "both", "beside", "thin")
    return _Told(numbers, *(frozenset().union(*(getattr(lexicon, name) for lexicon in known)) for name in sets))


def match_choice(text: str, choices: Sequence[Option]) -> Match | Ambiguous | None:
    """Return the choice that a text means, Ambiguous when several fit, None when none does."""
    board = _board(tuple(choices))
    return _match(_plain(text), board) if len(text) <= board.longest else None


def match_choices(text: str, choices: Sequence[Option], *, many: bool = False) -> tuple[str, ...] | None:
    """Return the values that a text means, one unless `many`; None when nothing or nothing clear fits."""
    board = _board(tuple(choices))
    if len(text) > (board.longest_of_many if many else board.longest):
        return None
    plain = _plain(text)
    single = _plainly(plain, board)
    if many and not isinstance(single, Match):
        several = _several(plain, board)
        if several:
            return several
    single = single or _match(plain, board)
    return (single.value,) if isinstance(single, Match) else None


@lru_cache(maxsize=512)
def _board(choices: tuple[Option, ...]) -> _Board:
    shown = [(value, _term(term)) for value, label, more in choices for term in (label, *more)]
    terms = [*shown, *((value, _term(value)) for value, _, _ in choices)]
    answers = [(value, match_affirmation(term)) for value, term in terms]
    return _Board(
        values=tuple(value for value, _, _ in choices),
        by_term={term: _of(terms, term) for _, term in terms if term and not term.isdigit()},
        shown=tuple((value, term, frozenset(words(term))) for value, term in shown if term),
        affirming={answer: _of(answers, answer) for answer in (True, False)},
        longest=_AROUND + max((len(term) for _, term in terms), default=0),
        longest_of_many=_AROUND + sum(len(term) + 1 for _, term in terms),
    )


def _of(pairs: Iterable[tuple[str, object]], wanted: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value, thing in pairs if thing == wanted))


def _term(term: str) -> str:
    return trim(fold(term)) or fold(term)


def _plain(text: str) -> str:
    folded = _KEYCAP.sub(r"\1", fold(text))
    return trim(folded) or folded


def _match(plain: str, board: _Board) -> Match | Ambiguous | None:
    if not plain:
        return None
    found = _exact(plain, board)
    if found:
        return _one(found, board)
    answer = match_affirmation(plain)
    if answer is not None:
        return _one(board.affirming[answer] or _starting(plain + " ", board), board)
    return _one(_starting(plain, board) or _holding(plain, board) or _mistyped(plain, board), board)


def _exact(plain: str, board: _Board) -> Iterable[str]:
    """Match a whole label or one of its words, an article before it or not, or a number."""
    terms = board.by_term
    return terms.get(plain) or terms.get(_ARTICLES.sub("", plain)) or _by_number(plain, board)


def _several(plain: str, board: _Board) -> tuple[str, ...] | None:
    """Match what stands between commas and "and" as one answer each; what only spaces part has to be plain to be that.

    Else "the meter did not work" would be the meter and, by its "not", "not mine".
    """
    told = _told()
    if plain in told.every or (plain in told.both and len(board.values) == _PAIR):
        return board.values
    for split, read in ((_COMMAS, _match), (_JOINTS, _plainly)):
        parts = [part for part in map(trim, split.split(plain)) if part]
        values = _all_of(parts, board, read) if len(parts) > 1 else None
        if values:
            return values
    return None


def _plainly(plain: str, board: _Board) -> Match | Ambiguous | None:
    return _one(_exact(plain, board), board)


def _all_of(
    parts: Iterable[str], board: _Board, read: Callable[[str, _Board], Match | Ambiguous | None]
) -> tuple[str, ...] | None:
    """Return the values of all parts, None as soon as one of them is no choice."""
    values: list[str] = []
    told = _told()
    for part in parts:
        if part in told.beside and part not in told.numbers:
            continue
        match = read(part, board)
        if not isinstance(match, Match):
            return None
        values.append(match.value)
    return tuple(dict.fromkeys(values)) or None


def _one(values: Iterable[str], board: _Board) -> Match | Ambiguous | None:
    wanted = frozenset(values)
    found = tuple(value for value in board.values if value in wanted) if wanted else ()
    if not found:
        return None
    return Match(found[0]) if len(found) == 1 else Ambiguous(found)


def _by_number(plain: str, board: _Board) -> list[str]:
    found = words(plain.replace("#", " "))
    if len(found) > 1:
        found = [word for word in found if word not in _told().beside] or found
    places = range(1, len(board.values) + 1)
    numbers = {_number(word, len(board.values)) for word in found}
    return [board.values[n - 1] for n in numbers if n is not None] if numbers.issubset(places) else []


def _number(word: str, last: int) -> int | None:
    if word.isdecimal() and len(word) <= 2:
        return int(word)
    told = _told()
    return last if word in told.last else told.numbers.get(word)


def _starting(plain: str, board: _Board) -> list[str]:
    return [value for value, term, _ in board.shown if term.startswith(plain)]


def _holding(plain: str, board: _Board) -> list[str]:
    """Match a word from within a label."""
    said = words(plain)
    told = _told()
    typed = {word for word in said if len(word) > 2 and word not in told.thin and word not in told.beside}
    if not typed or len(said) > 4:
        return []
    return [value for value, _, holds in board.shown if typed <= holds]


def _mistyped(plain: str, board: _Board) -> list[str]:
    """Match a word with one letter missing, doubled, changed or swapped."""
    if len(plain) < _TYPO_LENGTH or plain.isdecimal():
        return []
    return [value for value, term, _ in board.shown if _near(plain, term)]


def _near(typed: str, term: str) -> bool:
    if abs(len(typed) - len(term)) > 1 or len(term) < _TYPO_LENGTH or term.isdecimal():
        return False
    at = next((i for i, (a, b) in enumerate(zip(typed, term, strict=False)) if a != b), min(len(typed), len(term)))
    left, right = typed[at:], term[at:]
    swapped = left[:2] == right[:2][::-1] and left[2:] == right[2:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or swapped
