"""Automatic tax at the fake Stripe through the real adapter: known when it is paid, in the amount, never above it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.core.calls import Done
from bot.core.calls.stripe import OpenCheckout, ReadCheckout
from tests.integrations.test_stripe_plans import Account, account, price

__all__ = ["account"]


async def session(account: Account, *, taxed: bool) -> str:
    soon = int((account.clock.now() + timedelta(hours=1)).timestamp())
    call = OpenCheckout("1", 500, "usd", "Eggs", "https://e.test/s", "https://e.test/c", soon, {}, stripe_tax=taxed)
    found: str = (await account.get(call)).session_id
    return found


async def test_py_12_what_a_session_tells_of_its_tax(account: Account) -> None:
    for taxed, tax in ((True, 39), (False, 0)):
        one = await session(account, taxed=taxed)
        assert (await account.get(ReadCheckout(one))).tax_minor == 0, "nobody knows yet where the buyer is"
        account.fake.pay(one)
        read = await account.get(ReadCheckout(one))
        assert (read.tax_minor, read.amount_minor, read.payment_status) == (tax, 500, "paid")


async def test_what_a_session_does_not_tell_is_not_nothing(account: Account) -> None:
    from integrations.stripe.objects import checkout

    told: list[dict[str, Any]] = [
        {},
        {"total_details": None},
        {"total_details": {}},
        {"total_details": {"amount_tax": 0}},
    ]
    assert [checkout({"id": "cs_1", **one}).tax_minor for one in told] == [None, None, None, 0]


async def test_py_1_a_plan_with_stripe_tax_costs_what_it_costs_and_its_invoice_names_the_tax(account: Account) -> None:
    bought = await account.buy(replace(price(), stripe_tax=True))
    assert bought.invoice is not None
    invoice = account.fake.invoices.shelf[bought.invoice.invoice_id]
    assert (invoice["amount_paid"], invoice["total_taxes"][0]["amount"]) == (900, 71)
    account.move(days=32)
    renewed = account.fake.invoices.shelf[(await account.read(bought.subscription_id)).invoice.invoice_id]  # type: ignore[union-attr]
    assert (renewed["amount_paid"], renewed["total_taxes"][0]["amount"]) == (900, 71)
    assert isinstance(await account.ask(ReadCheckout("cs_none")), Done) is False
