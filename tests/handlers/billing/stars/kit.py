"""A person on Telegram, the till, and Telegram's side of Stars played by functions; the rows and turns are real."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import bot.engine
from bot.core.calls import Done, Outcome
from bot.core.calls.stars import EditStarSubscription, InvoiceLink, MakeInvoiceLink, RefundStars, SendInvoice
from bot.core.clock import FixedClock
from bot.core.events import Event
from bot.engine.checkout import Purchase
from bot.engine.harness import Harness
from bot.engine.orders import Line, Wanted
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers import billing
from handlers.billing.catalogue import catalogue
from handlers.billing.stars.desk import Desk
from storage.alerts import alert
from storage.billing.charges import charge
from storage.billing.orders import order
from storage.billing.subscriptions import subscription
from tests.handlers.billing.world import NOW

USER = 5001
HANDLE = f"7:{USER}"
MONTH = timedelta(days=30)


@dataclass
class Telegram:
    """What Telegram was asked."""

    invoices: list[SendInvoice | MakeInvoiceLink] = field(default_factory=list)
    edits: list[EditStarSubscription] = field(default_factory=list)
    refunds: list[RefundStars] = field(default_factory=list)

    def world(self) -> dict[type, Callable[[Any, Harness], Outcome]]:
        def sent(call: Any, harness: Harness) -> Outcome:
            self.invoices.append(call)
            return Done(InvoiceLink("https://t.me/$abc") if isinstance(call, MakeInvoiceLink) else None)

        def kept(book: list[Any]) -> Callable[[Any, Harness], Outcome]:
            def keep(call: Any, harness: Harness) -> Outcome:
                book.append(call)
                return Done()

            return keep

        return {
            SendInvoice: sent, MakeInvoiceLink: sent, EditStarSubscription: kept(self.edits),
            RefundStars: kept(self.refunds),
        }  # fmt: skip


class Shop:
    """A harness, the person's phone, and Telegram."""

    def __init__(self, harness: Harness, telegram: Telegram, given: list[str]) -> None:
        self.harness, self.telegram, self.given = harness, telegram, given
        self.phone, self.charges = harness.phone("telegram", HANDLE), 0

    async def say(self, text: str) -> str:
        """Say something; return what is answered."""
        return "\n".join(message.text for message in await self.phone.say(text))

    @property
    def said(self) -> str:
        return "\n".join(message.text for message in self.phone.messages)

    def bought(self, **changes: Any) -> Purchase:
        """Return the newest invoice as Telegram would ask about it."""
        call = self.telegram.invoices[-1]
        return Purchase(**{
            "handle": HANDLE, "payload": call.payload, "amount_minor": call.stars, "currency": "XTR", **changes,
        })  # fmt: skip

    async def judge(self, **changes: Any) -> str:
        """Ask whether the newest invoice may be paid."""
        judge, harness = self.harness.registry.checkout, self.harness
        assert judge is not None
        asked, now = self.bought(**changes), harness.clock.now()
        return await harness.database.read(lambda connection: judge(connection, harness.seal, asked, now))

    async def pay(self, name: str = "", **changes: Any) -> str:
        """Let Telegram tell that the newest invoice, or another, was paid; return the charge."""
        self.charges += 1
        call, name = self.telegram.invoices[-1], name or f"stx{self.charges}"
        told = {
            "charge_id": name, "currency": "XTR", "amount_minor": call.stars, "payload": call.payload, "expires": None,
            "handle": HANDLE, "user_id": USER, **changes,
        }  # fmt: skip
        await self.harness.happen(Event("stars", f"{name}:{self.charges}", "paid", told))
        return name

    async def pay_plan(self, **changes: Any) -> str:
        """Pay a plan for a month from now."""
        return await self.pay(expires=int((self.harness.clock.now() + MONTH).timestamp()), **changes)

    async def rows(self, *columns: Any) -> list[tuple[Any, ...]]:
        """Return columns of all rows."""
        query = sa.select(*columns)
        return [tuple(row) for row in await self.harness.writers.run(lambda work: work.rows(query))]

    async def plans(self) -> list[tuple[Any, ...]]:
        """Return plan, state and end of each subscription, oldest first."""
        found = await self.rows(subscription.c.plan, subscription.c.state, subscription.c.period_end, subscription.c.id)
        return [one[:3] for one in sorted(found, key=lambda one: one[3])]

    async def states(self) -> list[str]:
        return [one[0] for one in await self.rows(order.c.state)]

    async def alerts(self) -> list[str]:
        return [one[0] for one in await self.rows(alert.c.kind)]

    async def kinds(self) -> list[tuple[Any, ...]]:
        return sorted(await self.rows(charge.c.charge, charge.c.kind, charge.c.held))


def _buy(turn: Turn, text: str) -> bool:
    """Take `eggs`: a digital thing of 400 Stars; and PLANS, PLAN ENDS, PLAN GOES ON as the desk hears them."""
    desk, word = Desk(catalogue()), text.casefold()
    live = desk.live(turn)
    if word.startswith("eggs"):
        wanted = Wanted(
            "eggs", f"eggs:{turn.inbox_id}", (Line("Eggs", 500),), "USD", is_physical=False,
            expires_at=turn.now + timedelta(hours=1), stars=400, title="A dozen eggs",
        )  # fmt: skip
        assert turn.registry.till is not None
        turn.lines.append(turn.registry.till.open(turn, wanted).url or "invoice")
    elif word == "plans" and live is None:
        desk.offer(turn, [one for one in catalogue().newest.values() if one.days_30.get("XTR")])
    elif word == "plans" and live is not None:
        desk.change(turn, live)
    elif word in ("plan ends", "plan goes on") and live is not None:
        (desk.end_renewal if word == "plan ends" else desk.keep_renewal)(turn, live)
    else:
        return False
    return True


@asynccontextmanager
async def open_shop(where: Path, now: datetime = NOW) -> AsyncIterator[Shop]:
    """Open a shop in which the person was met."""
    telegram, given = Telegram(), list[str]()

    def register(registry: Registry) -> None:
        registry.add_texts(Path(bot.engine.__file__).parent / "texts")
        registry.introduces = False
        billing.register(registry)
        registry.fulfils("eggs")(lambda turn, paid: given.append(paid.reference))
        registry.word("text")(_buy)

    async with Harness.open(register, where, FixedClock(now), telegram.world()) as harness:
        shop = Shop(harness, telegram, given)
        await shop.say("hello")
        yield shop
