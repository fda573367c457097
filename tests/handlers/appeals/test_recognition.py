"""Which city a text means."""

from __future__ import annotations

import pytest

from handlers.appeals.agency import issued_elsewhere
from handlers.appeals.recognition import recognise_city
from handlers.appeals.registry import packaged_registry
from tests.rows import each

REGISTRY = packaged_registry()


@each(
    ("text", "city_id"),
    [
        ("SF", "us-ca-san_francisco"),
        ("sf ca", "us-ca-san_francisco"),
        ("San Francisco, CA", "us-ca-san_francisco"),
        ("sán francisco", "us-ca-san_francisco"),
        ("S.F.", "us-ca-san_francisco"),
        ("us-ca-san_francisco", "us-ca-san_francisco"),
        ("got a ticket in SF and the meter was broken", "us-ca-san_francisco"),
        ("I live in Oakland but got a ticket in San Francisco", "us-ca-san_francisco"),
        ("nyc", "us-ny-new_york"),
        ("Brooklyn NY", "us-ny-new_york"),
        ("New York, New York", "us-ny-new_york"),
        ("washington dc", "us-dc-washington"),
        ("Washington, D.C.", "us-dc-washington"),
        ("Portland Oregon", "us-or-portland"),
        ("portland or", "us-or-portland"),
        ("L.A.", "us-ca-los_angeles"),
        ("la", "us-ca-los_angeles"),
        ("San Fransisco", "us-ca-san_francisco"),
        ("sanfrancisco", "us-ca-san_francisco"),
        ("Pheonix", "us-az-phoenix"),
        ("my ticket was in pheonix yesterday", "us-az-phoenix"),
        ("Mineapolis", "us-mn-minneapolis"),
        ("philly", "us-pa-philadelphia"),
    ],
)
def test_a_city_is_recognised(text: str, city_id: str) -> None:
    place = recognise_city(REGISTRY, text).place
    assert place is not None
    assert place.city_id == city_id


@each("city_id", sorted(REGISTRY.cities))
def test_every_record_is_found_by_its_name_with_its_state(city_id: str) -> None:
    city = REGISTRY.cities[city_id]
    for text in (f"{city.name}, {city.state}", f"{city.name} {city.state}".lower(), city.city_id, *city.aliases):
        place = recognise_city(REGISTRY, text).place
        assert place is not None, text
        assert place.city_id == city_id


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Washington", ["Washington, DC", "Washington State, WA"]),
        ("Portland", ["Portland, OR", "Portland, ME"]),
        ("Richmond", ["Richmond, CA", "Richmond, VA"]),
    ],
)
def test_ac_16_an_ambiguous_name_lists_the_candidates(text: str, labels: list[str]) -> None:
    found = recognise_city(REGISTRY, text)
    assert [place.label for place in found.places] == labels
    assert not found.certain


@pytest.mark.parametrize(
    "text", ["Miami Beach", "Oakland, MI", "Portland, Maine", "washington state", "New Orleans, LA", "Metairie, LA"]
)
def test_reg_9_another_place_is_not_taken_for_a_record(text: str) -> None:
    place = recognise_city(REGISTRY, text).place
    assert place is not None
    assert place.city_id is None
    assert not place.state_clocks


@pytest.mark.parametrize("text", ["Fresno", "fresno california", "Zzyzx, CA", "South San Francisco", "Orange County"])
def test_ac_17_a_californian_place_without_a_record_gets_state_clocks(text: str) -> None:
    place = recognise_city(REGISTRY, text).place
    assert place is not None
    assert (place.city_id, place.state, place.state_clocks) == (None, "CA", True)


@pytest.mark.parametrize(
    "text", ["", "hello", "900000417", "multa en la calle", "my car is orange", "washing machine was on the street"]
)
def test_num_1_nothing_else_names_a_city(text: str) -> None:
    assert recognise_city(REGISTRY, text).places == ()


@pytest.mark.parametrize("text", ["San Fransisco", "South Boston", "sanfransisco"])
def test_a_doubtful_name_waits_for_confirmation(text: str) -> None:
    assert not recognise_city(REGISTRY, text).certain


@pytest.mark.parametrize(
    ("city_id", "heading", "kind"),
    [
        ("us-ca-san_francisco", "UCSF Parking Services", "campus"),
        ("us-ca-san_francisco", "SFMTA", None),
        ("us-ca-san_francisco", "USFWS", None),
        ("us-ny-new_york", "port authority of new york", "port"),
        ("us-ma-boston", "City of Cambridge", "other_city"),
    ],
)
def test_ac_15_the_negative_list_names_the_other_office(city_id: str, heading: str, kind: str | None) -> None:
    issuer = issued_elsewhere(REGISTRY.cities[city_id], heading)
    assert (issuer.kind if issuer else None) == kind
