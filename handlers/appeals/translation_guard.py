"""The guard of translations: does an English version say what the Spanish statement says, and no more? (TXT-5, TXT-8)

It reads the version beside a gloss of the statement (see `spanish`). Nothing may come in that was not said: no number,
date or time, no name, no legal term, no evidence, no claim about health or family, no demand. No denial and no "about"
or "I think" may get lost; who did a thing stays; what is told keeps its order; and most of every sentence must be
traceable to words of the statement. What the guard cannot trace is refused: that costs a retry, or means the person's
own words in Spanish.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from handlers.appeals import spanish
from handlers.appeals.facts_guard import LENGTH_EXTRA, LENGTH_FACTOR, Allowed
from handlers.appeals.guard import measures
from handlers.appeals.guard.lexicon import lexicon
from handlers.appeals.guard.reading import Reading, read
from handlers.appeals.guard.words import NEGATIONS, Word

TRACED = 0.6
"""The least share of a sentence's words of meaning that must come from the statement; the gloss knows no more."""

NEAR = 4
"""So many words may stand the other way round: "the sign of street cleaning" is "the street cleaning sign"."""

LONGEST = 6_000
_PLACEHOLDER = re.compile(r"[\[\]{}<>§¶]|_{2,}|\b[Xx]{3,}\b|\b(?:TBD|TODO|REF\d+|N/A)\b|\.{4,}")
_CLOSED = frozenset({"legal", "evidence", "sensitive", "demand"})
_OWN_ONLY = frozenset({"legal", "sensitive", "demand"})
_PERSONS = {"i": "i", "we": "we", "they": "they", "he": "they", "she": "they"}
_PRONOUNS = frozenset({*_PERSONS, "him", "her", "his", "hers", "us", "our", "ours"})
"""Spanish leaves most of them out: who acts stands in the verb."""

_BEFORE_A_VERB = frozenset(
    "had have has did do does not could can would will should might may also just then never already".split()  # noqa: SIM905
)
_SIDES = (("before", "after"), ("after", "before"))
_ALIKE = 0.75
_REACH = 3


