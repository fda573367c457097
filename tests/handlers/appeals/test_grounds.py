"""The grounds and the evidence checklist: rules GRD-1 to GRD-6."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from handlers.appeals.grounds import Checklist, packaged_checklist
from tests.rows import each

CHECKLIST = packaged_checklist()
ORDER = [
    "meter_broken", "paid", "sign_missing", "curb_faded", "wrong_details", "permit_valid", "not_owner", "stolen",
    "breakdown", "emergency", "outside_hours", "duplicate", "corrected", "hardship", "other",
]  # fmt: skip


def test_the_grounds_stand_in_the_published_order() -> None:
    assert [ground.id for ground in CHECKLIST.grounds] == ORDER


@each("ground_id", [name for name in ORDER if name not in ("hardship", "other")])
def test_grd_1_three_to_five_questions(ground_id: str) -> None:
    assert 3 <= len(CHECKLIST.ground(ground_id).questions) <= 5


def test_hardship_asks_nothing_and_other_takes_free_text() -> None:
    assert CHECKLIST.ground("hardship").questions == ()
    assert len(CHECKLIST.ground("other").questions) == 1


@pytest.mark.parametrize(
    ("violation_class", "first"), [("meter", "meter_broken"), ("sweeping", "sign_missing"), ("permit", "wrong_details")]
)
def test_the_class_chooses_what_is_shown(violation_class: str, first: str) -> None:
    offered = CHECKLIST.offered("us-ca-san_francisco", violation_class)
    assert offered[0].id == first
    assert offered[-1].id == "other"


def test_the_class_other_shows_everything() -> None:
    assert len(CHECKLIST.offered("us-ca-san_francisco", "other")) == len(ORDER)


def test_grd_3_a_citys_own_list_replaces_the_general_one() -> None:
    raw = CHECKLIST.model_dump()
    raw["cities"]["us-il-chicago"] = {"source": "code", "only": ["stolen"], "renamed": {"stolen": "Vehicle stolen"}}
    listed = Checklist.model_validate(raw).offered("us-il-chicago", "meter")
    assert [(ground.id, ground.text) for ground in listed] == [("stolen", "Vehicle stolen")]


def test_grd_3_san_diegos_list_of_refused_excuses_is_shown_with_its_source() -> None:
    listed = CHECKLIST.cities["us-ca-san_diego"]
    assert listed.source
    assert "did not know" in listed.not_accepted


def test_limits_are_shown_where_they_apply() -> None:
    assert len(CHECKLIST.limits("meter_broken", "us-ca-los_angeles", "CA")) == 2
    assert CHECKLIST.limits("meter_broken", "us-ma-boston", "MA") == ()
    assert CHECKLIST.limits("stolen", "us-ca-san_francisco", "CA")


def test_every_text_has_its_own_key() -> None:
    texts = CHECKLIST.texts()
    assert texts["ground.meter_broken"] == "Meter or pay station did not work"
    assert "ground.meter_broken.ask.shown" in texts
    assert len(texts) == sum(1 + len(ground.questions) + len(ground.evidence) for ground in CHECKLIST.grounds)


@pytest.mark.parametrize("word", ["win", "odds", "strong", "success", "guarantee", "chance", "lawyer", "loophole"])
def test_grd_6_no_prediction_or_advice(word: str) -> None:
    shown = [*CHECKLIST.texts().values(), *(limit.text for ground in CHECKLIST.grounds for limit in ground.limits)]
    assert not any(word in text.lower().split() for text in shown)


@pytest.mark.parametrize(
    "change", [{"questions": [{"id": "a b", "text": "x"}]}, {"classes": ["boat"]}, {"classes": []}, {"odds": 1}]
)
def test_a_broken_checklist_does_not_load(change: dict[str, object]) -> None:
    raw = CHECKLIST.model_dump(mode="json")
    raw["grounds"][0] |= change
    with pytest.raises(ValidationError):
        Checklist.model_validate(raw)


def test_an_override_of_an_unknown_ground_does_not_load() -> None:
    raw = CHECKLIST.model_dump() | {"cities": {"us-il-chicago": {"source": "code", "only": ["aliens"]}}}
    with pytest.raises(ValidationError):
        Checklist.model_validate(raw)


def test_an_unknown_ground_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        CHECKLIST.ground("aliens")
