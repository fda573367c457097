"""What is told to carriers comes from the texts that people get (rule SMS-29)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.assembly.commands_operator import registration
from bot.assembly.registration import material
from bot.engine.registry import Registry
from tests.simulation.services import everything


@pytest.fixture
def told() -> dict[str, str]:
    registry = Registry()
    everything(registry)
    return dict(material(registry.catalogue, "https://parley.example/"))


def test_sms_29_everything_that_is_asked_has_its_answer(told: dict[str, str]) -> None:
    assert list(told) == [
        "Brand", "Use case", "Opt-in", "Sample message 1", "Sample message 2", "First message", "Opt-in confirmation",
        "HELP reply", "STOP reply", "START reply", "Privacy and terms", "Messages a month", "Links",
    ]  # fmt: skip
    assert told["STOP reply"] == (
        "Parley: you are opted out and will get no more texts from this number. Reply START to come back."
    )
    assert told["Privacy and terms"] == "https://parley.example/about"
    assert all(told[f"Sample message {n}"].startswith("Parley: ") for n in (1, 2))


def test_sms_29_the_service_prepares_and_mails_letters_and_settles_no_debt(told: dict[str, str]) -> None:
    text = " ".join(told.values()).lower()
    assert "letter" in told["Use case"]
    assert not re.findall(r"\b(settle|reduc\w+|debt|consolidat\w+|fight|beat|lower your)\b", text)


def test_sms_29_one_command_prints_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARLEY_MODE", "demo")
    ended = CliRunner().invoke(registration)
    assert ended.exit_code == 0, ended.output
    assert "Opt-in confirmation:\n  Parley: you are signed up" in ended.output
