"""Which keys stop a start, and that every vendor may be a local server (VEN-9, VEN-13, TG-16)."""

from __future__ import annotations

from typing import Any

import pytest

from bot.assembly.vendors import check_needed, make_adapters
from bot.core.errors import Misconfigured
from bot.core.settings import Settings, read_settings

LIVE = {
    "parley_mode": "live", "public_url": "https://parley.example", "secret_keys": "k", "telegram_bot_token": "1:T",
    "twilio_account_sid": "AC1", "twilio_auth_token": "t", "twilio_from": "+15005550001",
    "stripe_secret_key": "sk_live_1", "stripe_webhook_secret": "whsec_1", "lob_api_key": "live_1",
    "lob_webhook_secret": "l",
}  # fmt: skip


def settings(**values: Any) -> Settings:
    return read_settings(_env_file=None, **values)


@pytest.mark.parametrize(
    ("mode", "name", "key", "stops"),
    [
        ("demo", "stripe_secret_key", "sk_live_1", True),
        ("demo", "stripe_secret_key", "rk_live_1", True),
        ("demo", "stripe_secret_key", "sk_test_1", False),
        ("demo", "lob_api_key", "live_1", True),
        ("demo", "lob_api_key", "test_1", False),
        ("live", "stripe_secret_key", "sk_test_1", True),
        ("live", "stripe_secret_key", "rk_test_1", True),
        ("live", "stripe_secret_key", "sk_live_1", False),
        ("live", "lob_api_key", "test_1", True),
        ("live", "lob_api_key", "live_1", False),
    ],
)
def test_ven_9_a_key_of_the_other_mode_stops_the_start_and_is_named(
    mode: str, name: str, key: str, stops: bool
) -> None:
    values = {"parley_mode": mode, "public_url": "https://parley.example", name: key}
    if not stops:
        assert getattr(settings(**values), name) == key
        return
    with pytest.raises(Misconfigured, match=name.upper()):
        settings(**values)


@pytest.mark.parametrize("name", sorted(set(LIVE) - {"parley_mode"}))
def test_a_missing_key_stops_a_live_start_by_its_name_and_names_the_switch(name: str) -> None:
    check_needed(settings(**LIVE))
    with pytest.raises(Misconfigured, match=name.upper()):
        check_needed(settings(**{**LIVE, name: ""}))


@pytest.mark.parametrize(
    ("switch", "names"),
    [
        ("telegram_enabled", ["telegram_bot_token"]),
        ("sms_enabled", ["twilio_account_sid", "twilio_auth_token", "twilio_from"]),
        ("appeals_enabled", ["stripe_secret_key", "stripe_webhook_secret", "lob_api_key", "lob_webhook_secret"]),
    ],
)
def test_a_service_that_is_off_needs_no_key(switch: str, names: list[str]) -> None:
    check_needed(settings(**{**LIVE, **dict.fromkeys(names, ""), switch: False}))


def test_ven_13_every_vendor_may_stand_at_a_local_server() -> None:
    bases = {
        "telegram_api_base": "http://127.0.0.1:1", "twilio_api_base": "http://127.0.0.1:2",
        "stripe_api_base": "http://127.0.0.1:3", "lob_api_base": "http://127.0.0.1:4/v1",
        "anthropic_base_url": "http://127.0.0.1:5", "speech_api_base": "http://127.0.0.1:6",
    }  # fmt: skip
    made = make_adapters(settings(**{**LIVE, **bases, "anthropic_api_key": "a", "speech_api_key": "s"}))
    seen = "\n".join(repr(_addresses(getattr(one, "adapter", one))) for one in made)
    for address in bases.values():
        assert address in seen
    assert "https://" not in seen.replace("https://parley.example", "")


def _addresses(thing: Any, depth: int = 3) -> list[str]:
    if isinstance(thing, str):
        return [thing] if thing.startswith("http") else []
    if depth == 0 or not hasattr(thing, "__dict__"):
        return []
    return [found for value in vars(thing).values() for found in _addresses(value, depth - 1)]


def test_a_plain_address_is_not_shown_to_people_in_live_mode() -> None:
    with pytest.raises(Misconfigured, match="PUBLIC_URL"):
        settings(**{**LIVE, "public_url": "http://parley.example"})


@pytest.mark.parametrize(
    ("name", "value"),
    [("sms_segments_per_second", 0), ("sms_segments_per_day", -1), ("sms_campaign", "huge"), ("port", "x")],
)
def test_a_senseless_setting_is_named(name: str, value: Any) -> None:
    with pytest.raises(Misconfigured, match=name.upper()):
        settings(parley_mode="demo", **{name: value})


BUSINESS = ("billing_enabled", "support_enabled", "campaigns_enabled", "quotes_enabled")


@pytest.mark.parametrize(("mode", "shown"), [("demo", True), ("live", False)])
def test_the_business_is_shown_in_demo_mode_and_waits_to_be_switched_on_live(mode: str, shown: bool) -> None:
    assert {getattr(settings(parley_mode=mode), name) for name in BUSINESS} == {shown}


@pytest.mark.parametrize("name", BUSINESS)
def test_what_is_set_wins_over_what_the_mode_shows(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert getattr(settings(parley_mode="demo", **{name: False}), name) is False
    monkeypatch.setenv(name.upper(), "false")
    assert getattr(settings(parley_mode="demo"), name) is False
    monkeypatch.setenv(name.upper(), "true")
    assert getattr(settings(parley_mode="live"), name) is True
