"""A pause (X7), and one topic ended while the rest is kept in words (X6)."""

from __future__ import annotations

import re

from bot.core.fold import words
from bot.engine.optout.rules import Rules
from bot.engine.optout.verdict import OptOut, Verdict
from bot.engine.optout.wording import Said

_MOST_WORDS = 24
"""Different words beyond this number are a story; requests for a pause or a topic are short."""
_CLAUSE = re.compile(r"[,.;:!]+|\b(?:but|and|pero|only)\b")
_BRIEF = 4
_LIMITABLE = frozenset(("P1", "P2", "P3", "P6", "P9"))


def pause_or_topic(said: Said, known: Rules) -> OptOut | None:
    """Return a request to pause or to end one topic, or None."""
    spoken = said.spoken
    if len(spoken) > _MOST_WORDS:
        return None
    pauses = known.pauses.fitting(spoken)
    if pauses and not known.never_pauses.search(said.plain):
        stated = [sentence.text.strip() for sentence in said.sentences() if not sentence.asked]
        stated += [known.spelling.canonical(sentence) for sentence in stated]
        if any(entry.pattern.search(sentence) for entry in pauses for sentence in stated):
            return OptOut(Verdict.PAUSE, "X7")
    topics = known.topics
    if spoken.isdisjoint(topics.words) or not (topics.off.fits(spoken) and topics.keep.fits(spoken)):
        return None
    return _topic(said.plain, known)


def limited(text: str, verdict: OptOut, known: Rules) -> OptOut:
    """Return an opt-out as the end of the one topic that it names, where topics end one by one (rule 6, SMS-5)."""
    spoken = Said(text, known.spelling).spoken
    named = [topic for topic, names in known.topics.names.items() if not spoken.isdisjoint(names)]
    if len(named) != 1 or verdict.reason not in _LIMITABLE or not spoken.isdisjoint(known.topics.everything):
        return verdict
    return OptOut(Verdict.TOPIC, verdict.reason, topic=named[0])


def _topic(plain: str, known: Rules) -> OptOut | None:
    """Return the topic whose clause holds an ending word and no keeping word, when another clause keeps the rest."""
    topics = known.topics
    ended: str | None = None
    kept = "only" in plain or "just the" in plain or "solo" in plain
    for part in filter(str.strip, _CLAUSE.split(plain)):
        spoken = set(words(part))
        off = bool(topics.off.pattern.search(part)) and (len(spoken) <= _BRIEF or not spoken.isdisjoint(topics.things))
        named = next((topic for topic, names in topics.names.items() if spoken & names), None)
        if off and named and ended is None:
            ended = named
        elif topics.keep.pattern.search(part):
            kept = True
    return OptOut(Verdict.TOPIC, "X6", topic=ended) if ended and kept else None
