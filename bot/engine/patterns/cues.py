"""The words without which a pattern cannot match, read off the pattern itself.

A message of seventy words and two hundred patterns meet on the path of every turn, so a pattern is tried only where
the words it needs occur. They are derived and not listed by hand: a list that lacks a word would silence a rule.

A pattern is read as the finite set of texts it may match. `~` stands for anything, also for nothing; the ends of the
text and word boundaries are a space like any other, because texts reach the patterns as words with single spaces. A
set that is too large only costs a try, and none is ever too small: what is not understood becomes `~`, and a word that
touches it does not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

Cues = tuple[frozenset[str], ...]
"""Of each of these sets at least one word must occur."""

_Texts = frozenset[str]
_Clauses = list[frozenset[str]]
_TOKEN = re.compile(
    r"(?P<look>\(\?<?[=!])|(?P<open>\(\?(?:i|[a-z]*):|\()|(?P<bar>\|)"
    r"|(?P<repeat>[*+?]\??|\{\d*,?\d*\}\??)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<edge>\\b|\^|\$|\\s)"
    r"|(?P<any>\.|\\[wWdDSB])|(?P<code>\\x[0-9a-f]{2})|(?P<letters>\w+(?![*+?{])|\\.|.)"
)
_BRACKET = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|[()]")
_NOTHING, _ANYTHING, _EDGE = frozenset({""}), frozenset({"~"}), frozenset({" "})
_MAYBE_BEFORE, _MAYBE_AFTER = frozenset({"", "~ "}), frozenset({"", " ~"})
_MOST = 200
"""Texts of a part beyond this number are not spelled out."""


class CueReader:
    """Reads cues off patterns; `common` tells how often a word is met by chance. Groups read once are remembered."""

    def __init__(self, common: Mapping[str, int]) -> None:
        self._common = common
        self._groups: dict[str, tuple[_Texts, _Clauses]] = {}

    def cues(self, pattern: str) -> Cues:
        """Return the sets of words of which each must be met, the most telling first."""
        _, clauses = self._branches(pattern)
        return tuple(sorted(set(clauses), key=self._commonness))

    def _commonness(self, clause: frozenset[str]) -> tuple[int, int]:
        return sum(self._common.get(word, 0) for word in clause), len(clause)

    def _branches(self, pattern: str) -> tuple[_Texts, _Clauses]:
        """Read alternatives; a single one keeps all its clauses, several are left with a common one."""
        if pattern not in self._groups:
            read = [self._sequence(parts) for parts in self._alternatives(pattern)]
            self._groups[pattern] = frozenset().union(*(texts for texts, _ in read)), self._shared(read)
        return self._groups[pattern]

    def _shared(self, read: list[tuple[_Texts, _Clauses]]) -> _Clauses:
        if len(read) == 1:
            return read[0][1]
        if not all(clauses for _, clauses in read):
            return []
        return [frozenset().union(*(min(clauses, key=self._commonness) for _, clauses in read))]

    def _alternatives(self, pattern: str) -> list[list[tuple[_Texts, _Clauses]]]:
        found: list[list[tuple[_Texts, _Clauses]]] = [[]]
        for kind, token in _tokens(pattern):
            if kind == "bar":
                found.append([])
            elif kind == "repeat":
                texts, clauses = found[-1].pop()
                least, most = _bounds(token)
                found[-1].append((_repeated(texts, least, most), clauses if least else []))
            else:
                found[-1].append(self._branches(token) if kind == "open" else (_simple(kind, token), []))
        return found

    def _sequence(self, parts: list[tuple[_Texts, _Clauses]]) -> tuple[_Texts, _Clauses]:
        """Read parts that follow one another: all their texts, if they are few, and the clauses of each word place."""
        clauses = [clause for _, inner in parts for clause in inner] + self._clauses([texts for texts, _ in parts])
        whole = _NOTHING
        for texts, _ in parts:
            whole = _joined(whole, texts)
        return whole or self._hinted(clauses, parts[0][0], parts[-1][0]), clauses

    def _clauses(self, parts: list[_Texts]) -> _Clauses:
        """Return the clauses of the places between spaces; words that may follow matter only if no space does."""
        place, followed, found = _NOTHING, False, list[frozenset[str]]()
        for texts in parts:
            if texts is _MAYBE_AFTER and not _all_end(place):
                followed = True
                continue
            if followed and not _all_begin(texts):
                place = _joined(place, _MAYBE_AFTER) or _ANYTHING
            followed = False
            if _all_end(place) or _all_begin(texts):
                found += self._clause(place if _all_end(place) else frozenset(text + " " for text in place))
                place = texts if _all_begin(texts) else _joined(_EDGE, texts) or _ANYTHING
            else:
                place = _joined(place, texts) or _ANYTHING
        return found + self._clause(place)

    def _clause(self, texts: _Texts) -> _Clauses:
        """Return one word of each text, the most telling that stands free; nothing if one text has none."""
        chosen = set()
        for text in texts:
            free = [word for word in text.split(" ")[1:-1] if word and "~" not in word]
            if not free:
                return []
            chosen.add(min(free, key=lambda word: (self._common.get(word, 0), -len(word))))
        return [frozenset(chosen)]

    def _hinted(self, clauses: _Clauses, first: _Texts, last: _Texts) -> _Texts:
        """Return, in the place of too many texts, that each holds a word of the most telling clause."""
        before, after = " " if _all_begin(first) else "", " " if _all_end(last) else ""
        best = min(clauses, key=self._commonness, default=None)
        return frozenset(f"{before}~ {word} ~{after}" for word in best) if best else frozenset({f"{before}~{after}"})


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield the tokens of a pattern, a group as one token without its brackets; looking around needs no words."""
    at = 0
    while token := _TOKEN.match(pattern, at):
        kind, at = token.lastgroup or "", token.end()
        if kind in ("look", "open"):
            end = _closing(pattern, at)
            if kind == "open":
                yield kind, pattern[at:end]
            at = end + 1
        else:
            yield kind, token[0]


