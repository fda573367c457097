"""What the receipt of a letter says: price, discount, tax, what was paid; also the tax that Stripe found (PY-6)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.stripe import OpenCheckout, ReadCheckout
from handlers.appeals import payments as appeal_payments
from handlers.appeals.settings import AppealSettings
from handlers.billing.documents import letters
from handlers.billing.orders.settings import OrderSettings
from storage.appeals import privacy
from tests.handlers.billing.coupons.desk import Desk, open_desk


async def sums(desk: Desk) -> list[tuple[str, str]]:
    row = await desk.payment()
    found: dict[str, Any] = await desk.act(lambda turn: letters.paper(turn, row))
    assert found["rows"][0][2] == "$19.95"
    return [tuple(one) for one in found["sums"]]


async def buy(desk: Desk, pay: Callable[[], Any]) -> None:
    await desk.tell("spring20")
    await desk.approve()
    await desk.request()
    await pay()


async def test_py_6_discount_and_tax_of_ours_stand_on_a_letters_receipt(tmp_path: Path) -> None:
    async with open_desk(tmp_path, AppealSettings(tax_bps=1000)) as desk:
        await buy(desk, desk.pay)
        assert await sums(desk) == [
            ("Discount", "-$3.99"), ("Net", "$15.96"), ("Tax", "$1.60"), ("Total paid", "$17.56"),
        ]  # fmt: skip


@pytest.mark.parametrize("tells", [True, False], ids=["in the event", "only when it is read"])
async def test_py_12_the_tax_that_stripe_worked_out_stands_on_a_letters_receipt(tmp_path: Path, tells: bool) -> None:
    async with open_desk(tmp_path, AppealSettings(stripe_tax=True)) as desk:
        desk.h.registry.settings[OrderSettings] = OrderSettings(stripe_tax=True)
        told = {"payment_status": "paid", "status": "complete", "payment_intent": "pi_cs_1", "tax_minor": 125}
        desk.vendors.answers[ReadCheckout] = lambda call: Done(desk.vendors.session(call.session_id, **told))
        details: dict[str, Any] = {"total_details": {"amount_tax": 125}} if tells else {}
        await buy(desk, lambda: desk.pay(**details))
        assert "less $3.99, tax included, total $15.96" in desk.said
        assert desk.calls(OpenCheckout)[0].amount_minor == 1596
        assert await desk.stage() == "paid"
        payment = await desk.payment()
        assert (payment.tax_minor, payment.total_minor, payment.charged_minor) == (125, 1596, 1596)
        assert await sums(desk) == [
            ("Discount", "-$3.99"), ("Net", "$14.71"), ("Tax (included)", "$1.25"), ("Total paid", "$15.96"),
        ]  # fmt: skip


VISA = "Visa ...4242"


async def paid_by(desk: Desk) -> str:
    row = await desk.payment()
    found: dict[str, Any] = await desk.act(lambda turn: letters.paper(turn, row))
    return str(dict(found["facts"])["Paid by"])


@pytest.mark.parametrize("lacks", [(), ("payment_intent",)], ids=["honoured at once", "read before"])
async def test_py_6_the_receipt_of_a_letter_names_what_was_paid_with(tmp_path: Path, lacks: tuple[str, ...]) -> None:
    async with open_desk(tmp_path) as desk:
        told = {"payment_status": "paid", "status": "complete", "payment_intent": "pi_cs_1", "method": VISA}
        desk.vendors.answers[ReadCheckout] = lambda call: Done(desk.vendors.session(call.session_id, **told))
        left_out: dict[str, Any] = dict.fromkeys(lacks)
        await buy(desk, lambda: desk.pay(**left_out))
        assert (await desk.stage(), await paid_by(desk)) == ("paid", VISA)
        payment = await desk.payment()
        await desk.h.writers.run(lambda work: privacy.erase(work, payment.person_id))
        assert (await desk.payment()).method is None, "the digits go with their person"


async def test_py_6_a_letter_whose_card_stripe_does_not_tell_is_paid_all_the_same(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:

        def refuse(call: ReadCheckout) -> Outcome:
            return Refused("resource_missing")

        desk.vendors.answers[ReadCheckout] = refuse
        await buy(desk, desk.pay)
        assert (await desk.stage(), await paid_by(desk)) == ("paid", "Card (Stripe)")
        assert await desk.alerts() == []


async def test_py_6_what_comes_after_its_person_is_gone_is_not_kept(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        await buy(desk, desk.pay)
        payment = await desk.payment()
        await desk.h.writers.run(lambda work: privacy.erase(work, payment.person_id))
        told = {"payment_status": "paid", "status": "complete", "payment_intent": "pi_cs_1", "method": VISA}
        desk.vendors.answers[ReadCheckout] = lambda call: Done(desk.vendors.session(call.session_id, **told))
        await desk.act(lambda turn: appeal_payments.read_again(turn, payment))
        assert (await desk.payment()).method is None
