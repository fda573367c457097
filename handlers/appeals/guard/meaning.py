"""Compare what two texts deny and what they soften.

Each denial of the output must answer one of the statement's and the reverse: a denial that has no partner was added,
moved or lost. A number that was said "about" stays so, and "I think" is not said less often.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from handlers.appeals.guard.lexicon import lexicon
from handlers.appeals.guard.likeness import Vocabulary
from handlers.appeals.guard.quantities import Quantity
from handlers.appeals.guard.reading import Reading
from handlers.appeals.guard.words import BLANK, Sentence, Word

_MERGED_WITHIN = 4
_SAME_DENIAL = 5
_SCOPE, _BEFORE = 4, 3
_MOST_MATCHED = 60
_SKIPPED = frozenset({"ther", "any", "ever", "anyth", "anyon", "even"})
_UNREAL = frozenset({"should", "might", "must", "would"})
_SPEAKERS = frozenset({"i", "he", "she", "they", "we"})
_BESIDE_MODAL = frozenset({"not", "never", "even", "have", "also", "just", "be"})
_ALWAYS_NEW = frozenset({"not", "nor", "without"})


class Denial(NamedTuple):
    """A negation with the content after it, the content before it, and whether it stands in a rude sentence."""

    scope: tuple[Word, ...]
    before: tuple[Word, ...]
    rude: bool


def denials(reading: Reading) -> list[Denial]:
    """List the negations; a second one in the same clause ("didn't see no sign neither") is the same denial."""
    found = []
    for sentence in reading.sentences:
        last, last_clause = -9, -1
        for at, word in enumerate(sentence.words):
            if not word.denies:
                continue
            after = _denied(sentence.words[at + 1 : at + 9], word.clause)
            near = word.clause == last_clause and at - last <= _SAME_DENIAL
            if near and (not after if word.text == "neither" else word.text not in _ALWAYS_NEW):
                continue
            last, last_clause = at, word.clause
            before = _content(sentence.words[max(0, at - 6) : at], (word.clause,))
            found.append(Denial(after[:_SCOPE], before[-_BEFORE:], sentence.rude))
    return found


def _denied(words: Sequence[Word], clause: int) -> tuple[Word, ...]:
    """Return the content after a denial, as far as nobody begins to say something else."""
    found: list[Word] = []
    for word in words:
        if word.clause > clause + 1 or (found and word.text in _SPEAKERS):
            break
        if _is_content(word):
            found.append(word)
    return tuple(found)


def _content(words: Sequence[Word], clauses: tuple[int, ...]) -> tuple[Word, ...]:
    return tuple(word for word in words if word.clause in clauses and _is_content(word))


def _is_content(word: Word) -> bool:
    plain = word.plain or word.denies or word.stem in _SKIPPED
    return not plain and word.text not in lexicon().rude


def changed_denials(made: Reading, own: Reading, given: Vocabulary) -> Iterator[tuple[str, str]]:
    """Yield ("negation_moved", words) and ("negation_lost", words) for denials without a partner."""
    said = [denial for denial in denials(own) if not _left_out_with_insult(denial, made)]
    kept = denials(made)
    if max(len(said), len(kept)) > _MOST_MATCHED:
        if len(kept) < len(said):
            yield "negation_lost", "fewer than in the statement"
        return
    likeness = _Likeness(made, own, given)
    partner = likeness.matched(kept, said)
    for number, denial in enumerate(kept):
        if number not in partner and not likeness.shares(denial, said, kept):
            yield "negation_moved", f"not {_words(denial)}".strip()
    for number in sorted(set(range(len(said))) - set(partner.values())):
        yield "negation_lost", _words(said[number])


def _words(denial: Denial) -> str:
    return " ".join(word.text for word in denial.scope[:2] or denial.before[-1:])


def _left_out_with_insult(denial: Denial, made: Reading) -> bool:
    """A denial inside an insult may go with the insult."""
    return denial.rude and not ({word.stem for word in made.words} & {word.stem for word in denial.scope})


class _Likeness:
    """How much a denial of the output and one of the statement have in common."""

    def __init__(self, made: Reading, own: Reading, given: Vocabulary) -> None:
        self._made, self._own, self._given = made, own, given

    def matched(self, kept: list[Denial], said: list[Denial]) -> dict[int, int]:
        """Pair denials that have the most in common, each once."""
        ours = [(self._meant(one.scope), self._meant(one.before)) for one in kept]
        theirs = [(self._keys(one.scope), self._keys(one.before)) for one in said]
        near = _Near(theirs)
        pairs = [(_alike(a, theirs[s]), -abs(m - s), m, s) for m, a in enumerate(ours) for s in near.of(a)]
        pairs.sort(reverse=True)
        partner: dict[int, int] = {}
        taken: set[int] = set()
        for likeness, _, m, s in pairs:
            if likeness > 0 and m not in partner and s not in taken:
                partner[m] = s
                taken.add(s)
        return partner

    def shares(self, denial: Denial, said: list[Denial], kept: list[Denial]) -> bool:
        """Allow "no coins and no cards" for "no coins or cards": one denial said of each of its words."""
        heads = [one.scope[0].stem for one in kept if one.scope]
        if not denial.scope or heads.count(denial.scope[0].stem) > 1:
            return False
        head = self._meant(denial.scope[:1])
        return any(_common(head, self._keys(one.scope[1:])) for one in said)

    def _meant(self, words: Sequence[Word]) -> list[frozenset[str]]:
        return [self._given.match(word) | {self._made.key(word)} for word in words]

    def _keys(self, words: Sequence[Word]) -> list[str]:
        return [self._own.key(word) for word in words]


_Meant = tuple[list[frozenset[str]], list[frozenset[str]]]
_Keys = tuple[list[str], list[str]]


class _Near:
    """Which denials can have anything in common with one: those that share a word, or hold too little to tell."""

    def __init__(self, said: Sequence[_Keys]) -> None:
        self._all = range(len(said))
        self._vague = {at for at, (scope, before) in enumerate(said) if not (scope and before)}
        self._of: defaultdict[str, set[int]] = defaultdict(set)
        for at, (scope, before) in enumerate(said):
            for key in (*scope, *before):
                self._of[key].add(at)

    def of(self, one: _Meant) -> Iterable[int]:
        """Return the numbers of the denials to compare with."""
        scope, before = one
        if not (scope and before):
            return self._all
        return self._vague.union(*(self._of.get(key, ()) for meant in (*scope, *before) for key in meant))


def _alike(a: _Meant, b: _Keys) -> int:
    (scope, before), (their_scope, their_before) = a, b
    in_scope = _common(scope, their_scope)
    if not in_scope and scope and their_scope:
        return 0
    ahead = _common(before, their_before)
    if in_scope:
        return 4 * in_scope + 2 * (their_scope[0] in scope[0]) + ahead
    return 2 * ahead + _common(scope or before, their_scope or their_before) or int(not (before and their_before))


def _common(meant: Sequence[frozenset[str]], keys: Sequence[str]) -> int:
    return sum(not one.isdisjoint(keys) for one in meant) if keys else 0


# -- hedges ------------------------------------------------------------------------------------------------------------


def lost_hedges(made: Reading, own: Reading) -> Iterator[str]:
    """Yield numbers that lost their "about", and "I think" when it is said less often."""
    kept = _by_key(made.quantities)
    firm = _by_key(q for q in own.quantities if not q.hedged)
    for soft in own.quantities:
        same = kept.get(soft.key, ()) if soft.hedged else ()
        if same and not any(q.softened for q in same) and len(same) > len(firm.get(soft.key, ())):
            yield soft.text
    if _softenings(made) < _softenings(own):
        yield "I think, maybe"


def _by_key(quantities: Iterator[Quantity] | Sequence[Quantity]) -> dict[str, list[Quantity]]:
    found: defaultdict[str, list[Quantity]] = defaultdict(list)
    for quantity in quantities:
        found[quantity.key].append(quantity)
        if quantity.kind == "span":
            found[f"0:{quantity.text.partition(' ')[0]}"].append(quantity)
    return found


def _softenings(reading: Reading) -> int:
    """Count hedged numbers and hedges of belief; two hedges that stand together count once."""
    return sum(q.hedged for q in reading.quantities) + sum(map(_beliefs, reading.sentences))


def _beliefs(sentence: Sentence) -> int:
    if not sentence.softens:
        return 0
    lexical, words, count, last = lexicon(), sentence.words, 0, -9
    for at, word in enumerate(words):
        if not word.softens or not (word.stem in lexical.belief or _opens_phrase(words, at)):
            continue
        if word.text in lexical.approx and any(one.text == BLANK for one in words[at + 1 : at + 4]):
            continue
        count += at - last > _MERGED_WITHIN
        last = at
    return count


def _opens_phrase(words: Sequence[Word], at: int) -> bool:
    return any(
        tuple(word.text for word in words[at : at + len(phrase)]) == phrase
        for phrase in lexicon().hedge_phrases.get(words[at].text, ())
    )


# -- what should be is not what is -------------------------------------------------------------------------------------


def lost_modals(made: Reading, own: Reading) -> Iterator[str]:
    """Yield a verb that the person only said should, might or must have happened, and the output says happened."""
    doubted = {word.stem for word, unreal in _acts(own, None) if unreal}
    if doubted:
        firm = {word.stem for word, unreal in _acts(own, doubted) if not unreal}
        yield from sorted({word.stem for word, unreal in _acts(made, doubted - firm) if not unreal})


def _acts(reading: Reading, verbs: set[str] | None) -> Iterator[tuple[Word, bool]]:
    """Yield the words of content (only some verbs, if asked) and whether a modal verb stands before each."""
    for sentence in reading.sentences:
        words = sentence.words
        if verbs is None and _UNREAL.isdisjoint(word.text for word in words):
            continue
        for at, word in enumerate(words):
            if word.mark >= 0 or (verbs is not None and word.stem not in verbs) or not _is_content(word):
                continue
            ahead = [one.text for one in words[max(0, at - 4) : at] if one.clause == word.clause]
            before = [text for text in ahead if text not in _BESIDE_MODAL]
            unreal = bool(before) and before[-1] in _UNREAL
            yield word, unreal and (before[-1] != "would" or "have" in ahead or "not" not in ahead)
