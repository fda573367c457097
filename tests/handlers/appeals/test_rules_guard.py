"""The facts guard answers on any text that a model could return (TXT-5, NEVER-3)."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.appeals.facts_guard import MOST, Allowed, check

ANY = st.text(st.characters(exclude_categories=()), max_size=60)
"""Every code point: controls, private ones, surrogates and the unassigned too."""
ODD = st.lists(
    st.sampled_from(
        ["A0", "0A", "A", "0", "\0", "\u200b", "\u0130", "\u00bd", "\u00b2", "\u2460", "\u2167", "\u0663", "1st", "$",
         "an", "half an", "2:30", "p.m.", "Nov", "16", "%", "hour", "\n", ".", "'", "I'm", "n't", "not", "_", "U.S.",
         "\ufdfa", "\ufb01", "\U0001d7d8", "\u3280", "\ue000", "\ud800", "e\u0301", "\u202e", "no.", "St."]
    ),
    max_size=12,
).flatmap(lambda parts: st.sampled_from(["".join(parts), " ".join(parts)]))  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(output=ANY | ODD, statement=ANY | ODD, fact=ANY | ODD)
@example(output="", statement="A0", fact="")
@example(output="A0", statement="", fact="")
@example(output="A0", statement="A 0", fact="0")
def test_txt_5_the_guard_never_fails_on_any_output(output: str, statement: str, fact: str) -> None:
    found = check(output, Allowed(statement=statement, facts=(fact,), captions=(fact,), city=(fact,)))
    assert all(violation.kind and isinstance(str(violation), str) for violation in found)
    assert len(found) <= 2 * MOST


@pytest.mark.parametrize("statement", ["A0", "a0", "0", "A", "\0", "", "A0 B1 C2"])
def test_txt_5_an_empty_output_is_refused_as_empty_whatever_was_said(statement: str) -> None:
    assert [violation.kind for violation in check("", Allowed(statement=statement))] == ["empty"]
