"""Whether a person's own words say that money was spent: a sentence with a number in it often says something else.

An entry is either a note ("coffee 4.50", "target 30.10") or a sentence of spending ("paid 20 for parking"). A sentence
with another predicate is none, however much its number looks like a price: a plan, a wish, a denial, a price that is
asked, a debt, a fine, somebody else's doing, the news, a score, an address. The rules go by the structure of the
sentence (who does what, in which tense and mood) and stand in `data/statements.toml`. What a bank wrote is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from handlers.receipts.merchants import brands, merchant_key
from handlers.receipts.typed.amounts import Amount, Rank
from handlers.receipts.typed.evidence import MOST_BARE, MOST_BARE_SMALL_UNITS, Evidence, evidence
from handlers.receipts.typed.lexicon import data, flat, phrases, words
from handlers.receipts.typed.message import Message
from handlers.receipts.typed.nouns import is_venue, leading_noun
from handlers.receipts.typed.written import EDGE

_WORD = re.compile(r"[^\W\d_][\w'&.-]*")
_CONTRACTED = re.compile(
    r"(?<=[a-z])n't\b|(?<=[a-z])'(?:m|re|ve)\b|\b(?:it|that|what|he|she|there|here|this|who|where|how|one)'s\b|\blet's\b"
)
_DONE = re.compile(
    r"(?:\b(?:i|we)\s)?(?:couldn'?t|can'?t|could not)\s(?:resist|help (?:it|myself|ourselves))\b[\s,.!]*(?:so\s|and\s)?"
    r"(?:it\b|that\b)?"
)
_MEAL_AT = re.compile(r"([^\W\d_]+(?: [^\W\d_]+)?) # (?:at|@) \d{1,2}(?::\d{2})?\s?(?:[ap]m)?")
_AT_CLOCK = re.compile(r"(?<!\w)at\s(?:[01]?\d|2[0-3])\.[0-5]\d(?![\d.,]|\s?(?:[$€£]|each|per|a\s|/))")
_THING_AT = re.compile(r"(?:an?\s|the\s|my\s)?([^\W\d_]+(?:\s[^\W\d_]+)?)\s(?:at|@)\s#\W*")
_LEAST_MEAL = 5
_QUARTER = 15
_LONG = {"n't": " not", "'m": " am", "'re": " are", "'ve": " have"}
_SUM_WORDS = "(?:came|comes|come|adds|added|amounted|totaled|totalled|brought|total)"
_TARGET = re.compile(r"(?<!\w)(?:to|under|than|until|past|between|hasta|unter|bis)\s(?:about\s|around\s|like\s)?#")
_SCORE = re.compile(r"(?:[^\W\d_]+\s){1,2}#,?\s(?:[^\W\d_]+\s){1,2}#")
_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?!\d)|(?<![\w.,$])\d{1,2}\s?[ap]m(?!\w)")
_BACK = re.compile(r"\b(?:got|get|received|gave me)\s[^\w\s]{0,3}\d[\d.,]*\s(?:\w+\s)?back\b")
_LARGE_UNITS = frozenset({"USD", "EUR", "GBP", "CAD", "AUD", "NZD", "CHF", "SGD"})
_TOTALLED = re.compile(rf"\b{_SUM_WORDS}\s(?:out\s|up\s|all\s|it\s)?(?:to|under)\s")


@dataclass(frozen=True, slots=True)
class _Kind:
    reason: str
    patterns: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None
    lifted_by_spending: bool


@cache
def _kinds() -> tuple[_Kind, ...]:
    return tuple(
        _Kind(
            kind["reason"],
            tuple(re.compile(pattern) for pattern in kind["patterns"]),
            re.compile(kind["unless"]) if "unless" in kind else None,
            kind["own"],
        )
        for kind in data("statements")["kinds"]
    )


@cache
def _own() -> re.Pattern[str]:
    table = data("statements")
    return re.compile(table["own"].replace("@spent", table["spent"]))


@cache
def _notice() -> re.Pattern[str]:
    return re.compile(data("statements")["notice"])


@cache
def _asked_to_log() -> re.Pattern[str]:
    return re.compile(data("statements")["asked_to_log"])


@cache
def _spoken() -> re.Pattern[str]:
    return re.compile(r"(?<![\w'])(?:" + "|".join(data("statements")["spoken"]) + r")(?![\w'])")


def said(message: Message, amounts: Sequence[Amount]) -> str:
    """Return the folded text with `#` for its amounts and what is contracted written out."""
    text = message.flat.replace("#", " ")
    for amount in sorted(amounts, key=lambda one: -one.start):
        text = f"{text[: amount.start]} # {text[amount.end :]}"
    text = _asked_to_log().sub("", text)
    text = _DONE.sub("", text)
    text = _CONTRACTED.sub(
        lambda found: _LONG.get(found[0]) or (found[0][:-2] + (" us" if found[0] == "let's" else " is")), text
    )
    spoken = data("statements")["spoken"]
    text = _spoken().sub(lambda found: spoken[found[0]], text)
    return " ".join(text.split())


def tells_other(message: Message, amounts: Sequence[Amount], currency: str, *, is_dated: bool) -> str | None:
    """Return what the person's words say instead of spending, None when they may be an entry."""
    if not _WORD.search(message.flat):
        return None
    text = said(message, amounts)
    if _notice().search(text):
        return None
    is_own = bool(_own().search(text))
    for kind in _kinds():
        if kind.lifted_by_spending and is_own:
            continue
        if kind.unless and kind.unless.search(text):
            continue
        if any(pattern.search(text) for pattern in kind.patterns):
            return kind.reason
    if is_own:
        return None
    if _TARGET.search(text) and not _TOTALLED.search(text):
        return "talk"
    if _is_score(message, amounts, text):
        return "talk"
    if (
        len(amounts) == 1
        and _AT_CLOCK.search(message.flat)
        and not (message.is_forwarded or _is_price_at(text, amounts))
    ):
        return "doubtful"  # "flight ba 283 at 16.20"
    if _CLOCK.search(message.flat) and not _is_priced_at_all(amounts) and not _is_meal_at(text, amounts):
        return "talk"  # a bare number beside a time of day: an appointment
    if _is_priced_at_all(amounts) and (message.is_forwarded or _machine_made().search(text)):
        return "talk" if _has_clause(message, text) and not _machine_made().search(text) else None
    if _is_telling_name(message):
        return None
    most = MOST_BARE if currency in _LARGE_UNITS else MOST_BARE_SMALL_UNITS
    return _REASONS[evidence(message, amounts, is_dated=is_dated, most_bare=most)]


