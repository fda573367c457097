"""The moves of a ticket, and what words say of it."""

from __future__ import annotations

from itertools import product

import pytest

from bot.core.errors import Refusal
from handlers.support.states import MOVES, Did, State, happenings, move
from handlers.support.words import category_of, presses, priority_of, solved, split_code, still_broken, thanks, words
from tests.rows import each


@each(
    "before, did, after, told",
    [
        ("new", "assigned", "open", []),
        ("new", "wrote", "new", []),
        ("new", "replied", "waiting_user", ["staff", "waits"]),
        ("open", "replied", "waiting_user", ["staff", "waits"]),
        ("open", "kept", "open", ["staff"]),
        ("waiting_user", "wrote", "open", ["goes_on", "person"]),
        ("waiting_user", "replied", "waiting_user", ["staff"]),
        ("waiting_user", "kept", "open", ["staff", "goes_on"]),
        ("waiting_user", "silent", "resolved", ["resolved"]),
        ("open", "wrote", "open", ["person"]),
        ("new", "resolved", "resolved", ["resolved"]),
        ("resolved", "wrote", "open", ["reopened"]),
        ("resolved", "reopened", "open", ["reopened"]),
        ("resolved", "rested", "closed", []),
        ("open", "merged", "closed", []),
    ],
)
def test_the_moves_of_section_9(before: str, did: str, after: str, told: list[str]) -> None:
    assert move(State(before), Did(did)) is State(after)
    assert happenings(State(before), Did(did), State(after)) == told


def test_a81_every_other_pair_is_refused_in_words() -> None:
    others = [pair for pair in product(State, Did) if pair not in MOVES]
    assert (State.CLOSED, Did.REOPENED) in others
    for state, did in others:
        with pytest.raises(Refusal) as refused:
            move(state, did)
        assert refused.value.key == "support.refused_move"


@each(
    "text, flow, category",
    [
        ("I was charged twice", "", "billing_payment"),
        ("where is my letter", "", "appeal_letter"),
        ("the line is bad", "", "general"),
        ("I have a question", "appeal", "appeal_letter"),
        ("I have a question", "", "general"),
        ("me cobraron dos veces, quiero un reembolso", "", "billing_payment"),
        ("the csv is empty", "", "data_export"),
        ("tasking", "", "general"),
    ],
)
def test_sp_4_the_category_comes_from_whole_words(text: str, flow: str, category: str) -> None:
    assert category_of(text, flow) == category


def test_sp_4_every_category_has_its_priority() -> None:
    names = [*words().categories, "general"]
    assert len(names) == 11
    assert {name: priority_of(name) for name in names if priority_of(name) == "high"}.keys() == {
        "account_access",
        "appeal_letter",
        "billing_payment",
        "privacy",
    }


@each(
    "text, does",
    [("URGENT please", True), ("it is down", True), ("the download is slow", False), ("I need this ASAP!", True)],
)
def test_sp_4_pressing_words_are_whole_words(text: str, does: bool) -> None:
    assert presses(text) is does


@each(
    "text, is_thanks",
    [
        ("thanks!", True),
        ("Thank you so much", True),
        ("👍", True),
        ("5", False),
        ("gracias", True),
        ("!!", True),
        ("thanks but it still fails", False),
        ("no thanks to you", False),
    ],
)
def test_a82_thanks_are_told_from_a_message(text: str, is_thanks: bool) -> None:
    assert thanks(text) is is_thanks


def test_words_that_close_and_that_open_again() -> None:
    assert solved("It's solved!")
    assert not solved("is it solved?")
    assert still_broken("still broken")
    assert not still_broken("my heart is still broken")


@each(
    "text, found",
    [
        ("T-1042 here is the photo", (1042, "here is the photo")),
        ("t-1042: hello", (1042, "hello")),
        ("T-1042", (1042, "")),
        ("about T-1042", None),
        ("T-12", None),
        ("ST-1042", None),
    ],
)
def test_a_message_may_begin_with_the_number_of_its_ticket(text: str, found: tuple[int, str] | None) -> None:
    assert split_code(text) == found
