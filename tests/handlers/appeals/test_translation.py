"""TXT-8: what is Spanish, what it says word by word, and the guard that reads its English version (TXT-5)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.appeals.facts_guard import Allowed
from handlers.appeals.spanish import gloss, is_spanish
from handlers.appeals.translation import PROMPT_VERSION, question
from handlers.appeals.translation_guard import check
from tests.rows import each

CASES = tomllib.loads(Path(__file__).with_name("translation_pairs.toml").read_text("utf-8"))["case"]
ENGLISH = tomllib.loads(Path(__file__).with_name("guard_pairs.toml").read_text("utf-8"))["case"]
STORY = CASES[0]["statement"]
FAITHFUL = CASES[0]["honest"][0]


def pairs(kind: str) -> Iterator[object]:
    for number, case in enumerate(CASES):
        for n, output in enumerate(case.get(kind, ())):
            yield pytest.param(case["statement"], output, id=f"case{number}-{kind}{n}")


@each(("statement", "output"), list(pairs("honest")))
def test_txt_8_a_faithful_version_passes(statement: str, output: str) -> None:
    assert check(output, Allowed(statement=statement)) == []


@each(("statement", "output"), list(pairs("sneaky")))
def test_txt_8_an_added_lost_or_changed_fact_is_refused(statement: str, output: str) -> None:
    assert check(output, Allowed(statement=statement)) != []


def test_the_corpus_is_large_enough_to_judge_by_and_hardly_a_faithful_version_is_refused() -> None:
    honest, unsure = (sum(len(case.get(kind, ())) for case in CASES) for kind in ("honest", "unsure"))
    assert honest >= 40
    assert sum(len(case.get("sneaky", ())) for case in CASES) >= 30
    assert unsure <= 0.1 * (honest + unsure)


@each(
    ("addition", "part"),
    [
        (" CVC 22508.5 applies.", "legal"),
        (" I parked for 20 minutes.", "time"),
        (" It was a Tuesday.", "date"),
        (" That was on 11/16.", "date"),
        (" I paid $4.", "amount"),
        (" Officer Daniels knows.", "name"),
        (" I have a photo of it.", "evidence"),
        (" A witness saw it.", "evidence"),
        (" I am a veteran.", "sensitive"),
        (" I have a disability.", "sensitive"),
        (" The fine must be dismissed.", "demand"),
        (" [date]", "placeholder"),
        (" The weather forecast promised storms.", "cannot be traced"),
        (" words" * 200, "length"),
    ],
)
def test_txt_5_the_same_guard_names_what_was_added(addition: str, part: str) -> None:
    found = check(FAITHFUL + addition, Allowed(statement=STORY))
    assert any(one.startswith(part) for one in found), found


def test_txt_5_confirmed_facts_and_captions_may_be_used() -> None:
    output = FAITHFUL.replace("there was a ticket", "there was a ticket, issued November 16, 2026, as the photo shows")
    allowed = Allowed(
        statement=STORY, facts=("issued November 16, 2026",), captions=("photo of the meter",), evidence=("photo",)
    )
    assert not any(one.startswith(("date", "evidence")) for one in check(output, allowed))
    assert any(one.startswith("evidence") for one in check(output, Allowed(statement=STORY)))


def test_txt_8_words_that_stayed_spanish_are_no_version() -> None:
    assert "not English" in check(STORY, Allowed(statement=STORY))
    assert check("", Allowed(statement=STORY)) != []


@each("case", CASES)
def test_txt_8_spanish_is_known_and_its_english_version_is_not_taken_for_it(case: dict[str, str]) -> None:
    assert is_spanish(case["statement"])
    assert not any(is_spanish(output) for output in (*case.get("honest", ()), *case.get("sneaky", ())))


@each("case", ENGLISH)
def test_english_statements_are_not_taken_for_spanish(case: dict[str, str]) -> None:
    assert not is_spanish(case["statement"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("el parquimetro no funcionaba y regrese como a las 2 de la tarde", True),
        ("NO HABIA NINGUN LETRERO EN LA CALLE", True),
        ("I parked on El Camino Real and the sign said no parking", False),
        ("La Cienega and San Vicente, the meter ate my card", False),
        ("Ich habe an der Uhr geparkt und der Automat war kaputt", False),
        ("J'ai garé ma voiture devant la maison et le parcmètre ne marchait pas", False),
        ("", False),
    ],
)
def test_txt_8_spanish_without_accents_and_english_with_spanish_names(text: str, expected: bool) -> None:
    assert is_spanish(text) is expected


@pytest.mark.parametrize(
    ("spanish", "english"),
    [
        ("No vi nada.", "not i saw anything."),
        ("Nunca vi ningún letrero.", "never i saw any sign."),
        ("No había nadie, y nadie dijo nada.", "not there anybody, and nobody they said anything."),
        ("Llegué como a las dos y media", "i arrive about at two thirty"),
        ("el 16 de noviembre de 2026", "16 of november 2026"),
        ("Pagué $4.50 por 20 minutos", "i pay $4.50 for 20 minute"),
        ("No vi ni letrero ni señal", "not i saw or sign or sign"),
        ("Estacionamos el carro", "we park the car"),
        ("xyzzy Valencia", "xyzzy Valencia"),
    ],
)
def test_a_gloss_keeps_order_numbers_and_denials(spanish: str, english: str) -> None:
    assert " ".join(gloss(spanish).text.split()) == english


def test_txt_4_the_question_masks_what_is_private_and_says_what_it_is() -> None:
    call = question(
        "Soy Dana Reyes, placa 8ABC123. El parquímetro no funcionaba.",
        facts=["plate 8ABC123"],
        private=["Dana Reyes", "8ABC123"],
        person="k_1",
        violations=['name: "Dana Reyes"'],
    )
    sent = str([call.system, call.data])
    assert "Dana" not in sent
    assert "8ABC123" not in sent
    assert "English version" in call.system
    assert (call.purpose, call.prompt_version) == ("letter_translate", f"{PROMPT_VERSION}-retry")
    assert list(call.schema["properties"]) == ["statement"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120), st.text(max_size=120))
def test_no_text_makes_the_guard_fail(output: str, statement: str) -> None:
    assert all(check(output, Allowed(statement=statement)) or ["fine"])
    assert isinstance(gloss(statement).text, str)
