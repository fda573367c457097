"""The wording of a text, step by step closer to what the rules are written in.

Folding takes away case and accents, joining undoes "s.t.o.p", canonical spelling turns "plz quit txting me" into
"quit texting me". Clauses are kept apart because an exclusion in one does not excuse a request in the next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bot.core.fold import fold, trim

_WORD = re.compile(r"[^\W_]+(?:['@$*][^\W_]+)*")
_APART = str.maketrans({chr(code): " " for code in range(128) if not chr(code).isalnum()})
_SPELLED = re.compile(r"\b[a-z0-9](?:([ .\-_*]{1,3})[a-z0-9])(?:\1[a-z0-9])+\b")
_GAPS = re.compile(r"[ .\-_*]+")
_SINGLES = frozenset("abcdefghjklmnopqrstuvwxyz0")
_FEWEST_SINGLES = 3
_BRIEF = 80
"""Texts up to this length are looked at as a whole before they are taken apart."""
_STOPS = str.maketrans(dict.fromkeys(".!;…()[]", "\n"))
_EXCITED = re.compile(r"!+1[!1]*(?!\w)")
_DASH = re.compile(r"\s-+\s|--+")
_CLAUSE = re.compile(r"[,:]+|\b(?:but|because|pero|porque)\b")
_CURSE = re.compile(r"\bf[*#@$!\-_]{2,4}k?(ing|in)?\b|\bf[*#@$!]ck(ing|in)?\b")


@dataclass(frozen=True, slots=True)
class Spelling:
    """How words are written in the rules, and which are left out there."""

    right: Mapping[str, str]
    wrong: frozenset[str]
    noise: frozenset[str]
    noise_phrases: re.Pattern[str]

    def canonical(self, part: str) -> str:
        """Return the words of a folded part in canonical spelling, without noise words."""
        respelled = self.right.get
        spelled = " ".join([respelled(word, word) for word in _WORD.findall(part.replace("#", " number "))])
        spelled = self.noise_phrases.sub("", spelled.replace("'", ""))
        return " ".join([word for word in spelled.split() if word not in self.noise])

    def spoken_in(self, folded: str) -> frozenset[str]:
        """Return the words of folded text with their canonical spellings beside them."""
        return self.spoken(folded, _words(folded))

    def spoken(self, plain: str, raw: frozenset[str]) -> frozenset[str]:
        """Return the words of a text with their canonical spellings beside them."""
        met = raw & self.wrong
        more = [word for wrong in met for word in self.right[wrong].replace("'", "").split()]
        if "'" in plain:
            more += [word.replace("'", "") for word in raw if "'" in word]
        if "#" in plain:
            more.append("number")
        return raw.union(more) if more else raw


class Sentence(NamedTuple):
    """A folded sentence, its words with their canonical spellings beside them, and whether it is a question."""

    text: str
    spoken: frozenset[str]
    asked: bool


class Said:
    """A text in the forms in which the rules look at it: folded and trimmed, as words, and as sentences."""

    __slots__ = ("_lines", "_sentences", "_spelling", "brief", "plain", "spoken", "text")

    def __init__(self, text: str, spelling: Spelling) -> None:
        self.text, self._spelling, self._sentences = text, spelling, list[Sentence]()
        text = text.replace("🛑", " stop ")
        self.brief = len(text) <= _BRIEF and "\n" not in text
        self._lines = fold(text) if self.brief else "\n".join(map(fold, text.splitlines()))
        if "!1" in self._lines:
            self._lines = _EXCITED.sub("!", self._lines)
        self.spoken = spelling.spoken_in(self._lines) if self.brief else self._gathered()
        folded = self._lines if self.brief else " ".join(self._lines.split())
        if len(self.spoken & _SINGLES) >= _FEWEST_SINGLES or _is_masked(folded):
            folded, self._lines = _joined(folded), _joined(self._lines)
            self._sentences.clear()
            self.spoken = spelling.spoken_in(folded)
        self.plain = trim(folded)

    def _gathered(self) -> frozenset[str]:
        return frozenset().union(*(sentence.spoken for sentence in self.sentences()))

    def sentences(self) -> list[Sentence]:
        """Return the sentences; a line end is a sentence end, but words each for itself ("Please. Stop.") are one."""
        if not self._sentences:
            found = _split(self._lines)
            spoken = self._spelling.spoken_in
            self._sentences = [Sentence(sentence, spoken(sentence), asked) for sentence, asked in found]
        return self._sentences


def _split(lines: str) -> list[tuple[str, bool]]:
    if "-" in lines:
        lines = _DASH.sub("\n", lines)
    found = []
    for piece in lines.translate(_STOPS).split("\n"):
        *asked, told = piece.split("?")
        found += [(sentence, True) for sentence in asked if sentence.strip()]
        if told.strip():
            found.append((told, False))
    if len(found) > 2 and all(len(sentence.split()) == 1 for sentence, _ in found):
        return [(" ".join(sentence.strip() for sentence, _ in found), False)]
    return found


def _words(folded: str) -> frozenset[str]:
    if folded.isascii() and not ("'" in folded or "@" in folded or "$" in folded or "*" in folded):
        return frozenset(folded.translate(_APART).split())
    return frozenset(_WORD.findall(folded))


def _is_masked(folded: str) -> bool:
    return "f*" in folded or "f#" in folded or "f@" in folded or "f$" in folded or "un-s" in folded


def _joined(folded: str) -> str:
    """Return folded text with spelled-out words joined and masked ones uncovered."""
    joined = _SPELLED.sub(lambda letters: _GAPS.sub("", letters[0]), folded)
    uncovered = _CURSE.sub(lambda curse: f"fuck{curse[1] or curse[2] or ''}", joined)
    return uncovered.replace("un-subscri", "unsubscri")


def clauses(sentence: str) -> list[str]:
    """Return the parts of a sentence between commas and strong conjunctions."""
    return [part for part in _CLAUSE.split(sentence) if part.strip()]
