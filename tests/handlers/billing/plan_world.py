"""A person who buys plans, at the fake Stripe's own rooms: no HTTP between, so that a year takes a moment.

The adapter's parameters and readings are the real ones (`integrations.stripe.plan_objects`); that they pass a door as
forms is tested with the adapter. Events wait in the fake's shelf until `deliver`, in any order a test wants.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import bot.engine
from bot.assembly.services import register_services
from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.promotions import MakePromotion, Promotion
from bot.core.calls.stripe import ExpireCheckout, RefundPayment
from bot.core.calls.subscriptions import (
    ChangePlan,
    ChangePreview,
    ChangeTaken,
    EndAtPeriodEnd,
    EndNow,
    FindPlanOfPayment,
    FindPlanPayments,
    KeepRenewing,
    ListPlanInvoices,
    MoveTrialEnd,
    OpenPlanCheckout,
    OpenPortal,
    PaidInvoice,
    PlanInvoices,
    PlanOfPayment,
    PlanPayments,
    PlanPrice,
    Portal,
    PreviewChange,
    ReadSubscription,
    ReleaseSchedule,
    ScheduleChange,
)
from bot.core.clock import FixedClock
from bot.core.events import Event
from bot.core.settings import Settings
from bot.engine.harness import Harness
from bot.engine.phone import Message
from bot.engine.registry import Registry
from handlers import billing
from handlers.billing.subscriptions import purchasing
from integrations.fakes.stripe import StripeFake
from integrations.fakes.stripe.refusal import StripeRefusal
from integrations.stripe import objects, plan_objects, promotions
from storage.alerts import alert
from storage.billing.plan_changes import plan_log
from storage.billing.purchases import purchase
from storage.billing.subscriptions import subscription
from tests.handlers.billing.world import operate

START = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
"""A Monday, 10:00 in San Francisco."""


def register(registry: Registry) -> None:
    """Register the engine's texts, billing, and words that ask for rights."""
    registry.public_url = "https://parley.example"
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    registry.introduces = False
    billing.register(registry)
    registry.word("text")(operate)
    billing.register_last(registry)


def register_all(registry: Registry, settings: Settings) -> None:
    """Register every service that the settings switch on, and the same words."""
    register_services(registry, settings.model_copy(update={"billing_enabled": True}))
    registry.public_url, registry.introduces = "https://parley.example", False
    registry.words["text"].insert(0, operate)


