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
        assert read.method == "Visa ...4242"


async def test_what_a_session_does_not_tell_is_not_nothing(account: Account) -> None:
    from integrations.stripe.objects import checkout

    told: list[dict[str, Any]] = [
        {},
        {"total_details": None},
        {"total_details": {}},
        {"total_details": {"amount_tax": 0}},
    ]
    assert [checkout({"id": "cs_1", **one}).tax_minor for one in told] == [None, None, None, 0]


async def test_py_6_what_was_paid_with_stands_on_the_charge_and_is_told_where_it_is_known(account: Account) -> None:
    from integrations.stripe.objects import checkout

    def paid_by(details: Any) -> str | None:
        return checkout({"id": "cs_1", "payment_intent": {"id": "pi_1", "latest_charge": details}}).method

    def by(kind: str, **part: Any) -> dict[str, Any]:
        return {"payment_method_details": {"type": kind, kind: part}}

    assert paid_by(by("card", brand="amex", last4="0005")) == "Amex ...0005"
    assert paid_by(by("us_bank_account", bank_name="TEST BANK", last4="6789")) == "TEST BANK ...6789"
    assert paid_by(by("link")) == "Link"
    assert [paid_by(one) for one in ("ch_1", None, {}, {"payment_method_details": None})] == [None] * 4
    assert checkout({"id": "cs_1", "payment_intent": "pi_1"}).method is None
    one = await session(account, taxed=False)
    account.fake.pay(one, "us_bank_account")
    assert (await account.get(ReadCheckout(one))).method == "Us bank account ...6789"


async def test_py_1_a_plan_with_stripe_tax_costs_what_it_costs_and_its_invoice_names_the_tax(account: Account) -> None:
    bought = await account.buy(replace(price(), stripe_tax=True))
    assert bought.invoice is not None
    invoice = account.fake.invoices.shelf[bought.invoice.invoice_id]
    assert (invoice["amount_paid"], invoice["total_taxes"][0]["amount"]) == (900, 71)
    account.move(days=32)
    renewed = account.fake.invoices.shelf[(await account.read(bought.subscription_id)).invoice.invoice_id]  # type: ignore[union-attr]
    assert (renewed["amount_paid"], renewed["total_taxes"][0]["amount"]) == (900, 71)
    assert isinstance(await account.ask(ReadCheckout("cs_none")), Done) is False
