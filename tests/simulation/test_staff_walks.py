"""Random walks of an owner through every command of staff: whatever stands behind a command, it answers (CM-1)."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from storage.people import person
from tests.effort import short
from tests.handlers.admin.desk import NOW, Desk, ann, told
from tests.simulation.services import business

STEPS, SEEDS = short(60, whole=200), short(1, whole=30)
SPARED = frozenset({"lock", "logout", "tfa disable", "tfa reset", "staff disable", "role grant", "role revoke"})
"""What would take the walker's own power away."""
BEFORE = (
    "hello", "agent help me", "my letter is late", "menu", "menu", "12.50 lunch", "ok",
    "quote 300x200x150 mm 3ply B 1000", "ok", "quote 1001 discount 12",
)  # fmt: skip
WORDS = (
    "T-1001", "A-7Q4MK", "R-2026-000001", "B-1", "Q-1001", "SPRING20", "bea", "support", "5.00", "all", "10", "-5",
    "+5", "7d", "2026-11", "yesterday", "csv", "chart", "because it was promised", "data.api", "receipts.read",
    "unlimited", "on", "off", "pro", "month", "now", "high", "urgent", "name Parley Two", "zone Mars",
    "mon 09:00-12:00", "release",
    "https://example.com/hook ticket.*", "20% uses=100", "\x00", "'; drop table", "99999999999999999999", "x" * 900,
)  # fmt: skip
_DRY = re.compile(r"Type within \d+ minutes: (.*) CODE")


def _fitting(usage: str, rng: random.Random, ids: list[str]) -> list[str]:
    """Return words of the kinds that a command's usage names."""
    numbers = ("1", "5", "400", "-1", "0", "1.50")
    known = {"PERSON": ids, "REASON": ("because it was promised",), "WORDS": ("on its way",), "NAME": ("bea", "zed")}
    known |= {"FEATURE": ("data.api", "receipts.read")} | dict.fromkeys(("DAYS", "NUMBER", "AMOUNT", "ID"), numbers)
    words = [word.strip("[].,:()") for word in usage.split()[:6]]
    fixed = {"T-1042": "T-1001"}
    return [rng.choice(known.get(word) or fixed.get(word, word).split("|")) for word in words]


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_cm_1_whatever_stands_behind_a_command_it_is_answered(seed: int, tmp_path: Path) -> None:
    rng, walked = random.Random(seed), [""]
    async with Desk.open(business, tmp_path, FixedClock(NOW)) as desk:
        assert isinstance(desk, Desk)
        await desk.enroll("ann", "5001")
        await desk.enroll("bea", "5002", role="admin")
        for text in BEFORE:
            await desk.phone("sms").say(text)
        ids = [str(row.id) for row in await desk.database.read(lambda c: list(c.execute(sa.select(person.c.id))))]
        desk.registry.complete()
        names = sorted(set(desk.registry.staff) - SPARED)
        for _ in range(STEPS):
            row = desk.registry.staff[rng.choice(names)]
            some = [rng.choice((*WORDS, *ids)) for _ in range(rng.randrange(5))]
            fitting = _fitting(row.usage.partition(f"/{row.name}")[2], rng, ids)
            text = " ".join([f"/{row.name}", *rng.choice((some, fitting, fitting))])
            await desk.wait(timedelta(seconds=31))
            await ann(desk).say(f"/login {desk.code()}")
            walked.append(text[:200])
            try:
                answer = await told(ann(desk), f"{text} {desk.fresh()}" if row.needs_code else text)
                dry = _DRY.search(answer)
                answer = await told(ann(desk), f"{dry[1]} {desk.fresh()}") if dry else answer
            except AssertionError as error:
                raise AssertionError(f"{walked[-3:]}: {error}") from error
            assert answer.strip(), walked[-3:]