_REASONS = {
    Evidence.PURCHASE: None,
    Evidence.LIKELY: "likely",
    Evidence.DOUBTFUL: "doubtful",
    Evidence.NONE: "talk",
}


def _is_meal_at(text: str, amounts: Sequence[Amount]) -> bool:
    """Say whether a thing and its price stand right before the time ("lunch 12 at 1:30pm")."""
    found = _MEAL_AT.fullmatch(text)
    return (
        found is not None
        and len(amounts) == 1
        and amounts[0].value >= _LEAST_MEAL
        and leading_noun(found[1].split()) > 0
    )


def _is_price_at(text: str, amounts: Sequence[Amount]) -> bool:
    """Say whether nothing but a thing stands before the number, and the number is no time to meet at.

    "coffee at 4.50" tells a price; "coffee at 4.30", "train at 8.50" and "lunch at 12.50" may tell a time.
    """
    found = _THING_AT.fullmatch(text)
    if found is None or (amounts[0].value % 1) * 100 % _QUARTER == 0:
        return False
    spoken = found[1].split()
    return leading_noun(spoken) == len(spoken) and not set(spoken) & words("evidence", "timed")


@cache
def _machine_made() -> re.Pattern[str]:
    return re.compile(data("evidence")["notice"])


def _is_telling_name(message: Message) -> bool:
    return bool(phrases("merchants", "words", "numbered").search(message.flat) or _BACK.search(message.flat))


def _is_priced_at_all(amounts: Sequence[Amount]) -> bool:
    return any(amount.rank is not Rank.BARE for amount in amounts)


def _has_clause(message: Message, text: str) -> bool:
    """Say whether a verb or a subject of another statement stands in the text; names are written with capitals."""
    table = data("statements")["clause"]
    if re.search(table["unless"], text):
        return False
    named = {flat(word) for word in re.findall(r"(?<=\s)[A-Z][\w']*", message.text)}
    return bool(set(text.split()) & words("statements", "clause", "words") - named)


def _is_score(message: Message, amounts: Sequence[Amount], text: str) -> bool:
    """Say whether two names stand with a whole number each ("Giants 5 Dodgers 2"), none of them a thing or a shop."""
    if len(amounts) != 2 or any(amount.rank is not Rank.BARE for amount in amounts) or not _SCORE.fullmatch(text):
        return False
    spoken = _WORD.findall(text)
    return not any(_is_known(spoken, at) for at in range(len(spoken)))


def _spoken_words(text: str) -> list[str]:
    return [word.strip(EDGE) for word in _WORD.findall(text)]


def _is_known(spoken: Sequence[str], at: int) -> bool:
    return (
        leading_noun(spoken[at : at + 3]) > 0
        or is_venue(spoken[at])
        or any(merchant_key(" ".join(spoken[at : at + count])) in brands() for count in (1, 2, 3))
    )
