"""The English that the facts guard knows, read once from `data/guard_words.toml`, and word stems."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parents[1] / "data" / "guard_words.toml"
_STEMS_KEPT = 20_000  # words come from people: the cache must not grow with them

Phrase = tuple[tuple[str, ...], tuple[str, ...]]
Phrases = dict[tuple[str, str], list[Phrase]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Word lists; groups, kinds and people hold stems, the rest holds words as written.

    `glue` are the neutral words that are of no kind themselves: "can" is, although its stem is that of "cane".
    """

    neutral: frozenset[str]
    glue: frozenset[str]
    context: frozenset[str]
    kinds: dict[str, str]
    groups: dict[str, frozenset[str]]
    phrases: Phrases
    slang: dict[str, tuple[str, ...]]
    belief: frozenset[str]
    hedge_phrases: dict[str, list[tuple[str, ...]]]
    approx: frozenset[str]
    approx_after: re.Pattern[str]
    compare: dict[str, str]
    rude: frozenset[str]
    opposites: dict[str, frozenset[str]]
    people: dict[str, str]
    inflected: frozenset[str]
    known: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """Load the word lists."""
    data = _data()
    kinds = {stem(word): kind for kind, words in reversed(data["kinds"].items()) for word in words.split()}
    neutral = frozenset([*data["neutral"].split(), "'s"])
    plain = frozenset(map(stem, neutral))
    groups = _joined(_groups(data["groups"]["same"]), _stand_ins(data["groups"]["light"]), plain)
    hedges = data["hedges"]
    return Lexicon(
        neutral=neutral | plain,
        glue=neutral.difference(*(words.split() for words in data["kinds"].values())),
        context=frozenset(map(stem, data["context"].split())),
        kinds=kinds,
        groups=groups,
        phrases=_phrases(data["phrases"]),
        slang={word: tuple(full.split()) for word, full in data["slang"].items()},
        belief=frozenset(map(stem, hedges["belief"].split())),
        hedge_phrases=_by_first(tuple(phrase.split()) for phrase in hedges["phrases"]),
        approx=frozenset(hedges["approx"].split()),
        approx_after=re.compile(rf"[\s-]*(?:[a-z.]+\s+)?(?:{'|'.join(map(re.escape, hedges['after']))})\b"),
        compare=_compared(hedges["compare"]),
        rude=frozenset(data["rude"]["words"].split()),
        opposites=_groups(data["opposites"]["pairs"], itself=False),
        people={stem(word): who for who, words in data["people"].items() for word in words.split()},
        inflected=frozenset(data["irregular"]),
        known=neutral.union(groups, kinds, data["irregular"].values()),
    )


@cache
def _data() -> dict[str, Any]:
    data = tomllib.loads(_DATA.read_text("utf-8"))
    data["irregular"] = dict(entry.split(":") for entry in data["irregular"]["forms"].split())
    return data


def _phrases(table: dict[str, str]) -> Phrases:
    """Return set phrases with what stands for them, by their first two words, longest first."""
    phrases: Phrases = {}
    for long, short in sorted(table.items(), key=lambda pair: -len(pair[0].split())):
        first, second, *_ = words = tuple(long.split())
        phrases.setdefault((first, second), []).append((words, tuple(short.split())))
    return phrases


def _by_first(phrases: Any) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        found.setdefault(phrase[0], []).append(phrase)
    return found


def _compared(signs: dict[str, str]) -> dict[str, str]:
    return {wording: sign for sign, wordings in signs.items() for wording in wordings.split("|")}


def _groups(lines: list[str], *, itself: bool = True) -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for line in lines:
        stems = {stem(word) for word in line.split()}
        for one in stems:
            groups.setdefault(one, set()).update(stems if itself else stems - {one})
    return {one: frozenset(others) for one, others in groups.items()}


def _stand_ins(lines: list[str]) -> dict[str, frozenset[str]]:
    """Return for the first word of each line the words that it may stand for."""
    found: dict[str, set[str]] = {}
    for line in lines:
        first, *others = map(stem, line.split())
        found.setdefault(first, set()).update(others)
    return {one: frozenset(others) for one, others in found.items()}


def _joined(
    same: dict[str, frozenset[str]], light: dict[str, frozenset[str]], plain: frozenset[str]
) -> dict[str, frozenset[str]]:
    none: frozenset[str] = frozenset()
    return {one: (same.get(one, none) - plain) | light.get(one, none) for one in {*same, *light}}


@lru_cache(maxsize=_STEMS_KEPT)
def stem(word: str) -> str:
    """Return a rough stem: park, parks, parked and parking give the same; it need not be a word."""
    word = word.lower().replace("’", "'").removesuffix("'s").strip("'")
    word = _data()["irregular"].get(word, word)
    if len(word) > 4 and word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    if len(word) > 5 and word.endswith("ing"):
        return _bare(word[:-3])
    if len(word) > 4 and word.endswith("ed"):
        return _bare(word[:-2])
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = re.sub(r"es$", "", word) if re.search(r"(ss|x|z|ch|sh)es$", word) else word[:-1]
    return _bare(word)


def _bare(word: str) -> str:
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word
