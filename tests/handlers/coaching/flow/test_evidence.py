"""Photos that show a task was done stay with the task, on both channels (TK-1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.engine.harness import Harness
from storage.blobs import blob
from storage.coaching.tasks import event, task
from tests.handlers.coaching.flow.world import begun, open_world, rows, said, screens

JPEG = b"\xff\xd8\xff a photo"


async def _photos(harness: Harness) -> list[int]:
    return [row.evidence for row in await rows(harness, event) if row.evidence is not None]


@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_tk_1_a_photo_with_done_ticks_the_task_and_stays_with_it(tmp_path: Path, channel: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, channel)
        told = " ".join(screens(await ann.photo(JPEG, caption="Done 1.3!")))
        assert "Task 1.3 done." in told
        assert "Photo kept with task 1.3." in told
        assert [row.state for row in await rows(harness, task) if row.task_id == "1.3"] == ["done"]
        (kept,) = await _photos(harness)
        assert "Photo kept with task 1.3." in " ".join(screens(await ann.photo(JPEG, JPEG, caption="proof for 1.3")))
        assert len(await _photos(harness)) == 3
        assert [row.kind for row in await rows(harness, event)].count("done") == 1
        shown = await ann.say("task 1.3")
        assert "/d/" in shown[-1].text if channel == "sms" else kept in [message.file for message in shown]
        assert "Task 1.3 is open again" in " ".join(screens(await ann.say("undo")))
        assert len(await _photos(harness)) == 3, "history stays"


async def test_tk_1_a_photo_without_a_task_of_the_plan_is_none_of_the_coachs(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "telegram")
        await ann.photo(JPEG, caption="lunch 12.50")
        await ann.photo(JPEG)
        assert "9.9" in " ".join(screens(await ann.photo(JPEG, caption="done 9.9")))
        assert await _photos(harness) == []


async def test_pj_3_photos_go_with_the_project(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "telegram")
        await ann.photo(JPEG, caption="done 1.3")
        (kept,) = await _photos(harness)
        assert [row.id for row in await rows(harness, blob)] == [kept]
        await said(ann, "delete project")
        await ann.say("delete")
        assert await rows(harness, event) == []
        assert await rows(harness, blob) == []
