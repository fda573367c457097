"""Compare whom a text speaks of: he and she, whose a thing is, and who is said to have said something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from handlers.appeals.guard.lexicon import lexicon
from handlers.appeals.guard.likeness import Vocabulary
from handlers.appeals.guard.reading import Reading
from handlers.appeals.guard.words import OWNED, Word

_MINE, _THEIRS, _NAMED = "my", "their", "named"
_OWNERS = {"my": _MINE, "our": _MINE, "his": _THEIRS, "her": _THEIRS, "their": _THEIRS}
_MOST_SAYINGS = 60
_SAYING = frozenset({"say", "tell", "read", "stat", "claim"})
_HE, _SHE, _WE = (frozenset(words.split()) for words in ("he him his", "she her hers", "we us our ours"))


def new_pronouns(made: Reading, own: Reading) -> Iterator[str]:
    """Yield "he" and "she" where nobody of that kind was spoken of, and "we" where the person was alone."""
    texts = {word.text for word in own.words}
    kinds = {word.who for word in own.words}
    for pronouns, kind in ((_HE, "he"), (_SHE, "she"), (_WE, "we")):
        if not texts & pronouns and kind not in kinds:
            yield from sorted({word.text for word in made.words if word.text in pronouns})


def swapped_owners(made: Reading, own: Reading) -> Iterator[str]:
    """Yield "my prescription" where it was always somebody else's."""
    before, bare = _owners(own)
    for thing, owners in _owners(made)[0].items():
        mine = _MINE in owners and before[thing] == {_THEIRS} and thing not in bare
        if mine or (_NAMED in owners and before[thing] == {_MINE}):
            yield f"{_MINE if mine else _THEIRS} {thing}"


def _owners(reading: Reading) -> tuple[defaultdict[str, set[str]], set[str]]:
    context = lexicon().context
    owned: defaultdict[str, set[str]] = defaultdict(set)
    bare: set[str] = set()
    for sentence in reading.sentences:
        words = sentence.words
        for at, word in enumerate(words):
            if word.mark >= 0 or word.plain or word.stem in context:
                continue
            ahead = words[at - 1] if at else None
            if ahead is None or ahead.clause != word.clause:
                bare.add(word.stem)
            elif ahead.text in _OWNERS:
                owned[word.stem].add(_OWNERS[ahead.text])
            elif ahead.text == OWNED:
                owned[word.stem] |= {_THEIRS, _NAMED} if words[at - 2].name_like else {_THEIRS}
            elif ahead.who and not word.stem.endswith("ly"):
                owned[word.stem].add(_THEIRS)
            else:
                bare.add(word.stem)
    return owned, bare


def swapped_speakers(made: Reading, own: Reading, given: Vocabulary) -> Iterator[str]:
    """Yield "sign say" where the words were those of a man, and the like."""
    told = list(dict.fromkeys(_sayings(own)))[:_MOST_SAYINGS]
    for speaker, words in list(dict.fromkeys(_sayings(made)))[:_MOST_SAYINGS]:
        meant = frozenset().union(*(given.match(word) for word in words)) if words else frozenset()
        shared = [(len(meant & {word.stem for word in theirs}), whose) for whose, theirs in told]
        most = max((count for count, _ in shared), default=0)
        if most < min(2, len(words)) or not most:
            continue
        same = given.match(speaker) | {speaker.stem}
        if not any(whose.stem in same or (whose.who and speaker.who) for count, whose in shared if count == most):
            yield f"{speaker.text} say"


def _sayings(reading: Reading) -> Iterator[tuple[Word, tuple[Word, ...]]]:
    """Yield the noun before each "says" with the words of content that follow it in its clause."""
    for sentence in reading.sentences:
        words = sentence.words
        for at, word in enumerate(words):
            if word.stem not in _SAYING or not at or words[at - 1].clause != word.clause:
                continue
            ahead = words[at - 1]
            if ahead.plain or ahead.mark >= 0:
                continue
            after = (one for one in words[at + 1 : at + 8] if one.clause == word.clause)
            yield ahead._replace(clause=0), tuple(one._replace(clause=0) for one in after if one.is_content)
