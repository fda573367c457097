"""Turn English text into sentences of words with stems, after contractions, slang and set phrases are unified.

A quantity is one blank word that knows which one it stands for. A long statement has to be read
within a turn, so all that is known of a written word is looked up at once and kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from handlers.appeals.guard.lexicon import Phrase, Phrases, lexicon, stem
from handlers.appeals.guard.quantities import may_open

BLANK = "\0"
"""Stands where a quantity was; no text that is read holds it."""
OWNED = "'s"
_WORDS_KEPT = 20_000  # words come from people: what is kept of them must not grow for ever
_NOT = re.compile(r"(\w+?)n['’]t")
_ENDINGS = {"ll": "will", "ve": "have", "re": "are", "m": "am", "d": "would"}
_BASES = {"ca": "can", "wo": "will", "sha": "shall", "ai": "is"}
_CALLED_IS = frozenset({"it", "that", "there", "he", "she", "what", "who", "here"})
_MOST_ROUNDS = 3
_SHORTENED = dict.fromkeys("mr mrs ms dr vs ofc sgt lt jr sr".split(), "title")  # noqa: SIM905
_SHORTENED |= dict.fromkeys("st ave blvd rd apt no".split(), "word")  # noqa: SIM905
_ENDS = frozenset(".!?\n;")
_BREAKS = frozenset(',:()—–"“”')
_JOINS = frozenset("and but so because bc cuz cause when while then n".split())  # noqa: SIM905
_SUBJECTS = frozenset("i he she they we it you there the a im i'm he's she's it's there's".split())  # noqa: SIM905
NEGATIONS = frozenset(
    ["not", "no", "never", "none", "nothing", "nobody", "nowhere", "neither", "nor", "without", "hardly", "barely"]
)


class Word(NamedTuple):
    """One word: as unified, its stem, what the lexicon knows of it, where it stands, and which quantity it blanks.

    `plain` words say nothing of their own, `denies` marks negations, `softens` what may open a hedge; `kind` and `who`
    are the lexicon's; `name_like` words have a capital inside a sentence.
    """

    text: str
    stem: str
    plain: bool
    denies: bool
    softens: bool
    kind: str
    who: str
    name_like: bool = False
    clause: int = 0
    mark: int = -1

    @property
    def is_content(self) -> bool:
        """Tell whether the word carries meaning: neither plain, nor a denial, nor a number."""
        return not (self.plain or self.denies or self.mark >= 0)


class Sentence(NamedTuple):
    """The words of one sentence, in order, whether it is rude, and whether it may soften anything."""

    words: list[Word]
    rude: bool
    softens: bool


class Written(NamedTuple):
    """What is known of a word as written: its unified parts, and how it shapes clauses."""

    parts: tuple[tuple[Word, tuple[object, ...]], ...]
    capital: bool
    ends: bool
    breaks: bool
    joins: bool
    subject: bool
    rude: bool
    opens: bool
    shortened: str


class _Kept(dict[str, Written]):
    """Written words and what is known of them."""

    def __missing__(self, written: str) -> Written:
        if len(self) >= _WORDS_KEPT:
            self.clear()
        found = self[written] = _look_up(written)
        return found


KEPT = _Kept()


def _look_up(written: str) -> Written:
    lower = written.lower()
    texts = _expanded(lower) if written[0].isalnum() or written == BLANK else ()
    return Written(
        parts=tuple((one, one[:7]) for one in map(entry, filter(None, texts))),
        capital=lower != written and written[0].isupper() and written != "I" and not written.startswith("I'"),
        ends=written in _ENDS,
        breaks=written in _BREAKS,
        joins=lower in _JOINS,
        subject=lower in _SUBJECTS,
        rude=any(text in lexicon().rude for text in texts),
        opens=written != BLANK and may_open(written),
        shortened=_SHORTENED.get(lower, ""),
    )


@lru_cache(maxsize=_WORDS_KEPT)
def entry(text: str) -> Word:
    """Return a unified word with what the lexicon knows of it."""
    lexical, root = lexicon(), stem(text)
    kind = "" if text in lexical.glue else lexical.kinds.get(root, "")
    return Word(
        text=text,
        stem=root,
        plain=text == BLANK or text in lexical.glue or (not kind and root in lexical.neutral),
        denies=text in NEGATIONS,
        softens=root in lexical.belief or text in lexical.hedge_phrases,
        kind=kind,
        who=lexical.people.get(root, ""),
    )


def _expanded(token: str) -> tuple[str, ...]:
    """Open contractions and slang: "couldn't" is "could not", "u" is "you"."""
    if (full := lexicon().slang.get(token)) is not None:
        return full
    if "'" not in token:
        return (token,)
    if match := _NOT.fullmatch(token):
        return (_BASES.get(match[1], match[1]), "not")
    head, _, tail = token.partition("'")
    if tail in _ENDINGS:
        return (head, _ENDINGS[tail])
    if tail == "s" and head in _CALLED_IS:
        return (head, "is")
    return (head, OWNED) if tail == "s" else (head or token,)


def sentences(written: Sequence[Written]) -> Iterator[Sentence]:
    """Divide written words into sentences of unified words."""
    phrases = lexicon().phrases
    words: list[Word] = []
    rude = phrased = softens = False
    clause = mark = 0
    new = tuple.__new__  # a statement has 700 words: this halves the time of making them
    ahead, last = "", len(written) - 1
    for at, one in enumerate(written):
        for part, known in one.parts:
            if one.joins and at < last and written[at + 1].subject:
                clause += 1
            if part.text == BLANK:
                words.append(part._replace(clause=clause, mark=mark))
                mark += 1
            else:
                capital = one.capital and bool(words)
                words.append(new(Word, (*known, capital, clause, -1)))
            phrased = phrased or (ahead, part.text) in phrases
            softens = softens or part.softens
            ahead = part.text
        rude = rude or one.rude
        clause += one.breaks
        if one.ends or at == last:
            if words:
                yield Sentence(_unified(words, phrases) if phrased else words, rude, softens or phrased)
            words, rude, phrased, softens, ahead = [], False, False, False, ""
            clause += 1


def _unified(words: list[Word], phrases: Phrases) -> list[Word]:
    """Replace set phrases by the words that stand for them, until none is left."""
    for _ in range(_MOST_ROUNDS):
        out: list[Word] = []
        at, last = 0, len(words) - 1
        while at <= last:
            found = phrases.get((words[at].text, words[at + 1].text)) if at < last else None
            size, short = _phrase_at(words, at, found) if found else (0, ())
            if size:
                out += [entry(text)._replace(clause=words[at].clause) for text in short]
                at += size
            else:
                out.append(words[at])
                at += 1
        if len(out) == len(words) and out == words:
            break
        words = out
    return words


def _phrase_at(words: Sequence[Word], at: int, found: Sequence[Phrase]) -> tuple[int, tuple[str, ...]]:
    for long, short in found:
        if at + len(long) <= len(words) and all(words[at + n].text == word for n, word in enumerate(long)):
            return len(long), short
    return 0, ()
