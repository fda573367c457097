"""The texts about people by SMS: plain characters, short, and no word that a carrier would take."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

from bot.core.sms import size

TEXTS: dict[str, str] = tomllib.loads(resources.files("handlers.people").joinpath("texts/en.toml").read_text("utf-8"))
RESERVED = re.compile(r"\b(?:YES|STOP|CANCEL|END|QUIT|START|HELP|INFO|UNSUBSCRIBE|REVOKE|OPTOUT)\b")
ADDRESS = "Telegram *** 4711"
LONGEST = {
    "code": "482913", "url": f"https://t.me/parley_helper_bot?start=link_{'x' * 22}", "number": "+1 *** *** 0188",
    "told": "Free plan: linked addresses: 2. Basic gives 4, see PLANS.", "address": ADDRESS, "here": ADDRESS,
    "there": "+1 *** *** 0188",
    "what": "12 cases, 410 receipts, 1 project, 2 support tickets",
    "one": "Enterprise", "other": "Enterprise", "n": 410,
    "at": "Sep 30 23:59", "who": "our staff", "page": 99,
    "usage": "/user merge PERSON PERSON",
}  # fmt: skip
SHOWN = {key: text.format(**LONGEST) for key, text in TEXTS.items()}


def test_every_text_is_plain_and_a_question_is_one_segment_by_sms() -> None:
    sizes = {key: size(text) for key, text in SHOWN.items()}
    assert {key for key, one in sizes.items() if one.encoding != "GSM-7" or one.segments > 1} == set()


def test_the_code_and_the_way_to_the_bot_are_two_segments_together() -> None:
    assert size("\n".join([SHOWN["people.link.code"], SHOWN["people.link.bot"]])).segments <= 2


def test_no_text_asks_for_a_word_of_the_carrier() -> None:
    assert {key: text for key, text in SHOWN.items() if RESERVED.search(text)} == {}
