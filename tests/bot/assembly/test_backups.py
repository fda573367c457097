"""`backup` and `restore`: what comes back, and how careful it comes back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.assembly.app import App
from bot.assembly.backups import back_up, restore
from bot.core.clock import FixedClock
from bot.core.errors import Misconfigured, Permanent
from bot.core.events import Event
from storage.switches import all_switches, turn_switch
from tests.bot.assembly.town import NOW, settings_for


async def _served(folder: Path, *texts: str) -> None:
    """Start an app, let it take messages, stop it."""
    app = App.build(settings_for(folder), clock=FixedClock(NOW))
    app.writers.start()
    for text in texts:
        event = Event("sms", text, "text", {"text": text}, channel="sms", handle="+14155550123")
        await app.writers.run(app.dispatcher.intake(event))
    await app.writers.run(lambda work: turn_switch(work, "twilio.inbound.seen", NOW.isoformat(), actor="t"))
    await app.stop()


def _events(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "parley.db")) as connection:
        return [row[0] for row in connection.execute("SELECT key FROM inbox WHERE source = 'sms' ORDER BY id")]


async def test_a_restored_copy_serves_again_with_mail_paused(tmp_path: Path) -> None:
    await _served(tmp_path, "one")
    copy = back_up(settings_for(tmp_path), NOW)
    await _served(tmp_path, "two")
    kept = restore(settings_for(tmp_path), copy, NOW + timedelta(hours=1))
    assert kept is not None
    assert _count(kept) == 2
    assert _events(tmp_path) == ["one"]
    app = App.build(settings_for(tmp_path), clock=FixedClock(NOW))
    app.writers.start()
    switches = await app.database.read(all_switches)
    await app.stop()
    assert switches["pause_all_mail"] == "on"
    assert "twilio.inbound.seen" not in switches


def _count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM inbox WHERE source = 'sms'").fetchone()[0])


async def test_restore_waits_for_no_server_and_says_so(tmp_path: Path) -> None:
    await _served(tmp_path, "one")
    copy = back_up(settings_for(tmp_path), NOW)
    app = App.build(settings_for(tmp_path), clock=FixedClock(NOW))
    app.writers.start()
    with pytest.raises(Misconfigured, match="stop it first"):
        restore(settings_for(tmp_path), copy, NOW)
    await app.stop()


async def test_a_damaged_copy_replaces_nothing(tmp_path: Path) -> None:
    await _served(tmp_path, "one")
    copy = back_up(settings_for(tmp_path), NOW)
    _damage(copy)
    with pytest.raises(Permanent):
        restore(settings_for(tmp_path), copy, NOW)
    assert _events(tmp_path) == ["one"]


def _damage(copy: Path) -> None:
    data = bytearray(copy.read_bytes())
    data[4096 * 3 : 4096 * 6] = b"\xff" * (4096 * 3)
    copy.write_bytes(data)


async def test_a_copy_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    await _served(tmp_path, "one")
    copy = back_up(settings_for(tmp_path), NOW)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(Permanent, match="newer"):
        restore(settings_for(tmp_path), copy, NOW)
