"""The composed letter: its order, its words, its limits, and every launch city with every ground."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.core.calls.people import PostalAddress
from handlers.appeals.city import City
from handlers.appeals.grounds import Ground, packaged_checklist
from handlers.appeals.letter import (
    UnfinishedLetter,
    address_block,
    compose,
    detail_label,
    fields_asked,
    needs_envelope_name,
    opening,
    problems,
)
from handlers.appeals.letter_facts import Exhibit, LetterFacts, PickedGround, Signer
from handlers.appeals.letter_guard import check
from handlers.appeals.registry import packaged_registry
from integrations.press import typesetting
from integrations.press.document import LetterDocument
from tests.effort import short
from tests.handlers.appeals.letters import DANA, STATEMENT, facts


def test_let_5_parts_stand_in_the_order_of_the_rule() -> None:
    letter = compose(facts())
    order = ["contact", "date", "agency", "re", "salutation", "opening", "grounds", "statement", "fields", "exhibits",
        "request", "closing", "signature"]  # fmt: skip
    assert [part for part in letter if part in order] == order
    assert letter["date"] == "November 19, 2026"
    assert letter["re"] == (
        "Citation 900000417, issued November 16, 2026, plate CA 8ABC123, 400 block of Valencia Street"
    )
    assert letter["opening"] == "I request an initial review of this parking citation."
    assert letter["statement"] == [STATEMENT]
    assert [e["letter"] for e in letter["exhibits"]] == ["A", "B"]
    assert letter["exhibits"][0]["caption"] == "meter screen, Nov 16 2:05pm"
    assert letter["signature"]["line"] == "Signed electronically by Dana Reyes on November 18, 2026"
    assert letter["signature"]["role"] == "Registered owner"


def test_let_3_contact_block_and_agency_block_repeat_both_addresses() -> None:
    letter = compose(facts())
    assert letter["contact"] == ["Dana Reyes", "1 Example Way", "Apt 4", "San Francisco, CA 94110"]
    assert letter["agency"] == ["SFMTA Customer Service Center", "Attn: Citation Review", "11 South Van Ness Avenue",
        "San Francisco, CA 94103"]  # fmt: skip


@pytest.mark.parametrize(
    ("city_id", "state", "level", "line"),
    [
        ("us-dc-washington", "DC", 1, "I deny the citation. "),
        ("us-ny-new_york", "NY", 1, "I request a hearing by mail"),
        ("us-ma-boston", "MA", 1, "I appeal"),
        ("us-ca-oakland", "CA", 1, "I request an initial review"),
        ("us-ca-sacramento", "CA", 2, "I request an administrative hearing"),
        ("us-nv-las_vegas", "NV", 1, "I request an administrative review"),
        ("us-xx-nowhere", "XX", 1, "I request a review"),
    ],
)
def test_let_5_opening_names_the_review_in_the_citys_term(city_id: str, state: str, level: int, line: str) -> None:
    assert opening(city_id, state, level).startswith(line)


def test_let_5_letter_holds_no_brand_price_disclaimer_or_advice() -> None:
    text = str(compose(facts())).lower()
    for word in ("parley", "$", "lawyer", "attorney", "legal advice", "self-help", "dismiss"):
        assert word not in text


def test_let_6_line_breaks_and_markup_of_the_statement_are_kept() -> None:
    raw = 'First <b>line</b> & "quoted"\nsecond #strong[x] $y$ \\z\n\nNew paragraph 5 > 3'
    assert compose(facts(statement=raw))["statement"] == [
        'First <b>line</b> & "quoted"\nsecond #strong[x] $y$ \\z',
        "New paragraph 5 > 3",
    ]


def test_let_9_and_ac_54_a_long_name_stays_whole_in_the_letter() -> None:
    name = "Maria Guadalupe Alejandra Fernandez de la Vega-Ortiz"
    assert len(name) == 52
    assert needs_envelope_name(name)
    assert not needs_envelope_name(name[:40])
    sender = replace(DANA, name="Maria G. Fernandez de la Vega-Ortiz")
    letter = compose(facts(signer=Signer(name, "registered_owner", date(2026, 11, 18)), sender=sender))
    assert letter["contact"][0] == letter["signature"]["name"] == name
    assert "Apt 4" in address_block(sender)


def test_txt_8_translation_is_stated() -> None:
    assert compose(facts(translated_from="es"))["translation"] == "Translated from Spanish at my request."
    assert compose(facts())["translation"] == ""


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"citation": " "}, "missing:citation"),
        ({"plate": ""}, "missing:plate"),
        ({"place": ""}, "missing:place"),
        ({"grounds": ()}, "missing:grounds"),
        ({"statement": "too short"}, "statement_length"),
        ({"statement": "x" * 3501}, "statement_length"),
        ({"enclosures": ("oak-letter-fields",)}, "missing:telephone"),
        ({"enclosures": ("sac-fields",), "stated": (("telephone", "555"),)}, "missing:violation_code"),
        ({"exhibits": tuple(Exhibit(f"photo {n}", (n,)) for n in range(14))}, "too_many_exhibits"),
        ({"exhibits": (Exhibit("x" * 201, (1,)),)}, "caption_too_long"),
        ({"signer": Signer("Dana", "passer-by", date(2026, 1, 1))}, "missing:role"),
    ],
)
def test_let_7_an_empty_slot_or_a_passed_limit_stops_the_letter(changes: dict[str, object], problem: str) -> None:
    assert problem in problems(facts(**changes))
    with pytest.raises(UnfinishedLetter, match=problem):
        compose(facts(**changes))


def test_ac_53_ten_exhibits_are_the_most() -> None:
    assert problems(facts(exhibits=tuple(Exhibit(f"photo {n}", (n,)) for n in range(10)))) == ()


def test_fields_of_several_enclosures_are_asked_once() -> None:
    assert fields_asked(("sac-fields", "sac-meter")).count("name") == 1
    assert "meter_number" in fields_asked(("sac-fields", "sac-meter"))


def test_sacramento_prints_what_the_city_asks_for() -> None:
    stated = (("telephone", "916-555-0100"), ("violation_code", "10.36.030"), ("meter_number", "PKGS 771"))
    letter = compose(facts(enclosures=("sac-fields", "sac-meter"), stated=stated))
    assert ["Daytime telephone", "916-555-0100"] in letter["fields"]
    assert ["Violation code", "10.36.030"] in letter["fields"]
    assert ["Meter number", "PKGS 771"] in letter["fields"]
    assert "Meter address" not in dict(letter["fields"])


LAUNCH = [city for city in packaged_registry().cities.values() if city.launch in ("first", "with_form")]
GROUNDS = packaged_checklist().grounds


def golden(city: City, ground: Ground) -> LetterFacts:
    """Answer every question of a ground and every field of a city at length."""
    address = city.address("level1_letter")
    assert address is not None
    to = PostalAddress(address.name, address.address_line1, address.city, address.state, address.zip,
        address.company, address.address_line2)  # fmt: skip
    details = tuple(
        (detail_label(ground.id, q.id), "an answer of some length in my own words") for q in ground.questions
    )
    texts = tuple(e.id for e in city.mail.enclosures if e.met_by == "letter_text")
    return facts(
        city_id=city.city_id, state=city.state, recipient=to, enclosures=texts,
        grounds=(PickedGround(ground.text, details),), statement=(STATEMENT + " ") * 8,
        stated=(("telephone", "202-555-0100"), ("violation_code", "P104"), ("meter_number", "4417")),
        exhibits=tuple(Exhibit(f"photo {n}", (n,)) for n in range(10)),
    )  # fmt: skip


@pytest.mark.parametrize("city", LAUNCH, ids=lambda city: city.city_id)
def test_let_11_every_launch_city_with_every_ground_passes_the_guard_and_fits(city: City) -> None:
    """Each is composed and guarded; of a city's letters every third is typeset, another third in the next city.

    `make fuzz` typesets all of them.
    """
    first, stride = LAUNCH.index(city), short(3, whole=1)
    for number, ground in enumerate(GROUNDS):
        case = golden(city, ground)
        letter = compose(case)
        assert check(letter, [case.statement]) == [], ground.id
        assert compose(case) == letter
        if (number + first) % stride:
            continue
        document = LetterDocument.model_validate(letter | {"exhibits": []}).model_dump(mode="json")
        head, _ = typesetting.typeset({"document": document, "characters": "", "blob_ids": []}, [])
        # Ten exhibits add five pages at most: both mail classes stay a folded letter of five sheets, or six with
        # the barcode sheet of certified mail.
        assert (head["text_pages"] <= 2, head["dropped"]) == (True, "")


@pytest.mark.parametrize("city", LAUNCH, ids=lambda city: city.city_id)
def test_let_11_the_longest_letter_of_every_launch_city_is_two_pages_of_text(city: City) -> None:
    longest = max(GROUNDS, key=lambda ground: len(ground.questions))
    case = replace(golden(city, longest), statement=("word " * 700).strip()[:3400], exhibits=())
    document = LetterDocument.model_validate(compose(case)).model_dump(mode="json")
    head, made = typesetting.typeset({"document": document, "characters": "", "blob_ids": []}, [])
    assert (head["text_pages"], len(made)) == (2, 3)
    again = typesetting.typeset({"document": document, "characters": "", "blob_ids": []}, [])
    assert again[1][0] == made[0]


def test_let_11_every_question_of_every_ground_has_its_words_in_print() -> None:
    assert len(LAUNCH) >= 8
    assert all(detail_label(ground.id, q.id) for ground in GROUNDS for q in ground.questions)
