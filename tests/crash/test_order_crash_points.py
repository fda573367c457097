"""Dying before and after every commit and call between the wish for a pack and its refund (PY-4, PY-5, PY-7).

However often the process dies: one grant, one receipt and one credit note with consecutive numbers, one charge and one
refund in Stripe's own book.
"""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
import sqlalchemy as sa

import bot.engine
from bot.core.clock import FixedClock
from bot.engine.registry import Registry
from handlers import billing
from storage import timers
from storage.billing import documents, grants
from storage.billing.documents import document
from storage.billing.orders import order
from tests.conftest import FRIDAY
from tests.crash.gate import Died, Gate
from tests.databases import prepared_database
from tests.effort import short
from tests.simulation.world import LINK, World

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
PATIENCE = 15


def register(registry: Registry) -> None:
    """Register billing alone."""
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    registry.introduces = False
    billing.register(registry)
    billing.register_last(registry)


class Life:
    """A person who buys a pack and gets the money back, in a world whose process may die."""

    def __init__(self, world: World, gate: Gate) -> None:
        self.world, self.gate, self.phone = world, gate, world.phone("+14155550123")

    async def live(self) -> None:
        """Ask for the pack until the link is there, tap until the checkout is there, pay, and be refunded."""
        await self._through(lambda: self.phone.say("hi"))
        await self._through(self.world.rest)
        self.gate.armed = True
        await self._until(lambda: self._link() is not None, lambda: self.phone.say("pack 1"))
        await self._until(self._has_session, self._tap)
        self.world.pay_all()
        await self._until(lambda: self._heard("Paid $5.00"), None)
        await self._order_refund()
        await self._until(lambda: self._heard("was given back"), None)
        for seconds in (30, 700):
            await self._through(lambda seconds=seconds: self.world.advance(timedelta(seconds=seconds)))  # type: ignore[misc]

    def _heard(self, part: str) -> bool:
        return any(part in text for text in self.phone.texts)

    def _link(self) -> str | None:
        links = [found[0] for text in self.phone.texts if (found := LINK.search(text))]
        return links[-1] if links else None

    def _has_session(self) -> bool:
        return any(one["status"] == "open" for one in self.world.vendors.stripe.checkout.shelf)

    async def _tap(self) -> None:
        """Press the button of the newest page, as a browser does that waits in vain."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.5)) as http:
            try:
                link = self._link() or ""
                async with http.post(link, allow_redirects=False) as answer:
                    await answer.read()
            except (aiohttp.ClientError, TimeoutError):
                return

    async def _order_refund(self) -> None:
        """Let staff order the refund: it waits as a timer in the person's queue."""

        def wish(work: Any) -> None:
            (row,) = work.rows(sa.select(order.c.id, order.c.person_id).where(order.c.state == "paid"))
            what = {
                "do": "refund", "order": row.id, "amount": 500, "reason": "requested_by_customer", "note": "",
                "actor": "operator:1", "action": "staff:1",
            }  # fmt: skip
            timers.set_timer(
                work, kind="orders.staff", key="wish", due=work.now, person_id=row.person_id, body=orjson.dumps(what)
            )

        armed, self.gate.armed = self.gate.armed, False
        await self.world.app.writers.run(wish)
        self.gate.armed = armed

    async def _until(self, true: Callable[[], bool], act: Callable[[], Awaitable[Any]] | None) -> None:
        """Do something once more each time nothing came of it, as people do."""
        for attempt in range(PATIENCE):
            if act is not None and attempt % 3 == 0:
                await self._through(act)
            await self._through(self.world.rest)
            if true():
                return
            await self._through(lambda: self.world.advance(timedelta(seconds=20)))
        raise AssertionError(f"waited in vain after {self.gate.where_all}: {self.phone.texts}")

    async def _through(self, act: Callable[[], Awaitable[Any]]) -> None:
        """Do something; if the process dies of it, start the next one."""
        task, died = asyncio.ensure_future(act()), asyncio.ensure_future(self.gate.died.wait())
        await asyncio.wait({task, died}, return_when=asyncio.FIRST_COMPLETED)
        died.cancel()
        if not self.gate.died.is_set():
            await task
            return
        task.cancel()
        await asyncio.gather(task, died, return_exceptions=True)
        await self.world.bury()
        while True:
            self.gate.rise()
            try:
                await self.world.start()
            except Died:
                await self.world.bury()
            else:
                return


async def play(kind: str, folder: Path, *deaths: int) -> tuple[Gate, dict[str, Any]]:
    """Play one life; return its gate and what there is in the end, by our rows and by Stripe's book."""
    folder.mkdir()  # noqa: ASYNC240 - once, before anything runs
    gate = Gate(*deaths)
    with prepared_database(kind, folder) as url:
        async with World.open(register, url, FixedClock(FRIDAY), folder, on_start=gate.install) as world:
            await Life(world, gate).live()
            stripe = world.vendors.stripe

            def look(connection: sa.Connection) -> dict[str, Any]:
                numbers = connection.execute(sa.select(document).order_by(document.c.series.desc())).all()
                states = sorted(row[0] for row in connection.execute(sa.select(order.c.state)))
                return {
                    "grants": connection.execute(sa.select(sa.func.count()).select_from(grants.grant)).scalar_one(),
                    "documents": [documents.label(row) for row in numbers],
                    "refunded": states.count("refunded"),
                    "others": set(states) - {"refunded", "expired"},
                }

            rows = await world.app.database.read(look)
            book = {"charges": len(stripe.payments.charges), "refunds": len(stripe.payments.refunds)}
            return gate, rows | book


ONCE = {
    "grants": 1, "documents": ["R-2026-000001", "C-2026-000001"], "refunded": 1, "others": set(), "charges": 1,
    "refunds": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "step"),
    [("sqlite", short(19, whole=9)), pytest.param("postgres", 31, marks=pytest.mark.postgres)],
    ids=["sqlite", "postgres"],
)
async def test_py_4_py_5_py_7_death_at_an_instant_gives_and_gives_back_once(
    kind: str, step: int, tmp_path: Path
) -> None:
    """One instant in so many: an odd number, so that both sides of commits are met; `make torture` meets more."""
    undisturbed, rows = await play(kind, tmp_path / "undisturbed")
    assert rows == ONCE
    assert re.search("OpenCheckout", " ".join(undisturbed.trail))
    broken = {}
    for at in range(0, len(undisturbed.trail), step):
        _, rows = await play(kind, tmp_path / f"death{at}", at)
        if rows != ONCE:
            broken[f"{at}: {undisturbed.trail[at]}"] = rows
    gc.collect()  # readers that a death left open, while their warnings are still ours
    assert not broken
