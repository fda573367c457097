"""Danger is heard, figures of speech are not (SF-3), over nineteen sets; each was written before the words were
changed for it, and scored once before they were. By phrases alone the second found 46 of 55, the third 28 of 39, the
fourth 30 of 41, the fifth (written to be hard: indirect, misspelled, slang) 13 of 50. With signs, the sixth found 19 of
50, the seventh 22 of 50, the eighth 31 of 51, the ninth 20 of 41; with themes weighed the tenth, hardest of all, 5 of
30. The eleventh found 54 of 60 with 2 of 60 false, the twelfth 58 of 80 with 2 of 70, the thirteenth 32 of 60 with 1 of
60, the fourteenth 32 of 60 with 0 of 60: whatever was listed, the next set told it otherwise. Hence odds, learned from
all sets. The fifteenth found 33 of 60 by lists and 50 with odds, the sixteenth 37 and 51 of 55, the seventeenth 27 and
41 of 48 (0 of 60 false), the eighteenth 18 and 33 of 40 (1 of 40), the nineteenth 25 of 30 with odds (1 of 20). Learned
without the fourteenth to the seventeenth, 200 of their 223 are heard and 6 of their 240 harmless ones, most of which
are the tellings with a word or two changed; of 2,266 ordinary messages that were held back, 8 alarm. What the sets hold
now is a floor; of what nobody has thought of, a sixth of what is said indirectly is still missed."""

from __future__ import annotations

import time
from pathlib import Path

from handlers.coaching.safety import odds
from handlers.coaching.safety.crisis import Crisis, crisis, language_of, words_left
from handlers.coaching.safety.signs import classes_of
from tests.handlers.coaching.safety.learning import labelled, ordinary
from tests.rows import each

CORPORA = Path(__file__).parent / "corpora"
HELD = {
    "crisis_eighth": 50,
    "crisis_ninth": 40,
    "crisis_tenth": 29,
    "crisis_eleventh": 59,
    "crisis_twelfth": 79,
    "crisis_thirteenth": 55,
    "crisis_fourteenth": 59,
    "crisis_fifteenth": 58,
    "crisis_sixteenth": 54,
    "crisis_seventeenth": 47,
    "crisis_eighteenth": 39,
    "crisis_nineteenth": 29,
    "crisis_taught": 507,
}
"""How many of the hard sets are heard."""
ORDINARY = (
    "ordinary", "ordinary_second", "ordinary_third", "ages", "ages_second", "ages_third", "scope", "scope_second",
    "scope_third",
)  # fmt: skip
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


def test_sf_3_messages_to_the_other_services_alarm_nobody() -> None:
    lines = [text for text in ordinary()[::24] if len(text.split()) > 2]
    alarmed = [text for text in lines if crisis(text) is not None]
    assert len(lines) > 300
    assert len(alarmed) <= 1, alarmed


@each("text, language", [
    ("nunca me dejan salir de la casa y tengo miedo de que me pegue", "es"), ("no reason to be in this world", "en"),
])  # fmt: skip
def test_sf_3_the_answer_is_in_the_language_of_the_words(text: str, language: str) -> None:
    assert language_of(text) == language


def test_sf_3_what_was_learned_fits_the_rules_it_is_read_by() -> None:
    marks = {mark for text, _ in labelled("crisis_seventeenth") for mark in odds.marks_of(words_left(text))}
    table, start = odds._learned()
    assert len(start) == len(odds.KINDS)
    assert sum(mark in table for mark in marks) > len(marks) // 2
    assert {mark for mark in table if mark.startswith("#")} <= {f"#{name}" for name in classes_of("en")}


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
    "i want to kill myslef", "ima kill myslf",
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
