"""Dying before and after every commit and call while a plan is bought and changed: Stripe's book agrees (SB-4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from bot.assembly.services import register_services
from bot.core.clock import FixedClock
from bot.core.settings import Settings
from bot.engine.registry import Registry
from bot.web.pages import plan as plan_page
from handlers.billing.subscriptions import mirror
from integrations.stripe import plan_objects
from storage.billing import subscriptions
from storage.billing.subscriptions import subscription
from storage.people import person
from tests.conftest import FRIDAY
from tests.crash.gate import Gate
from tests.crash.lives import Life
from tests.databases import prepared_database
from tests.effort import short
from tests.simulation.world import LINK, World

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
Story = Callable[[World, Life], Awaitable[None]]


def register(registry: Registry) -> None:
    """Register a release that sells plans."""
    register_services(registry, Settings(_env_file=None, parley_mode="demo", billing_enabled=True))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_page, "LOOKS", 5)
    monkeypatch.setattr(plan_page, "BETWEEN_SECONDS", 0.02)


async def say(world: World, *words: str) -> None:
    for one in words:
        await world.phone().say(one)
        await world.rest()


async def reach_the_link(world: World) -> None:
    """Go to the link of a plan without a trial."""
    await say(world, "plans")

    def spend(work: Any) -> None:
        subscriptions.claim_trial(work, work.rows(sa.select(person.c.id))[0].id)

    await world.app.writers.run(spend)
    await say(world, "Basic, $9.00 a month", "ok")


async def tap(world: World) -> None:
    """Tap the newest link, as a browser does."""
    link = [found[1] for text in world.phone().texts if (found := LINK.search(text))][-1]
    url = f"{world.url}/p/{link}"
    async with aiohttp.ClientSession() as http, http.post(url, allow_redirects=False) as answer:
        await answer.read()


async def buying(world: World, life: Life) -> None:
    """Tap until there is a session, then pay it."""
    await reach_the_link(world)
    life.gate.armed = True
    for _ in range(6):
        await life._through(lambda: tap(world))
        await life._through(lambda: world.advance(timedelta(seconds=5)))
        if any(one["status"] == "open" for one in world.vendors.stripe.checkout.shelf):
            break
    life.gate.armed = False
    assert world.pay_all() == 1, "one tap, one session"
    life.gate.armed = True
    await life._through(world.rest)


async def changing(world: World, life: Life) -> None:
    """Say OK to what an upgrade costs."""
    await reach_the_link(world)
    await tap(world)
    world.pay_all()
    await world.rest()
    await say(world, "upgrade", "Pro, $29.00 a month")
    life.gate.armed = True
    for _ in range(4):
        taken = len(life._taken())
        await life._through(lambda: world.phone().say("ok"))
        await life._through(lambda: world.advance(timedelta(seconds=5)))
        if len(life._taken()) > taken:
            return


async def buying_twice(world: World, life: Life) -> None:
    """Pay two pages of one purchase."""
    await reach_the_link(world)
    await tap(world)
    await world.rest()
    fake = world.vendors.stripe
    (session,) = [one for one in fake.checkout.shelf if one["status"] == "open"]
    fake.checkout.shelf.put("cs_copy", {**session, "id": "cs_copy"})
    life.gate.armed = True
    fake.pay(session["id"])
    fake.pay("cs_copy")
    await life._through(world.rest)


async def play(folder: Path, story: Story, *deaths: int, kind: str = "sqlite") -> tuple[Gate, list[str]]:
    """Play a story in which the process dies at these instants; return the gate and what the book says against us."""
    folder.mkdir()  # noqa: ASYNC240 - once, before anything runs
    gate = Gate(*deaths)
    with prepared_database(kind, folder) as url:
        async with World.open(register, url, FixedClock(FRIDAY), folder, on_start=gate.install) as world:
            life = Life(world, gate, "sms")
            await story(world, life)
            for step in (5, 65, 600, 1200):
                await life._through(lambda step=step: world.advance(timedelta(seconds=step)))  # type: ignore[misc]
            gate.armed = False
            return gate, await judge(world, story)


async def judge(world: World, story: Story) -> list[str]:
    """Hold our rows against Stripe's book: one plan, charged as often as it was agreed to, and a mirror of it."""
    fake = world.vendors.stripe
    if story is buying_twice:
        states = sorted(one["status"] for one in fake.subscriptions.shelf)
        back = [one["amount"] for one in fake.payments.refunds]
        told = sum("of the second plan is on its way back" in text for text in world.phone().texts)
        seen = (states, back, told)
        return [] if seen == (["active", "canceled"], [900], 1) else [f"{seen}"]
    charged = [row["amount"] for row in fake.book.of("invoice.paid") if row["amount"]]
    wanted = 1 if story is buying else 2
    problems = [] if len(charged) == wanted else [f"charged {charged}"]
    rows = await world.app.database.read(lambda c: list(c.execute(sa.select(subscription))))
    if len(rows) != 1 or len(fake.subscriptions.shelf) != 1:
        return [*problems, f"{len(rows)} rows, {len(fake.subscriptions.shelf)} at Stripe"]
    found = fake.expand(fake.subscriptions.retrieve({}, rows[0].gateway_ref), list(plan_objects.EXPAND))
    if mirror.differs(dict(rows[0]._mapping), plan_objects.subscription(found, 0)):
        problems.append("the mirror differs")
    if rows[0].plan != ("basic" if story is buying else "pro"):
        problems.append(f"on {rows[0].plan}")
    return problems


async def every_instant(folder: Path, story: Story, *, step: int, kind: str = "sqlite") -> None:
    """Die at instants of a story, each in a run of its own; show those after which book and mirror differ."""
    undisturbed, problems = await play(folder / "undisturbed", story, kind=kind)
    assert problems == []
    assert len(undisturbed.trail) > 10
    broken = {}
    for at in range(0, len(undisturbed.trail), step):
        _, problems = await play(folder / f"death{at}", story, at, kind=kind)
        if problems:
            broken[f"{at}: {undisturbed.trail[at]}"] = problems
    assert broken == {}


@pytest.mark.parametrize("story", [buying, changing])
async def test_sb_4_death_anywhere_leaves_one_plan_charged_once_and_a_true_mirror(tmp_path: Path, story: Story) -> None:
    """Every fourteenth instant; with `step=1` those of buying were all played when this was written."""
    await every_instant(tmp_path, story, step=short(23, whole=9))


async def test_sb_1_death_anywhere_ends_a_second_plan_and_returns_its_money_once(tmp_path: Path) -> None:
    """Every ninth instant; all of them were played when this was written."""
    await every_instant(tmp_path, buying_twice, step=short(21, whole=9))
