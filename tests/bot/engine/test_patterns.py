"""Words read off patterns, and patterns found by words."""

from __future__ import annotations

import pytest

from bot.engine.patterns import CueReader, Entry, Index
from tests.rows import each


def _cues(pattern: str, **common: int) -> list[set[str]]:
    return [set(cue) for cue in CueReader(common).cues(pattern)]


@each(
    ("pattern", "cues"),
    [
        (r"\bstop\b", [{"stop"}]),
        (r"\btexts?\b", [{"text", "texts"}]),
        (r"\b(?:stop|quit) (?:texting|messaging)\b", [{"stop", "quit"}, {"texting", "messaging"}]),
        (r"^foo(?: bar)* baz$", [{"foo"}, {"baz"}]),
        (r"^foo(?:bar )*baz$", [{"foobaz", "baz"}]),
        (r"\b(?:\w+ ){0,3}foo\b", [{"foo"}]),
        (r"\bfoo\b.*\bbar$", [{"foo"}, {"bar"}]),
        (r"(?<!not )\bfoo(?! bar)\b", [{"foo"}]),
        (r"\bunsub(?:scribe|scribing|)\b", [{"unsub", "unsubscribe", "unsubscribing"}]),
        (r"\bquit[ae]n?\b", [{"quita", "quite", "quitan", "quiten"}]),
        (r"\bfoo{2}\b", []),
        (r"\bdo (?:not|n\x27t) go\b", [{"do"}, {"go"}, {"not", "n't"}]),
        ("stop", []),
        (r"^(?:a|\w+)$", []),
        (r"\b[a-z]+ing\b", []),
        (r"\d{3}", []),
        (r"(?:x )?y", []),
    ],
)
def test_cues_of_a_pattern(pattern: str, cues: list[set[str]]) -> None:
    assert sorted(map(sorted, _cues(pattern))) == sorted(map(sorted, cues))


def test_the_most_telling_cue_comes_first() -> None:
    assert _cues(r"\bnot (?:text|call)\b", **{"not": 1}) == [{"text", "call"}, {"not"}]


def test_a_bracket_that_is_not_closed_is_refused() -> None:
    with pytest.raises(ValueError, match="not closed"):
        CueReader({}).cues(r"\b(?:a|b")


def test_index_finds_what_may_match_in_order() -> None:
    reader = CueReader({})
    patterns = [r"\bfoo bar\b", r"\bbar\b", r"\bbaz\b", r"\d+"]
    index = Index(Entry(str(number), "plain", pattern, reader.cues(pattern)) for number, pattern in enumerate(patterns))
    assert [entry.rule for entry in index.fitting(frozenset({"foo", "bar"}))] == ["0", "1", "3"]
    assert [entry.rule for entry in index.fitting(frozenset({"foo"}))] == ["3"]
    assert [entry.rule for entry in index.fitting(frozenset())] == ["3"]
