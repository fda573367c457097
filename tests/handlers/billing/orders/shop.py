"""A shop that sells eggs: a person says `buy N PRICE` and pays at a gateway that is played by functions.

The till, its handlers and the database are the real ones; sessions and refunds are kept as Stripe would keep them.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import bot.engine
from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.stripe import Checkout, ExpireCheckout, OpenCheckout, ReadCheckout, Refund, RefundPayment
from bot.core.clock import FixedClock
from bot.core.errors import Refusal, Spoken
from bot.core.events import Event
from bot.engine.harness import Harness
from bot.engine.orders import Line, Paid, Wanted
from bot.engine.phone import Message, Phone
from bot.engine.registry import Registry
from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers import billing
from handlers.billing.orders.settings import OrderSettings, use_settings
from handlers.billing.tax import Rate
from storage.billing import documents
from storage.billing.orders import order
from storage.billing.refunds import refund
from storage.links import link
from tests.handlers.billing.world import NOW


@dataclass
class Counter:
    """What the shop gave, took back and gave again; `refuses` names why it gives nothing."""

    given: list[str] = field(default_factory=list)
    taken_back: list[str] = field(default_factory=list)
    given_again: list[str] = field(default_factory=list)
    refuses: str = ""


@dataclass
class Bank:
    """Sessions and refunds at the gateway."""

    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: list[RefundPayment] = field(default_factory=list)
    refund_status: str = "succeeded"
    down: bool = False
    tax_minor: int | None = None
    """What Stripe finds that a charge includes of tax; None where it works out none."""
    tells_tax: bool = True
    """Whether its events bear that too, or only a look at the session."""

    def open(self, call: OpenCheckout, harness: Harness) -> Outcome:
        """Make a session."""
        if self.down:
            return Refused("timed_out")
        number = f"cs_{len(self.sessions) + 1}"
        kept = {"status": "open", "paid": "unpaid", "amount": call.amount_minor, "metadata": call.metadata}
        self.sessions[number] = kept | {
            "currency": call.currency,
            "intent": None,
            "until": call.expires_at,
            "taxed": call.stripe_tax,
        }
        return self.read(ReadCheckout(number), harness)

    def read(self, call: ReadCheckout | ExpireCheckout, harness: Harness) -> Outcome:
        """Show a session."""
        one = self.sessions[call.session_id]
        return Done(
            Checkout(
                call.session_id, one["status"], one["paid"], one["amount"], one["currency"],
                f"https://checkout.example/{call.session_id}", one["intent"], None, 0, one["until"], one["metadata"],
                tax_minor=self.tax_minor if one["taxed"] else 0,
            )
        )  # fmt: skip

    def expire(self, call: ExpireCheckout, harness: Harness) -> Outcome:
        """Expire an open session."""
        if self.sessions[call.session_id]["status"] == "open":
            self.sessions[call.session_id]["status"] = "expired"
        return self.read(call, harness)

    def refund(self, call: RefundPayment, harness: Harness) -> Outcome:
        """Give back."""
        self.refunds.append(call)
        number = f"re_{len(self.refunds)}"
        return Done(Refund(number, self.refund_status, call.amount_minor, "USD", call.payment_intent, call.metadata))


def buy(turn: Turn, text: str) -> bool:
    """Take `buy REFERENCE CENTS`, the words of a coupon behind it; `buy ... until MINUTES`."""
    words = text.split()
    if words[0] != "buy" or len(words) < 3 or not words[2].isdigit():
        return False
    coupon = words[3] if len(words) > 3 else ""
    opened = turn.registry.till.open(  # type: ignore[union-attr]
        turn,
        Wanted(
            "eggs", words[1], (Line("A dozen eggs", int(words[2])),), "USD", is_physical=words[1] != "digital",
            expires_at=turn.now + timedelta(days=7), coupon=coupon, title="Eggs",
        ),
    )  # fmt: skip
    turn.lines.append(f"{opened.url or '-'} {opened.total_minor}")
    return True


def staff(turn: Turn, text: str) -> bool:
    """Take `staff ROLE COMMAND...` as the gate would run it; `foresee ROLE COMMAND...` tells the dry run."""
    match = re.fullmatch(r"(staff|foresee) (\w+) (pay \w+) ?(.*)", text)
    if match is None:
        return False
    row, member = turn.registry.staff[match[3]], Member(f"operator:{match[2]}", match[2], frozenset())
    try:
        if match[1] == "staff":
            turn.lines.append(row.act(turn, match[4], member))
        elif row.foresee is not None:
            effect = row.foresee(turn, match[4], member)
            turn.lines.append(f"{effect.says} [{effect.typed}] {'second' if effect.needs_second else 'alone'}")
    except Spoken as spoken:
        turn.say(spoken.key, **spoken.args_)
    return True


class Shop:
    """A harness, one phone, a counter and a bank."""

    def __init__(self, harness: Harness, phone: Phone, counter: Counter, bank: Bank) -> None:
        self.harness, self.phone, self.counter, self.bank = harness, phone, counter, bank

    async def say(self, text: str) -> list[str]:
        """Say something and return what is answered."""
        return [message.text for message in await self.phone.say(text)]

    async def buy(self, reference: str = "1", cents: int = 500, coupon: str = "") -> int:
        """Buy, and return the order's id."""
        (first, *_) = await self.say(f"buy {reference} {cents} {coupon}".strip())
        assert "/p/" in first or first.startswith("Parley") or "- 0" in first, first
        return await self.newest()

    async def newest(self) -> int:
        """Return the id of the newest order."""
        return int((await self.rows(sa.select(order.c.id).order_by(order.c.id.desc()).limit(1)))[0][0])

    async def tap(self, order_id: int) -> str | None:
        """Tap on the pay page; return the gateway's session that is open then."""
        (person, minted) = (
            await self.rows(sa.select(order.c.person_id, order.c.minted).where(order.c.id == order_id))
        )[0]
        event = Event("order", f"{order_id}:{minted}", "tapped", {"order": order_id}, person_id=person)
        await self.harness.happen(event)
        return await self.session(order_id)

    async def session(self, order_id: int) -> str | None:
        """Return the session of an order."""
        (row,) = await self.rows(sa.select(order.c.session_ref).where(order.c.id == order_id))
        found: str | None = row[0]
        return found

    async def pay(
        self, session: str, intent: str = "", *, key: str | None = None, amount: int | None = None
    ) -> list[Message]:
        """Pay a session at the gateway, which tells it by an event."""
        one = self.bank.sessions[session]
        one |= {"status": "complete", "paid": "paid", "intent": intent or f"pi_{session}"}
        if amount is not None:
            one["amount"] = amount
        return await self.tell(session, "checkout.session.completed", key=key)

    async def tell(self, session: str, kind: str, *, key: str | None = None) -> list[Message]:
        """Let the gateway tell of a session as it stands."""
        start = len(self.phone.messages)
        await self.harness.vendor("stripe", kind, self.thing(session), key)
        return self.phone.messages[start:]

    def thing(self, session: str) -> dict[str, Any]:
        """Return a session as an event carries it."""
        one = self.bank.sessions[session]
        return {
            "id": session, "status": one["status"], "payment_status": one["paid"], "amount_total": one["amount"],
            "currency": one["currency"], "payment_intent": one["intent"], "metadata": one["metadata"],
            "livemode": False,
            **({"total_details": {"amount_tax": self.bank.tax_minor}} if one["taxed"] and self.bank.tells_tax else {}),
        }  # fmt: skip

    async def state(self, order_id: int) -> str:
        """Return the state of an order."""
        (row,) = await self.rows(sa.select(order.c.state).where(order.c.id == order_id))
        return str(row[0])

    async def rows(self, statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a read."""
        return [tuple(row) for row in await self.harness.writers.run(lambda work: work.rows(statement))]

    async def labels(self) -> list[str]:
        """Return the numbers of all documents, oldest first."""
        found = await self.harness.writers.run(lambda work: work.rows(sa.select(documents.document)))
        return [documents.label(row) for row in found]

    async def links(self) -> list[bool]:
        """Tell of each link to a page whether it is revoked."""
        return [row[0] is not None for row in await self.rows(sa.select(link.c.revoked_at))]

    async def refunds(self) -> list[tuple[Any, ...]]:
        """Return amounts, reasons and states of all refunds."""
        return await self.rows(sa.select(refund.c.amount_minor, refund.c.reason, refund.c.state).order_by(refund.c.id))


@asynccontextmanager
async def open_shop(
    where: Path | str,
    channel: str = "sms",
    *,
    rate: Rate | None = None,
    now: datetime = NOW,
    fiscal_start: int = 1,
    stripe_tax: bool = False,
) -> AsyncIterator[Shop]:
    """Open a shop in which the person was met."""
    counter, bank = Counter(), Bank()

    def fulfil(turn: Turn, paid: Paid) -> None:
        if counter.refuses:
            raise Refusal(counter.refuses)
        counter.given.append(paid.reference)

    def register(registry: Registry) -> None:
        registry.add_texts(Path(bot.engine.__file__).parent / "texts")
        registry.introduces = False
        use_settings(registry, OrderSettings(rate=rate or Rate(), fiscal_start=fiscal_start, stripe_tax=stripe_tax))
        billing.register(registry)
        registry.fulfils("eggs")(fulfil)
        registry.takebacks["eggs"] = lambda turn, paid: counter.taken_back.append(paid.reference)
        registry.returns["eggs"] = lambda turn, paid: counter.given_again.append(paid.reference)
        registry.word("text")(buy)
        registry.word("text")(staff)
        billing.register_last(registry)

    world: dict[type, Any] = {
        OpenCheckout: bank.open, ReadCheckout: bank.read, ExpireCheckout: bank.expire, RefundPayment: bank.refund,
    }  # fmt: skip
    async with Harness.open(register, where, FixedClock(now), world) as harness:
        shop = Shop(harness, harness.phone(channel), counter, bank)
        await shop.say("hello")
        yield shop
