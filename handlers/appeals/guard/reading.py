"""One text as the guard reads it: its quantities, its sentences, and its words in one row."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from handlers.appeals.guard.quantities import MOST, Mark, Quantity, quantity_at
from handlers.appeals.guard.words import BLANK, KEPT, Sentence, Word, Written, sentences

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:\.\d+)*[^\W\d_]*|[^\s\w]|\n|_")
_INITIALS = re.compile(r"\b(?![ap]\.m\.)([^\W\d_])\.([^\W\d_])\.", re.IGNORECASE)  # U.S.
_GOES_ON = re.compile(r"\.\s+[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text taken apart; `marks` holds the quantities behind each blank."""

    text: str
    marks: tuple[Mark, ...]
    sentences: list[Sentence]
    words: list[Word]

    @property
    def quantities(self) -> list[Quantity]:
        """Return all quantities in order."""
        return [quantity for mark in self.marks for quantity in mark]

    def quantity(self, word: Word) -> Quantity | None:
        """Return the quantity that a blank stands for."""
        return self.marks[word.mark][0] if word.mark >= 0 else None

    def key(self, word: Word) -> str:
        """Return what makes two words the same: the stem, or for a blank its number."""
        return self.marks[word.mark][0].amount if word.mark >= 0 else word.stem


def without_common(made: Reading, own: Reading) -> tuple[Reading, Reading]:
    """Return both texts without the sentences that stand in both word for word: nothing is to be compared there."""
    common = Counter(_said(own, one) for one in own.sentences) & Counter(_said(made, one) for one in made.sentences)
    return (_without(made, common), _without(own, common)) if common else (made, own)


def _said(reading: Reading, sentence: Sentence) -> tuple[str, ...]:
    return tuple([word.text if word.mark < 0 else reading.marks[word.mark][0].text for word in sentence.words])


def _without(reading: Reading, common: Counter[tuple[str, ...]]) -> Reading:
    left = common.copy()
    parts = []
    for part in reading.sentences:
        said = _said(reading, part)
        if left[said] > 0:
            left[said] -= 1
        else:
            parts.append(part)
    return Reading(reading.text, reading.marks, parts, [word for part in parts for word in part.words])


def read(text: str) -> Reading:
    """Take a text apart; more quantities than a statement ever holds are not read further."""
    text = unicodedata.normalize("NFKC", text.replace(BLANK, " ")).replace("’", "'").replace(" - ", " — ")
    text = _INITIALS.sub(r"\1\2", text)
    marks: list[Mark] = []
    parts = list(sentences(list(_written(text, marks))))
    return Reading(text, tuple(marks), parts, [word for part in parts for word in part.words])


def _written(text: str, marks: list[Mark]) -> Iterator[Written]:
    """Yield the written words of a text, each place of a quantity as a blank."""
    blank, at, search = KEPT[BLANK], 0, _TOKEN.search
    while (match := search(text, at)) is not None:
        kept, at = KEPT[match[0]], match.end()
        if kept.shortened and text[at : at + 1] == "." and (kept.shortened == "title" or _GOES_ON.match(text, at)):
            at += 1
        if not kept.opens:
            yield kept
            continue
        found = quantity_at(text, match.start())
        if found is None:
            yield kept
            continue
        mark, at = found
        marks.append(mark)
        yield blank
        if len(marks) > MOST:
            return
