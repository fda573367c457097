"""The page of a plan, through the real app, the real adapter and the fake Stripe; and what the hourly look repairs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import aiohttp
import sqlalchemy as sa

from bot.assembly.jobs_list import periodic_jobs
from bot.core.clock import FixedClock
from storage.alerts import alert
from storage.billing.subscriptions import subscription
from tests.conftest import FRIDAY
from tests.crash.test_plans import reach_the_link, register
from tests.databases import prepared_database
from tests.simulation.world import LINK, World


async def visit(world: World, method: str = "GET") -> tuple[int, str]:
    link = [found[1] for text in world.phone().texts if (found := LINK.search(text))][-1]
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, f"{world.url}/p/{link}", allow_redirects=False) as answer,
    ):
        return answer.status, answer.headers.get("Location") or await answer.text()


async def test_sb_2_the_page_shows_the_plan_and_its_button_leads_to_one_checkout(tmp_path: Path) -> None:
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            await reach_the_link(world)
            status, text = await visit(world)
            assert (status, "$9.00 a month" in text, "CANCEL PLAN" in text) == (200, True, True)
            places = [await visit(world, "POST") for _ in range(2)]
            assert places[0] == places[1]
            assert places[0][0] == 303
            assert "/c/pay/cs_" in places[0][1]
            world.pay_all()
            await world.rest()
            assert "Already paid" in (await visit(world))[1]
            assert any("You are on Basic now" in text for text in world.phone().texts)


async def test_sb_16_what_no_event_told_is_repaired_by_the_lists_and_counted(tmp_path: Path) -> None:
    """The webhooks of the purchase and of the end are lost; the hourly look finds both."""
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            world.app.settings = world.app.settings.model_copy(update={"billing_enabled": True})
            await reach_the_link(world)
            await visit(world, "POST")
            world.vendors.stripe.events.hooks.target = None
            world.pay_all()
            jobs = {job.kind: job for job in periodic_jobs(world.app)}

            async def looked(kind: str) -> list[str]:
                await jobs[kind].run()
                await world.app.ticker.settle()
                await world.rest()
                rows = await world.app.database.read(lambda c: list(c.execute(sa.select(subscription.c.state))))
                return [row.state for row in rows]

            assert await looked("reconcile_plans") == ["active"]
            bought = next(iter(world.vendors.stripe.subscriptions.shelf))
            world.vendors.stripe.subscriptions.cancel({}, bought["id"])
            world.clock.advance(timedelta(hours=1))
            assert await looked("reconcile_plans") == ["ended"]
            before = world.vendors.stripe.calls["subscriptions.retrieve"]
            assert await looked("reconcile_ended_plans") == ["ended"]
            assert world.vendors.stripe.calls["subscriptions.retrieve"] == before, "nothing differs, nothing is read"
            kinds = await world.app.database.read(lambda c: [row.kind for row in c.execute(sa.select(alert.c.kind))])
            assert "reconcile_difference" in kinds
