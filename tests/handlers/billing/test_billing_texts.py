"""Billing's texts on SMS, and the switch that turns billing on (chat rules, A13)."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from bot.assembly.services import register_services
from bot.core.errors import Misconfigured
from bot.core.settings import Settings
from bot.core.sms import encoding_of
from bot.engine.registry import Registry
from bot.engine.rights import Unlimited
from handlers.billing.catalogue import FILE, catalogue
from handlers.billing.rights import BillingRights

TEXTS: dict[str, str] = {
    key: text
    for file in sorted(Path(str(resources.files("handlers.billing"))).glob("**/texts/en.toml"))
    for key, text in tomllib.loads(file.read_text("utf-8")).items()
}


def test_every_text_is_plain_and_short_by_sms() -> None:
    assert [key for key, text in TEXTS.items() if encoding_of(text) != "GSM-7" or len(text) > 160] == []


def test_every_feature_and_plan_has_its_words() -> None:
    assert {f"billing.what.{key}" for key in catalogue().features} == {
        k for k in TEXTS if k.startswith("billing.what.")
    }
    assert {f"billing.plan.{key}" for key in catalogue().newest} == {k for k in TEXTS if k.startswith("billing.plan.")}


def test_without_the_setting_nothing_has_a_limit_and_with_it_billing_answers() -> None:
    off, on = Registry(), Registry()
    register_services(off, Settings(parley_mode="demo"))
    assert isinstance(off.rights, Unlimited)
    register_services(on, Settings(parley_mode="demo", billing_enabled=True))
    assert isinstance(on.rights, BillingRights)


def test_a13_a_broken_catalogue_of_an_operator_stops_the_start(tmp_path: Path) -> None:
    mine = tmp_path / "plans.toml"
    settings = Settings(parley_mode="demo", billing_enabled=True, billing_catalogue=str(mine))
    with pytest.raises(Misconfigured, match=r"plans\.toml"):
        register_services(Registry(), settings, at_once=False)
    mine.write_text(FILE.read_text("utf-8").replace('"data.api" = true', '"data.apy" = true'), "utf-8")
    with pytest.raises(Misconfigured, match=r"data\.apy"):
        register_services(Registry(), settings, at_once=False)
    register_services(Registry(), settings.model_copy(update={"billing_enabled": False}), at_once=False)
