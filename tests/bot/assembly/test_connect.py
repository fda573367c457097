"""Telling the vendors where our doors are: only when it changed, and undone when asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.assembly import connect
from bot.assembly.connect import COMMANDS, connect_telegram, connect_twilio, face_of, show_face, wanted_number
from tests.bot.assembly.town import Town, town

_LIMITS = {"description": 512, "short": 120}


async def _connect(here: Town) -> bool:
    return await connect_telegram(here.settings, here.app.registry.catalogue, here.app.database, here.app.writers)


async def test_tg_2_telegram_is_set_up_once_and_again_only_after_a_change(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        assert await _connect(here)
        assert not await _connect(here)
        here.settings = here.settings.model_copy(update={"telegram_webhook_secret": "another-long-secret-22"})
        assert await _connect(here)


async def test_tg_2_a_telegram_that_was_away_at_the_start_is_set_up_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "AGAIN_SECONDS", 0.01)
    async with town(tmp_path) as here:
        here.telegram.faults.add("status_before", "*", times=1, status=503)
        await show_face(here.settings, here.app.registry.catalogue, here.app.database, here.app.writers)
        assert not await _connect(here)


async def test_tg_2_a_token_that_telegram_does_not_know_is_not_asked_again(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        wrong = here.settings.model_copy(update={"telegram_bot_token": "1:unknown"})
        await show_face(wrong, here.app.registry.catalogue, here.app.database, here.app.writers)
        assert await _connect(here)


async def test_tg_2_operators_commands_are_listed_to_nobody(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        face = face_of(here.settings, here.app.registry.catalogue)
        listed = {name for group in face.commands for name, _ in group.commands}
        assert {"start", "menu", "human", "stop", "appeal", "receipts", "coach"} <= listed
        assert not listed & set(dict(COMMANDS)["quotes_enabled"]), "a service that is off lists nothing"
        assert not listed & set(here.app.registry.staff) - {"status"}
        assert {group.scope for group in face.commands} == {"default", "all_private_chats", "all_group_chats"}
        assert all(len(text) <= 512 for text in face.descriptions.values())
        assert all(len(text) <= 120 for text in face.short_descriptions.values())


async def test_twi_11_the_number_is_shown_before_and_after_and_undone(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        sid = here.twilio.numbers.by_number(here.settings.twilio_from)["sid"]  # type: ignore[index]
        here.twilio.numbers.shelf.patch(sid, {"sms_url": "https://old.example/sms"}, kind="number.changed")
        said: list[str] = []
        assert await connect_twilio(here.settings, say=said.append)
        number = here.twilio.numbers.find(sid)
        assert number["sms_url"] == wanted_number(here.settings)["sms_url"]
        assert number["sms_url"].endswith("/webhooks/twilio/sms#rc=5&rp=all")
        assert any("before" in line for line in said)
        assert any("after" in line for line in said)
        assert any("https://old.example/sms" in line for line in said)
        assert not await connect_twilio(here.settings)
        assert await connect_twilio(here.settings, undo=True)
        assert here.twilio.numbers.find(sid)["sms_url"] == "https://old.example/sms"
        assert not await connect_twilio(here.settings, undo=True)