class AtStripe:
    """Answers calls about plans from the rooms of a fake, at once."""

    def __init__(self, fake: StripeFake) -> None:
        self.fake, self.down = fake, False

    def world(self) -> dict[type, Callable[[Any, Harness], Outcome]]:
        """Return what answers each call."""
        answers: dict[type, Callable[[Any], Any]] = {
            OpenPlanCheckout: self._open,
            MakePromotion: self._promote,
            ExpireCheckout: lambda c: objects.checkout(self.fake.checkout.expire({}, c.session_id)),
            ReadSubscription: lambda c: self.read(c.subscription_id),
            PreviewChange: self._preview,
            ChangePlan: self._change,
            ScheduleChange: self._schedule,
            ReleaseSchedule: lambda c: self._taken(self.fake.schedules.release({}, c.schedule_id)),
            EndAtPeriodEnd: self._end,
            KeepRenewing: lambda c: self._update(
                c.subscription_id, plan_objects.keep_parameters(self.fake.subscriptions.find(c.subscription_id))
            ),
            FindPlanPayments: lambda c: PlanPayments([self._paid(one) for one in self._invoices(c)]),
            ListPlanInvoices: self._list_invoices,
            FindPlanOfPayment: self._plan_of,
            RefundPayment: lambda c: objects.refund(self.fake.payments.create_refund(objects.refund_parameters(c))),
            EndNow: self._end_now,
            MoveTrialEnd: lambda c: self._update(c.subscription_id, {"trial_end": c.trial_end}),
            OpenPortal: lambda c: Portal(self.fake.portal.create({"customer": c.customer})["url"]),
        }
        return {call: self._answering(answer) for call, answer in answers.items()}

    def _invoices(self, call: FindPlanPayments) -> list[Any]:
        return list(self.fake.invoices.list({"subscription": call.subscription_id})["data"][::-1])

    def _list_invoices(self, call: ListPlanInvoices) -> PlanInvoices:
        rows = self.fake.invoices.list({"subscription": call.subscription_id})["data"][::-1]
        read = [one for one in map(plan_objects.invoice, rows) if one is not None]
        return PlanInvoices(read, int(self.fake.clock.now().timestamp() * 1_000_000))

    def _plan_of(self, call: FindPlanOfPayment) -> PlanOfPayment:
        wanted = {"payment": {"type": "payment_intent", "payment_intent": call.payment_intent}}
        paid = self.fake.invoices.list_payments(wanted)["data"]
        if not paid:
            return PlanOfPayment("", "")
        return plan_objects.plan_of_payment(self.fake.invoices.retrieve({}, str(plan_objects.invoice_of(paid[0]))))

    def _paid(self, invoice: dict[str, Any]) -> PaidInvoice:
        payments = self.fake.invoices.list_payments({"invoice": invoice["id"]})["data"]
        return plan_objects.paid_invoice(invoice, payments[::-1])

    def _answering(self, answer: Callable[[Any], Any]) -> Callable[[Any, Harness], Outcome]:
        def run(call: Any, _: Harness) -> Outcome:
            if self.down:
                return Refused("timed_out")
            self.fake.expire_due()
            try:
                return Done(answer(call))
            except StripeRefusal as refusal:
                return Refused(refusal.code or "bad_request", details={"param": refusal.param} if refusal.param else {})

        return run

    def price(self, wanted: PlanPrice) -> str:
        """Return the id of a price, made once."""
        known = next((one for one in self.fake.prices.shelf if one["lookup_key"] == wanted.lookup_key), None)
        return str((known or self.fake.prices.create(plan_objects.price_parameters(wanted)))["id"])

    def _open(self, call: OpenPlanCheckout) -> Any:
        return objects.checkout(
            self.fake.checkout.create(plan_objects.checkout_parameters(call, self.price(call.price)))
        )

    def _promote(self, call: MakePromotion) -> Promotion:
        coupon = promotions.coupon_parameters(call)
        if coupon["id"] not in self.fake.promotions.coupons:
            self.fake.promotions.create_coupon(coupon)
        return promotions.promotion(self.fake.promotions.create_code(promotions.code_parameters(call)))

    def read(self, id: str) -> Any:
        """Return a subscription as it is this moment."""
        found = self.fake.expand(self.fake.subscriptions.retrieve({}, id), list(plan_objects.EXPAND))
        return plan_objects.subscription(found, int(self.fake.clock.now().timestamp() * 1_000_000))

    def _preview(self, call: PreviewChange) -> ChangePreview:
        return plan_objects.preview(
            self.fake.invoices.preview(plan_objects.preview_parameters(call, self.price(call.price))), call.at
        )

    def _change(self, call: ChangePlan) -> ChangeTaken:
        if call.schedule_id:
            self.fake.schedules.release({}, call.schedule_id)
        return self._update(call.subscription_id, plan_objects.change_parameters(call, self.price(call.price)))

    def _schedule(self, call: ScheduleChange) -> ChangeTaken:
        made = (
            self.fake.schedules.retrieve({}, call.schedule_id)
            if call.schedule_id
            else self.fake.schedules.create({"from_subscription": call.subscription_id})
        )
        phases = plan_objects.phases(made, call.price, self.price(call.price))
        return self._taken(self.fake.schedules.update(phases, made["id"]))

    def _end(self, call: EndAtPeriodEnd) -> ChangeTaken:
        if call.schedule_id:
            self.fake.schedules.release({}, call.schedule_id)
        return self._update(call.subscription_id, {"cancel_at_period_end": True})

    def _end_now(self, call: EndNow) -> ChangeTaken:
        """End it, as the adapter does: what has ended already is what was wanted."""
        with suppress(StripeRefusal):
            self.fake.subscriptions.cancel({}, call.subscription_id)
        return ChangeTaken(call.subscription_id)

    def _update(self, id: str, given: dict[str, Any]) -> ChangeTaken:
        return self._taken(self.fake.subscriptions.update(given, id))

    @staticmethod
    def _taken(found: dict[str, Any]) -> ChangeTaken:
        return ChangeTaken(found["id"])


