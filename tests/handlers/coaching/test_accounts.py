"""USAGE for a person, and what staff read before they take over (LI-6, NG-6)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from bot.engine.staff import Member
from handlers import admin
from storage.coaching.model_calls import model_call
from storage.coaching.turns import turn
from storage.work import Work
from tests.handlers.coaching.later import world
from tests.handlers.coaching.later.world import coached, open_world, person_of, write
from tests.storage.coaching.kit import put

TODAY = date(2026, 3, 2)
COSTS = {TODAY: (8_900_000, 1), TODAY - timedelta(days=6): (51_250_500,), TODAY - timedelta(days=7): (999_999_999_999,)}


def register(registry: Registry) -> None:
    """Register the coach and the operators."""
    world.register(registry)
    admin.register(registry)


def book(work: Work, person_id: int) -> None:
    """Book turns and calls of some days."""
    for day, costs in COSTS.items():
        for number, nano in enumerate(costs):
            turn_id = work.new_id()
            at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            known: dict[str, Any] = {"utc_day": day, "at": at}
            state = "fallback" if number else "answered"
            put(work, turn, id=turn_id, person_id=person_id, project_id=None, operation=f"{day}{number}", day=day,
                state=state, counts=not number, settled_at=None if number else at, **known)  # fmt: skip
            put(work, model_call, person_hash=b"h" * 16, turn_id=turn_id, nano_usd=nano, input_tokens=100,
                cache_read_tokens=300, output_tokens=7, model="claude-sonnet-5-5", usage_known=True,
                outcome="refused" if number else "answered", **known)  # fmt: skip


@pytest.mark.parametrize("words", ["usage", "/usage", "My usage?"])
async def test_usage_tells_the_messages_of_the_local_day_and_when_the_count_begins_anew(
    tmp_path: Path, words: str
) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        person_id = await person_of(harness, ann)
        await write(harness, lambda work: book(work, person_id))
        (told,) = await ann.say(words)
        assert told.text.startswith("Coach messages today: 1 of 50. The count begins anew at 00:00 (EST).")


async def test_ng_6_staff_read_what_was_said_before_they_take_over(tmp_path: Path) -> None:
    async with Harness.open(register, tmp_path, FixedClock(world.MONDAY)) as harness:
        ann = await coached(harness, handle="7:1")
        await ann.say("decisions")
        person_id = await person_of(harness, ann)
        refused, *_ = await ann.say(f"/coachtalk {person_id}")
        assert "person (telegram)" not in refused.text
        found: list[str] = []

        def look(work: Work) -> None:
            from bot.core.events import Event
            from bot.engine.state import Conversation
            from bot.engine.turn import Turn

            event = Event("terminal", "k", "text", {"user": "eve"})
            taken = Turn(
                harness.registry, work, event, inbox_id=1, person=None, address=None, conversation=Conversation()
            )
            found.append(
                harness.registry.staff["coachtalk"].act(
                    taken, str(person_id), Member("terminal:eve", "owner", frozenset())
                )
            )

        await write(harness, look)
        assert "person (telegram): decisions" in found[0]
        assert "coach (telegram): " in found[0]
