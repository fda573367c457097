"""LLM-7: both models are looked at, each by its own name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.assembly.doctor import examine
from bot.assembly.vendors import make_adapters
from bot.core.calls.workshop import AskModel, ReadText
from bot.core.clock import FixedClock
from bot.core.settings import Settings, read_settings

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ENDED = "claude-sonnet-4-20250514"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the environment file of the checkout out."""
    monkeypatch.chdir(tmp_path)


def some(tmp_path: Path, **more: object) -> Settings:
    return read_settings(parley_mode="demo", data_dir=tmp_path, **more)


@pytest.mark.parametrize(
    ("changes", "levels"),
    [
        ({}, {"model": "ok", "small model": "ok"}),
        ({"anthropic_small_model": ENDED}, {"model": "ok", "small model": "FAIL"}),
        ({"anthropic_model": ENDED}, {"model": "FAIL", "small model": "ok"}),
        ({"anthropic_api_key": ""}, {"model": "ok"}),
    ],
)
async def test_llm_7_a_model_that_ended_is_named(
    tmp_path: Path, changes: dict[str, str], levels: dict[str, str]
) -> None:
    settings = some(tmp_path, **{"anthropic_api_key": "sk-ant-x", **changes})
    found = [one async for one in examine(settings, FixedClock(NOW), offline=True)]
    assert {one.about: one.level for one in found if one.about.endswith("model")} == levels


def test_with_a_key_the_model_reads_photos_and_without_one_nobody_does(tmp_path: Path) -> None:
    for key, wanted in (("k", True), ("", False)):
        adapters = make_adapters(some(tmp_path, anthropic_api_key=key))
        assert any(ReadText in adapter.calls for adapter in adapters) is wanted
        assert any(AskModel in adapter.calls for adapter in adapters) is wanted
