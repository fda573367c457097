"""/find: by whole numbers of any kind, and by words among the newest sealed texts, alike on every database."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.assembly.services import register_services
from bot.core.clock import FixedClock
from bot.core.settings import Settings
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers.admin import finding
from storage import person_notes
from storage.support import notes
from storage.support.tickets import ticket
from tests.databases import prepared_database
from tests.handlers.admin.desk import NOW, Desk, ann, told
from tests.handlers.people.world import NUMBER

STAFF = Member("operator:ann", "support", frozenset({"person.find"}))
ASKS: dict[str, list[str]] = {}
ALL = ("broken meter", "BROKEN", "café closed", "meter refund", "met", "friendly caller", "T-1001", NUMBER, "A-23456")


def register(registry: Registry) -> None:
    """Register everything, and `look`, which takes notes and asks all questions."""
    register_services(
        registry, Settings(_env_file=None, parley_mode="demo", billing_enabled=True, support_enabled=True)
    )
    registry.introduces = False

    def look(turn: Turn, text: str) -> bool:
        if text == "zznote":
            (row,) = turn.work.rows(ticket.select())
            notes.add(turn.work, row.person_id, row.id, actor="operator:ann", remark="wants a refund for the meter")
            person_notes.add(turn.work, row.person_id, actor="operator:ann", remark="a friendly caller")
        elif text == "zzlook":
            ASKS.update({one: finding.find(turn, one, STAFF).splitlines() for one in ALL})
        return text in ("zznote", "zzlook")

    registry.words.setdefault("text", []).insert(0, look)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_or_5_find_gives_the_same_answers_on_every_database(tmp_path: Path, kind: str) -> None:
    ASKS.clear()
    with prepared_database(kind, tmp_path) as url:
        async with Harness.open(register, url, FixedClock(NOW)) as harness:
            dana = harness.phone("sms", NUMBER)
            for words in ("hello", "agent", "The Broken Meter on Mission St, and the CAFÉ closed"):
                await dana.say(words)
            for words in ("zznote", "zzlook"):
                await harness.phone("sms", "+14155550199").say(words)
    told_of = {ask: [line.split(", ", 1)[-1].split(":")[0] for line in lines] for ask, lines in ASKS.items()}
    assert told_of["broken meter"] == told_of["BROKEN"] == ["subject", "message"]
    assert told_of["café closed"] == ["subject", "message"]
    assert told_of["meter refund"] == ["note"]
    assert told_of["friendly caller"] == ["person note"]
    assert [line.split()[0] for line in ASKS["meter refund"]] == ["T-1001"]
    assert "Nothing of that number" in ASKS["met"][0]
    assert "Nothing of that number" in ASKS["A-23456"][0]
    assert ASKS["T-1001"] == ASKS[NUMBER]
    assert NUMBER not in ASKS[NUMBER][0]


async def test_find_is_of_class_1_and_for_who_may_find_persons(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        for words in (f"/login {desk.fresh()}", "/lock"):
            await ann(desk).say(words)
        assert "Log in first" in await told(ann(desk), "/find broken meter")
        fay = await desk.member("fay", "5003", "marketing")
        assert "role" in await told(fay, "/find broken meter")
        await ann(desk).say(f"/login {desk.fresh()}")
        assert "person " in await told(ann(desk), "/find 5001")
        assert "Use /find" in await told(ann(desk), "/find x")
        assert "operator:ann find" in await desk.acts()