class _Said:
    """The words that were said, in English or in a Spanish that looks like it."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._stems = {word.stem for word in words}
        self._strange = {word.text for word in words if len(word.text) > 4}

    def holds(self, word: Word) -> bool:
        """Tell whether a word is one of them, may stand for one, or is a cognate ("resident" for "residente")."""
        if word.stem in self._stems or lexicon().groups.get(word.stem, frozenset()) & self._stems:
            return True
        alike = (one for one in self._strange if one[0] == word.text[0] and len(word.text) > 4)
        return any(difflib.SequenceMatcher(None, one, word.text, autojunk=False).ratio() >= _ALIKE for one in alike)


def check(output: str, allowed: Allowed) -> list[str]:
    """Return what is wrong with an English version of `allowed.statement`; an empty list means that it may be shown."""
    if max(len(output), len(allowed.statement)) > LONGEST:
        return ["length"]
    found = list(_form(output, allowed.statement))
    known = spanish.gloss(allowed.statement)
    own, made = read(known.text), read(output)
    other = read("\n".join([*allowed.facts, *allowed.captions, *allowed.city, *allowed.evidence]))
    said = _Said([*own.words, *read(f"{known.others}\n{spanish.plain(allowed.statement)}").words])
    found += _numbers(made, own, other)
    found += _words(made, said, _Said(other.words))
    found += _softened(made, own)
    found += _denied(made, own)
    found += _acted(made, own)
    found += _moved(made, own)
    return list(dict.fromkeys(found))


def _form(output: str, statement: str) -> Iterator[str]:
    if not output.strip():
        yield "empty"
    if len(output) > LENGTH_FACTOR * len(statement) + LENGTH_EXTRA:
        yield "length"
    if spanish.is_spanish(output):
        yield "not English"
    for match in _PLACEHOLDER.finditer(output):
        if match[0] not in statement:
            yield f'placeholder: "{match[0]}"'


def _numbers(made: Reading, own: Reading, other: Reading) -> Iterator[str]:
    given = measures.Given([*own.quantities, *other.quantities], f"{own.text}\n{other.text}")
    for kind, text in measures.unfounded(made.quantities, given):
        yield f'{kind}: "{text}"'
    first = {quantity.amount: at for at, quantity in reversed(list(enumerate(own.quantities)))}
    order = dict.fromkeys(first[quantity.amount] for quantity in made.quantities if quantity.amount in first)
    if list(order) != sorted(order):
        yield "numbers in another order"


def _words(made: Reading, own: _Said, other: _Said) -> Iterator[str]:
    for sentence in made.sentences:
        content = [word for word in sentence.words if word.is_content and word.text not in _PRONOUNS]
        untraced = [word for word in content if not own.holds(word) and not other.holds(word)]
        for word in content:
            given = own.holds(word) or (word.kind not in _OWN_ONLY and other.holds(word))
            if (word.kind in _CLOSED or word.name_like) and not given:
                yield f'{word.kind or "name"}: "{word.text}"'
        if len(untraced) > (1 - TRACED) * len(content):
            yield f'cannot be traced: "{" ".join(word.text for word in untraced[:4])}"'


def _softened(made: Reading, own: Reading) -> Iterator[str]:
    """Yield numbers that lost their "about", and "I think" or "maybe" when it is said less often."""
    for soft in own.quantities:
        same = [one for one in made.quantities if one.amount == soft.amount]
        if soft.hedged and same and not any(one.softened for one in same):
            yield f'hedge lost: "{soft.text}"'
    if _beliefs(made) < _beliefs(own):
        yield 'hedge lost: "I think, maybe"'


def _beliefs(reading: Reading) -> int:
    texts = [word.text for word in reading.words]
    return sum(
        text in _MAYBE or (text in _THINK and "i" in texts[max(0, at - 2) : at]) for at, text in enumerate(texts)
    )


_MAYBE = frozenset("maybe perhaps possibly probably seems seemed seem apparently".split())  # noqa: SIM905
_THINK = frozenset("think thought believe believed guess suppose".split())  # noqa: SIM905


def _denied(made: Reading, own: Reading) -> Iterator[str]:
    """Yield denials that are gone: fewer in all, or one that stood with a word which now stands without."""
    if len(_denials(made)) < len(_denials(own)):
        yield "negation lost"
    before, after = _counts(own), _counts(made)
    scope = {stem for denial in _denials(made) for stem in denial}
    for denial in _denials(own):
        head = denial[0] if denial else ""
        if head and before[head] == after[head] == 1 and head not in scope:
            yield f'negation lost: "{head}"'


def _denials(reading: Reading) -> list[tuple[str, ...]]:
    """Return for each denial the words of meaning that follow it in its clause, nearest first."""
    words = reading.words
    return [
        tuple(one.stem for one in words[at + 1 : at + 2 + 2 * _REACH] if one.clause == word.clause and one.is_content)
        for at, word in enumerate(words)
        if word.text in NEGATIONS
    ]


def _acted(made: Reading, own: Reading) -> Iterator[str]:
    """Yield who is said to have done what somebody else did."""
    told: dict[str, set[str]] = {}
    for who, stem in _acts(own):
        told.setdefault(stem, set()).add(who)
    for who, stem in dict.fromkeys(_acts(made)):
        doers = told.get(stem) or next((told[one] for one in lexicon().groups.get(stem, ()) if one in told), set())
        if doers and who not in doers:
            yield f'subject: "{who} {stem}"'


def _acts(reading: Reading) -> Iterator[tuple[str, str]]:
    """Yield (who, verb) where a pronoun is followed by a verb: "I had not seen", but not "I was charged"."""
    for at, word in enumerate(reading.words):
        if word.text not in _PERSONS:
            continue
        for after in reading.words[at + 1 : at + 2 + _REACH]:
            if after.is_content and after.clause == word.clause:
                yield _PERSONS[word.text], after.stem
            if after.text not in _BEFORE_A_VERB:
                break


def _moved(made: Reading, own: Reading) -> Iterator[str]:
    """Yield words that stand far before what they followed, and "after" for "before"."""
    before, after = _counts(own), _counts(made)
    places = {word.stem: at for at, word in enumerate(own.words) if before[word.stem] == 1}
    furthest = -1
    for word in made.words:
        at = places.get(word.stem, -1)
        if at < 0 or after[word.stem] > 1 or not word.is_content or word.text in _PRONOUNS:
            continue
        if at < furthest - NEAR:
            yield f'moved: "{word.text}"'
        furthest = max(furthest, at)
    texts = [{word.text for word in reading.words} for reading in (own, made)]
    for one, other in _SIDES:
        if one in texts[0] and other not in texts[0] and other in texts[1] and one not in texts[1]:
            yield f'order: "{other}"'


def _counts(reading: Reading) -> Counter[str]:
    return Counter(word.stem for word in _told(reading.words))


def _told(words: Sequence[Word]) -> Iterator[Word]:
    return (word for word in words if word.is_content)
