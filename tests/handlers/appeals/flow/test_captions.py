"""Captions and times out of one line of the person's own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.appeals.flow.captions import Caption, caption, captions


@pytest.mark.parametrize(
    ("text", "shows", "taken"),
    [
        ("meter screen nov 16 2:05pm", "meter screen", "nov 16 2:05pm"),
        ("the tree", "the tree", ""),
        ("taken on 11/16 at 2pm, the pole", "the pole", "11/16 at 2pm"),
        ("it shows the sign, Nov 17", "the sign", "Nov 17"),
        ("Nov 11", "", "Nov 11"),
        ("2 signs on 3rd street", "2 signs on 3rd street", ""),
        ("yesterday, my car", "my car", "yesterday"),
    ],
)
def test_caption_and_time(text: str, shows: str, taken: str) -> None:
    assert caption(text) == Caption(shows, taken)


def test_captions_by_letter() -> None:
    found = captions("A tree over the sign, B same from my car, C the block", ["A", "B", "C"])
    assert {letter: one.shows for letter, one in found.items()} == {
        "A": "tree over the sign", "B": "same from my car", "C": "the block",
    }  # fmt: skip


def test_one_description_for_all() -> None:
    assert set(captions("a tree in front of the pole", ["A", "B"])) == {"A", "B"}
    assert captions("a tree in front", ["A"])["A"].shows == "a tree in front"


@given(st.text(max_size=200), st.integers(1, 10))
def test_any_text_gives_captions_in_the_persons_own_words(text: str, count: int) -> None:
    letters = list("ABCDEFGHIJ"[:count])
    for letter, said in captions(text, letters).items():
        assert letter in letters
        flat = " ".join(text.split())
        assert said.taken in flat
        assert all(word in flat for word in said.shows.split())
