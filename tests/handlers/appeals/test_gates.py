"""The gates G1 to G15 (section 1.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.appeals.city import City
from handlers.appeals.clocks import CaseDates, city_rules
from handlers.appeals.deadlines import MailClass, Plan, plan
from handlers.appeals.gates import Facts, ReturnAddress, final_refusal, first_refusal, free_routes, may_sign
from handlers.appeals.numbers import NumberStatus
from handlers.appeals.registry import packaged_registry
from handlers.appeals.usability import Mode

REGISTRY = packaged_registry()
SF = REGISTRY.cities["us-ca-san_francisco"]
ATLANTA = REGISTRY.cities["us-ga-atlanta"]
VEGAS = REGISTRY.cities["us-nv-las_vegas"]
DC = REGISTRY.cities["us-dc-washington"]
TODAY = date(2026, 11, 18)


def planned(
    city: City,
    at: str = "2026-11-18T10:00",
    issued: date = date(2026, 11, 16),
    notice_mailed: date | None = None,
) -> Plan:
    now = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(city.timezone))
    return plan(city_rules(REGISTRY, city), CaseDates(issued=issued, notice_mailed=notice_mailed), now=now)


def complete(city: City = SF) -> Facts:
    """Return the facts of a case that passes every gate."""
    return Facts(
        registry=REGISTRY,
        mode=Mode.DEMO,
        today=TODAY,
        city_named=True,
        city=city,
        agency_elsewhere=False,
        violation_class="meter",
        situation="none",
        plan=planned(city),
        mail_class=MailClass.STANDARD,
        uploaded=frozenset(),
        signer="owner",
        number_status=NumberStatus.OK,
        return_address=ReturnAddress(),
    )


def verdict(facts: Facts) -> tuple[str, str] | None:
    refusal = final_refusal(facts)
    assert refusal is None or refusal.reason == "incomplete" or first_refusal(facts) == refusal
    return (refusal.gate, refusal.reason) if refusal else None


def test_a_complete_case_passes_every_gate() -> None:
    assert verdict(complete()) is None


@pytest.mark.parametrize("city_id", ["us-co-denver", "us-or-portland", "us-ut-salt_lake_city", "us-md-baltimore"])
def test_g6_ac_18_ac_19_a_city_without_letters_is_refused_with_its_routes(city_id: str) -> None:
    refusal = first_refusal(complete(REGISTRY.cities[city_id]))
    assert refusal is not None
    assert (refusal.gate, refusal.reason) == ("G6", "no_letter_route")
    assert refusal.routes


@pytest.mark.parametrize(
    "city_id", ["us-tx-austin", "us-tx-houston", "us-tx-dallas", "us-nc-charlotte", "us-wa-seattle"]
)
def test_g2_ac_21_blocked_states_sell_nothing(city_id: str) -> None:
    assert verdict(complete(REGISTRY.cities[city_id])) == ("G2", "upl_blocked")


@pytest.mark.parametrize("mode", list(Mode))
def test_g7_ac_20_los_angeles_is_not_usable(mode: Mode) -> None:
    los_angeles = REGISTRY.cities["us-ca-los_angeles"]
    assert verdict(replace(complete(los_angeles), mode=mode)) == ("G7", "record_not_usable")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"city": None}, ("G1", "unknown_city"), id="G1"),
        pytest.param({"agency_elsewhere": True}, ("G3", "wrong_agency"), id="G3-AC-15"),
        pytest.param({"violation_class": "camera"}, ("G4", "not_parking"), id="G4-AC-10"),
        pytest.param({"violation_class": "private"}, ("G4", "not_parking"), id="G4-private"),
        pytest.param({"situation": "already_paid"}, ("G5", "already_paid"), id="G5-AC-43"),
        pytest.param({"situation": "towed"}, ("G5", "needs_in_person"), id="G5-towed"),
        pytest.param({"situation": "judgment"}, ("G5", "needs_in_person"), id="G5-judgment"),
        pytest.param({"mode": Mode.LIVE}, ("G7", "record_not_usable"), id="G7-AC-25"),
        pytest.param({"plan": planned(SF, "2026-12-08T00:00")}, ("G9", "past_deadline"), id="G9-AC-31"),
        pytest.param({"plan": planned(SF, "2026-12-07T23:59")}, ("G10", "too_late_for_mail"), id="G10-AC-39"),
        pytest.param({"plan": planned(SF, "2026-11-25T17:00")}, ("G10", "too_late_for_mail"), id="G10-AC-41"),
        pytest.param({"signer": "driver"}, ("G12", "signer_not_allowed"), id="G12"),
        pytest.param({"signer": "company"}, ("G12", "signer_not_allowed"), id="G12-company"),
        pytest.param({"number_status": NumberStatus.REJECTED}, ("G13", "number_rejected"), id="G13-AC-12"),
        pytest.param({"return_address": ReturnAddress("CA")}, ("G14", "return_address"), id="G14-AC-55"),
        pytest.param({"return_address": ReturnAddress("US", 2)}, ("G14", "return_address"), id="G14"),
        pytest.param({"mail_paused": True}, ("G15", "mail_paused"), id="G15"),
    ],
)
def test_gates_refuse(change: dict[str, object], expected: tuple[str, str]) -> None:
    assert verdict(replace(complete(), **change)) == expected  # type: ignore[arg-type]


def test_g8_no_issue_date() -> None:
    now = datetime(2026, 11, 18, 10, tzinfo=SF.zone)
    without = plan(city_rules(REGISTRY, SF), CaseDates(), now=now)
    assert verdict(replace(complete(), plan=without)) == ("G8", "deadline_unknown")


def test_g9_a_late_notice_without_its_date_is_asked_before_the_case_is_refused() -> None:
    late = replace(complete(), plan=planned(SF, "2026-12-09T10:00"), situation="late_notice")
    assert first_refusal(late) is None
    final = final_refusal(late)
    assert final is not None
    assert (final.gate, final.reason, final.detail) == ("G9", "incomplete", ("notice_date",))


def test_g9_ac_37_an_open_notice_clock_keeps_the_case_open() -> None:
    notice = planned(SF, "2026-12-09T10:00", notice_mailed=date(2026, 12, 7))
    assert verdict(replace(complete(), plan=notice, situation="late_notice")) is None


def test_g10_ac_40_the_class_decides_where_a_postmark_counts() -> None:
    diego = REGISTRY.cities["us-ca-san_diego"]
    confirmed = tuple(address.model_copy(update={"status": "confirmed"}) for address in diego.mail.addresses)
    mail = diego.mail.model_copy(update={"status": "confirmed", "addresses": confirmed})
    usable = diego.model_copy(update={"launch": "first", "mail": mail})
    facts = replace(complete(usable), plan=planned(usable, "2026-11-19T10:00", issued=date(2026, 11, 9)))
    assert verdict(replace(facts, mail_class=None)) is None
    assert verdict(replace(facts, mail_class=MailClass.CERTIFIED)) is None
    assert verdict(replace(facts, mail_class=MailClass.STANDARD)) == ("G10", "too_late_for_mail")


def test_st_12_send_anyway_waives_the_mail_by_check_only() -> None:
    late = replace(complete(), plan=planned(SF, "2026-12-07T10:00"), waives_mail_by=True)
    assert verdict(late) is None
    assert verdict(replace(late, plan=planned(SF, "2026-12-08T10:00"))) == ("G9", "past_deadline")
    assert verdict(replace(late, mail_paused=True)) == ("G15", "mail_paused")


def test_g11_ac_22_atlanta_wants_its_form_and_the_ticket() -> None:
    refusal = final_refusal(replace(complete(ATLANTA), plan=planned(ATLANTA, "2026-11-16T10:00")))
    assert refusal is not None
    assert (refusal.gate, refusal.reason, refusal.detail) == ("G11", "enclosure_missing", ("atl-form", "atl-ticket"))
    both = frozenset({"atl-form", "atl-ticket"})
    assert verdict(replace(complete(ATLANTA), plan=planned(ATLANTA, "2026-11-16T10:00"), uploaded=both)) is None


def test_g12_ac_23_las_vegas_wants_an_authorization_from_others() -> None:
    papers = frozenset({"lv-form", "lv-id"})
    other = replace(complete(VEGAS), uploaded=papers, signer="other")
    assert verdict(other) == ("G12", "signer_not_allowed")
    assert verdict(replace(other, uploaded=papers | {"lv-authorization"})) is None


def test_g12_ac_24_washington_takes_the_registered_owner_only() -> None:
    assert verdict(replace(complete(DC), signer="driver")) == ("G12", "signer_not_allowed")
    assert verdict(complete(DC)) is None


def test_g12_a_signer_rule_that_is_not_confirmed_means_the_owner() -> None:
    philadelphia = REGISTRY.cities["us-pa-philadelphia"]
    assert not may_sign(philadelphia, "driver", frozenset())
    confirmed = philadelphia.signer.model_copy(update={"status": "confirmed"})
    assert may_sign(philadelphia.model_copy(update={"signer": confirmed}), "driver", frozenset())


def test_g12_a_handwritten_signature_needs_its_photo() -> None:
    city = SF.model_copy(update={"handwritten_signature": True})
    assert verdict(complete(city)) == ("G12", "signer_not_allowed")
    assert verdict(replace(complete(city), signature_photo=True)) is None


def test_g14_a_confirmed_undeliverable_address_goes_by_standard_mail_only() -> None:
    address = ReturnAddress("US", 2, confirmed_by_user=True)
    assert verdict(replace(complete(), return_address=address)) is None
    certified = replace(complete(), return_address=address, mail_class=MailClass.CERTIFIED)
    assert verdict(certified) == ("G14", "return_address")


@pytest.mark.parametrize(
    "slot",
    ["agency_elsewhere", "violation_class", "situation", "plan", "signer", "number_status", "return_address"],
)
def test_an_empty_slot_is_not_judged_while_asking_and_refuses_at_the_end(slot: str) -> None:
    facts = replace(complete(), **{slot: None})  # type: ignore[arg-type]
    assert first_refusal(facts) is None
    final = final_refusal(facts)
    assert final is not None
    assert final.reason == "incomplete"


def test_nothing_is_judged_before_the_city_is_named() -> None:
    empty = Facts(registry=REGISTRY, mode=Mode.DEMO, today=TODAY, city_named=False)
    assert first_refusal(empty) is None
    assert final_refusal(empty) is not None


def test_the_first_gate_in_order_decides() -> None:
    facts = replace(complete(), agency_elsewhere=True, violation_class="camera", mail_paused=True)
    assert verdict(facts) == ("G3", "wrong_agency")


def test_reg_7_a_closed_city_makes_no_new_links() -> None:
    assert verdict(complete(SF.model_copy(update={"closed": True}))) == ("G7", "record_not_usable")


def test_ac_25_live_mode_ends_with_the_ninetieth_day() -> None:
    for age, expected in ((90, None), (91, ("G7", "record_not_usable"))):
        checked = {"verified_at": TODAY - timedelta(days=age), "verified_by": "adm-1", "method": "phone"}
        verification = SF.mail.verification.model_copy(update=checked)
        city = SF.model_copy(update={"mail": SF.mail.model_copy(update={"verification": verification})})
        assert verdict(replace(complete(city), mode=Mode.LIVE)) == expected


def test_free_routes_put_the_confirmed_ones_first() -> None:
    assert free_routes(SF)[0].kind == "online"
    assert free_routes(None) == ()
