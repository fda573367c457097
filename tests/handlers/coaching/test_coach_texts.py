"""The coach's texts on SMS: plain characters, short, and no word that a carrier would take (C57, chat rules)."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

from bot.core.sms import encoding_of

FOLDERS = ("texts", "care_texts", "later/texts", "safety/texts", "talk/texts")
TEXTS: dict[str, str] = {}
for _folder in FOLDERS:
    TEXTS |= tomllib.loads(resources.files("handlers.coaching").joinpath(_folder, "en.toml").read_text("utf-8"))
RESERVED = re.compile(r"\b(?:YES|STOP|CANCEL|END|QUIT|START|HELP|INFO|UNSUBSCRIBE|REVOKE|OPTOUT)\b")


def _by_sms() -> dict[str, str]:
    """Return every text as SMS shows it."""
    keys = {key.removesuffix(".sms").removesuffix(".telegram") for key in TEXTS}
    return {key: TEXTS.get(f"{key}.sms", TEXTS[key]) for key in keys}


def test_c57_no_text_asks_for_a_word_of_the_carrier() -> None:
    assert {key: text for key, text in _by_sms().items() if RESERVED.search(text)} == {}


def test_every_text_is_plain_and_short_by_sms() -> None:
    wide = {key for key, text in _by_sms().items() if encoding_of(text) != "GSM-7"}
    long = {key for key, text in _by_sms().items() if len(text) > 306}
    assert (wide, long) == (set(), set())
