"""Compare what stands together: a sentence may be made of the person's own words and still say what they never said.

Two words that stand side by side in the output must have stood near each other in the statement, and two words or
numbers must not have changed places. A pronoun carries what it stands for to where it stands.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from handlers.appeals.guard.lexicon import lexicon
from handlers.appeals.guard.likeness import Vocabulary
from handlers.appeals.guard.reading import Reading
from handlers.appeals.guard.words import Word

_NEAR = 9  # words of content between two that stand together
_FAR = 10**6
_CARRIED = 30  # words of content from a pronoun back to what it stands for
_BESIDE = 4  # words of content around a pronoun that it belongs to
_WINDOW = 2
_COMMON = 12
_REACH = 5
_PLAIN = frozenset("a an the it i be have of my on at there".split())  # noqa: SIM905
_PRONOUNS = frozenset("it its that this those these they them their he him his she her there which who".split())  # noqa: SIM905
_BEFORE_ACTS = frozenset(
    "i he she they we you it to not never can could will would did do does was were is am are be been".split()  # noqa: SIM905
)
_PLACING = frozenset("before after until till at from by to in on off since behind under over".split())  # noqa: SIM905


class Anchor(NamedTuple):
    """A word of content or a quantity: what it is, where it stands among the others, in which clause."""

    key: str
    word: Word
    at: int
    kind: str


class Ground:
    """The anchors of a text, where each stands, and what stands around it."""

    def __init__(self, reading: Reading) -> None:
        context = lexicon().context
        self.anchors: list[Anchor] = []
        self.around: list[frozenset[str]] = []
        self.places: defaultdict[str, list[int]] = defaultdict(list)
        self.pronouns: list[int] = []
        placing: list[str] = []
        last = ahead = behind = ""
        self._index: list[int] = []
        for number, word in enumerate(reading.words):
            ahead, behind = behind, word.text
            if word.text in _PRONOUNS:
                self.pronouns.append(len(self.anchors))
            if word.mark < 0 and (word.plain or word.denies or word.stem in context):
                last = word.text if word.text in _PLACING else last
                continue
            if word.mark < 0:
                key, kind = word.stem, "act" if ahead in _BEFORE_ACTS else "word"
            else:
                quantity = reading.marks[word.mark][0]
                key, kind = quantity.amount, quantity.kind
            self.places[key].append(len(self.anchors))
            self.anchors.append(Anchor(key, word, len(self.anchors), kind))
            self._index.append(number)
            placing.append(last)
            last = ""
        self.around = [self._around(at, placing, reading) for at in range(len(self.anchors))]

    def _around(self, at: int, placing: Sequence[str], reading: Reading) -> frozenset[str]:
        anchors = self.anchors
        here = anchors[at]
        if here.word.mark >= 0:
            return self._beside(here, reading)
        clause, key = here.word.clause, here.key
        near = anchors[at - _WINDOW if at > _WINDOW else 0 : at + 1 + _WINDOW]
        found = {one.key for one in near if one.word.clause == clause and one.key != key}
        if placing[at]:
            found.add(f"{placing[at]} _")
        return frozenset(found)

    def _beside(self, here: Anchor, reading: Reading) -> frozenset[str]:
        """Return the words of a value's clause on each side, up to the next value."""
        words, at = reading.words, self._index[here.at]
        found: set[str] = set()
        for step in (-1, 1):
            for n in range(1, _REACH + 1):
                place = at + step * n
                if not 0 <= place < len(words):
                    break
                word = words[place]
                if word.clause != here.word.clause:
                    break
                if word.mark >= 0:
                    found.add(reading.key(word))
                    break
                if word.stem not in _PLAIN:
                    found.add(word.stem)
        return frozenset(found)


def moved_together(made: Ground, own: Ground, given: Vocabulary) -> Iterator[str]:
    """Yield two words that stand side by side in the output and stood far apart in the statement."""
    known = {anchor.key: anchor for anchor in made.anchors}
    by_key = {key: _places(anchor, own, given) for key, anchor in known.items()}
    places = [by_key[anchor.key] for anchor in made.anchors]
    for a, b in pairwise(made.anchors):
        here, there = places[a.at], places[b.at]
        if a.word.clause != b.word.clause or not here or not there:
            continue
        if not _close(here, there) and not _carried(here, there, own) and not _between(a, b, made, places):
            yield f"{a.word.text} {b.word.text}" if a.word.mark < 0 and b.word.mark < 0 else a.key + b.key


