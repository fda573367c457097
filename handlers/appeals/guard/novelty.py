"""Tell which words of the output the person did not give, by kind: a name, a law, evidence, a claim, a demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from handlers.appeals.guard.lexicon import lexicon, stem
from handlers.appeals.guard.likeness import Vocabulary
from handlers.appeals.guard.reading import Reading
from handlers.appeals.guard.words import BLANK, Sentence, Word

MOST = 12
_OWN_ONLY = frozenset({"legal", "sensitive", "demand"})
_SOFT = frozenset({"about", "around", "approximately", "roughly", "maybe", "perhaps", "probably", "possibly"})
_FOUND = frozenset({"find", "receiv", "notic", "see", "discover"})
_SHOWS = frozenset({"show", "say", "display", "read"})
_WRITERS = frozenset({"writ", "ticket", "cit", "issu", "giv"})
_OFFICER = frozenset({"officer", "attendant"})
_FUTURE = frozenset({"will", "shall"})
_JUDGED_ELSEWHERE = frozenset(
    "he she him her his hers we us our ours".split()  # noqa: SIM905
)
_DENIALS = frozenset({"not", "no", "nor", "neither"})
_LABELS = frozenset(map(stem, ("time", "date", "amount", "price", "number")))
_NAMED_AFTER = frozenset(map(stem, ("company", "service", "area", "spot", "space", "place", "office")))
_SURFACES = frozenset(map(stem, ("screen", "display", "sign", "ticket", "meter", "app", "website", "page", "slip")))
_SIDED = frozenset({"passenger", "driver", "left", "right"})


def new_words(made: Reading, own: Vocabulary, other: Vocabulary, said: Reading) -> Iterator[tuple[str, str]]:
    """Yield (kind, word) for each word that is new, and for sentences that hold nothing of the statement."""
    judge = _Judge(own, other, said, made)
    count = 0
    for sentence in made.sentences:
        anchored = False
        for at, word in enumerate(sentence.words):
            if count >= MOST:
                return
            verdict = judge.verdict(sentence.words, at)
            anchored = anchored or verdict is not None
            if verdict:
                yield verdict, word.text
                count += 1
        if not anchored and len(sentence.words) > 2 and not own.holds_run(w.stem for w in sentence.words):
            yield "new_sentence", " ".join(word.text for word in sentence.words)
            count += 1


class _Judge:
    def __init__(self, own: Vocabulary, other: Vocabulary, said: Reading, made: Reading) -> None:
        self.own, self.other = own, other
        self.families = _families(said), _families(made)
        self.tells_of_writer = any(_names_writer(sentence) for sentence in said.sentences)
        self.has_first = any(q.kind == "ordinal" and q.value[0] == 1 for q in said.quantities)
        self.denied_soon = any(_not_going_to(sentence) for sentence in said.sentences)

    def verdict(self, words: Sequence[Word], at: int) -> str | None:
        """Return the kind of a new word, "" for a given one, None for one that says nothing of its own."""
        word = words[at]
        if word.plain and word.mark < 0:
            return None
        if word.text == BLANK or word.text in _DENIALS or word.text[0].isdigit():
            return ""
        kind = word.kind
        if word.text in _JUDGED_ELSEWHERE:
            return None
        if self._is_given(word, kind) or self._says_no_more(words, at):
            return ""
        return kind or ("name" if word.name_like else "new_word")

    def _is_given(self, word: Word, kind: str) -> bool:
        """Tell whether a word was given; one that strengthens must have been there as often, in whatever form."""
        if kind != "strength" or not word.stem.endswith("ly"):
            return self.own.holds(word) or (kind not in _OWN_ONLY and self.other.holds(word))
        family = word.stem.removesuffix("ly")
        said, made = self.families
        return word.stem in self.own.stems or 0 < made[family] <= said[family] or self.own.respells(word)

    def _says_no_more(self, words: Sequence[Word], at: int) -> bool:
        """Allow what adds nothing: a hedge, the car, the ticket, "I found a ticket", "as the (given) photo shows"."""
        word, lexical = words[at], lexicon()
        if word.stem in lexical.context or (word.stem in _OFFICER and self.tells_of_writer):
            return True
        if word.text == "side":
            return at > 0 and words[at - 1].text in _SIDED
        if word.text == "either":
            return not any(one.clause == word.clause and not one.plain for one in words[at + 1 : at + 3])
        if word.stem in _LABELS:
            return any(one.text == BLANK for one in words[at + 1 : at + 4])
        if word.text == "first":
            return self.has_first
        if word.stem in _NAMED_AFTER:
            return at > 0 and words[at - 1].is_content and self.own.holds(words[at - 1])
        if word.text in _FUTURE:
            return self.denied_soon and any(one.text == "not" for one in words[at + 1 : at + 3])
        if word.text in lexical.approx:
            return word.text in _SOFT or any(one.text == BLANK for one in words[at + 1 : at + 3])
        near = words[max(0, at - 4) : at + 5]
        if word.stem in _FOUND:
            after = next((one for one in words[at + 1 : at + 5] if one.is_content), None)
            told = word.stem == "find" and after is not None and self.own.holds(after)
            return told or any(one.stem in ("ticket", "cit") for one in near)
        return word.stem in _SHOWS and any(
            (one.kind == "evidence" or one.stem in _SURFACES) and (self.own.holds(one) or self.other.holds(one))
            for one in near
        )


def _families(reading: Reading) -> Counter[str]:
    return Counter(word.stem.removesuffix("ly") for word in reading.words)


def _names_writer(sentence: Sentence) -> bool:
    return any(word.who == "writer" for word in sentence.words) and any(w.stem in _WRITERS for w in sentence.words)


def _not_going_to(sentence: Sentence) -> bool:
    texts = [word.text for word in sentence.words]
    return "not" in texts and any(text.endswith("ing") or text in ("will", "wont") for text in texts)
