"""The facts guard: does a tidied statement hold anything that the person did not say? (rule TXT-5, NEVER-3)

A language model may only rephrase. Every number, time, date and amount of its output must be one that was given; every
word that carries meaning must be a given word, a form of one, or one of a set of words that may stand for it; no denial
may vanish or appear, nothing softened may harden; who did what stays, and words that stand together stood together.
What the guard cannot trace, it refuses: a refusal costs a retry or means the person's own words, a wrong acceptance
would be a fact in a signed letter that nobody stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from handlers.appeals.guard import measures, quantities
from handlers.appeals.guard.likeness import Lexis, Vocabulary
from handlers.appeals.guard.meaning import changed_denials, lost_hedges, lost_modals
from handlers.appeals.guard.neighbours import Ground, exchanged, moved_together, turned_round
from handlers.appeals.guard.novelty import new_words
from handlers.appeals.guard.persons import new_pronouns, swapped_owners, swapped_speakers
from handlers.appeals.guard.reading import Reading, read, without_common
from handlers.appeals.guard.roles import Told, swapped_roles

LENGTH_FACTOR, LENGTH_EXTRA = 1.5, 200
LONGEST = 6_000
MOST = 12  # violations: a retry is told of fewer, and a text with so many is not read further

_PLACEHOLDER = re.compile(r"[\[\]{}<>]|_{2,}|\b[Xx]{3,}\b|\b(?:TBD|TODO|REF\d+|N/A)\b|\.{4,}")
_SECTION_SIGN = re.compile(r"[§¶]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What a tidied statement may draw on.

    `statement` is the person's raw text; `facts` are confirmed slots and answers in words; `captions` are exhibit
    captions; `evidence` names the kinds of the exhibits (photo, receipt, video ...); `city` is the record's own words.
    """

    statement: str
    facts: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    city: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that was not given: `kind` is a closed word, `text` the words of the output that show it."""

    kind: str
    text: str = ""

    def __str__(self) -> str:
        return f'{self.kind.replace("_", " ")}: "{self.text}"' if self.text else self.kind.replace("_", " ")


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement taken apart: the answer to a retry, and the person's next change, are compared with the same one."""

    reading: Reading
    lexis: Lexis
    ground: Ground
    told: Told


@lru_cache(maxsize=64)
def _taken_apart(statement: str) -> _Statement:
    reading = read(statement)
    return _Statement(reading, Lexis(reading.words), Ground(reading), Told(reading))


def prepare(statement: str) -> None:
    """Take a statement apart while the model works on it: the turn that takes its answer is then half as long."""
    if len(statement) <= LONGEST:
        _taken_apart(statement)


def check(output: str, allowed: Allowed) -> list[Violation]:
    """Return what in `output` was not given, each once (at most MOST); an empty list means that it may be shown."""
    found = list(islice(_form(output, allowed.statement), MOST))
    if max(len(output), len(allowed.statement)) > LONGEST:
        return [*found, Violation("length")]
    own, made = _taken_apart(allowed.statement), read(output)
    other = read("\n".join([*allowed.facts, *allowed.captions, *allowed.city, *allowed.evidence]))
    if max(len(own.reading.marks), len(made.marks)) > quantities.MOST:
        return [*found, Violation("number", "too many numbers")]
    found += (Violation(kind, text) for kind, text in islice(_content(made, own, other), MOST))
    return list(dict.fromkeys(found))


def _content(made: Reading, statement: _Statement, other: Reading) -> Iterator[tuple[str, str]]:
    own = statement.reading
    words, facts = Vocabulary(statement.lexis, made.words), Vocabulary(Lexis(other.words), made.words)
    given = measures.Given([*own.quantities, *other.quantities], f"{own.text}\n{other.text}")
    yield from measures.unfounded(made.quantities, given)
    new, old = without_common(made, own)
    if not new.sentences and not old.sentences:
        return
    yield from new_words(new, words, facts, own)
    yield from changed_denials(new, old, words)
    yield from (("hedge_lost", text) for text in lost_hedges(new, old))
    yield from (("hedge_lost", text) for text in lost_modals(new, own))
    yield from (("subject", text) for text in swapped_roles(new, statement.told, words))
    yield from (("subject", text) for text in swapped_speakers(new, own, words))
    yield from (("subject", text) for text in new_pronouns(new, own))
    yield from (("subject", text) for text in swapped_owners(new, own))
    yield from (("order", text) for text in turned_round(new, old))
    here = Ground(new)
    yield from (("exchanged", text) for text in exchanged(here, statement.ground))
    yield from (("moved", text) for text in moved_together(here, statement.ground, words))


def _form(output: str, statement: str) -> Iterator[Violation]:
    if not output.strip():
        yield Violation("empty")
    if len(output) > LENGTH_FACTOR * len(statement) + LENGTH_EXTRA:
        yield Violation("length")
    for match in _PLACEHOLDER.finditer(output):
        if match[0] not in statement:
            yield Violation("placeholder", match[0])
    for match in _SECTION_SIGN.finditer(output):
        if match[0] not in statement:
            yield Violation("legal", match[0])
    foreign = {c for c in output if c.isalpha() and c > "\u024f" and c not in statement}
    if foreign:
        yield Violation("new_word", "".join(sorted(foreign)))
