"""The city registry: rules REG-1 to REG-9."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from handlers.appeals.city import AgencyAddress, City, DeadlineRule, Stated
from handlers.appeals.clocks import CaseDates, city_rules, running, state_rules
from handlers.appeals.registry import packaged_registry
from handlers.appeals.usability import Mode, judge_record
from tests.rows import each

TODAY = date(2026, 11, 21)
REGISTRY = packaged_registry()
SF = REGISTRY.cities["us-ca-san_francisco"]
SPEC = Path(__file__).parents[3] / "../shared/domain/cities.json"

USABLE_IN_DEMO = {
    "us-ca-san_francisco",
    "us-ca-oakland",
    "us-ca-sacramento",
    "us-ny-new_york",
    "us-ma-boston",
    "us-dc-washington",
    "us-ga-atlanta",
    "us-nv-las_vegas",
}


def raw(city: City) -> dict[str, object]:
    loaded = json.loads(city.model_dump_json())
    assert isinstance(loaded, dict)
    return loaded


def verified(city: City, on: date, **changes: object) -> City:
    verification = city.mail.verification.model_copy(
        update={"verified_at": on, "verified_by": "adm-1", "method": "phone"} | changes
    )
    return city.model_copy(update={"mail": city.mail.model_copy(update={"verification": verification})})


def test_reg_1_exactly_the_launch_cities_may_carry_a_letter_in_demo() -> None:
    usable = {
        city.city_id
        for city in REGISTRY.cities.values()
        if judge_record(REGISTRY, city, mode=Mode.DEMO, today=TODAY).usable
    }
    assert usable == USABLE_IN_DEMO


@each("city_id", sorted(REGISTRY.cities))
def test_reg_2_no_packaged_record_is_usable_live(city_id: str) -> None:
    judged = judge_record(REGISTRY, REGISTRY.cities[city_id], mode=Mode.LIVE, today=TODAY)
    assert "verification" in judged.missing
    assert judged.address is None


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"launch": "after_phone_check"}, "launch"),
        ({"closed": True}, "open"),
        ({"upl_blocked": True}, "upl"),
        ({"state": "TX"}, "upl"),
        ({"deadlines": ()}, "deadline_status"),
    ],
)
def test_reg_1_each_missing_condition_is_named(change: dict[str, object], missing: str) -> None:
    assert missing in judge_record(REGISTRY, SF.model_copy(update=change), mode=Mode.DEMO, today=TODAY).missing


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"policy": "unknown"}, "policy"),
        ({"status": "conflict"}, "policy_status"),
        ({"addresses": ()}, "address"),
        ({"addresses": (SF.mail.addresses[0].model_copy(update={"status": "confirm_by_phone"}),)}, "address_status"),
        ({"addresses": SF.mail.addresses * 2}, "address"),
    ],
)
def test_reg_1_mail_facts_must_be_confirmed_and_unique(change: dict[str, object], missing: str) -> None:
    city = SF.model_copy(update={"mail": SF.mail.model_copy(update=change)})
    assert missing in judge_record(REGISTRY, city, mode=Mode.DEMO, today=TODAY).missing


@pytest.mark.parametrize(("age", "usable"), [(0, True), (90, True), (91, False), (-1, False)])
def test_ac_25_verification_counts_for_ninety_days(age: int, usable: bool) -> None:
    city = verified(SF, TODAY - timedelta(days=age))
    assert judge_record(REGISTRY, city, mode=Mode.LIVE, today=TODAY).usable is usable


def test_ac_26_demo_accepts_an_outdated_verification() -> None:
    city = verified(SF, TODAY - timedelta(days=91))
    assert judge_record(REGISTRY, city, mode=Mode.DEMO, today=TODAY).usable


def test_reg_2_a_verification_names_who_and_how() -> None:
    city = verified(SF, TODAY, verified_by=None)
    assert not judge_record(REGISTRY, city, mode=Mode.LIVE, today=TODAY).usable


def test_reg_1_level_two_needs_its_own_address() -> None:
    sacramento = REGISTRY.cities["us-ca-sacramento"]
    at_two = judge_record(REGISTRY, sacramento, mode=Mode.DEMO, today=TODAY, level=2, planning="confirmed")
    assert at_two.address is not None
    assert at_two.address.purpose == "level2_request"
    assert "address" in judge_record(REGISTRY, SF, mode=Mode.DEMO, today=TODAY, level=2, planning="confirmed").missing


def test_reg_4_verification_leaves_the_version_and_an_address_changes_it() -> None:
    moved = SF.mail.addresses[0].model_copy(update={"address_line1": "12 South Van Ness Avenue"})
    changed = SF.model_copy(update={"mail": SF.mail.model_copy(update={"addresses": (moved,)})})
    assert verified(SF, TODAY).version == SF.version
    assert changed.version != SF.version
    assert changed.mailing_version != SF.mailing_version


def test_reg_4_a_note_changes_the_version_but_voids_no_approval() -> None:
    changed = SF.model_copy(update={"notes": ()})
    assert changed.version != SF.version
    assert changed.mailing_version == SF.mailing_version


def test_reg_4_layered_records_replace_packaged_ones() -> None:
    closed = SF.model_copy(update={"closed": True})
    layered = REGISTRY.with_records([closed])
    assert layered.cities[SF.city_id].closed
    assert not REGISTRY.cities[SF.city_id].closed
    assert len(layered.cities) == len(REGISTRY.cities)


def _set(path: str, value: object) -> Callable[[dict[str, object]], None]:
    def change(record: dict[str, object]) -> None:
        *parents, last = path.split(".")
        node: object = record
        for part in parents:
            node = node[int(part)] if isinstance(node, list) else node[part]  # type: ignore[index]
        node[last] = value  # type: ignore[index]

    return change


@each(
    ("path", "value"),
    [
        ("mail.status", "perhaps"),
        ("mail.policy", "carrier_pigeon"),
        ("launch", "soon"),
        ("timezone", "America/Atlantis"),
        ("citation_formats.0.regex", "^9(\\d{8}$"),
        ("mail.addresses.0.name", "N" * 41),
        ("mail.addresses.0.company", "C" * 41),
        ("mail.addresses.0.address_line1", "L" * 65),
        ("mail.addresses.0.zip", "9410"),
        ("mail.addresses.0.zip", "94103-12"),
        ("mail.addresses.0.state", "Cal"),
        ("mail.addresses.0.status", "conflict"),
        ("mail.addresses.0.status", "unconfirmed"),
        ("mail.addresses.0.status", "not_by_mail"),
        ("mail.addresses.0.address_line1", "1 South Van Ness Ave."),
        ("mail.addresses.0.address_line1", "PO Box 7426"),
        ("issuers_elsewhere.0.kind", "moon_base"),
        ("deadlines.0.role", "maybe"),
        ("surprise", 1),
    ],
)
def test_reg_6_the_importer_refuses(path: str, value: object) -> None:
    record = raw(SF)
    _set(path, value)(record)
    with pytest.raises(ValidationError):
        City.model_validate(record)


def test_reg_6_a_record_survives_its_own_form() -> None:
    for city in REGISTRY.cities.values():
        assert City.model_validate_json(city.model_dump_json()) == city


def test_reg_6_no_packaged_address_is_a_forbidden_one() -> None:
    for city in REGISTRY.cities.values():
        for address in city.mail.addresses:
            assert all(never.text.split(",")[0] != address.address_line1 for never in city.mail.never_mail_to)


def test_reg_7_a_closed_city_is_not_usable() -> None:
    assert judge_record(REGISTRY, SF.model_copy(update={"closed": True}), mode=Mode.DEMO, today=TODAY).missing == (
        "open",
    )


def test_reg_9_a_state_lends_its_clocks_and_no_address() -> None:
    rules = state_rules(REGISTRY, "CA")
    assert rules is not None
    assert not rules.mail_levels
    assert [clock.last_day for clock in running(rules, CaseDates(issued=date(2026, 11, 16)))] == [date(2026, 12, 7)]
    assert state_rules(REGISTRY, "NV") is None


@pytest.mark.shared
def test_packaged_facts_are_those_of_the_specification() -> None:
    if not SPEC.exists():
        pytest.skip("shared/domain/cities.json is not beside the checkout")
    told = json.loads(SPEC.read_text())
    assert {record["city_id"] for record in told["cities"]} == set(REGISTRY.cities)
    assert set(told["upl_blocked_states"]) == REGISTRY.states.upl_blocked_states
    for record in told["cities"]:
        city = REGISTRY.cities[record["city_id"]]
        assert (city.launch, city.upl_blocked, city.timezone, city.mail.policy, city.mail.status) == (
            record["launch"],
            record["upl_blocked"],
            record["timezone"],
            record["mail"]["policy"],
            record["mail"]["status"],
        )
        assert [_plain(rule) for rule in city.deadlines] == [
            _plain(DeadlineRule.model_validate(rule)) for rule in record["deadlines"]
        ]
        assert [_plain(address) for address in city.mail.addresses] == [
            _plain(AgencyAddress.model_validate(address)) for address in record["mail"]["addresses"]
        ]
        assert [(shape.regex, shape.strength) for shape in city.citation_formats] == [
            (shape["regex"], shape["strength"]) for shape in record["citation_formats"]
        ]
        assert [never.text for never in city.mail.never_mail_to] == [
            never["text"] for never in record["mail"]["never_mail_to"]
        ]


def _plain(fact: Stated) -> Stated:
    return fact.model_copy(update={"source": ""})


def test_city_rules_give_mail_days_only_where_a_letter_may_go() -> None:
    without = {city.city_id for city in REGISTRY.cities.values() if not city_rules(REGISTRY, city).mail_levels}
    assert "us-tx-austin" in without
    assert "us-co-denver" in without
    assert "us-ca-los_angeles" not in without
