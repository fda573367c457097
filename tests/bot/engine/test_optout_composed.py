"""SMS-2, by composition: every request in every manner, and every request taken back in every manner.

A corpus shows what somebody thought of; here each core is said politely, angrily, with excuses and thanks, and then
denied, quoted, asked about and addressed to others.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import pytest

from bot.engine.optout import decide
from tests.rows import each

CORES = [
    "stop texting me", "stop sending me messages", "stop these messages", "end the texts", "cancel the alerts",
    "turn off the notifications", "stop contacting me", "stop bothering me", "stop spamming me",
    "take me off your list",
    "remove me from your list", "remove my number", "delete my number from your system", "lose my number",
    "get me off this list", "unsubscribe me", "opt me out of these messages", "leave me alone", "discontinue all texts",
    "stop blowing up my phone", "cease texting this number",
]  # fmt: skip
DENIALS = [
    "don't text me", "do not contact me again", "never text this number again", "don't send me any more texts",
    "I don't want these texts", "I no longer wish to be contacted", "I want to opt out", "I'm sick of these messages",
    "I revoke my consent", "no more texts", "I never signed up for these texts", "wrong number",
    "you have the wrong person",
]  # fmt: skip
ASKED = [
    "", "please ", "can you please ", "would you ", "I want you to ", "I'd like you to ", "you need to ", "kindly ",
    "I told you to ", "for the last time, ", "hey ", "seriously, ", "once again please ",
]  # fmt: skip
BEGUN = ["", "please, ", "hi, ", "sorry, ", "look, ", "hello. ", "for the last time, ", "omg ", "excuse me, "]
ENDED = ["", " please", " now", " thanks", "!!!", ".", " asap", " or I'll report you", ". Thank you", " 🙏", " lol",
         ", this is my work phone", " and don't text again", " right now", " por favor"]  # fmt: skip
NEGATED = ["don't ", "please don't ", "never ", "I don't want you to ", "I never said ", "no need to ",
           "I didn't ask you to "]  # fmt: skip
TOLD = ["the officer told me to ", "my ex told me to ", "she said to ", "I told the officer to ", "I was told to ",
        "the guy at the lot told me to "]  # fmt: skip
OTHERS = ["tell the city to ", "make the officer ", "I want the city to ", "they should ", "I wish the city would ",
          "how do I get the city to "]  # fmt: skip
QUESTIONS = ["what happens if I say ", "when do you ", "why did you ", "does the app ", "if I tell you to "]
SPANISH = [
    "no me escriban", "no me manden más mensajes", "dejen de escribirme", "paren de mandar mensajes", "no más mensajes",
    "ya no quiero mensajes", "quítenme de la lista", "quiten mi número", "denme de baja", "déjenme en paz",
    "número equivocado", "no me vuelvan a escribir",
]  # fmt: skip
SPANISH_BEGUN = ["", "por favor ", "oiga, ", "ya ", "disculpe, ", "señor, "]
SPANISH_ENDED = ["", " por favor", " gracias", " ya", "!!!", " ahora mismo", ", no los conozco"]


def _said(*parts: Iterable[str]) -> list[str]:
    return ["".join(choice) for choice in product(*parts)]


def _missed(said: list[str], *, wanted: bool) -> list[str]:
    return [text for text in said if decide(text, idle=True).optout is not wanted]


@pytest.mark.parametrize("core", CORES)
def test_sms_2_a_request_in_any_manner(core: str) -> None:
    assert _missed(_said(ASKED, [core], ENDED), wanted=True) == []


@pytest.mark.parametrize("core", DENIALS)
def test_sms_2_a_wish_in_any_manner(core: str) -> None:
    assert _missed(_said(BEGUN, [core], ENDED), wanted=True) == []


@each("core", SPANISH)
def test_p9_a_request_in_any_manner(core: str) -> None:
    assert _missed(_said(SPANISH_BEGUN, [core], SPANISH_ENDED), wanted=True) == []


@pytest.mark.parametrize(
    ("rule", "starts"), [("X1", NEGATED), ("X3", TOLD), ("X5", OTHERS), ("X4", QUESTIONS)], ids=["X1", "X3", "X5", "X4"]
)
def test_rule_5_takes_back_every_request(rule: str, starts: list[str]) -> None:
    assert _missed(_said(starts, CORES, ["", ".", " please"]), wanted=False) == []
