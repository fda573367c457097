"""Danger is heard, figures of speech are not (SF-3), over seven sets; each was written before the words were changed
for it, and scored once before they were. By phrases alone the second found 46 of 55, the third 28 of 39, the fourth
30 of 41, the fifth (written to be hard: indirect, misspelled, slang) 13 of 50 with 3 of 74 false alarms. With signs,
the sixth found 19 of 50 with 11 of 70 false, the seventh 22 of 50 with 5 of 70 false. The eighth found 31 of 51, and
one of 20 others; words that were added for it found no more of the ninth (20 of 41, 0 of 30). With themes weighed, the
tenth, hardest of all, went from 4 of 30 to 5 before they were changed for it; of `ordinary_second`, written to trap
the themes, 4 of 50 alarmed before they were. What the sets hold now is a floor; of what nobody has thought of, half is
heard when it is said indirectly, and a sixth when it is said as the tenth says it."""

from __future__ import annotations

import time
from pathlib import Path

from handlers.coaching.safety.crisis import Crisis, crisis
from tests.rows import each

CORPORA = Path(__file__).parent / "corpora"
HELD = {"crisis_eighth": 49, "crisis_ninth": 41, "crisis_tenth": 23}
"""How many of the hard sets are heard."""
ORDINARY = ("ordinary", "ordinary_second", "ages", "ages_second", "ages_third", "scope", "scope_second")
SETS = ("crisis", "crisis_second", "crisis_third", "crisis_fourth", "crisis_fifth", "crisis_sixth", "crisis_seventh")


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (CORPORA / f"{name}.tsv").read_text("utf-8").splitlines()]


@each("name", SETS)
def test_sf_3_danger_is_heard_first_of_all(name: str) -> None:
    meant = [text for kind, _, text in rows(name) if kind != "none"]
    missed = [text for text in meant if crisis(text) is None]
    assert len(missed) <= len(meant) // 40, missed


@each("name, floor", HELD.items())
def test_sf_3_what_was_won_on_the_hard_sets_is_kept(name: str, floor: int) -> None:
    missed = [text for kind, _, text in rows(name) if kind != "none" and crisis(text) is None]
    assert len(rows(name)) - sum(kind == "none" for kind, *_ in rows(name)) - len(missed) >= floor, missed


@each("name", ORDINARY)
def test_sf_3_ordinary_messages_of_a_coached_person_alarm_nobody(name: str) -> None:
    assert [text for *_, text in rows(name) if crisis(text) is not None] == []


@each("name", [*SETS, *HELD])
def test_sf_3_figures_of_speech_are_none(name: str) -> None:
    harmless = [text for kind, _, text in rows(name) if kind == "none"]
    alarmed = [text for text in harmless if crisis(text) is not None]
    assert len(alarmed) <= len(harmless) // 50, alarmed


@each("text, kind", [
    ("I want to kill myself", Crisis.SELF_HARM),
    ("my boyfriend hits me", Crisis.ABUSE),
    ("he said he's going to shoot me", Crisis.VIOLENCE),
    ("quiero suicidarme", Crisis.SELF_HARM),
    ("mi novio me pega", Crisis.ABUSE),
    ("me han amenazado de muerte", Crisis.VIOLENCE),
])  # fmt: skip
def test_sf_3_the_kind_is_told(text: str, kind: Crisis) -> None:
    found = crisis(text)
    assert found is not None
    assert found.kind is kind
    assert found.locale == ("es" if text.startswith(("quiero", "mi ", "me ")) else "en")


@each("text", [
    "I WANT TO DIE", "i want to dieeeee", "I want to k\u200bill myself", "i want 2 die", "*I want to die*",
    "I don\u2019t want to live anymore", "i dont want to live anymore", "I wa\u00adnt to die", "Quiero MORIR",
    "Question about pricing. Also, honestly, I want to die. Anyway, $29?",
    "su1cide is all i think about", "s u i c i d e", "thinkin bout sucide alot", "i dnt wanna b here anymor",
    "i want to kill myslef",
])  # fmt: skip
def test_sf_3_however_it_is_written(text: str) -> None:
    assert crisis(text) is not None


@each("text", [
    "we are stacking tiers", "chilling with members", "exiting Patreon", "billing and filling forms",
    "B is better than A", "su1t up", "a b c d", "I am thinkin of $29 a month", "q&a every week",
])  # fmt: skip
def test_sf_3_spelling_is_guessed_only_where_it_tells_of_danger(text: str) -> None:
    assert crisis(text) is None


@each("piece", [
    "he was ", "i want to ", "my husband always ", "took all my ", "i ", "dont want to really just ", "kill ",
    "he keeps and ", "a", "the man is ", "me quiere ", "threatens me with ", "no ", "not to ",
])  # fmt: skip
def test_sf_3_no_text_holds_up_the_others(piece: str) -> None:
    crisis("warm")
    started = time.process_time()
    crisis((piece * 4_000)[:4_000])
    assert time.process_time() - started < 0.25


def test_sf_3_the_sets_are_worth_something() -> None:
    kinds = [kind for name in SETS for kind, *_ in rows(name)]
    assert len(kinds) > 400
    assert min(kinds.count(kind) for kind in ("self_harm", "violence", "abuse")) > 30
