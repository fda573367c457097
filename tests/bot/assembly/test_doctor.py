"""The doctor finds what is wrong, says what to do, and prints no secret."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.assembly.app import App
from bot.assembly.backups import back_up
from bot.assembly.commands_operator import COMMANDS, doctor
from bot.assembly.doctor import Finding, _mailbox, examine, new_key
from bot.core.clock import FixedClock
from bot.core.seal import parse_keys
from bot.core.settings import Settings
from tests.bot.assembly.town import NOW, settings_for, town
from tests.integrations.imap_server import Mailbox, serve


async def _look(settings: Settings, *, later: timedelta = timedelta(), offline: bool = True) -> dict[str, Finding]:
    clock = FixedClock(NOW + later)
    return {finding.about: finding async for finding in examine(settings, clock, offline=offline)}


async def _made(folder: Path) -> Settings:
    settings = settings_for(folder)
    app = App.build(settings, clock=FixedClock(NOW))
    app.writers.start()
    await app.stop()
    back_up(settings, NOW)
    return settings


async def test_a_healthy_installation_has_nothing_to_mend(tmp_path: Path) -> None:
    found = await _look(await _made(tmp_path))
    assert {f.about for f in found.values() if f.level == "FAIL"} <= {"disk"}
    assert found["schema"].level == "ok"
    assert found["backup"].level == "ok"


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({"secret_keys": "not base64!"}, "SECRET_KEYS"),
        ({"secret_keys": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}, "SECRET_KEYS"),
        ({"parley_mode": "live", "telegram_webhook_secret": "changeme"}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"stripe_secret_key": "sk_live_x"}, "settings"),
        ({"parley_mode": "live"}, "settings"),
    ],
)
async def test_ops_5_unsafe_settings_fail_by_name(tmp_path: Path, change: dict[str, object], about: str) -> None:
    found = await _look(settings_for(tmp_path, **change))
    assert found[about].level == "FAIL"


@pytest.mark.parametrize(("password", "level"), [("app-pass", "ok"), ("wrong", "FAIL")])
async def test_the_mailbox_of_all_addresses_is_opened(tmp_path: Path, password: str, level: str) -> None:
    box = Mailbox()
    box.add(b"Subject: x\r\n\r\nx\r\n")
    with serve(box) as port:
        settings = settings_for(tmp_path, imap_url=f"imap://all:{password}@127.0.0.1:{port}/INBOX")
        finding = await _mailbox(settings)
    assert finding.level == level
    assert password not in finding.text
    assert box.seen == set()


async def test_an_old_backup_fails(tmp_path: Path) -> None:
    settings = await _made(tmp_path)
    assert (await _look(settings, later=timedelta(hours=27)))["backup"].level == "FAIL"


async def test_an_old_schema_fails_and_names_the_command(tmp_path: Path) -> None:
    settings = await _made(tmp_path)
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
        connection.commit()
    found = (await _look(settings))["schema"]
    assert found.level == "FAIL"
    assert "migrate" in found.text


@pytest.mark.parametrize(("model", "level"), [("claude-sonnet-5-5", "ok"), ("claude-sonnet-4-20250514", "FAIL")])
async def test_llm_7_a_model_that_ended_fails(tmp_path: Path, model: str, level: str) -> None:
    found = await _look(settings_for(tmp_path, anthropic_api_key="sk-ant-x", anthropic_model=model))
    assert found["model"].level == level


async def test_vendors_are_reached_and_telegrams_drift_is_named(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await here.telegram.stop()
        found = await _look(here.settings, offline=False)
        assert found["telegram"].level == "FAIL"
        assert found["twilio"].level == found["stripe"].level == found["lob"].level == "ok"
        await here.telegram.start()


async def test_tg_2_what_differs_at_telegram_is_named(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        found = await _look(here.settings, offline=False)
        assert "commands default/any" in found["telegram set-up"].text


async def test_no_secret_is_printed(tmp_path: Path) -> None:
    settings = await _made(tmp_path)
    text = "\n".join(str(finding) for finding in (await _look(settings)).values())
    for name in ("secret_keys", "twilio_auth_token", "stripe_webhook_secret", "telegram_bot_token"):
        assert getattr(settings, name) not in text


def test_a_new_key_is_a_key() -> None:
    assert len(parse_keys(new_key())) == 1
    assert new_key() != new_key()


def test_the_exit_code_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARLEY_MODE", "live")
    result = CliRunner().invoke(doctor, ["--offline"])
    assert result.exit_code == 1
    assert "FAIL" in result.output


def test_the_commands_have_help() -> None:
    for command in COMMANDS:
        assert CliRunner().invoke(command, ["--help"]).exit_code == 0
        assert command.help


async def test_perf_2_every_statement_is_explained_and_readers_do_not_wait(tmp_path: Path) -> None:
    found = await _look(await _made(tmp_path))
    assert "none scans a table" in found["statements"].text
    assert found["indexes"].level == "ok"
    assert "4 readers" in found["connections"].text
    assert "uq_" not in found["indexes that no plan names"].text


async def test_perf_2_a_missing_index_and_the_scan_that_it_causes_are_named(tmp_path: Path) -> None:
    settings = await _made(tmp_path)
    with closing(sqlite3.connect(tmp_path / "parley.db")) as connection:
        connection.execute("DROP INDEX ix_inbox_waiting")
    found = await _look(settings)
    assert found["indexes"].level == found["statements"].level == "FAIL"
    assert "missing: ix_inbox_waiting;" in found["indexes"].text
    assert "snapshot by address (inbox" in found["statements"].text
