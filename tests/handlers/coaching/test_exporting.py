"""PLAN EXPORT is complete, and clashes with no other export (NG-6, C72)."""

from __future__ import annotations

import html
from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest

from bot.engine.harness import Harness
from bot.engine.phone import Phone
from storage import blobs
from storage.work import Work
from tests.handlers.coaching.later.world import coached, open_world, tick, write


async def file(harness: Harness, phone: Phone, name: str) -> bytes:
    """Return a file as it was sent."""
    (sent,) = [one for one in phone.messages if one.filename == name]
    found: list[bytes] = []

    def read(work: Work) -> None:
        row = work.row(blobs.blob.select().where(blobs.blob.c.id == sent.file))
        assert row is not None
        assert row.delete_after == work.now + timedelta(hours=24)
        found.append(work.seal.open(row.data))

    await write(harness, read)
    return found[0]


async def test_c72_the_export_holds_plan_history_events_and_the_whole_conversation(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, opens=date(2026, 4, 6), niche="cosy [games]")
        begun = len(ann.messages)
        await ann.say("I'll charge $29 a month because my fans asked for it")
        await ann.say("ok")
        await ann.say("actually $39 instead of $29 a month")
        await ann.say("ok")
        await tick(harness, ann, "1.1", day=date(2026, 3, 2))
        await ann.say("skip 3.5")
        said = [html.unescape(one.text) for one in ann.messages[begun:]]
        await ann.say("plan export")
        body = orjson.loads(await file(harness, ann, "plan.json"))
        (project,) = body["projects"]
        assert len(project["tasks"]) == 22
        states = {one["id"]: one["state"] for one in project["tasks"]}
        assert (states["1.1"], states["3.5"]) == ("done", "skipped")
        prices = [(one["value"], one["state"]) for one in project["decisions"] if one["category"] == "pricing"]
        assert prices == [("USD 2900/month", "superseded"), ("USD 3900/month", "current")]
        assert {(one["task"], one["kind"]) for one in project["events"]} == {("1.1", "done"), ("3.5", "skipped")}
        told = [one["text"] for one in project["transcript"] if one["who"] == "person"]
        assert "I'll charge $29 a month because my fans asked for it" in told
        assert [one["number"] for one in project["transcript"]] == list(range(1, len(project["transcript"]) + 1))
        assert any(one["text"].startswith("Save price") or "Price" in one["text"] for one in project["transcript"])
        assert body["profile"]["niche"] == "cosy [games]"
        told = [one["text"] for one in project["transcript"] if one["who"] == "coach"]
        assert [one for one in said if one.split("\n")[0] not in "\n".join(told)] == [], "all that the coach said"
        text = (await file(harness, ann, "plan.md")).decode()
        for part in (
            "# Your plan",
            "pricing: USD 2900/month (superseded)",
            "- [x] 1.1",
            "cosy \\[games\\]",
            "3.5 skipped",
        ):
            assert part in text


@pytest.mark.parametrize(
    "words", ["/export plan", "export my plan", "PLAN EXPORT.", "exportar mi plan", "download plan"]
)
async def test_ng_6_the_words_for_it(tmp_path: Path, words: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        await ann.say(words)
        assert [one.filename for one in ann.messages if one.filename] == ["plan.md", "plan.json"]


async def test_ng_6_by_sms_a_link_and_a_code(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, "sms", "+12125550123", zone=None)
        told = [one for one in await ann.say("plan export") if one.text]
        assert "/d/" in told[0].text
        assert told[1].purpose == "code"


async def test_ng_6_another_export_is_not_taken(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        await ann.say("export")
        assert [one.filename for one in ann.messages if one.filename] == []
        bob = harness.phone("telegram", "7:77")
        await bob.say("plan export")
        bob.expect("no plan to export")
