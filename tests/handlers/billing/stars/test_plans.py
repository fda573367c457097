"""Plans that renew for Stars: begin, renew, end a day after, cancel, upgrade with bonus days (TS-4, TS-6, A60, A61)."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest

from bot.core.calls import Done, Outcome
from bot.core.calls.stars import ListStars, MakeInvoiceLink, StarTransaction, StarTransactions
from bot.core.errors import Refusal
from bot.core.events import Event
from bot.core.sms import encoding_of
from bot.engine.orders import Wanted
from bot.engine.turn import Turn
from handlers.billing.orders.gateways import choose
from handlers.billing.stars.bonus import bonus_days
from jobs.reconcile_stars import StarNews
from storage.billing import subscriptions
from storage.billing.orders import order
from storage.billing.plan_changes import plan_log
from storage.billing.purchases import purchase
from tests.handlers.billing.stars.kit import MONTH, Shop, open_shop
from tests.handlers.billing.world import NOW

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FILE = resources.files("handlers.billing.stars").joinpath("texts/en.toml")
TEXTS: dict[str, str] = tomllib.loads(FILE.read_text("utf-8"))


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as opened:
        yield opened


async def basic(shop: Shop) -> str:
    """Buy the basic plan."""
    await shop.say("plans")
    await shop.phone.tap("Basic")
    return await shop.pay_plan()


def test_every_text_is_plain_and_short() -> None:
    assert [key for key, text in TEXTS.items() if encoding_of(text) != "GSM-7" or len(text) > 160] == []


@pytest.mark.parametrize(
    ("paid", "price", "left", "days"),
    [
        (700, 2250, 15 * DAY, 4),
        (700, 2250, MONTH, 9),
        (700, 2250, timedelta(), 0),
        (700, 2250, -DAY, 0),
        (700, 2250, 3 * DAY, 0),
        (700, 2250, 4 * DAY, 1),
    ],
)
def test_a61_ts_6_what_is_left_becomes_days_rounded_down(paid: int, price: int, left: timedelta, days: int) -> None:
    assert bonus_days(paid=paid, price=price, until=NOW + left, now=NOW) == days


async def test_ts_1_ts_4_a_plan_is_offered_by_a_link_that_renews_and_begins_with_the_payment(shop: Shop) -> None:
    said = await shop.say("plans")
    assert "Basic: 700 Stars for 30 days. Pro: 2,250 Stars for 30 days." in said
    await shop.phone.tap("Basic")
    (call,) = shop.telegram.invoices
    assert isinstance(call, MakeInvoiceLink)
    assert (call.title, call.stars) == ("Basic plan, 30 days", 700)
    assert "CANCEL PLAN" in shop.said
    assert "$" not in shop.said.replace("https://t.me/$", "")
    assert await shop.plans() == [], "nothing is active before the payment"
    await shop.pay_plan()
    assert await shop.plans() == [("basic", "active", NOW + MONTH)]
    assert "Basic plan: 0 of 150 receipts read" in await shop.say("my plan")


async def test_ts_2_with_a_live_plan_only_a_better_one_may_be_paid(shop: Shop) -> None:
    await shop.say("plans")
    await shop.phone.tap("Basic")
    first = shop.telegram.invoices[-1]
    await shop.pay_plan()
    assert "What is left of Basic becomes 9 more days of Pro." in await shop.say("plans")
    await shop.phone.tap("Pro")
    assert await shop.judge() == ""
    assert await shop.judge(payload=first.payload, amount_minor=700) == "billing.stars.expired"
    person = (await shop.rows(order.c.person_id))[0][0]
    rows = await shop.rows(subscriptions.subscription.c.id)
    await shop.harness.writers.run(lambda work: subscriptions.change(work, person, rows[0][0], gateway="stripe"))
    assert await shop.judge() == "billing.stars.has_plan"


async def test_py_2_a_newer_offer_ends_the_older_one(shop: Shop) -> None:
    await shop.say("plans")
    await shop.phone.tap("Basic")
    older = shop.telegram.invoices[-1]
    await shop.phone.tap("Pro")
    assert await shop.judge() == ""
    assert await shop.judge(payload=older.payload, amount_minor=700) == "billing.stars.expired"


async def test_ts_4_each_further_charge_prolongs_it_once(shop: Shop) -> None:
    await basic(shop)
    await shop.harness.wait(MONTH)
    await shop.pay_plan(name="stxR")
    await shop.pay_plan(name="stxR")
    assert await shop.plans() == [("basic", "active", NOW + 2 * MONTH)]
    assert [kind for _, kind, _ in await shop.kinds()] == ["once", "renewal"]
    assert "renewed until" in shop.said


async def test_ts_5_a_renewal_from_the_list_without_its_end_is_thirty_days(shop: Shop) -> None:
    await basic(shop)
    await shop.harness.wait(MONTH + HOUR)
    for _ in range(2):
        await shop.pay("stxR")
    assert await shop.plans() == [("basic", "active", NOW + 2 * MONTH)]


async def test_sb_14_every_step_is_in_the_log_and_told_to_those_who_listen(shop: Shop) -> None:
    heard: list[str] = []
    shop.harness.registry.listeners.append(lambda turn, what, ids: heard.append(what))
    await basic(shop)
    await shop.harness.wait(MONTH)
    await shop.pay_plan()
    for said in ("plan ends", "plan ends", "plan goes on", "plans"):
        await shop.say(said)
    await shop.phone.tap("Pro")
    await shop.pay_plan()
    await shop.harness.wait(MONTH + 40 * DAY)
    log = await shop.rows(plan_log.c.kind, plan_log.c.was, plan_log.c.now, plan_log.c.amount_minor)
    assert log == [
        ("created", None, "basic:1:month", 700), ("renewed", "basic:1:month", "basic:1:month", 700),
        ("cancel_scheduled", "basic:1:month", "basic:1:month", None),
        ("cancel_undone", "basic:1:month", "basic:1:month", None), ("canceled", "basic:1:month", None, None),
        ("upgraded", "basic:1:month", "pro:1:month", 2250), ("canceled", "pro:1:month", None, None),
    ]  # fmt: skip
    assert heard == ["subscription.changed"] * len(log)


async def test_sb_2_a_plan_for_stars_leaves_a_row_of_consent(shop: Shop) -> None:
    await basic(shop)
    kept = (purchase.c.plan, purchase.c.amount_minor, purchase.c.currency, purchase.c.wording, purchase.c.state)
    assert await shop.rows(*kept) == [("basic", 700, "XTR", "stars-1", "paid")]
    ((number,),) = await shop.rows(order.c.id)
    assert await shop.rows(purchase.c.source) == [(f"order:{number}",)]


async def test_py_8_billing_lists_the_first_charge_and_the_renewals(shop: Shop) -> None:
    await basic(shop)
    await shop.harness.wait(MONTH)
    await shop.pay_plan()
    lines = [line for line in (await shop.say("billing")).splitlines() if "Stars" in line]
    shown = [line.partition("Basic")[2].strip() for line in lines]
    assert shown == ["plan, 30 days 700 Stars paid", "plan, 30 days 700 Stars paid R-2026-000001"]


async def test_a59_a_renewal_of_another_amount_is_held(shop: Shop) -> None:
    await basic(shop)
    await shop.pay_plan(amount_minor=1)
    assert await shop.plans() == [("basic", "active", NOW + MONTH)]
    assert await shop.alerts() == ["stars_held"]


async def test_a60_ts_4_no_renewal_by_a_day_after_the_end_ends_it(shop: Shop) -> None:
    await basic(shop)
    await shop.harness.wait(MONTH + 23 * HOUR)
    assert (await shop.plans())[0][1] == "active"
    assert "Basic plan" in await shop.say("my plan")
    await shop.harness.wait(2 * HOUR)
    assert (await shop.plans())[0][1] == "ended"
    assert "Your Basic plan is over." in shop.said
    assert "You are on the Free plan." in await shop.say("my plan")
    await shop.pay_plan()
    assert (await shop.plans())[0][:2] == ("basic", "active"), "late money is not lost"


async def test_ts_4_ending_the_renewal_asks_telegram_with_the_first_charge_and_keeps_access_to_the_end(
    shop: Shop,
) -> None:
    first = await basic(shop)
    await shop.harness.wait(MONTH)
    await shop.pay_plan()
    await shop.say("plan ends")
    assert [(one.user_id, one.charge_id, one.is_canceled) for one in shop.telegram.edits] == [(5001, first, True)]
    assert "ends 17 May and will not renew" in shop.said
    await shop.say("plan goes on")
    assert shop.telegram.edits[-1].is_canceled is False
    await shop.say("plan ends")
    await shop.harness.wait(MONTH - HOUR)
    assert (await shop.plans())[0][1] == "active"
    await shop.harness.wait(HOUR)
    assert (await shop.plans())[0][1] == "ended", "what was to end has no day of grace"


async def test_a61_ts_6_an_upgrade_ends_the_old_plan_and_its_renewals_and_adds_the_days(shop: Shop) -> None:
    first = await basic(shop)
    await shop.harness.wait(15 * DAY)
    assert "What is left of Basic becomes 4 more days of Pro." in await shop.say("plans")
    await shop.phone.tap("Pro")
    await shop.pay_plan()
    ends = NOW + 45 * DAY + 4 * DAY
    assert await shop.plans() == [("basic", "ended", NOW + MONTH), ("pro", "active", ends)]
    assert [(one.charge_id, one.is_canceled) for one in shop.telegram.edits] == [(first, True)]
    await shop.harness.wait(MONTH)
    await shop.pay_plan(name="stxR")
    assert (await shop.plans())[1][2] == ends + MONTH, "the days stay at the end of every period"
    assert await shop.say("plans") == (
        "You have the Pro plan, the best that is sold here. A lesser one can be bought when it is over."
    )


async def test_ts_4_a_late_renewal_beside_another_live_plan_is_held(shop: Shop) -> None:
    await basic(shop)
    await shop.harness.wait(MONTH + 26 * HOUR)
    person = (await shop.rows(order.c.person_id))[0][0]
    await shop.harness.writers.run(
        lambda work: subscriptions.add(work, person, plan="pro", version=1, state="active", gateway="stripe")
    )
    await shop.pay_plan()
    assert sorted(one[:2] for one in await shop.plans()) == [("basic", "ended"), ("pro", "active")]
    assert await shop.alerts() == ["stars_held"]


async def test_a56_a_plan_is_sold_for_stars_on_telegram_only(shop: Shop) -> None:
    found: list[str] = []

    def try_all(turn: Turn, text: str) -> bool:
        if text != "where":
            return False
        for physical, stars in ((True, None), (False, 400), (False, None)):
            wanted = Wanted("x", "x", (), "USD", is_physical=physical, expires_at=turn.now, stars=stars)
            try:
                found.append(choose(turn, wanted))
            except Refusal:
                found.append("refused")
        return True

    shop.harness.registry.word("text")(try_all)
    await shop.say("where")
    await shop.harness.phone("sms").say("where")
    assert found == ["stripe", "stars", "refused", "stripe", "stripe", "stripe"]


async def test_ts_5_a_refund_of_the_first_charge_ends_the_plan(shop: Shop) -> None:
    first = await basic(shop)
    told = {"charge_id": first, "amount_minor": 700, "handle": "7:5001", "user_id": 5001, "payload": ""}
    await shop.harness.happen(Event("stars", f"refund:{first}", "refunded", told))
    assert (await shop.plans())[0][1] == "ended"
    assert shop.telegram.edits[-1].is_canceled is True


async def test_rs_8_an_answer_that_names_a_better_plan_ends_in_one_tap_and_on_sms_in_a_word(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        given = await shop.phone.say("/paysupport")
        assert [message.buttons for message in given] == [{}], "where nothing is missing, nothing is offered"
        (denied,) = await shop.phone.say("my plan")
        assert "included letters: 0. Basic gives 1, see PLANS." in denied.text
        assert list(denied.buttons) == ["Plans"]
        assert "Basic: 700 Stars for 30 days." in (await shop.phone.tap("Plans"))[0].text
        (denied,) = await shop.harness.phone("sms", "+14155550177").say("my plan")
        assert ("see PLANS" in denied.text, denied.buttons) == (True, {})


class News:
    """The vendor and the inbox as the reconciling job finds them; `pages` is how a server lists from an offset."""

    def __init__(self, shop: Shop, pages: Callable[[int], list[StarTransaction]]) -> None:
        self.shop, self.pages, self.asked = shop, pages, list[int]()
        self.writers = shop.harness.writers

    async def ask(self, call: ListStars) -> Outcome:
        self.asked.append(call.offset)
        assert len(self.asked) < 9, "it asks for ever"
        items = self.pages(call.offset)
        return Done(StarTransactions(items, len(items)))

    async def take(self, vendor: str, events: list[Event]) -> int:
        for event in events:
            await self.shop.harness.happen(event)
        return len(events)


@pytest.mark.parametrize("knows_offset", [True, False])
async def test_ts_5_the_daily_list_is_read_to_its_end_and_no_further_whatever_the_server_makes_of_an_offset(
    shop: Shop, knows_offset: bool
) -> None:
    await shop.say("plans")
    await shop.phone.tap("Basic")
    at, payload = int(NOW.timestamp()), shop.telegram.invoices[-1].payload
    every = [StarTransaction("stx1", 700, at, is_refund=False, user_id=5001, payload=payload)]
    news = News(shop, lambda offset: every[offset if knows_offset else 0 :])
    for _ in range(2):
        await StarNews(news, "7").run()  # type: ignore[arg-type]
    assert [one[:2] for one in await shop.plans()] == [("basic", "active")]
    assert [one[:2] for one in await shop.kinds()] == [("stx1", "once")]
