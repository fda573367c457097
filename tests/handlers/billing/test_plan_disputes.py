"""PY-9: a dispute of a plan's payment is linked to its person and their plan, whichever of its events comes first."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from handlers.admin import disputes as staff_disputes
from storage import disputes
from tests.handlers.billing.plan_world import Shop, open_shop
from tests.handlers.billing.test_plan_changes import staff, who


def intent_of(shop: Shop) -> str:
    """Return the payment under the newest invoice."""
    return str(list(shop.fake.invoices.payments)[-1]["payment"]["payment_intent"])


async def rows(shop: Shop) -> list[Any]:
    """Return all disputes that are known."""
    return await shop.rows(sa.select(disputes.dispute))


async def test_py_9_a_plans_dispute_names_its_person_holds_the_plan_back_and_a_won_one_gives_it_again(
    tmp_path: Path,
) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        dispute = shop.fake.dispute(intent_of(shop))
        await shop.deliver()
        (one,) = await rows(shop)
        assert (one.kind, one.label, one.state, one.person_id) == ("plan", "DEMO-0001", "open", await who(shop))
        assert one.due_at is not None
        assert (await shop.alerts()) == ["plan_dispute"]
        paper = orjson.loads(await shop.h.writers.run(lambda work: work.seal.open(one.evidence)))
        told = [text for text, _ in paper["rows"]]
        assert {"Plan: created", "Paid $9.00 by stripe"} <= set(told)
        assert any(text.startswith("Consent to") for text in told)
        assert await shop.plan() == "You are on the Free plan"
        assert "yes" not in (await shop.say("may receipts.email_import"))[0]
        shop.fake.payments.close_dispute(dispute, "won")
        await shop.deliver()
        assert [row.state for row in await rows(shop)] == ["won"]
        assert (await shop.alerts()) == ["plan_dispute", "plan_dispute_closed"]
        assert await shop.plan() == "You are on the Basic plan"


async def test_py_9_after_a_lost_dispute_no_plan_is_sold_unless_staff_allow_it(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        staff_disputes.register(shop.h.registry)
        await shop.buy()
        dispute = shop.fake.dispute(intent_of(shop))
        shop.fake.payments.close_dispute(dispute, "lost")
        shop.fake.subscriptions.cancel({}, (await shop.row()).gateway_ref)
        await shop.deliver()
        assert [row.state for row in await rows(shop)] == ["lost"]
        assert "disputes an earlier payment" in await _wanting(shop)
        assert "may buy again" in await staff(shop, "dispute allow", "demo-0001")
        assert "disputes" not in await _wanting(shop)


async def _wanting(shop: Shop) -> str:
    return "\n".join([*(await shop.say("upgrade")), *(await shop.say("1")), *(await shop.say("ok"))])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_py_9_the_events_of_a_dispute_in_any_order_and_twice_end_the_same(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        dispute = shop.fake.dispute(intent_of(shop))
        shop.fake.payments.close_dispute(dispute, "lost")
        told = [one for one in shop.news() if one["type"].startswith("charge.dispute.")]
        opened, closed = (one for one in told if one["type"].endswith((".created", ".closed")))
        events = [opened, {**opened, "id": "evt_u", "type": "charge.dispute.updated"}, closed]
        for _ in range(2):
            await shop.deliver([events[index] for index in order])
        (one,) = await rows(shop)
        assert (one.state, one.label) == ("lost", "DEMO-0001")
        assert sorted(await shop.alerts()) == ["plan_dispute", "plan_dispute_closed"]


async def test_py_9_what_stripe_knows_of_no_plan_is_told_to_staff_once(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        thing = {"object": "dispute", "id": "dp_9", "payment_intent": "pi_else", "charge": "ch_9", "livemode": False}
        for number, intent in enumerate(("pi_else", "pi_else", {"id": "pi_else"}, None)):
            event = thing | {"payment_intent": intent}
            await shop.h.vendor("stripe", "charge.dispute.created", event, key=f"evt_{number}")
        assert await shop.alerts() == ["dispute_unknown"]
        assert await rows(shop) == []
        assert await shop.plan() == "You are on the Basic plan"


def paid(shop: Shop) -> int:
    """Return how many invoices were charged."""
    return sum(one["status"] == "paid" and one["amount_due"] > 0 for one in shop.fake.invoices.shelf)


async def test_py_9_while_the_bank_disputes_a_plan_it_is_not_charged_again_nor_made_more_of(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        shop.fake.dispute(intent_of(shop))
        await shop.wait(minutes=1)
        (at_stripe,) = shop.fake.subscriptions.shelf
        assert at_stripe["cancel_at_period_end"] is True
        assert "disputes an earlier payment" in "\n".join(await shop.say("keep plan"))
        assert "disputes an earlier payment" in await _wanting(shop)
        await shop.wait(days=40)
        assert ((await shop.row()).state, paid(shop)) == ("ended", 1)


@pytest.mark.parametrize("theirs", [False, True], ids=["ours", "theirs"])
async def test_py_9_a_won_dispute_lets_a_plan_renew_again_unless_its_person_had_ended_it(
    tmp_path: Path, theirs: bool
) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        if theirs:
            await shop.say("cancel plan")
            await shop.say("ok")
            await shop.deliver()
        dispute = shop.fake.dispute(intent_of(shop))
        await shop.wait(minutes=1)
        shop.fake.payments.close_dispute(dispute, "won")
        await shop.deliver()
        await shop.wait(days=40)
        assert ((await shop.row()).state, paid(shop)) == (("ended", 1) if theirs else ("active", 2))


async def test_py_9_a_won_dispute_lets_less_begin_as_it_was_planned(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy("Pro, $29.00 a month")
        await shop.say("change plan")
        await shop.say("Basic, $9.00 a month")
        await shop.say("ok")
        await shop.deliver()
        dispute = shop.fake.dispute(intent_of(shop))
        await shop.wait(minutes=1)
        assert ((await shop.row()).next_plan, (await shop.row()).cancel_at_period_end) == (None, True)
        shop.fake.payments.close_dispute(dispute, "won")
        for _ in range(2):
            await shop.deliver()
            await shop.wait(minutes=1)
        assert ((await shop.row()).next_plan, (await shop.row()).cancel_at_period_end) == ("basic", False)
        await shop.wait(days=40)
        amounts = [one["amount_due"] for one in shop.fake.invoices.shelf if one["status"] == "paid"]
        assert ((await shop.row()).plan, amounts) == ("basic", [2900, 900])
        assert await shop.alerts() == ["plan_dispute", "plan_dispute_closed"]


@pytest.mark.parametrize("stripes_own", [False, True], ids=["goes on", "ended by a setting of Stripe's"])
async def test_py_9_a_lost_dispute_ends_the_plan_at_stripe(tmp_path: Path, stripes_own: bool) -> None:
    """Stripe leaves a subscription as it is unless its setting says otherwise; then there is nothing left to end."""
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        dispute = shop.fake.dispute(intent_of(shop))
        await shop.wait(minutes=1)
        shop.fake.payments.close_dispute(dispute, "lost")
        if stripes_own:
            shop.fake.subscriptions.cancel({}, (await shop.row()).gateway_ref)
        said = len(shop.me.messages)
        await shop.wait(minutes=1)
        assert (await shop.row()).state == "ended"
        assert [one.text for one in shop.me.messages[said:] if "over" in one.text or "ended" in one.text] != []
        assert (await shop.alerts()) == ["plan_dispute", "plan_dispute_closed"]
        await shop.wait(days=40)
        assert paid(shop) == 1
        assert await shop.plan() == "You are on the Free plan"


async def test_py_9_a_plan_that_staff_allow_in_spite_of_a_dispute_goes_on(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        staff_disputes.register(shop.h.registry)
        await shop.buy()
        dispute = shop.fake.dispute(intent_of(shop))
        await shop.wait(minutes=1)
        await staff(shop, "dispute allow", "demo-0001")
        await shop.say("keep plan")
        await shop.wait(minutes=1)
        shop.fake.payments.close_dispute(dispute, "lost")
        await shop.deliver()
        await shop.wait(days=40)
        assert ((await shop.row()).state, paid(shop)) == ("active", 2)


async def test_py_9_a_payment_that_the_mirror_never_saw_counts_with_its_dispute(tmp_path: Path) -> None:
    from storage.billing.plan_invoices import plan_invoice

    async with open_shop(tmp_path) as shop:
        await shop.buy()
        await shop.h.writers.run(lambda work: work.claim(plan_invoice.delete()))
        shop.fake.dispute(intent_of(shop))
        await shop.deliver()
        (one,), (invoice,) = await rows(shop), await shop.rows(sa.select(plan_invoice))
        assert (one.subject, invoice.number, invoice.amount_minor, invoice.status) == (
            invoice.id, "DEMO-0001", 900, "paid",
        )  # fmt: skip
        assert invoice.paid_at is not None
