"""Long polling: the offset follows the commit, a second instance is reported, trouble is waited out (TG-11)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from integrations.telegram import ALLOWED_UPDATES, Poller, TelegramAdapter, TelegramUpdate
from tests.integrations.door import Door, Fault, open_door


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("telegram") as opened:
        yield opened


@pytest.fixture
async def telegram(door: Door) -> AsyncIterator[TelegramAdapter]:
    adapter = TelegramAdapter("1:T", base_url=door.url)
    yield adapter
    await adapter.close()


def updates(*numbers: int) -> dict[str, Any]:
    return {"ok": True, "result": [{"update_id": number, "poll": {}} for number in numbers]}


def offset(door: Door) -> int | None:
    found: int | None = json.loads(door.last["body"]).get("offset")
    return found


async def test_tg_11_the_offset_moves_only_after_the_commit(door: Door, telegram: TelegramAdapter) -> None:
    taken: list[int] = []
    refuse = {12}

    async def accept(update: TelegramUpdate) -> None:
        if update.update_id in refuse:
            raise RuntimeError("the commit failed")
        taken.append(update.update_id)

    poller = Poller(telegram, accept, wait_seconds=0, pause_seconds=0.5)
    door.answer(200, updates(11, 12, 13))
    assert await poller.round() == 0.5
    assert (taken, offset(door)) == ([11], None)
    refuse.clear()
    door.answer(200, updates(12, 13))
    assert await poller.round() == 0
    assert (taken, offset(door)) == ([11, 12, 13], 12)
    door.answer(200, updates())
    await poller.round()
    assert offset(door) == 14
    assert json.loads(door.last["body"])["allowed_updates"] == ALLOWED_UPDATES


async def test_tg_11_a_second_instance_is_reported_once(door: Door, telegram: TelegramAdapter) -> None:
    said: list[str] = []
    poller = Poller(telegram, _ignore, wait_seconds=0, pause_seconds=0.5, on_conflict=said.append)
    for _ in range(3):
        door.answer(409, {"ok": False, "error_code": 409, "description": "Conflict: terminated by other getUpdates"})
        assert await poller.round() == 0.5
    assert len(said) == 1
    assert "409" in said[0]
    door.answer(200, updates())
    await poller.round()
    door.answer(409, {"ok": False, "error_code": 409, "description": "Conflict"})
    await poller.round()
    assert len(said) == 2


async def test_trouble_is_waited_out(door: Door, telegram: TelegramAdapter) -> None:
    poller = Poller(telegram, _ignore, wait_seconds=0, pause_seconds=0.5)
    door.answer(429, {"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": 9}})
    door.answer(502, b"<html>")
    door.fail(Fault.CUT)
    door.answer(200, b"{}")
    assert [await poller.round() for _ in range(4)] == [9, 0.5, 0.5, 0.5]


async def test_an_update_of_a_wrong_shape_is_passed_by(door: Door, telegram: TelegramAdapter) -> None:
    poller = Poller(telegram, _ignore, wait_seconds=0)
    door.answer(200, {"ok": True, "result": [{"update_id": 5, "message": []}, "noise"]})
    await poller.round()
    door.answer(200, updates())
    await poller.round()
    assert offset(door) == 6


async def _ignore(update: TelegramUpdate) -> None:
    return None
