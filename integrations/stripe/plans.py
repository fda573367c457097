"""Subscriptions at Stripe: begun by Checkout, read, previewed, changed, ended; and the portal.

Prices are found by lookup key and made once under a key of their own, so that two processes make one. Changes answer
only that they were taken: what is true afterwards is read by a call of its own (SB-4). Several requests of one call
carry the row's key with a word behind it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.calls.subscriptions import (
    ChangePlan,
    ChangeTaken,
    EndAtPeriodEnd,
    EndNow,
    FindPlanOfPayment,
    FindPlanPayments,
    GatewaySubscriptions,
    KeepRenewing,
    ListPlanInvoices,
    ListSubscriptions,
    MoveTrialEnd,
    OpenPlanCheckout,
    OpenPortal,
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
from bot.core.ports import Attempt, LookUp, Perform
from integrations.stripe import objects, plan_objects
from integrations.stripe.whole import whole

if TYPE_CHECKING:
    from integrations.stripe.adapter import StripeAdapter

KEY_LIFE = timedelta(hours=23)
"""How long after the first attempt the idempotency key is relied upon; Stripe keeps it for at least 24 hours."""

_GONE = "resource_missing"


def key_lives(attempt: Attempt) -> bool:
    """Tell whether Stripe still knows the key of a first attempt for certain."""
    return attempt.now - attempt.first_at < KEY_LIFE


class PlanCalls:
    """What one Stripe account does with plans."""

    def __init__(self, stripe: StripeAdapter) -> None:
        self._stripe = stripe
        self._prices: dict[str, str] = {}
        self.calls: Mapping[type, Perform] = {
            OpenPlanCheckout: self._open,
            ReadSubscription: self._read,
            ListSubscriptions: self._list,
            FindPlanPayments: self._find_payments,
            ListPlanInvoices: self._list_invoices,
            FindPlanOfPayment: self._find_plan,
            PreviewChange: self._preview,
            ChangePlan: self._change,
            ScheduleChange: self._schedule,
            ReleaseSchedule: self._release,
            EndAtPeriodEnd: self._end_later,
            KeepRenewing: self._keep,
            EndNow: self._end_now,
            MoveTrialEnd: self._move_trial,
            OpenPortal: self._portal,
        }
        self.look_ups: Mapping[type, LookUp] = {OpenPlanCheckout: self._look_up}

    # -- buying ----------------------------------------------------------------------------------------------------

    async def _open(self, call: OpenPlanCheckout, attempt: Attempt) -> Outcome:
        price = await self._price(call.price)
        if not isinstance(price, str):
            return price
        return await self._stripe.once(
            attempt,
            search=lambda: self._stripe.search_checkout(call.reference, attempt),
            create=lambda key, sdk: sdk.v1.checkout.sessions.create_async(
                plan_objects.checkout_parameters(call, price), {"idempotency_key": key}
            ),
            read=objects.checkout,
        )

    async def _look_up(self, call: OpenPlanCheckout, attempt: Attempt) -> Outcome | None:
        return None if key_lives(attempt) else await self._stripe.search_checkout(call.reference, attempt)

    async def _price(self, wanted: PlanPrice) -> str | Outcome:
        """Return the id of a price, made when there is none; a look or a making that fails is tried again."""
        known = self._prices.get(wanted.lookup_key)
        if known is not None:
            return known
        query = {"lookup_keys": [wanted.lookup_key], "limit": 1}
        listed = await self._stripe.ask(lambda sdk: sdk.v1.prices.list_async(query))
        if not isinstance(listed, dict):
            return listed
        rows = [one for one in listed.get("data") or [] if one.get("lookup_key") == wanted.lookup_key]
        made = await self._checked(rows[0], wanted) if rows else await self._make_price(wanted)
        if not isinstance(made, dict):
            return made if isinstance(made, (Again, Refused)) else Again("no_price")
        self._prices[wanted.lookup_key] = str(made["id"])
        return self._prices[wanted.lookup_key]

    async def _checked(self, found: dict[str, Any], wanted: PlanPrice) -> dict[str, Any] | Outcome:
        """Return a price of the account that charges what was shown, else a refusal (PY-1).

        One that says nothing of tax, as those made before Stripe worked it out, is made to include it: that raises
        nobody's price, and the account's own default might.
        """
        if not plan_objects.charges(found, wanted):
            return Refused("price_differs", "a price of the account has this lookup key and charges otherwise")
        if not wanted.stripe_tax or found.get("tax_behavior") == plan_objects.INCLUSIVE:
            return found
        behaviour, options = {"tax_behavior": plan_objects.INCLUSIVE}, {"idempotency_key": f"price_tax:{found['id']}"}
        return await self._stripe.ask(lambda sdk: sdk.v1.prices.update_async(found["id"], behaviour, options))

    async def _make_price(self, wanted: PlanPrice) -> dict[str, Any] | Outcome:
        parameters, options = plan_objects.price_parameters(wanted), {"idempotency_key": f"price:{wanted.lookup_key}"}
        return await self._stripe.ask(lambda sdk: sdk.v1.prices.create_async(parameters, options))

    # -- reading ---------------------------------------------------------------------------------------------------

    async def _read(self, call: ReadSubscription, attempt: Attempt) -> Outcome:
        as_of, query = _micros(attempt), {"expand": plan_objects.EXPAND}
        read = await self._stripe.one(
            lambda sdk: sdk.v1.subscriptions.retrieve_async(call.subscription_id, query),
            lambda found: found,
            harmless=True,
        )
        found = await whole(self._stripe.ask, read.result) if isinstance(read, Done) else read
        return Done(plan_objects.subscription(found, as_of)) if isinstance(found, dict) else found

    async def _list(self, call: ListSubscriptions, attempt: Attempt) -> Outcome:
        as_of, found = _micros(attempt), []
        query: dict[str, Any] = {"expand": [f"data.{path}" for path in plan_objects.EXPAND]}
        query |= {"status": "all"} if call.ended else {}
        async for one in self._stripe.each(lambda sdk, more: sdk.v1.subscriptions.list_async({**query, **more})):
            if not isinstance(one, dict):
                return one
            found.append(plan_objects.subscription(one, as_of))
        return Done(GatewaySubscriptions(found))

    async def _list_invoices(self, call: ListPlanInvoices, attempt: Attempt) -> Outcome:
        as_of, found, query = _micros(attempt), [], {"subscription": call.subscription_id}
        async for one in self._stripe.each(lambda sdk, more: sdk.v1.invoices.list_async({**query, **more})):
            if not isinstance(one, dict):
                return one
            read = plan_objects.invoice(one)
            if read is not None and plan_objects.plan_of_payment(one).subscription_id == call.subscription_id:
                found.append(read)
        return Done(PlanInvoices(found[::-1], as_of))

    async def _find_payments(self, call: FindPlanPayments, attempt: Attempt) -> Outcome:
        found, query = [], {"subscription": call.subscription_id}
        async for one in self._stripe.each(lambda sdk, more: sdk.v1.invoices.list_async({**query, **more})):
            if not isinstance(one, dict):
                return one
            if plan_objects.plan_of_payment(one).subscription_id != call.subscription_id:
                continue
            paid = await self._payments_of(one["id"])
            if not isinstance(paid, list):
                return paid
            found.append(plan_objects.paid_invoice(one, paid))
        return Done(PlanPayments(found[::-1]))

    async def _payments_of(self, invoice_id: str) -> list[dict[str, Any]] | Outcome:
        found, query = [], {"invoice": invoice_id}
        async for one in self._stripe.each(lambda sdk, more: sdk.v1.invoice_payments.list_async({**query, **more})):
            if not isinstance(one, dict):
                return one
            if plan_objects.invoice_of(one) == invoice_id:
                found.append(one)
        return found[::-1]

    async def _find_plan(self, call: FindPlanOfPayment, attempt: Attempt) -> Outcome:
        """Find the invoice that an intent paid, then what that is an invoice of; one look tells too little."""
        query = {"payment": {"type": "payment_intent", "payment_intent": call.payment_intent}}
        listed = await self._stripe.ask(lambda sdk: sdk.v1.invoice_payments.list_async(query))
        if not isinstance(listed, dict):
            return listed
        rows = [one for one in listed.get("data") or [] if plan_objects.intent_of(one) == call.payment_intent]
        invoice_id = plan_objects.invoice_of(rows[0]) if rows else None
        if invoice_id is None:
            return Done(PlanOfPayment("", ""))
        return await self._stripe.one(
            lambda sdk: sdk.v1.invoices.retrieve_async(invoice_id), plan_objects.plan_of_payment, harmless=True
        )

    async def _preview(self, call: PreviewChange, attempt: Attempt) -> Outcome:
        price = await self._price(call.price)
        if not isinstance(price, str):
            return price
        parameters = plan_objects.preview_parameters(call, price)
        options = {"idempotency_key": f"{attempt.key}:{attempt.number}"}
        answer = await self._stripe.ask(lambda sdk: sdk.v1.invoices.create_preview_async(parameters, options))
        return Done(plan_objects.preview(answer, call.at)) if isinstance(answer, dict) else answer

    # -- changing --------------------------------------------------------------------------------------------------

    async def _change(self, call: ChangePlan, attempt: Attempt) -> Outcome:
        price = await self._price(call.price)
        if not isinstance(price, str):
            return price
        if call.schedule_id:
            released = await self._let_go(call.schedule_id, attempt)
            if not isinstance(released, Done):
                return released
        return await self._update(call.subscription_id, plan_objects.change_parameters(call, price), attempt.key)

    async def _schedule(self, call: ScheduleChange, attempt: Attempt) -> Outcome:
        price = await self._price(call.price)
        if not isinstance(price, str):
            return price
        made = await self._schedule_of(call, attempt)
        if not isinstance(made, dict):
            return made
        options = {"idempotency_key": f"{attempt.key}:phases"}
        phases = plan_objects.phases(made, call.price, price)
        return await self._taken(
            call.subscription_id,
            lambda sdk: sdk.v1.subscription_schedules.update_async(made["id"], phases, options),
        )

    async def _schedule_of(self, call: ScheduleChange, attempt: Attempt) -> dict[str, Any] | Outcome:
        if call.schedule_id:
            schedule_id = call.schedule_id
            return await self._stripe.ask(lambda sdk: sdk.v1.subscription_schedules.retrieve_async(schedule_id))
        options = {"idempotency_key": f"{attempt.key}:schedule"}
        return await self._stripe.ask(
            lambda sdk: sdk.v1.subscription_schedules.create_async({"from_subscription": call.subscription_id}, options)
        )

    async def _release(self, call: ReleaseSchedule, attempt: Attempt) -> Outcome:
        return await self._let_go(call.schedule_id, attempt)

    async def _end_later(self, call: EndAtPeriodEnd, attempt: Attempt) -> Outcome:
        if call.schedule_id:
            released = await self._let_go(call.schedule_id, attempt)
            if not isinstance(released, Done):
                return released
        return await self._update(call.subscription_id, {"cancel_at_period_end": True}, attempt.key)

    async def _keep(self, call: KeepRenewing, attempt: Attempt) -> Outcome:
        """Take back whichever of the two is set now: Stripe refuses both names together."""
        found = await self._stripe.ask(lambda sdk: sdk.v1.subscriptions.retrieve_async(call.subscription_id))
        if not isinstance(found, dict):
            return found
        wanted = plan_objects.keep_parameters(found)
        return await self._update(call.subscription_id, wanted, ":".join((attempt.key, *wanted)))

    async def _move_trial(self, call: MoveTrialEnd, attempt: Attempt) -> Outcome:
        wanted = {"trial_end": call.trial_end, "proration_behavior": "none"}
        return await self._update(call.subscription_id, wanted, attempt.key)

    async def _end_now(self, call: EndNow, attempt: Attempt) -> Outcome:
        """End it; one that has ended already, or is not there, is what was wanted."""
        options = {"idempotency_key": attempt.key}
        ended = await self._taken(
            call.subscription_id, lambda sdk: sdk.v1.subscriptions.cancel_async(call.subscription_id, {}, options)
        )
        gone = isinstance(ended, Refused) and ended.code == _GONE
        return Done(ChangeTaken(call.subscription_id)) if gone else ended

    async def _let_go(self, schedule_id: str, attempt: Attempt) -> Outcome:
        """Release a schedule; one that is over has let go already."""
        options = {"idempotency_key": f"{attempt.key}:release"}
        outcome = await self._taken(
            schedule_id, lambda sdk: sdk.v1.subscription_schedules.release_async(schedule_id, {}, options)
        )
        return Done(ChangeTaken(schedule_id)) if isinstance(outcome, Refused) else outcome

    async def _update(self, subscription_id: str, wanted: dict[str, Any], key: str) -> Outcome:
        options = {"idempotency_key": key}
        return await self._taken(
            subscription_id, lambda sdk: sdk.v1.subscriptions.update_async(subscription_id, wanted, options)
        )

    async def _taken(self, about: str, ask: Callable[[Any], Awaitable[Any]]) -> Outcome:
        """Make a change; the key makes it harmless to repeat for longer than any row of a change lives."""
        return await self._stripe.one(ask, lambda found: ChangeTaken(about), harmless=False)

    # -- the portal ------------------------------------------------------------------------------------------------

    async def _portal(self, call: OpenPortal, attempt: Attempt) -> Outcome:
        options = {"idempotency_key": f"{attempt.key}:{attempt.number}"}
        return await self._stripe.one(
            lambda sdk: sdk.v1.billing_portal.sessions.create_async(plan_objects.portal_parameters(call), options),
            lambda found: Portal(str(found.get("url") or "")),
            harmless=True,
        )


def _micros(attempt: Attempt) -> int:
    return int(attempt.now.timestamp() * 1_000_000)
