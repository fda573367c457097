"""A shop of letters with coupons, its staff's desk, and a second person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.core.errors import Refusal
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member
from bot.engine.turn import Turn
from handlers import billing
from handlers.appeals.settings import AppealSettings
from tests.handlers.appeals.order_kit import Shop

GRANTED = frozenset({"coupon.create", "coupon.view", "coupon.disable", "coupon.bulk"})


def register(registry: Registry) -> None:
    """Register billing beside letters."""
    registry.introduces = False
    billing.register(registry)


class Desk(Shop):
    """The shop, with what staff type."""

    async def staff(self, command: str, argument: str = "", *, role: str = "admin") -> str:
        """Run a row of the catalogue as the gate would; return its answer or why not."""

        def run(turn: Turn) -> str:
            row, member = turn.registry.staff[command], Member("staff:7", role, GRANTED)
            assert member.may(row.permission)
            try:
                return row.act(turn, argument, member)
            except Refusal as refused:
                return turn.text(refused.key, **refused.args_)

        return str(await self.act(run, self.clerk))

    async def foresee(self, command: str, argument: str, *, role: str = "admin") -> Effect | str:
        """Return the dry run of a grave row, or why not."""

        def run(turn: Turn) -> Effect | str:
            row = turn.registry.staff[command]
            assert row.foresee is not None
            try:
                return row.foresee(turn, argument, Member("staff:7", role, GRANTED))
            except Refusal as refused:
                return turn.text(refused.key, **refused.args_)

        found: Effect | str = await self.act(run, self.clerk)
        return found

    async def order_free(self) -> None:
        """Order a letter for which nothing is to be paid."""
        await self.approve()
        await self.request()

    @property
    def clerk(self) -> Phone:
        """The telephone of a member of staff."""
        return self.h.phone("telegram", "7:700700")

    async def tell(self, code: str, phone: Phone | None = None) -> str:
        """Send COUPON and a code; return the answer."""
        messages = await (phone or self.me).say(f"coupon {code}")
        return "\n".join(message.text.removeprefix("Parley: ") for message in messages)


@asynccontextmanager
async def open_desk(where: Path, settings: AppealSettings | None = None) -> AsyncIterator[Desk]:
    """Open a shop with one code, SPRING20."""
    async with Desk.open(where, settings=settings, also=register) as desk:
        assert isinstance(desk, Desk)
        assert await desk.staff("coupon new", "SPRING20 20%") == (
            "SPRING20 is made: 20%, from 2026-11-17, without end, uses without limit, 1 a person."
        )
        yield desk
