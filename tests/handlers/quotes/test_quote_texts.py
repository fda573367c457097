"""The texts of quotes by SMS: plain characters, no word of the carrier, questions in one segment."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

from bot.assembly.services import register_services
from bot.core.settings import Settings
from bot.core.sms import encoding_of
from bot.engine.registry import Registry

TEXTS: dict[str, str] = tomllib.loads(resources.files("handlers.quotes").joinpath("texts/en.toml").read_text("utf-8"))
RESERVED = re.compile(r"\b(?:YES|STOP|CANCEL|END|QUIT|START|HELP|INFO|UNSUBSCRIBE|REVOKE|OPTOUT)\b")


def test_every_text_is_plain_and_short_by_sms() -> None:
    assert [key for key, text in TEXTS.items() if encoding_of(text) != "GSM-7" or len(text) > 153] == []


def test_no_text_asks_for_a_word_of_the_carrier() -> None:
    assert [key for key, text in TEXTS.items() if RESERVED.search(text)] == []


def test_quotes_are_off_unless_they_are_switched_on() -> None:
    off, on = Registry(), Registry()
    register_services(off, Settings(parley_mode="demo"))
    register_services(on, Settings(parley_mode="demo", quotes_enabled=True))
    assert "quote" not in off.flows
    assert "quote" in on.flows
    assert "quote approve" in on.staff
