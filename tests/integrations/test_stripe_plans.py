"""Plans at the fake Stripe through the real adapter: prices once, periods, proration, changes, and what it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.calls import Done, Refused
from bot.core.calls.stripe import RefundPayment
from bot.core.calls.subscriptions import (
    ChangePlan,
    EndAtPeriodEnd,
    EndNow,
    FindPlanOfPayment,
    FindPlanPayments,
    GatewaySubscription,
    KeepRenewing,
    ListPlanInvoices,
    ListSubscriptions,
    MoveTrialEnd,
    OpenPlanCheckout,
    OpenPortal,
    PlanPrice,
    PreviewChange,
    ReadSubscription,
    ReleaseSchedule,
    ScheduleChange,
)
from bot.core.clock import FixedClock
from integrations.fakes.stripe import StripeFake
from integrations.fakes.stripe.proration import months_after, share
from integrations.stripe import StripeAdapter
from integrations.stripe.plan_objects import checkout_parameters, price_parameters
from tests.integrations.door import attempt

START = datetime(2026, 3, 1, tzinfo=UTC)
PLANS = {"basic": 900, "pro": 2900}


def price(plan: str = "basic", every: str = "month") -> PlanPrice:
    amount = PLANS[plan] * (10 if every == "year" else 1)
    return PlanPrice(f"parley:{plan}:1:{every}:USD:{amount}", plan, amount, "USD", every)


class Account:
    """The fake, the adapter, and a clock that moves both."""

    def __init__(self, fake: StripeFake, stripe: StripeAdapter, clock: FixedClock) -> None:
        self.fake, self.stripe, self.clock, self._count = fake, stripe, clock, len(fake.book.rows)

    async def ask(self, call: Any, key: str = "") -> Any:
        self._count += 1
        now = self.clock.now()
        made = replace(attempt(), key=key or f"k{self._count}", first_at=now, now=now)
        return await self.stripe.calls[type(call)](call, made)

    async def get(self, call: Any) -> Any:
        outcome = await self.ask(call)
        assert isinstance(outcome, Done), outcome
        return outcome.result

    async def buy(self, of: PlanPrice | None = None, method: str = "card", **more: Any) -> GatewaySubscription:
        ends = int((self.clock.now() + timedelta(hours=1)).timestamp())
        self._count += 1
        call = OpenPlanCheckout(
            str(self._count), of or price(), "https://e.test/s", "https://e.test/c", ends, {"purchase_id": "7"}, **more
        )
        session = await self.get(call)
        self.fake.pay(session.session_id, method)
        done = self.fake.checkout.find(session.session_id)
        return await self.read(done["subscription"])

    async def read(self, id: str) -> GatewaySubscription:
        found = await self.get(ReadSubscription(id))
        assert isinstance(found, GatewaySubscription)
        return found

    def move(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))
        self.fake.expire_due()


@pytest.fixture
async def account() -> AsyncIterator[Account]:
    clock = FixedClock(START)
    fake = StripeFake(clock)
    await fake.start()
    stripe = StripeAdapter("sk_test_1", base_url=fake.url, seconds=5)
    yield Account(fake, stripe, clock)
    await stripe.close()
    await fake.stop()


async def test_a_price_is_made_once_and_the_period_stands_on_the_item(account: Account) -> None:
    bought = await account.buy()
    assert (bought.status, bought.lookup_key, bought.metadata) == ("active", price().lookup_key, {"purchase_id": "7"})
    assert bought.period_end == int(datetime(2026, 4, 1, tzinfo=UTC).timestamp())
    assert bought.invoice is not None
    assert (bought.invoice.status, bought.invoice.amount_minor) == ("paid", 900)
    other = StripeAdapter("sk_test_1", base_url=account.fake.url)
    await Account(account.fake, other, account.clock).buy()
    await other.close()
    assert len(account.fake.prices.shelf) == 1


async def test_str_9_the_payment_of_an_invoice_hangs_under_it_and_can_be_given_back(account: Account) -> None:
    bought, other = await account.buy(), await account.buy(price("pro"))
    assert bought.invoice is not None
    [first] = (await account.get(FindPlanPayments(bought.subscription_id))).invoices
    [paid] = first.payments
    assert (first.invoice_id, first.paid_at) == (bought.invoice.invoice_id, bought.invoice.paid_at)
    assert (paid.status, paid.amount_minor, paid.currency) == ("paid", 900, "USD")
    of = await account.get(FindPlanOfPayment(str(paid.payment_intent)))
    assert (of.subscription_id, of.invoice_id) == (bought.subscription_id, first.invoice_id)
    assert (of.number, of.amount_minor, of.currency) == (bought.invoice.number, 900, "USD")
    assert (await account.get(FindPlanOfPayment("pi_unknown"))).subscription_id == ""
    given = await account.get(RefundPayment(str(paid.payment_intent), 900, "duplicate", {"second_plan": "x"}))
    assert (given.status, given.payment_intent) == ("succeeded", paid.payment_intent)
    account.fake.subscriptions.card(other.customer, "card_declined")
    account.move(days=32)
    owed = (await account.read(other.subscription_id)).invoice
    assert owed is not None
    older, newer = (await account.get(FindPlanPayments(other.subscription_id))).invoices
    listed = (await account.get(ListPlanInvoices(other.subscription_id))).invoices
    assert [(one.invoice_id, one.is_first) for one in listed] == [(older.invoice_id, True), (newer.invoice_id, False)]
    assert (older.paid_at is not None, newer.invoice_id, newer.paid_at) == (True, owed.invoice_id, None)
    [open_one] = newer.payments
    assert (open_one.status, open_one.amount_minor) == ("open", 0)
    refused = await account.ask(RefundPayment(str(open_one.payment_intent), 900, "duplicate", {}))
    assert isinstance(refused, Refused), "what was not paid is not given back"
    assert (await account.get(FindPlanPayments("sub_unknown"))).invoices == []


async def test_sb_8_half_of_a_31_day_month_from_basic_to_pro_costs_1000_and_is_charged_so(account: Account) -> None:
    bought = await account.buy()
    account.move(days=15.5)
    at = account.fake.now()
    shown = await account.get(PreviewChange(bought.subscription_id, bought.item_id, price("pro"), at))
    assert shown.amount_due_minor == 1000
    account.move(minutes=9)
    await account.get(ChangePlan(bought.subscription_id, bought.item_id, price("pro"), at))
    after = await account.read(bought.subscription_id)
    assert after.invoice is not None
    assert (after.lookup_key, after.invoice.amount_minor) == (price("pro").lookup_key, 1000)
    assert after.period_end == bought.period_end


def test_sb_8_200_of_365_days_of_a_year_from_basic_to_pro_cost_10958() -> None:
    year = 365 * 86_400
    assert (share(9000, 165 * 86_400, 0, year), share(29000, 165 * 86_400, 0, year)) == (4932, 15890)


def test_months_keep_the_day_of_their_anchor() -> None:
    anchor = int(datetime(2026, 1, 31, tzinfo=UTC).timestamp())
    days = [datetime.fromtimestamp(months_after(anchor, n), UTC).day for n in range(4)]
    assert days == [31, 28, 31, 30]


async def test_a51_a_declined_upgrade_changes_nothing(account: Account) -> None:
    bought = await account.buy()
    account.fake.subscriptions.card(bought.customer, "card_declined")
    account.move(days=3)
    call = ChangePlan(bought.subscription_id, bought.item_id, price("pro"), account.fake.now())
    outcome = await account.ask(call, "change:1")
    assert isinstance(outcome, Refused)
    assert outcome.code == "card_declined"
    again = await account.ask(call, "change:1")
    assert isinstance(again, Refused)
    assert (await account.read(bought.subscription_id)).lookup_key == price().lookup_key


async def test_a_scheduled_price_begins_with_the_next_period_and_can_be_let_go(account: Account) -> None:
    bought = await account.buy(price("pro"))
    await account.get(ScheduleChange(bought.subscription_id, price()))
    planned = await account.read(bought.subscription_id)
    assert (planned.lookup_key, planned.next_lookup_key) == (price("pro").lookup_key, price().lookup_key)
    refused = await account.ask(EndAtPeriodEnd(bought.subscription_id))
    assert isinstance(refused, Refused), "Stripe refuses both together"
    await account.get(ReleaseSchedule(str(planned.schedule)))
    assert (await account.read(bought.subscription_id)).next_lookup_key is None
    await account.get(ScheduleChange(bought.subscription_id, price()))
    account.move(days=32)
    after = await account.read(bought.subscription_id)
    assert after.invoice is not None
    assert (after.lookup_key, after.next_lookup_key, after.invoice.amount_minor) == (price().lookup_key, None, 900)


async def test_keeping_takes_back_an_instant_that_was_set_by_itself(account: Account) -> None:
    bought = await account.buy()
    at = bought.period_start + 5 * 86_400
    sdk = account.stripe
    await sdk.ask(lambda one: one.v1.subscriptions.update_async(bought.subscription_id, {"cancel_at": at}))
    found = await account.read(bought.subscription_id)
    assert (found.cancel_at, found.cancel_at_period_end) == (at, False)
    await account.get(KeepRenewing(bought.subscription_id))
    assert (await account.read(bought.subscription_id)).cancel_at is None
    both = {"cancel_at": at, "cancel_at_period_end": True}
    refused = await sdk.ask(lambda one: one.v1.subscriptions.update_async(bought.subscription_id, both))
    assert isinstance(refused, Refused)


async def test_ending_and_keeping(account: Account) -> None:
    bought = await account.buy()
    await account.get(EndAtPeriodEnd(bought.subscription_id))
    assert (await account.read(bought.subscription_id)).cancel_at_period_end
    await account.get(KeepRenewing(bought.subscription_id))
    assert not (await account.read(bought.subscription_id)).cancel_at_period_end
    await account.get(EndAtPeriodEnd(bought.subscription_id))
    account.move(days=31)
    assert (await account.read(bought.subscription_id)).status == "canceled"
    assert await account.get(ListSubscriptions()) is not None
    assert (await account.get(ListSubscriptions())).subscriptions == []
    assert len((await account.get(ListSubscriptions(ended=True))).subscriptions) == 1
    assert isinstance(await account.ask(EndNow(bought.subscription_id)), Done), "what is over is what was wanted"


async def test_a48_a_trial_without_a_card_ends_at_its_instant_and_one_with_a_card_is_paid(account: Account) -> None:
    bare = await account.buy(method="none", trial_days=14)
    carded = await account.buy(trial_days=14)
    assert (bare.status, carded.status) == ("trialing", "trialing")
    await account.get(MoveTrialEnd(carded.subscription_id, carded.period_end + 86_400))
    account.move(days=14)
    over, runs = await account.read(bare.subscription_id), await account.read(carded.subscription_id)
    assert (over.status, over.ended_at) == ("canceled", bare.trial_end)
    assert runs.status == "trialing"
    account.move(days=1)
    assert (await account.read(carded.subscription_id)).status == "active"


async def test_a_failed_renewal_is_past_due_until_a_card_works(account: Account) -> None:
    bought = await account.buy()
    account.fake.subscriptions.card(bought.customer, "card_declined")
    account.move(days=31)
    late = await account.read(bought.subscription_id)
    assert late.invoice is not None
    assert (late.status, late.invoice.attempts, late.invoice.finalized_at) == ("past_due", 1, bought.period_end)
    portal = await account.get(OpenPortal(bought.customer, "https://e.test/back", "payment_method_update"))
    assert "/b/bps_" in portal.url
    account.fake.subscriptions.card(bought.customer, None)
    assert (await account.read(bought.subscription_id)).status == "active"


async def test_what_stripe_refuses_of_plans(account: Account) -> None:
    bought = await account.buy()
    before = replace(price("pro"))
    outside = PreviewChange(bought.subscription_id, bought.item_id, before, account.fake.now() - 1)
    wrong_item = PreviewChange(bought.subscription_id, "si_none", before, account.fake.now())
    nobody = OpenPortal("cus_none", "https://e.test")
    soon = int((account.clock.now() + timedelta(hours=1)).timestamp())
    code = OpenPlanCheckout("9", price(), "https://e.test/s", "https://e.test/c", soon, {}, promotion_code="promo_none")
    for call in (outside, wrong_item, nobody, code, ReadSubscription("sub_none")):
        assert isinstance(await account.ask(call), Refused), call


async def test_py_12_stripe_tax_is_included_in_a_plan_and_a_known_customers_address_is_asked_for(
    account: Account,
) -> None:
    bought = await account.buy(replace(price(), stripe_tax=True))
    await account.buy(replace(price("pro"), stripe_tax=True), customer=bought.customer)
    assert len(account.fake.prices.shelf) == 2
    call = OpenPlanCheckout(
        "9", replace(price(), stripe_tax=True), "https://e.test/s", "https://e.test/c", 1, {}, customer="cus_1"
    )
    wanted = checkout_parameters(call, "price_1")
    assert (wanted["automatic_tax"], wanted["customer_update"]) == ({"enabled": True}, {"address": "auto"})
    assert price_parameters(call.price)["tax_behavior"] == "inclusive"
    plain = checkout_parameters(replace(call, price=price()), "price_1")
    assert not {"automatic_tax", "customer_update"} & set(plain)
    assert "tax_behavior" not in price_parameters(price())


async def test_py_1_a_price_of_the_account_that_would_charge_otherwise_is_refused_or_made_inclusive(
    account: Account,
) -> None:
    """What is shown is what is charged: a lookup key of ours may have been given to another price by hand."""
    taxed, made = replace(price(), stripe_tax=True), account.fake.prices.create
    soon = int((account.clock.now() + timedelta(hours=1)).timestamp())
    shape = {"currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}, "product_data": {"name": "P"}}
    for wrong in (
        {"tax_behavior": "exclusive"},
        {"unit_amount": 901},
        {"currency": "eur"},
        {"recurring": {"interval": "year"}},
        {"recurring": {"interval": "month", "interval_count": 2}},
        {"active": False},
    ):
        other = made({**shape, "lookup_key": taxed.lookup_key, **wrong})
        refused = await account.ask(OpenPlanCheckout("9", taxed, "https://e.test/s", "https://e.test/c", soon, {}))
        assert isinstance(refused, Refused)
        assert refused.code == "price_differs"
        account.fake.prices.shelf.drop(other["id"])
    assert not list(account.fake.checkout.shelf)
    kept = made({**shape, "lookup_key": taxed.lookup_key})
    bought = await account.buy(taxed)
    assert account.fake.prices.find(kept["id"], "id")["tax_behavior"] == "inclusive"
    assert bought.invoice is not None
    assert (bought.price_id, bought.invoice.amount_minor) == (kept["id"], 900)
