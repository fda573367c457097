"""USAGE for a person, and the account of operators: exact sums, whole days, persons by hash (LI-6, C52)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from handlers import admin
from handlers.coaching.accounts import share, usd
from storage import operators
from storage.coaching.model_calls import model_call
from storage.coaching.turns import turn
from storage.work import Work
from tests.handlers.admin.desk import SECRET
from tests.handlers.coaching.later import world
from tests.handlers.coaching.later.world import coached, open_world, person_of, write
from tests.rows import each
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


async def test_c52_the_account_of_seven_days_leaves_the_eighth_out_and_sums_to_the_nano(tmp_path: Path) -> None:
    async with Harness.open(register, tmp_path, FixedClock(world.MONDAY)) as harness:
        ann = await coached(harness, handle="7:1")
        person_id = await person_of(harness, ann)
        await write(harness, lambda work: book(work, person_id))
        await write(
            harness,
            lambda work: operators.enroll(
                work, name="eve", role="owner", state="invited", secret=SECRET, telegram="5001",
                invited_until=work.now + timedelta(days=1),
            ),
        )  # fmt: skip
        eve = harness.phone("telegram", "7:5001")
        await eve.say("hello")
        await eve.say(f"/login {code(harness)}")
        (told,) = await eve.say("/coachusage 7")
        lines = told.text.splitlines()
        assert lines[0] == "Feb 24 - Mar 02 UTC: 3 turns of 1 persons, 1 in short (33.3 %)"
        assert lines[1].startswith("cost $0.060150501, mean $0.020050167 a turn")
        assert "tokens: in 300, out 21, cache read 900" in told.text
        assert "cache hits: 75.0 % of the prompt" in told.text
        assert "refusals: 1" in told.text
        assert "reservations not settled: 1" in told.text
        assert "2026-03-02 claude-sonnet-5-5: 2 calls, $0.008900001" in lines
        assert "2026-02-24 claude-sonnet-5-5: 1 calls, $0.0512505" in lines
        assert not [line for line in lines if "2026-02-23" in line]
        assert f"top 1: {(b'h' * 16).hex()[:12]} $0.060150501" in lines
        assert str(person_id) not in told.text
        (wider,) = await eve.say("/coachusage 8")
        assert "2026-02-23 claude-sonnet-5-5: 1 calls, $999.999999999" in wider.text
        for wrong in ("0", "91", "many"):
            (refused,) = await eve.say(f"/coachusage {wrong}")
            assert refused.text.startswith("Usage: /coachusage DAYS")


def code(harness: Harness) -> str:
    """Return what the operator's authenticator shows."""
    import pyotp

    return pyotp.TOTP(SECRET).at(harness.clock.now())


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
            found.append(harness.registry.operations["coaching.talk"](taken, str(person_id), "terminal:eve"))

        await write(harness, look)
        assert "person (telegram): decisions" in found[0]
        assert "coach (telegram): " in found[0]


@each("nano, shown", [
    (8_900_000, "$0.0089"), (0, "$0.00"), (1, "$0.000000001"), (1_000_000_000, "$1.00"), (457_000_000, "$0.457"),
    (1_234_567_890_123, "$1,234.567890123"), (20_000_000, "$0.02"), (500_000_000, "$0.50"),
])  # fmt: skip
def test_li_6_money_is_written_exactly(nano: int, shown: str) -> None:
    assert usd(nano) == shown
    whole, _, rest = shown.removeprefix("$").replace(",", "").partition(".")
    assert Fraction(int(whole + rest), 10 ** len(rest)) == Fraction(nano, 10**9)


@each("part, whole, shown", [(1, 3, "33.3 %"), (0, 0, "0.0 %"), (3, 3, "100.0 %")])
def test_li_6_shares_have_one_decimal(part: int, whole: int, shown: str) -> None:
    assert share(part, whole) == shown