def _closing(pattern: str, at: int) -> int:
    """Return where the bracket closes that was opened just before."""
    depth = 1
    for bracket in _BRACKET.finditer(pattern, at):
        depth += {"(": 1, ")": -1}.get(bracket[0], 0)
        if not depth:
            return bracket.start()
    raise ValueError(f"a bracket is not closed in {pattern}")


def _simple(kind: str, token: str) -> _Texts:
    match kind:
        case "edge":
            return _EDGE
        case "any":
            return _ANYTHING
        case "set":
            inside = token[1:-1]
            return frozenset(inside.lower()) if inside.isalpha() else _ANYTHING
        case "code":
            return frozenset(chr(int(token[2:], 16)))
        case _:
            return frozenset({token.removeprefix("\\").lower()})


def _bounds(repeat: str) -> tuple[int, int]:
    """Return how often a part occurs at least, and at most, where 2 stands for any higher number."""
    mark = repeat[0]
    if mark != "{":
        return int(mark == "+"), 1 if mark == "?" else 2
    least, comma, most = repeat[1 : repeat.index("}")].partition(",")
    return int(least or 0), int((most or 2) if comma else least)


def _repeated(texts: _Texts, least: int, most: int) -> _Texts:
    """Return what a repeated part may match: whole words before or after a space keep their neighbours apart."""
    if _all_end(texts):
        return texts if least else _MAYBE_BEFORE
    if _all_begin(texts):
        return texts if least else _MAYBE_AFTER
    if most == 1:
        return texts if least else texts | _NOTHING
    return _ANYTHING


def _joined(left: _Texts, right: _Texts) -> _Texts:
    """Return every left text with every right one after it; none at all if they are too many."""
    return frozenset(a + b for a in left for b in right) if len(left) * len(right) <= _MOST else frozenset()


def _all_end(texts: _Texts) -> bool:
    return all(text.endswith(" ") for text in texts)


def _all_begin(texts: _Texts) -> bool:
    return all(text.startswith(" ") for text in texts)
