"""Folding makes what is meant equal, and no more."""

import pytest

from bot.core.fold import fold, is_pictures_only, trim, words


@pytest.mark.parametrize(
    "text", ["STOP", "Stop.", "«stop»", "“Stop!”", "stop 🙏", " stop ", "ＳＴＯＰ", "st\u200bop", "*stop*"]
)
def test_voc_8_decoration_does_not_count(text: str) -> None:
    assert trim(fold(text)) == "stop"


def test_voc_8_accents_do_not_count() -> None:
    assert fold("ESPAÑOL  atrás") == "espanol atras"
    assert fold("don’t") == "don't"


def test_words_keep_their_apostrophe() -> None:
    assert words("don't stop, now") == ["don't", "stop", "now"]


@pytest.mark.parametrize(
    ("text", "only"), [("👍", True), ("...", True), ("❤️ 🎉", True), ("?", False), ("ok", False), (" ", False)]
)
def test_pictures_only(text: str, only: bool) -> None:
    assert is_pictures_only(text) is only
