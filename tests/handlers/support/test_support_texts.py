"""The texts of support on SMS: plain characters, one segment, no word that a carrier would take."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

from bot.core.sms import size

TEXTS: dict[str, str] = tomllib.loads(resources.files("handlers.support").joinpath("texts/en.toml").read_text("utf-8"))
RESERVED = re.compile(r"\b(?:YES|STOP|CANCEL|END|QUIT|START|HELP|INFO|UNSUBSCRIBE|REVOKE|OPTOUT)\b")
LONGEST = {"code": "T-123456", "when": "Wed Sep 30, 12:30 PM PDT", "state": "waits for your answer", "text": ""}
LONGEST |= {"name": "a" * 30, "told": "Support is switched off for now."}
STAFF = {key.removesuffix(".telegram") for key in TEXTS if key.endswith(".telegram")}


def by_sms() -> dict[str, str]:
    """Return every text as SMS shows it, with its longest arguments."""
    keys = {key.removesuffix(".sms") for key in TEXTS if not key.endswith(".telegram")}
    return {key: TEXTS.get(f"{key}.sms", TEXTS[key]).format(**LONGEST) for key in keys}


def test_every_text_is_plain_and_one_segment_by_sms() -> None:
    sizes = {key: size(text) for key, text in by_sms().items()}
    assert {key for key, one in sizes.items() if (one.encoding, one.segments) != ("GSM-7", 1)} == set()


def test_the_first_reply_is_one_segment_with_its_question() -> None:
    both = "\n".join([by_sms()["support.got"], by_sms()["support.ask"]])
    assert size(both).segments == 1


def test_no_text_asks_for_a_word_of_the_carrier() -> None:
    assert {key: text for key, text in by_sms().items() if RESERVED.search(text)} == {}


def test_what_only_staff_read_has_no_form_for_persons() -> None:
    assert {key for key in STAFF if f"{key}.sms" in TEXTS or key in TEXTS} == set()
