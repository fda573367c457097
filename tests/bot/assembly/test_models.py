"""Models that may not be used stop the start, and those that end soon are named (C46, C47, MC-1)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.assembly.app import App
from bot.assembly.models import check_models, talk_settings
from bot.core.errors import Misconfigured
from bot.core.settings import Settings

TODAY = date(2026, 11, 20)
ENDED, ENDING = "claude-sonnet-4-20250514", "claude-sonnet-4-5"


def some(**values: Any) -> Settings:
    return Settings(_env_file=None, parley_mode="demo", anthropic_api_key="sk-ant-x", **values)


@pytest.mark.parametrize("name", ["anthropic_model", "anthropic_small_model", "coach_model", "coach_degraded_model"])
def test_c46_a_retired_model_is_refused_by_the_name_of_its_setting(name: str) -> None:
    with pytest.raises(Misconfigured, match=f"{name.upper()}: {ENDED} ended on 2026-06-15"):
        check_models(some(**{name: ENDED}), TODAY)


def test_c46_without_a_key_nothing_is_asked_and_nothing_refused() -> None:
    settings = some(anthropic_model=ENDED).model_copy(update={"anthropic_api_key": ""})
    assert check_models(settings, TODAY) == []


async def test_c46_the_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=ENDED):
        App.build(some(anthropic_model=ENDED, data_dir=tmp_path))


@pytest.mark.parametrize("name", ["anthropic_model", "coach_model", "coach_small_model", "coach_degraded_model"])
def test_c47_a_model_without_a_price_is_refused_while_the_coach_is_offered(name: str) -> None:
    with pytest.raises(Misconfigured, match=f"{name.upper()}: the price of claude-next-1 is not known"):
        check_models(some(**{name: "claude-next-1"}), TODAY)
    assert check_models(some(**{name: "claude-next-1"}, coaching_enabled=False), TODAY) == []


def test_mc_1_a_model_that_ends_within_sixty_days_is_named() -> None:
    prices = {"coach_model": "claude-sonnet-5-5"}
    assert check_models(some(anthropic_model=ENDING, **prices), TODAY) == [
        "ANTHROPIC_MODEL: claude-sonnet-4-5 ends on 2026-11-30"
    ]
    assert check_models(some(), TODAY) == []


def test_the_coachs_models_follow_the_general_ones_unless_they_are_set() -> None:
    told = talk_settings(some(anthropic_small_model="claude-opus-5-5", coach_degraded_model="claude-haiku-5-5"))
    assert (told.reply_model, told.small_model, told.degraded_model) == (
        "claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5",
    )  # fmt: skip
    assert told.has_model
    assert told.thresholds == (10 * 10**9, 40 * 10**9, 50 * 10**9)