def _between(a: Anchor, b: Anchor, made: Ground, places: list[list[int]]) -> bool:
    """Tell whether a third word of the clause stood beside each of the two: "I paid by app. I paid for an hour"."""
    near = made.anchors[max(0, a.at - 3) : a.at] + made.anchors[b.at + 1 : b.at + 3]
    return any(
        one.word.clause == a.word.clause
        and _distance(places[one.at], places[a.at]) <= _BESIDE
        and _distance(places[one.at], places[b.at]) <= _BESIDE
        for one in near
    )


def _places(anchor: Anchor, own: Ground, given: Vocabulary) -> list[int]:
    """Return where a word stood in the statement; none where it stood everywhere, which tells nothing."""
    keys = {anchor.key} if anchor.word.mark >= 0 else {anchor.key, *given.match(anchor.word)}
    found = sorted({at for key in keys for at in own.places.get(key, ())})
    return found if len(found) <= _COMMON else []


def _close(here: Sequence[int], there: Sequence[int]) -> bool:
    return any(-_NEAR <= a - b <= _NEAR for a in here for b in there)


def _distance(here: Sequence[int], there: Sequence[int]) -> int:
    return min((abs(a - b) for a in here for b in there), default=_FAR)


def _carried(here: Sequence[int], there: Sequence[int], own: Ground) -> bool:
    """Tell whether a pronoun beside the one stands for the other."""
    return any(
        first < second <= first + _CARRIED and _has_pronoun(own, first, second)
        for one, other in ((here, there), (there, here))
        for first in one
        for second in other
    )


def _has_pronoun(own: Ground, first: int, second: int) -> bool:
    low = max(first + 1, second - _BESIDE)
    at = bisect_left(own.pronouns, low)
    return at < len(own.pronouns) and own.pronouns[at] <= second + 2


def exchanged(made: Ground, own: Ground) -> Iterator[str]:
    """Yield two words or values that changed places: each now stands where the person had the other one."""
    theirs, opposites = _holders(own), lexicon().opposites
    gains: dict[tuple[str, str], int] = {}
    for anchor in made.anchors:
        if anchor.kind != "act" and 0 < len(own.places.get(anchor.key, ())) <= _COMMON:
            for other, gain in _stands_like(made.around[anchor.at], anchor, own, theirs).items():
                gains[anchor.key, other] = max(gain, gains.get((anchor.key, other), 0))
    for (key, other), gain in gains.items():
        back = gains.get((other, key), 0)
        one_of_two = other in opposites.get(key, ()) or ("first" in (key, other) and "0:ordinal" in key + other)
        values = key.startswith("0:") and other.startswith("0:")
        replaced = values and not back and gain > 1
        mutual = key < other and back and gain + back > (1 if values or one_of_two else 2)
        if mutual or replaced or (one_of_two and gain > 1):
            yield f"{key.removeprefix('0:')} and {other.removeprefix('0:')} exchanged"


def _holders(own: Ground) -> dict[str, list[int]]:
    """Return for each word which anchors have it around them; words that stand everywhere tell nothing."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for anchor in own.anchors:
        for key in own.around[anchor.at]:
            found[key].append(anchor.at)
    return {key: at for key, at in found.items() if len(at) <= _COMMON}


def _stands_like(around: frozenset[str], here: Anchor, own: Ground, holders: dict[str, list[int]]) -> dict[str, int]:
    """Return the words whose place in the statement is more like this place than the word's own, and by how much."""
    mine = max(len(around & own.around[at]) for at in own.places[here.key])
    if mine == len(around):
        return {}
    shared: dict[int, int] = {}
    for near in around:
        for at in holders.get(near, ()):
            shared[at] = shared.get(at, 0) + 1
    found: dict[str, int] = {}
    for at, count in shared.items():
        if count <= mine:
            continue
        other = own.anchors[at]
        if other.key != here.key and _comparable(here.kind, other.kind):
            found[other.key] = max(count - mine, found.get(other.key, 0))
    return found


def _comparable(a: str, b: str) -> bool:
    return (
        a == b
        or {a, b} == {"word", "ordinal"}
        or ("number" in (a, b) and {a, b} <= {"number", "time", "span", "ordinal"})
    )


def turned_round(made: Reading, own: Reading) -> Iterator[str]:
    """Yield "after" where the person said "before", "right" where they said "left", and the like."""
    before, after = (Counter(word.stem for word in text.words) for text in (own, made))
    opposites = lexicon().opposites
    for word, count in after.items():
        for other in opposites.get(word, ()):
            if count > before[word] and after[other] < before[other]:
                yield word
                break
