"""The opt-out rules, read from `rules.toml` and compiled once.

The file speaks in word groups (`<thing>`, `<me>`); they are unfolded here. A `direct` pattern names our messages, a
`plain` one needs the context of a chat, a `loose` one leaves gaps between its words and keeps away from questions and
from clauses that name something foreign (a letter, a ticket, the city), a `whole` one looks across sentences.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

from bot.engine.optout.wording import Spelling
from bot.engine.patterns import CueReader, Entry, Index

_FILE = Path(__file__).with_name("rules.toml")
_PLACE = re.compile(r"<([a-z]+)>")
_KINDS = ("direct", "plain", "loose", "whole")
_MASKS = {"o": "0", "i": "1", "e": "3", "a": "4", "s": "5", "t": "7"}
_MOST_MASKED = 3
_VOWEL = re.compile("[aeiou]")
_WEIGHTS = (("often", 1), ("mostly", 5))

Section = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Keywords:
    """The words that decide alone, and what may stand around them."""

    out: frozenset[str]
    start: frozenset[str]
    start_while_out: frozenset[str]
    start_phrases: re.Pattern[str]
    stop_sign: str
    sure: frozenset[str]
    sure_pairs: frozenset[str]
    unsure: frozenset[str]
    core: frozenset[str]
    idle_out: frozenset[str]
    idle_ask: frozenset[str]
    own_data: frozenset[str]
    courtesies: frozenset[str]
    fillers: frozenset[str]
    scope: frozenset[str]
    never_typos: frozenset[str]
    typos: frozenset[str]
    unsubscribe_edits: int


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What takes a match back.

    `before` patterns are looked for in the words before a match, `negated` and `directed` up to its end, `after` in
    the words after it; `questions` before it and `questions_anywhere` in its clause, where `way_out` saves a question
    that is the request itself. `printed` holds for the sentence, `elsewhere`, `slip` and `accident` for the message.
    """

    before: Mapping[str, re.Pattern[str]]
    negated: re.Pattern[str]
    directed: re.Pattern[str]
    questions: re.Pattern[str]
    questions_anywhere: re.Pattern[str]
    way_out: re.Pattern[str]
    after: re.Pattern[str]
    printed: re.Pattern[str]
    elsewhere: re.Pattern[str]
    slip: re.Pattern[str]
    accident: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Topics:
    """The names of topics, and the words that end one or keep the rest."""

    names: Mapping[str, frozenset[str]]
    words: frozenset[str]
    things: frozenset[str]
    everything: frozenset[str]
    off: Entry
    keep: Entry


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, compiled."""

    keywords: Keywords
    spelling: Spelling
    requests: Index
    direct: Index
    wholes: Index
    names: re.Pattern[str]
    name_needs: frozenset[str]
    pauses: Index
    never_pauses: re.Pattern[str]
    topics: Topics
    exclusions: Exclusions
    objects: re.Pattern[str]
    foreign: frozenset[str]
    everywhere: re.Pattern[str]
    hostile: re.Pattern[str]
    mild: frozenset[str]


@cache
def rules() -> Rules:
    """Return the compiled rules; the first call reads the file."""
    return _compiled(tomllib.loads(_FILE.read_text("utf-8")))


class _Compiler:
    """Compiles the patterns of the file, with its word groups and its list of common words."""

    def __init__(self, groups: Section, common: Section) -> None:
        self._groups = {name: str(group) for name, group in groups.items()}
        self._reader = CueReader({word: weight for name, weight in _WEIGHTS for word in _texts(common[name])})

    def one(self, patterns: object) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{self._unfolded(pattern)})" for pattern in _texts(patterns)))

    def entry(self, rule: str, kind: str, pattern: object) -> Entry:
        text = self._unfolded(str(pattern))
        needed = self._reader.cues(text)
        if not needed:
            raise ValueError(f"a pattern of {rule} needs no word, so every message would have to be tried: {text}")
        return Entry(rule, kind, text, needed)

    def index(self, rule: str, patterns: object) -> Index:
        return Index(self.entry(rule, "plain", pattern) for pattern in _texts(patterns))

    def families(self, tables: object) -> list[Entry]:
        return [
            self.entry(str(family["id"]), kind, pattern)
            for family in _tables(tables)
            for kind in _KINDS
            for pattern in _texts(family.get(kind, []))
        ]

    def _unfolded(self, pattern: str) -> str:
        while _PLACE.search(pattern):
            pattern = _PLACE.sub(lambda place: self._groups[place[1]], pattern)
        return pattern


def _compiled(raw: dict[str, dict[str, object]]) -> Rules:
    compiler = _Compiler(raw["words"], raw["common"])
    right = _spelling(raw["spelling"], raw["slips"])
    noise = raw["noise"]
    requests = compiler.families(raw["family"])
    return Rules(
        keywords=_keywords(raw, compiler),
        spelling=Spelling(right, frozenset(right), _words(noise["words"]), compiler.one(noise["phrases"])),
        requests=Index(request for request in requests if request.kind != "whole"),
        wholes=Index(request for request in requests if request.kind == "whole"),
        direct=Index(request for request in requests if request.kind == "direct"),
        names=compiler.one(raw["names"]["patterns"]),
        name_needs=_words(raw["names"]["needs"]),
        pauses=compiler.index("X7", raw["pause"]["patterns"]),
        never_pauses=compiler.one(raw["pause"]["never"]),
        topics=_topics(raw["topics"], raw["topic_cues"], compiler),
        exclusions=_exclusions(raw, compiler),
        objects=compiler.one(raw["objects"]["patterns"]),
        foreign=_words(raw["foreign"]["words"]),
        everywhere=compiler.one(raw["everywhere"]["patterns"]),
        hostile=compiler.one(raw["hostile"]["patterns"]),
        mild=_words(raw["hostile"]["mild"]),
    )


def _keywords(raw: Mapping[str, Section], compiler: _Compiler) -> Keywords:
    whole, fillers, typos = raw["keywords"], raw["fillers"], raw["typos"]
    sure, pairs, unsure = (_words(fillers[name]) for name in ("sure", "sure_pairs", "unsure"))
    listed = _words(typos["listed"]) | {slip for word in sure for slip in masked(word)}
    return Keywords(
        out=_words(whole["out"]),
        start=_words(whole["start"]),
        start_while_out=_words(whole["start_while_out"]),
        start_phrases=compiler.one(whole["start_phrases"]),
        stop_sign=str(whole["stop_sign"]),
        sure=sure,
        sure_pairs=pairs,
        unsure=unsure,
        core=sure | unsure | listed | frozenset(word for pair in pairs for word in pair.split()),
        idle_out=_words(fillers["idle_out"]),
        idle_ask=_words(fillers["idle_ask"]),
        own_data=_words(fillers["own_data"]),
        courtesies=_words(fillers["courtesies"]),
        fillers=_words(fillers["words"]),
        scope=_words(fillers["scope"]),
        never_typos=_words(typos["never"]),
        typos=listed,
        unsubscribe_edits=int(str(typos["unsubscribe_edits"])),
    )


def _exclusions(raw: Mapping[str, Section], compiler: _Compiler) -> Exclusions:
    listed = raw["exclusions"]
    return Exclusions(
        before={rule: compiler.one(listed[rule]) for rule in ("X1", "X3", "X5")},
        negated=compiler.one(listed["negated"]),
        directed=compiler.one(listed["directed"]),
        questions=compiler.one(listed["X4"]),
        questions_anywhere=compiler.one(listed["X4a"]),
        way_out=compiler.one(listed["way_out"]),
        after=compiler.one(listed["X7"]),
        printed=compiler.one(raw["printed"]["patterns"]),
        slip=compiler.one(raw["slip"]["patterns"]),
        elsewhere=compiler.one(raw["elsewhere"]["patterns"]),
        accident=compiler.one(raw["hostile"]["accident"]),
    )


def _topics(listed: Section, cues: Section, compiler: _Compiler) -> Topics:
    names = {topic: _words(words) for topic, words in listed.items()}
    return Topics(
        names=names,
        words=frozenset().union(*names.values()),
        things=_words(cues["things"]),
        everything=_words(cues["everything"]),
        off=compiler.entry("X6", "plain", cues["off"]),
        keep=compiler.entry("X6", "plain", cues["keep"]),
    )


def _spelling(listed: Section, slips: Section) -> dict[str, str]:
    known = {wrong: right for right, wrongs in listed.items() for wrong in _texts(wrongs)}
    words = _texts(slips["words"])
    hidden = {mask: known.get(word, word) for word in _texts(slips["masked"]) for mask in masked(word)}
    mistyped = {slip: word for word in words for slip in (*_slips(word), *masked(word))}
    for word in (*words, *_texts(slips["never"])):
        mistyped.pop(word, None)
    return hidden | mistyped | known


def _slips(word: str) -> Iterable[str]:
    """Yield a word with one letter missing, doubled or swapped with the next, and without its vowels."""
    for i, letter in enumerate(word):
        yield word[:i] + word[i + 1 :]
        yield word[:i] + letter + word[i:]
        yield word[:i] + word[i : i + 2][::-1] + word[i + 2 :]
    bare = word[0] + _VOWEL.sub("", word[1:])
    if len(bare) > 2:
        yield bare


def masked(word: str) -> Iterable[str]:
    """Yield a word with digits and signs for some of its letters: "t3xting", "st0p"."""
    places = [i for i, letter in enumerate(word) if letter in _MASKS]
    for count in range(1, min(len(places), _MOST_MASKED) + 1):
        for chosen in combinations(places, count):
            yield "".join(_MASKS[letter] if i in chosen else letter for i, letter in enumerate(word))


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise TypeError(f"a list of texts is missing in {_FILE.name}")
    return [str(text) for text in value]


def _words(value: object) -> frozenset[str]:
    return frozenset(_texts(value))


def _tables(value: object) -> Iterable[Section]:
    if not isinstance(value, list):
        raise TypeError(f"a list of tables is missing in {_FILE.name}")
    return value
