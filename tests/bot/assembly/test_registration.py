"""What is told to carriers comes from the texts that people get (rule SMS-29)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.assembly.commands_operator import registration
from bot.assembly.registration import material
from bot.assembly.services import register_services
from bot.core.settings import Settings
from bot.core.sms import size
from bot.engine.registry import Registry
from tests.rows import each
from tests.simulation.services import everything

SERVICES = {
    "all": Settings(),
    "both": Settings(coaching_enabled=False),
    "letters": Settings(receipts_enabled=False, coaching_enabled=False),
    "receipts": Settings(appeals_enabled=False, coaching_enabled=False),
    "coach": Settings(appeals_enabled=False, receipts_enabled=False),
    "letters and coach": Settings(receipts_enabled=False),
    "receipts and coach": Settings(appeals_enabled=False),
}


@pytest.fixture
def told() -> dict[str, str]:
    registry = Registry()
    everything(registry)
    return dict(material(registry, "https://parley.example/"))


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


@each("name, known, unknown", [
    ("all", ("letter", "receipts", "coach"), ()),
    ("both", ("letter", "receipts"), ("coach",)),
    ("letters", ("letter",), ("receipt", "coach")),
    ("receipts", ("receipts",), ("letter", "law firm", "ticket", "coach")),
    ("coach", ("coach",), ("letter", "receipt", "law firm")),
    ("letters and coach", ("letter", "coach"), ("receipt",)),
    ("receipts and coach", ("receipts", "coach"), ("letter", "law firm")),
])  # fmt: skip
def test_sms_10_12_29_what_is_switched_on_is_what_is_named_in_one_segment(
    name: str, known: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    registry = Registry()
    register_services(registry, SERVICES[name])
    asked = dict(material(registry, "https://parley.example"))
    for question in ("First message", "HELP reply", "Use case"):
        said = asked[question].lower().replace("check-ins", "")
        said = f"{said} coach" if question == "Use case" and "project" in said else said
        assert all(word in said for word in known), said
        assert not any(word in said for word in unknown), said
        if question != "Use case":
            assert size(asked[question]).segments == 1
            assert size(asked[question]).encoding == "GSM-7"
            assert said.startswith("parley: ")
            assert "msg & data rates may apply" in said
            assert "stop" in said
    assert size(asked["Opt-in confirmation"]).segments == 1