class Shop:
    """One person with a phone, the fake, and everything that Stripe has to tell and did not yet."""

    def __init__(self, harness: Harness, fake: StripeFake, stripe: AtStripe, channel: str) -> None:
        self.h, self.fake, self.stripe = harness, fake, stripe
        self.me = harness.phone(channel)
        self._told = 0

    async def say(self, text: str) -> list[str]:
        """Say something; return what is answered."""
        return [message.text for message in await self.me.say(text)]

    def news(self) -> list[dict[str, Any]]:
        """Return the events that were not yet taken from the fake, oldest first."""
        events = list(self.fake.events.shelf)
        fresh, self._told = events[self._told :], len(events)
        return fresh

    async def deliver(self, events: Iterable[dict[str, Any]] | None = None) -> None:
        """Let events arrive, all that wait unless some are named; what they cause is delivered too."""
        while batch := list(self.news() if events is None else events):
            for one in batch:
                await self.h.vendor("stripe", one["type"], one["data"]["object"], key=one["id"])
            if events is not None:
                return

    async def wait(self, **span: float) -> list[Message]:
        """Move the clock; the fake acts at its moments, and its events arrive at once."""
        start, target = len(self.me.messages), self.h.clock.now() + timedelta(**span)
        while True:
            now = self.h.clock.now()
            ahead = [at for at in map(moment, self.fake.subscriptions.moments()) if now < at <= target]
            if not ahead:
                break
            await self.h.wait(min(ahead) - now)
            self.fake.expire_due()
            await self.deliver()
        await self.h.wait(target - self.h.clock.now())
        self.fake.expire_due()
        await self.deliver()
        return self.me.messages[start:]

    async def hold(self, span: timedelta) -> None:
        """Move the clock and let timers fall due, but let nothing of what they say leave yet."""
        self.h.clock.advance(span)
        await self.h.fire()

    # -- buying ----------------------------------------------------------------------------------------------------

    async def choose(self, offer: str = "Basic, $9.00 a month") -> str:
        """Go as far as the terms; return them."""
        await self.say("plans")
        return (await self.say(offer))[-1]

    async def tap(self, purchase_id: int | None = None) -> str | None:
        """Tap our link; return the session that is open then."""
        row = (await self.rows(sa.select(purchase).order_by(purchase.c.id.desc())))[0]
        wanted = purchase_id or row.id
        key = f"{wanted}:{row.attempt}:{row.session_ref or ''}"
        await self.h.happen(Event("page", key, purchasing.TAPPED, {"purchase": wanted}, person_id=row.person_id))
        row = (await self.rows(sa.select(purchase).where(purchase.c.id == wanted)))[0]
        return str(row.session_ref) if row.session_ref else None

    async def buy(self, offer: str = "Basic, $9.00 a month", method: str = "card") -> None:
        """Buy a plan, with all its events in their order."""
        await self.choose(offer)
        await self.say("ok")
        session = await self.tap()
        assert session is not None
        self.fake.pay(session, method)
        await self.deliver()

    async def spend_trial(self) -> None:
        """Use up the trial of this person, so that what they buy is paid for."""
        await self.say("may data.api")
        from storage.billing import subscriptions
        from storage.people import person

        def spend(work: Any) -> None:
            subscriptions.claim_trial(work, work.rows(sa.select(person.c.id))[0].id)

        await self.h.writers.run(spend)

    # -- looking ---------------------------------------------------------------------------------------------------

    async def rows(self, statement: sa.Select[Any]) -> list[Any]:
        """Return the rows of a read."""
        return list(await self.h.writers.run(lambda work: work.rows(statement)))

    async def row(self) -> Any:
        """Return the newest subscription of our mirror."""
        found = await self.rows(sa.select(subscription).order_by(subscription.c.id.desc()))
        return found[0] if found else None

    async def log(self) -> list[str]:
        """Return what the log says happened."""
        return [row.kind for row in await self.rows(sa.select(plan_log).order_by(plan_log.c.id))]

    async def alerts(self) -> list[str]:
        """Return the kinds of alerts."""
        return [row.kind for row in await self.rows(sa.select(alert.c.kind))]

    async def plan(self) -> str:
        """Return the plan that the person is on, in its words."""
        return (await self.say("my plan"))[0].partition(".")[0]

    @property
    def customer(self) -> str:
        """The fake's customer."""
        return str(next(iter(self.fake.subscriptions.shelf))["customer"])


def moment(seconds: int) -> datetime:
    """Return an instant of the fake's."""
    return datetime.fromtimestamp(seconds, UTC)


@asynccontextmanager
async def open_shop(
    where: Path | str,
    *,
    channel: str = "sms",
    now: datetime = START,
    trial: bool = False,
    services: Settings | None = None,
) -> AsyncIterator[Shop]:
    """Open a shop with a person who used up their trial, unless a trial is wanted; alone, or among all services."""
    clock = FixedClock(now)
    fake = StripeFake(clock)
    stripe = AtStripe(fake)
    among = partial(register_all, settings=services) if services is not None else register
    async with Harness.open(among, where, clock, stripe.world()) as harness:
        shop = Shop(harness, fake, stripe, channel)
        if not trial:
            await shop.spend_trial()
        yield shop
