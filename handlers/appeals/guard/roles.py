"""Compare who does what to whom.

There is no parser here: the doer of a verb is the nearest pronoun or person before it in its clause, turned round when
the verb is passive. That is enough to tell "I told the clerk" from "the clerk told me"; where no doer is found, nothing
is judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from handlers.appeals.guard.lexicon import lexicon
from handlers.appeals.guard.likeness import Vocabulary
from handlers.appeals.guard.reading import Reading
from handlers.appeals.guard.words import Word, entry

ME, WE, OTHER, ANYONE, IT = "I", "we", "they", "anyone", "it"
_PERSONS = frozenset({ME, WE, OTHER})
_SUBJECTS = {"i": ME, "we": WE, "he": OTHER, "she": OTHER, "they": OTHER, "you": ANYONE}
_OBJECTS = {"me": ME, "us": WE, "him": OTHER, "them": OTHER, "her": OTHER}
_BREAKS = frozenset(
    "and but or so because when while if which then until after before as than although since where though".split()  # noqa: SIM905
)
_PASSIVE = frozenset("be am is are was were been being get gets got getting gotten".split())  # noqa: SIM905
_DETERMINERS = frozenset("the a an this these those my our his her their your".split())  # noqa: SIM905
_PREPOSITIONS = frozenset("in on at from to of with for by near into".split())  # noqa: SIM905
_STATES = frozenset("park stop stand block pull mov start turn op clos run stick freez break hang".split())  # noqa: SIM905
_BETWEEN = frozenset("just also only even never not already then still ever".split())  # noqa: SIM905
_NO_VERBS = frozenset({"strength", "time"})
_WORDS_KEPT = 20_000
_REACH = 6

# What a word is to a verb that may follow it: numbers, for the loop over all words compares them. From _OBJECT on it
# names somebody or something.
_ADVERB, _GLUE, _BREAK, _BE, _VERB, _OBJECT, _THING, _THAT, _PERSON, _SUBJECT = range(10)
_OPENING = (_BREAK, _THAT)
# How somebody stands to a verb.
_DOES, _SUFFERS, _IS_OBJECT, _MAY_DO = range(4)

Role = tuple[str, int, str | Word]
"""A verb, how somebody stands to it, and who: a kind of person, or the noun of a thing."""


def swapped_roles(made: Reading, told: Told, given: Vocabulary) -> Iterator[str]:
    """Yield "they ask" where the person said "I asked them", and the like."""
    for verb, stands, who in _roles(made):
        if stands == _IS_OBJECT and who == ME and told.only_does(verb):
            yield f"{verb} {who}"
        if stands in (_DOES, _SUFFERS) and who not in (ANYONE, IT) and told.differs(verb, stands, who, given):
            name = who.stem if isinstance(who, Word) else who
            yield f"{name} {verb}" if stands == _DOES else f"{verb} {name}"


class Told:
    """Who did what in the statement, as far as it names them."""

    def __init__(self, own: Reading) -> None:
        self._named: defaultdict[tuple[str, bool], set[str]] = defaultdict(set)
        self._guessed: defaultdict[str, set[str]] = defaultdict(set)
        for verb, stands, who in _roles(own):
            if stands == _MAY_DO and isinstance(who, str):
                self._guessed[verb] |= {ME, who}
            else:
                self._named[verb, stands == _DOES].add(f"the {who.stem}" if isinstance(who, Word) else who)

    def only_does(self, verb: str) -> bool:
        """Tell whether the person did it and it was never done to them."""
        return self._named.get((verb, True)) == {ME} and ME not in self._named.get((verb, False), set())

    def differs(self, verb: str, stands: int, who: str | Word, given: Vocabulary) -> bool:
        """Tell whether somebody else was named for it, or this one only on the other side of it."""
        does = stands == _DOES
        named = self._named.get((verb, does), set())
        if ANYONE in named or who in named:
            return False
        if isinstance(who, str):
            if who in self._named.get((verb, not does), set()):
                return True
            return bool(named & _PERSONS) and not (does and who in self._guessed.get(verb, set()))
        if not named or named & {IT, *_PERSONS} or not does or (verb, False) in self._named:
            return False
        return not {f"the {stem}" for stem in given.match(who)} & named


def _roles(reading: Reading) -> Iterator[Role]:
    for sentence in reading.sentences:
        yield from _of_sentence(sentence.words)


def _of_sentence(words: Sequence[Word]) -> Iterator[Role]:
    who: str | Word | None = None  # who stands before the next verb; "" for somebody who cannot be told
    carried, passive, clause, age = ME, False, -1, 0
    for at, word in enumerate(words):
        part = _PARTS[word.text]
        age += 1
        if word.clause != clause or age > _REACH or part in _OPENING:
            who, passive, clause, age = None, False, word.clause, 0
        if part == _VERB:
            if not at or words[at - 1].text not in _DETERMINERS:
                turned = passive and not (word.text.endswith("ing") or word.stem in _STATES)
                if who is None:
                    yield word.stem, _MAY_DO, carried
                elif who and (isinstance(who, str) or _is_inflected(word)):
                    yield word.stem, _SUFFERS if turned else _DOES, who
                yield from _after(words, at, passive=turned)
            who, passive, age = _noun(words, at), False, 0
        elif part >= _OBJECT:
            who, passive, age = _WHO.get(word.text, OTHER), False, 0
            if part == _SUBJECT:
                carried = _SUBJECTS[word.text]
        elif part != _ADVERB:
            passive = part == _BE


def _is_inflected(verb: Word) -> bool:
    """Tell a verb by its form: "broke", "printed"; after a noun, "spot" is more likely a second noun."""
    return verb.text.endswith(("ed", "ing")) or verb.text in lexicon().inflected


def _noun(words: Sequence[Word], at: int) -> str | Word:
    """Return who does what follows a noun: a name, a thing with its article; "" when that cannot be told."""
    word, ahead = words[at], words[at - 1].text if at else ""
    if word.name_like and ahead not in _PREPOSITIONS:
        return OTHER
    named = ahead in _DETERMINERS or (at > 1 and words[at - 2].text in _DETERMINERS)
    return word if named else ""


def _after(words: Sequence[Word], at: int, *, passive: bool) -> Iterator[Role]:
    """Yield whom a verb is done to, and by whom."""
    if at + 1 == len(words) or _PARTS[words[at + 1].text] == _BREAK:
        return
    verb, first = words[at], words[at + 1].text
    if not passive and first in _OBJECTS:
        yield verb.stem, _IS_OBJECT, _OBJECTS[first]
        if first == "us":
            yield verb.stem, _IS_OBJECT, ME
    elif not passive and first in _DETERMINERS and at + 2 < len(words) and words[at + 2].who:
        yield verb.stem, _IS_OBJECT, OTHER
    elif first == "by" or (at + 2 < len(words) and words[at + 2].text == "by"):
        after = words[at + (2 if first == "by" else 3) : at + 5]
        doer = next((w for w in after if w.clause == verb.clause and (w.who or w.text in _OBJECTS)), None)
        if doer is not None:
            yield verb.stem, _DOES, _OBJECTS.get(doer.text, OTHER)


_WHO = {**_SUBJECTS, **dict.fromkeys([*_OBJECTS, "to"], ""), **dict.fromkeys(["it", "this", "that"], IT)}
_LISTED = (
    (_THAT, frozenset({"that"})),
    (_BREAK, _BREAKS),
    (_SUBJECT, frozenset(_SUBJECTS)),
    (_OBJECT, frozenset([*_OBJECTS, "to"])),
    (_THING, frozenset({"it", "this"})),
    (_BE, _PASSIVE),
    (_ADVERB, _BETWEEN),
)


class _Parts(dict[str, int]):
    """The part of each word, kept."""

    def __missing__(self, text: str) -> int:
        if len(self) >= _WORDS_KEPT:
            self.clear()
        found = self[text] = _part_of(entry(text))
        return found


_PARTS = _Parts()


def _part_of(word: Word) -> int:
    text = word.text
    known = next((part for part, words in _LISTED if text in words), None)
    if known is not None:
        return known
    if word.who:
        return _PERSON
    if word.denies or text.endswith("ly"):
        return _ADVERB
    return _GLUE if word.plain or word.kind in _NO_VERBS or text in lexicon().approx else _VERB
