"""Our row follows Stripe's truth, whatever becomes of the events on the way (SB-4, A24, A25, A40, A42, A44)."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.core.calls import Done
from bot.core.calls.subscriptions import GatewayInvoice, GatewaySubscription, PlanPrice, ReadSubscription
from handlers.billing.catalogue import catalogue
from handlers.billing.subscriptions import mirror
from integrations.stripe import plan_objects
from storage.billing.plan_changes import plan_log
from storage.billing.subscriptions import subscription
from storage.reports import recurring, selling
from storage.reports.during import During
from tests.handlers.billing.plan_world import Shop, open_shop

BASIC, PRO = "parley:basic:1:month:USD:900", "parley:pro:1:month:USD:2900"
UNORDERED = ("id", "as_of", "person_id")
"""Of a row these tell when we came to know it, not what is true."""


def seen(**changes: Any) -> GatewaySubscription:
    base: dict[str, Any] = {
        "subscription_id": "sub_1", "customer": "cus_1", "status": "active", "item_id": "si_1", "price_id": "price_1",
        "lookup_key": BASIC, "created": 1_000, "anchor": 1_000, "period_start": 1_000, "period_end": 2_000,
        "cancel_at_period_end": False, "as_of": 1,
    }  # fmt: skip
    return GatewaySubscription(**{**base, **changes})


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("trialing", "trial"), ("active", "active"), ("past_due", "grace"), ("unpaid", "suspended"),
        ("paused", "suspended"), ("incomplete", "pending"), ("incomplete_expired", "ended"), ("canceled", "ended"),
    ],
)  # fmt: skip
def test_the_table_of_states(status: str, state: str) -> None:
    values = mirror.values(seen(status=status, trial_end=5_000))
    assert values is not None
    assert values["state"] == state


def test_a44_an_unknown_status_or_price_tells_nothing() -> None:
    assert mirror.values(seen(status="hibernating")) is None
    assert mirror.values(seen(lookup_key="made by hand")) is None


def test_grace_begins_with_the_failed_invoice_and_not_with_our_knowledge() -> None:
    invoice = GatewayInvoice("in_1", "open", 900, "USD", 1_500, 1_600)
    values = mirror.values(seen(status="past_due", invoice=invoice))
    assert values is not None
    assert values["grace_since"] == datetime.fromtimestamp(1_600, UTC)


MOVES: list[tuple[dict[str, Any] | None, dict[str, Any], list[str]]] = [
    (None, {}, ["created"]),
    (None, {"status": "trialing", "trial_end": 9_000}, ["trial_started"]),
    (None, {"status": "incomplete"}, []),
    (None, {"status": "canceled"}, ["canceled"]),
    ({"status": "incomplete"}, {}, ["created"]),
    ({}, {}, []),
    ({}, {"period_start": 2_000, "period_end": 3_000}, ["renewed"]),
    ({"status": "trialing", "trial_end": 9_000}, {}, ["renewed"]),
    ({}, {"status": "past_due"}, ["payment_failed"]),
    ({"status": "past_due"}, {}, ["recovered"]),
    ({}, {"status": "paused"}, ["paused"]),
    ({}, {"lookup_key": PRO}, ["upgraded"]),
    ({"lookup_key": PRO}, {"period_start": 2_000}, ["downgraded"]),
    ({}, {"lookup_key": "parley:basic:1:year:USD:9000"}, ["upgraded"]),
    ({"lookup_key": PRO}, {"lookup_key": PRO, "next_lookup_key": BASIC}, ["downgrade_scheduled"]),
    ({"lookup_key": PRO, "next_lookup_key": BASIC}, {"lookup_key": PRO}, ["downgrade_undone"]),
    ({}, {"cancel_at_period_end": True}, ["cancel_scheduled"]),
    ({"cancel_at_period_end": True}, {}, ["cancel_undone"]),
    ({}, {"cancel_at": 1_500}, ["cancel_scheduled"]),
    ({"cancel_at": 1_500}, {"cancel_at": 1_600}, ["cancel_scheduled"]),
    ({"cancel_at": 1_500}, {}, ["cancel_undone"]),
    ({"cancel_at": 2_000}, {"cancel_at_period_end": True, "cancel_at": 2_000}, []),
    ({"cancel_at": 2_500}, {"cancel_at": 2_500, "period_start": 2_000, "period_end": 3_000}, ["renewed"]),
    ({"cancel_at_period_end": True}, {"status": "canceled"}, ["canceled"]),
    ({"status": "canceled"}, {"status": "canceled"}, []),
]


@pytest.mark.parametrize(("before", "after", "moves"), MOVES)
def test_sb_14_what_happened_follows_from_two_states(
    before: dict[str, Any] | None, after: dict[str, Any], moves: list[str]
) -> None:
    was = mirror.values(seen(**before)) if before is not None else None
    now = mirror.values(seen(**after))
    assert now is not None
    assert mirror.moves(catalogue(), was, now) == moves


# -- events in any order -----------------------------------------------------------------------------------------------


async def _a_life(shop: Shop, *, ends: bool) -> AsyncIterator[None]:
    """Play a plan's life at Stripe: bought, owed, tried in vain, paid, raised, lowered and kept, lowered, set to end,
    kept, and ended where that is wanted."""
    fake = shop.fake
    await shop.choose()
    await shop.say("ok")
    fake.pay(str(await shop.tap()))
    yield
    bought = next(iter(fake.subscriptions.shelf))

    def pass_(days: int) -> None:
        shop.h.clock.advance(timedelta(days=days))
        fake.expire_due()

    def price(key: str, amount: int) -> str:
        return shop.stripe.price(PlanPrice(key, "Plan", amount, "USD", "month"))

    def lower() -> str:
        made = fake.schedules.create({"from_subscription": bought["id"]})
        later = plan_objects.phases(made, PlanPrice(BASIC, "Plan", 900, "USD", "month"), price(BASIC, 900))
        return str(fake.schedules.update(later, made["id"])["id"])

    fake.subscriptions.card(bought["customer"], "card_declined")
    pass_(31)
    yield
    pass_(6)
    yield
    fake.subscriptions.card(bought["customer"], None)
    yield
    items = [{"id": bought["items"]["data"][0]["id"], "price": price(PRO, 2900)}]
    fake.subscriptions.update({"items": items, "proration_behavior": "always_invoice"}, bought["id"])
    yield
    fake.schedules.release({}, lower())
    yield
    planned = lower()
    yield
    pass_(31)
    yield
    fake.schedules.release({}, planned)
    fake.subscriptions.update({"cancel_at_period_end": True}, bought["id"])
    yield
    fake.subscriptions.update({"cancel_at_period_end": False}, bought["id"])
    if ends:
        fake.subscriptions.cancel({}, bought["id"])
    yield


async def _row_after(order: list[list[int]], folder: Path, *, ends: bool) -> dict[str, Any]:
    """Return our row after a life: at each station some events of those that were arrive, again, late or never.

    The last one arrives; where even that one is lost, the reconciling job looks (SB-16). What Stripe has is then what
    we have, and the log tells of the same plans as the row does (RP-1).
    """
    async with open_shop(folder) as shop:
        station, known = 0, list[dict[str, Any]]()
        async for _ in _a_life(shop, ends=ends):
            known += [one for one in shop.news() if one["type"].startswith(("checkout.", "customer.", "invoice."))]
            numbers = order[station] if station < len(order) else []
            await shop.deliver([known[number % len(known)] for number in numbers])
            station += 1
        await shop.deliver([[one for one in known if one["type"].startswith("customer.subscription.")][-1]])
        row = await shop.row()
        assert row is not None
        assert not mirror.differs(dict(row._mapping), shop.stripe.read(row.gateway_ref))
        now = shop.h.clock.now() + timedelta(seconds=1)
        span = During(now - timedelta(days=1), now, now.date(), now.date())
        stands = await shop.h.database.read(selling.running)
        assert await shop.h.database.read(lambda c: recurring.running_then(c, span)) == stands
        told = [m.text for m in shop.me.messages if "You are on Basic now" in m.text or "has ended" in m.text]
        assert len(told) == len(set(told)), "nothing is told twice"
        return {name: value for name, value in row._mapping.items() if name not in UNORDERED}


_expected: dict[bool, dict[str, Any]] = {}


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.lists(st.lists(st.integers(0, 90), max_size=8), max_size=10), ends=st.booleans())
async def test_sb_4_any_order_any_repetition_and_any_gap_end_in_the_same_row(
    order: list[list[int]], ends: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if ends not in _expected:
            (Path(folder) / "straight").mkdir()
            _expected[ends] = await _row_after([list(range(90))] * 10, Path(folder) / "straight", ends=ends)
        found = await _row_after(order, Path(folder), ends=ends)
    assert _comparable(found) == _comparable(_expected[ends])
    assert found["state"] == ("ended" if ends else "active")
    assert found["plan"] == "basic"


def _comparable(row: dict[str, Any]) -> dict[str, Any]:
    """Leave the fake's random ids out; the card's digits come of one, so that there is a card is what counts."""
    kept = {name: value for name, value in row.items() if not name.endswith("_ref")}
    return {**kept, "method": row["method"] is not None}


async def test_sb_4_an_answer_that_comes_late_never_overwrites_a_newer_one(tmp_path: Path) -> None:
    """A look that began before the end answers after it."""
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        id = next(iter(shop.fake.subscriptions.shelf))["id"]
        old = shop.stripe.read(id)
        shop.h.clock.advance(timedelta(seconds=5))
        shop.fake.subscriptions.cancel({}, id)
        events = shop.news()
        await shop.deliver(events)
        assert (await shop.row()).state == "ended"
        shop.h.world[ReadSubscription] = lambda call, harness: Done(old)
        await shop.h.vendor("stripe", "customer.subscription.updated", events[-1]["data"]["object"], key="another")
        assert (await shop.row()).state == "ended"
        assert await shop.log() == ["created", "canceled"]


async def test_sb_4_an_event_during_a_look_is_followed_by_another_look(tmp_path: Path) -> None:
    from storage.billing import watching
    from storage.people import person

    async with open_shop(tmp_path) as shop:

        def steps(work: Any) -> list[bool]:
            me = work.rows(sa.select(person.c.id))[0].id
            return [
                watching.begin(work, me, "sub_1"), watching.begin(work, me, "sub_1"), watching.ended(work, me, "sub_1"),
                watching.begin(work, me, "sub_1"), watching.ended(work, me, "sub_1"), watching.ended(work, me, "sub_1"),
                watching.begin(work, me, "sub_1"),
            ]  # fmt: skip

        assert await shop.h.writers.run(steps) == [True, False, True, False, True, False, True]


async def test_a40_an_update_after_the_end_leaves_it_ended(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        id = next(iter(shop.fake.subscriptions.shelf))["id"]
        updated = [one for one in shop.fake.events.shelf if one["type"] == "customer.subscription.updated"][-1]
        shop.fake.subscriptions.cancel({}, id)
        await shop.deliver()
        await shop.h.vendor("stripe", updated["type"], updated["data"]["object"], key="late")
        assert (await shop.row()).state == "ended"
        assert await shop.log() == ["created", "canceled"]


async def test_a44_an_unknown_status_leaves_the_mirror_and_alerts(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        before = await shop.row()
        shop.fake.subscriptions.set_status(before.gateway_ref, "hibernating")
        await shop.deliver()
        assert (await shop.row()).state == before.state
        assert "unknown_plan_state" in await shop.alerts()


async def test_a42_a_handler_that_fails_twice_works_at_last_with_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handlers.billing.subscriptions import watching as handling

    async with open_shop(tmp_path) as shop:
        await shop.choose()
        await shop.say("ok")
        shop.fake.pay(str(await shop.tap()))
        done = next(one for one in shop.news() if one["type"] == "checkout.session.completed")
        usual, failures = handling.look, [1, 2]

        def failing(turn: Any, ref: str) -> None:
            if failures:
                failures.pop()
                raise RuntimeError("a bug")
            usual(turn, ref)

        monkeypatch.setattr(handling, "look", failing)
        with pytest.raises(AssertionError):
            await shop.deliver([done])
        for _ in range(3):
            await shop.h.wait(timedelta(seconds=10))
        assert failures == []
        assert (await shop.row()).state == "active"
        assert sum("You are on Basic now" in m.text for m in shop.me.messages) == 1


async def test_a24_past_due_keeps_the_plan_for_13_days_and_not_for_14(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        shop.fake.subscriptions.card(shop.customer, "card_declined")
        await shop.wait(days=31 + 13, hours=23)
        assert await shop.plan() == "You are on the Basic plan"
        await shop.wait(hours=1)
        assert await shop.plan() == "You are on the Free plan"
        assert (await shop.row()).state == "grace"


async def test_a25_after_the_end_the_free_plan_is_there_with_its_quota(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        await shop.say("reserve op1 20")
        shop.fake.subscriptions.cancel({}, (await shop.row()).gateway_ref)
        await shop.deliver()
        said = await shop.say("my plan")
        assert "Free plan: 0 of 15 receipts read" in said[0], "LG-7: the month of the free plan, once"
        (no,) = await shop.say("may receipts.email_import")
        assert no.startswith("False")
        assert (await shop.say("reserve op2 3")) == ["granted"]


async def test_lg_7_an_upgrade_keeps_what_was_used_and_takes_the_new_limit(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        await shop.say("reserve op1 14")
        await shop.say("upgrade")
        await shop.say("Pro, $29.00 a month")
        await shop.say("ok")
        await shop.deliver()
        assert "Pro plan: 14 of 1000 receipts read" in (await shop.say("my plan"))[0]


async def test_the_log_names_what_caused_it(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        (row,) = await shop.rows(sa.select(plan_log))
        assert (row.now, row.amount_minor, row.cause[:11]) == ("basic:1:month", 900, "stripe:evt_")
        assert len(await shop.rows(sa.select(subscription))) == 1


@pytest.mark.parametrize("backwards", [False, True])
async def test_py_8_every_invoice_that_was_paid_while_nobody_looked_is_listed_and_counted(
    tmp_path: Path, backwards: bool
) -> None:
    """A look shows the newest invoice alone; the two before it are known from their own events."""
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        for _ in range(3):
            shop.h.clock.advance(timedelta(days=31))
            shop.fake.expire_due()
        news = shop.news()
        await shop.deliver(news[::-1] if backwards else news)
        await shop.deliver(news)
        lines = (await shop.say("billing"))[0].splitlines()
        assert [line for line in lines if "$9.00 paid" in line] == [
            f"{day} Basic plan $9.00 paid DEMO-000{n}"
            for n, day in ((4, "3 Jun"), (3, "3 May"), (2, "2 Apr"), (1, "2 Mar"))
        ]
        now = shop.h.clock.now() + timedelta(seconds=1)
        span = During(now - timedelta(days=200), now, now.date(), now.date())
        money = await shop.h.database.read(lambda c: selling.invoices_money(c, span))
        assert (sum(one.paid_minor for one in money), sum(one.count for one in money)) == (3600, 4)
