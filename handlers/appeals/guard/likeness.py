"""Tell whether a word of the output is a given word: the same, a form of it, its correct spelling, or a stand-in.

The answer names the given words, so that it can be told where they stood. What a person spelt wrong is looked for only
among the words that the output no longer holds: a word that was kept needs no new spelling.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from handlers.appeals.guard.lexicon import lexicon
from handlers.appeals.guard.words import Word

_FORMS = frozenset(
    "ment er or ly al able ible ion ation age ness y ful ward ure ance th ity n ed en ish like".split()  # noqa: SIM905
)
_LIKE_ENOUGH = 0.78
_MOST_COMPARED = 30
_NONE: frozenset[str] = frozenset()


class Lexis:
    """The words of a given text, found by stem, spelling, beginning, or as two words written as one."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.stems = frozenset(word.stem for word in words)
        self.runs = f" {' '.join([word.stem for word in words])} "
        self.spellings = {word.text: word.stem for word in words}
        self.joined = {a.text + b.text: a.stem for a, b in pairwise(words)}
        self.by_start: defaultdict[str, list[str]] = defaultdict(list)
        for one in self.stems:
            self.by_start[one[:3]].append(one)


class Vocabulary:
    """What covers the words of one output."""

    def __init__(self, given: Lexis, output: Sequence[Word]) -> None:
        self._given, self.stems, self._spellings = given, given.stems, given.spellings
        self._halves = {
            half: given.spellings[a.text + b.text]
            for a, b in pairwise(output)
            if a.text + b.text in given.spellings
            for half in (a.text, b.text)
        }
        self._dropped: defaultdict[str, list[str]] = defaultdict(list)
        written, known = {word.text for word in output}, lexicon().known
        for text in given.spellings:
            if len(text) >= 3 and text not in known and text not in written:
                self._dropped[text[0]].append(text)
        self._found: dict[str, frozenset[str]] = {}

    def match(self, word: Word) -> frozenset[str]:
        """Return the stems of the given words that cover a word; none when it is new."""
        found = self._found.get(word.text)
        if found is None:
            found = self._found[word.text] = self._match(word)
        return found

    def _match(self, word: Word) -> frozenset[str]:
        stem, text = word.stem, word.text
        if stem in self.stems:
            return frozenset([stem]) | (lexicon().groups.get(stem, _NONE) & self.stems)
        for table in (self._spellings, self._given.joined, self._halves):
            if text in table:
                return frozenset([table[text]])
        if stem in self._given.joined:
            return frozenset([self._given.joined[stem]])
        return lexicon().groups.get(stem, _NONE) & self.stems or self._form_of(stem) or self._misspelt(text)

    def holds(self, word: Word) -> bool:
        """Tell whether a word is covered by what was given."""
        return bool(self.match(word))

    def holds_run(self, stems: Iterable[str]) -> bool:
        """Tell whether these words stand next to each other in what was given."""
        return f" {' '.join(stems)} " in self._given.runs

    def _form_of(self, stem: str) -> frozenset[str]:
        """Allow "quick" for "quickly" and the like."""
        if len(stem) > 5 and stem.endswith("ly"):
            adjective = f"{stem[:-3]}y" if stem.endswith("ily") else stem[:-2]
            found = (lexicon().groups.get(adjective, _NONE) | {adjective}) & self.stems
            if found:
                return found
        return frozenset(given for given in self._given.by_start.get(stem[:3], ()) if _is_form(given, stem))

    def respells(self, word: Word) -> bool:
        """Tell whether a word is the right spelling of a given one."""
        return bool(self._misspelt(word.text))

    def _misspelt(self, text: str) -> frozenset[str]:
        """Take a word as the right spelling of one that is not English."""
        if len(text) < 4:
            return _NONE
        alike = [s for s in self._dropped[text[0]][:_MOST_COMPARED] if _alike(s, text) or text.startswith(s)]
        if not alike:
            alike = [s for s in self._spellings if len(s) >= max(9, len(text) + 3) and _is_part(text, s)]
        return frozenset(self._spellings[s] for s in alike)


def _is_form(given: str, stem: str) -> bool:
    a, b = (given, stem) if len(given) <= len(stem) else (stem, given)
    return len(a) >= 4 and a != b and b.startswith(a[: max(4, len(a) - 1)]) and b[len(a) :] in _FORMS


def _is_part(text: str, whole: str) -> bool:
    """Allow "parking meter" for "parkingmeter": the word is the head or tail of a long given one."""
    return whole not in lexicon().known and (whole.startswith(text) or whole.endswith(text))


def _alike(misspelt: str, right: str) -> bool:
    if abs(len(misspelt) - len(right)) > 3:
        return False
    if _skeleton(misspelt) == _skeleton(right):
        return True
    if len(right) <= 4:
        return _edits_once(misspelt, right)
    matcher = difflib.SequenceMatcher(None, misspelt, right, autojunk=False)
    return matcher.real_quick_ratio() >= _LIKE_ENOUGH and matcher.ratio() >= _LIKE_ENOUGH


def _skeleton(word: str) -> str:
    """Consonants in order, doubles once: prkng and parking are alike."""
    out = word[0]
    for char in word[1:]:
        if char not in "aeiouy" and char != out[-1]:
            out += char
    return out


def _edits_once(a: str, b: str) -> bool:
    """Tell whether one letter was left out, added, changed, or two neighbours swapped."""
    if sorted(a) == sorted(b):
        return True
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) == 1
    short, long = sorted((a, b), key=len)
    return len(long) - len(short) == 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
