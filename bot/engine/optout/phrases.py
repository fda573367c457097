"""Rules 4 and 5: sentences that ask us to end messages, each match less the exclusions that take it back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from bot.engine.optout.rules import Rules
from bot.engine.optout.verdict import ORDINARY, OptOut, Verdict
from bot.engine.optout.wording import Said, Sentence, clauses
from bot.engine.patterns import Entry, Index

_LONGEST_LOOSE = 16
_LONGEST = 28
"""Words and respellings of a passage beyond which its clause without noise words is not looked at loosely."""
_MOST_MATCHES = 32
"""No honest clause has more; a text made to have more must not cost more."""
_LONE = frozenset({"stop", "unsubscribe"})
_SPEAKING = re.compile(r"\b(?:said|told|yelled|says|sign|read|reads|shouted|written|word)$")


@dataclass(frozen=True, slots=True)
class _Part:
    """A clause in canonical words, the words that may take a match back, and the patterns that may match it."""

    text: str
    context: str
    sentence: Sentence
    tried: list[Entry]
    crosses: bool = False


class _Exclusion(NamedTuple):
    """The rule that takes a match back, and where in its clause the reason begins (-1: outside)."""

    rule: str
    at: int


def by_phrase(said: Said, known: Rules, *, collecting: bool) -> OptOut:
    """Decide clause by clause; while a step collects free text only by requests that name our messages (rule 7)."""
    if collecting:
        return _clause_by_clause(said, list(_parts(said, known, known.direct)), known)
    if _denies_a_name(said, known):
        return OptOut(Verdict.OUT, "P8")
    lone = not said.spoken.isdisjoint(_LONE)
    if said.brief and not lone and not known.requests.fitting(said.spoken) and not known.wholes.fitting(said.spoken):
        return ORDINARY
    parts = list(_parts(said, known, known.requests, every=lone))
    verdict = _clause_by_clause(said, parts, known)
    if verdict.verdict is Verdict.ORDINARY and lone and _has_lone_stop(parts, said, known):
        return OptOut(Verdict.OUT, "S2")
    if verdict is ORDINARY:
        return _clause_by_clause(said, list(_whole(said, known)), known)
    return verdict


def _clause_by_clause(said: Said, parts: list[_Part], known: Rules) -> OptOut:
    taken_back: str | None = None
    for part in parts:
        matches = list(islice(_matches(part, known), _MOST_MATCHES))
        if matches and known.exclusions.printed.search(known.spelling.canonical(part.sentence.text)):
            taken_back = taken_back or "X3"
            continue
        found = [(rule, match, _exclusion(match, part, known)) for rule, match in matches]
        excluded = [(match, exclusion) for _, match, exclusion in found if exclusion]
        if any(exclusion.rule == "X7" for _, exclusion in excluded):
            return OptOut(Verdict.PAUSE, "X7")
        for rule, match, exclusion in found:
            if exclusion is None and not any(_shared(match, *other) for other in excluded):
                return _unless_elsewhere(rule, said, known)
        if excluded and taken_back is None:
            taken_back = excluded[0][1].rule
    return OptOut(Verdict.ORDINARY, taken_back) if taken_back else ORDINARY


def _shared(match: re.Match[str], other: re.Match[str], exclusion: _Exclusion) -> bool:
    """Tell whether what takes back an overlapping match takes this one back, because it does not itself begin there."""
    return other.start() < match.end() and match.start() < other.end() and exclusion.at < match.start()


def _unless_elsewhere(rule: str, said: Said, known: Rules) -> OptOut:
    whole = known.spelling.canonical(said.plain)
    if known.exclusions.elsewhere.search(whole) or (rule == "P8" and known.exclusions.slip.search(whole)):
        return OptOut(Verdict.ORDINARY, "X2")
    return OptOut(Verdict.OUT, rule)


def _denies_a_name(said: Said, known: Rules) -> bool:
    """Tell whether a short text says that it does not come from whom we take it for."""
    return (
        len(said.spoken) <= _LONGEST_LOOSE
        and not said.spoken.isdisjoint(known.name_needs)
        and known.names.search(said.text) is not None
    )


def _parts(said: Said, known: Rules, index: Index, *, every: bool = False) -> Iterator[_Part]:
    """Yield the clauses that some pattern may match (or every one), then sentences of several clauses as a whole.

    A quotation, or what follows a colon ("task: ..."), belongs to the clause before it.
    """
    spelling = known.spelling
    for sentence in said.sentences():
        here = index.fitting(sentence.spoken)
        if not here and not every:
            continue
        split = clauses(sentence.text)
        bound = '"' in sentence.text or ":" in sentence.text
        for at, clause in enumerate(split):
            tried = _fitting(spelling.spoken_in(clause), here) if len(split) > 1 else here
            if tried or every:
                text = spelling.canonical(clause)
                context = spelling.canonical(" ".join(split[: at + 1])) if bound else text
                yield _Part(text, context, sentence, tried)
        if len(split) > 1:
            whole = spelling.canonical(sentence.text)
            yield _Part(whole, whole, sentence, here)


def _whole(said: Said, known: Rules) -> Iterator[_Part]:
    """Yield a short message as a whole, when a pattern looks across its sentences."""
    tried = known.wholes.fitting(said.spoken) if len(said.spoken) <= _LONGEST else []
    if tried:
        text = known.spelling.canonical(said.plain)
        yield _Part(text, text, Sentence(said.plain, said.spoken, asked=False), tried, crosses=True)


def _fitting(spoken: frozenset[str], entries: list[Entry]) -> list[Entry]:
    """Return the patterns whose words occur, without the loose ones in a long passage."""
    return [entry for entry in entries if (entry.kind != "loose" or len(spoken) <= _LONGEST) and entry.fits(spoken)]


def _matches(part: _Part, known: Rules) -> Iterator[tuple[str, re.Match[str]]]:
    if not part.tried:
        return
    spoken = frozenset(part.text.split())
    loosely = not part.sentence.asked and len(spoken) <= _LONGEST_LOOSE and spoken.isdisjoint(known.foreign)
    text = known.objects.sub("|", part.text)
    for entry in part.tried:
        if (loosely or entry.kind != "loose") and entry.fits(spoken):
            for match in entry.pattern.finditer(text):
                yield entry.rule, match


def _exclusion(match: re.Match[str], part: _Part, known: Rules) -> _Exclusion | None:
    """Return what takes a match back, or None."""
    exclusions, whole = known.exclusions, part.context
    if part.crosses:
        return _Exclusion("X1", -1) if exclusions.negated.search(whole) else None
    through, before = match.string[: match.end()], match.string[: match.start()].strip()
    earlier = whole[: -len(match.string)].strip() if len(whole) > len(match.string) else ""
    if earlier and exclusions.before["X3"].search(earlier):
        return _Exclusion("X3", -1)
    for rule, pattern, where in (
        ("X1", exclusions.negated, through),
        ("X5", exclusions.directed, through),
        *((rule, pattern, before) for rule, pattern in exclusions.before.items()),
    ):
        if where and (reason := pattern.search(where)):
            return _Exclusion(rule, reason.start())
    return _question(before, whole, known) or _pause(match, known)


def _question(before: str, whole: str, known: Rules) -> _Exclusion | None:
    """Return X4 for a question, unless it asks for the way out."""
    exclusions = known.exclusions
    reason = exclusions.questions.search(before) if before else None
    if not reason and not exclusions.questions_anywhere.search(whole):
        return None
    return None if exclusions.way_out.search(whole) else _Exclusion("X4", reason.start() if reason else -1)


def _pause(match: re.Match[str], known: Rules) -> _Exclusion | None:
    after = match.string[match.end() :].strip()
    return _Exclusion("X7", -1) if after and known.exclusions.after.search(after) else None


def _has_lone_stop(parts: list[_Part], said: Said, known: Rules) -> bool:
    """Tell whether a clause is nothing but STOP: the last one, or the first of an angry message."""
    whole = known.spelling.canonical(said.plain)
    if len(parts) == 1 or known.exclusions.accident.search(whole):
        return False
    texts = [part.text for part in parts]
    return any(_is_lone(at, texts, whole, known) for at in range(len(texts)))


def _is_lone(at: int, texts: list[str], whole: str, known: Rules) -> bool:
    found = frozenset(texts[at].split())
    if found.isdisjoint(_LONE) or not found <= known.keywords.fillers | known.keywords.sure:
        return False
    said = frozenset(whole.split())
    brief = len(said) <= _LONGEST_LOOSE and said.isdisjoint(known.foreign)
    if at == 0:
        return (brief and said.isdisjoint(known.mild)) or bool(known.hostile.search(whole))
    before = texts[at - 1]
    if known.exclusions.before["X3"].search(before) or _SPEAKING.search(before):
        return False
    return brief or at >= len(texts) - 2
