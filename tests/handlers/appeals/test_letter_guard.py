"""The placeholder guard: what it stops, and what people may nevertheless write."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.appeals.letter import compose
from handlers.appeals.letter_facts import Exhibit, PickedGround
from handlers.appeals.letter_guard import Seam, check, check_file, check_text
from tests.handlers.appeals.letters import STATEMENT, facts
from tests.rows import each


def letter(**changes: Any) -> dict[str, Any]:
    return compose(facts()) | changes


def codes(document: dict[str, Any], words: tuple[str, ...] = (STATEMENT,)) -> set[tuple[str, str]]:
    return {(seam.code, seam.where) for seam in check(document, words)}


def test_a_finished_letter_has_no_seams() -> None:
    assert check(letter(), [STATEMENT]) == []


def test_ac_56_a_left_over_placeholder_is_stopped_before_approval() -> None:
    assert ("bracket", "grounds.title") in codes(letter(grounds=[{"title": "[Your contest grounds]", "details": []}]))
    assert ("filler", "grounds.title") in codes(letter(grounds=[{"title": "[Your contest grounds]", "details": []}]))
    assert ("bracket", "statement") in codes(letter(statement=["The meter failed. [Your contest grounds]"]))


def test_ac_56_the_text_of_a_page_is_stopped_before_the_claim() -> None:
    assert check_text("Dear [Agency Name]\nThe meter failed.", [STATEMENT]) == [
        Seam("bracket", "page", "[Agency Name]")
    ]
    assert check_text("The sign said [PAY HERE].", ["sign said [pay  here]"]) == []


@each(
    ("slot", "value", "code"),
    [
        ("opening", "I request {review_term}.", "bracket"),
        ("opening", "I request a None of this.", "residue"),
        ("re", "Citation 900000417, issued undefined", "residue"),
        ("re", "Citation null, issued November 16", "residue"),
        ("request", "TODO ask for review", "residue"),
        ("request", "Lorem ipsum dolor", "filler"),
        ("date", "NaN", "residue"),
        ("contact", ["Your name", "1 Example Way"], "filler"),
        ("contact", ["Dana Reyes", "12 Oak St", "Anytown, CA 90000"], "demo_value"),
        ("citation", "000000000", "demo_value"),
        ("fields", [["Plate", "XXX"]], "residue"),
        ("closing", " ", "empty"),
        ("statement", [], "empty"),
        ("grounds", [], "empty"),
        ("agency", ["SFMTA", ""], "empty"),
        ("signature", {"name": "", "line": "x"}, "empty"),
        ("exhibits", [{"caption": "{caption}"}], "bracket"),
    ],
)
def test_let_7_residue_in_frame_and_slots(slot: str, value: Any, code: str) -> None:
    assert (code, slot) in {(found, where.split(".")[0]) for found, where in codes(letter(**{slot: value}))}


def test_let_7_a_missing_slot_is_empty() -> None:
    document = letter()
    del document["request"]
    assert ("empty", "request") in codes(document)


@pytest.mark.parametrize(
    "words",
    ["The screen said NULL and then undefined, none of it made sense.",
     "The screen said [ERR] {5} and my TODO list was wet.",
     "They wrote XXX on the ticket. Your name was on it."],
)  # fmt: skip
def test_let_7_the_persons_own_sentences_may_say_anything(words: str) -> None:
    document = letter(
        statement=[words],
        grounds=[{"title": "Something else", "details": [["What happened", words]]}],
        exhibits=[{"letter": "A", "caption": words, "blobs": [1], "whole_page": False}],
    )
    assert check(document, [words]) == []


@pytest.mark.parametrize("name", ["Dana Null", "Noner Todorov", "Nan Tod"])
def test_let_7_real_names_pass(name: str) -> None:
    document = letter(
        contact=[name, "1 Example Way"], signature={"name": name, "line": f"Signed electronically by {name}"}
    )
    assert check(document, [STATEMENT]) == []


def test_let_7_a_demo_value_that_the_person_typed_is_theirs() -> None:
    document = letter(fields=[["Meter number", "123456789"]])
    assert ("demo_value", "fields.1") in codes(document)
    assert check(document, [STATEMENT, "meter 123456789"]) == []


def test_let_7_the_file_must_be_the_approved_one() -> None:
    assert check_file("ab" * 32, "ab" * 32) == []
    assert check_file("ab" * 32, "ac" * 32) == [Seam("changed_file", "pdf")]
    assert check_file("", "") == [Seam("changed_file", "pdf")]


def test_captions_and_details_reach_the_guard() -> None:
    ground = PickedGround("Something else", (("What happened", "see {here}"),))
    document = compose(facts(grounds=(ground,), exhibits=(Exhibit("[photo]", (1,)),)))
    assert codes(document) == {("bracket", "grounds.details.answer"), ("bracket", "exhibits.caption")}
