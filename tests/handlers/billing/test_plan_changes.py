"""Changing, ending, keeping, owing, renewing and trying a plan (SB-7 to SB-15, A05, A11, A35, A48 to A55)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.calls import Refused
from bot.core.calls.subscriptions import EndNow
from bot.engine.phone import Message
from bot.engine.staff import Member
from bot.engine.turn import Turn
from storage.audit import audit
from storage.billing import subscriptions
from storage.outbox import outbox
from storage.people import person
from tests.handlers.billing.plan_world import START, Shop, open_shop

PRO, YEAR = "Pro, $29.00 a month", "Basic, $90.00 a year"
MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def said(messages: Iterable[Message], words: str) -> int:
    return sum(words in message.text for message in messages)


# -- changes -----------------------------------------------------------------------------------------------------------


async def test_a49_an_upgrade_half_way_in_march_costs_1000_by_preview_and_by_charge(tmp_path: Path) -> None:
    async with open_shop(tmp_path, now=MARCH) as shop:
        await shop.buy()
        await shop.wait(days=15.5)
        await shop.say("upgrade")
        (asked,) = await shop.say(PRO)
        assert "pay $10.00 now, then $29.00 a month" in asked
        await shop.wait(minutes=9)
        await shop.say("ok")
        await shop.deliver()
        assert list(shop.fake.invoices.shelf)[-1]["amount_paid"] == 1000
        assert (await shop.row()).plan == "pro"
        assert await shop.log() == ["created", "upgraded"]
        assert said(shop.me.messages, "Done: you are on Pro now") == 1


async def test_a50_a_preview_of_11_minutes_ago_is_made_anew_first(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        await shop.wait(days=10)
        await shop.say("upgrade")
        await shop.say(PRO)
        await shop.wait(minutes=11)
        asked = "\n".join(await shop.say("ok"))
        assert "older than 10 minutes" in asked
        assert "pay $" in asked
        assert (await shop.row()).plan == "basic"
        await shop.say("ok")
        await shop.deliver()
        assert (await shop.row()).plan == "pro"


async def test_a51_when_the_payment_of_an_upgrade_fails_the_old_plan_stays(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        shop.fake.subscriptions.card(shop.customer, "card_declined")
        await shop.say("upgrade")
        await shop.say(PRO)
        answer = await shop.say("ok")
        await shop.deliver()
        assert any("did not go through, so your plan stays" in one for one in answer)
        assert ((await shop.row()).plan, (await shop.row()).state) == ("basic", "active")


async def test_sb_7_less_begins_at_the_end_of_the_period_and_can_be_taken_back(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy(PRO)
        for _ in range(2):
            await shop.say("change plan")
            (asked,) = await shop.say("Basic, $9.00 a month")
            assert "nothing is refunded" in asked
            await shop.say("ok")
            await shop.deliver()
            assert (await shop.row()).next_plan == "basic"
            if (await shop.log()).count("downgrade_scheduled") == 1:
                await shop.say("keep plan")
                await shop.deliver()
                assert (await shop.row()).next_plan is None
        await shop.wait(days=32)
        assert ((await shop.row()).plan, (await shop.row()).next_plan) == ("basic", None)
        planned = ["downgrade_scheduled", "downgrade_undone", "downgrade_scheduled"]
        assert await shop.log() == ["created", *planned, "downgraded"]


async def test_sb_7_changes_are_blocked_from_the_seventh_day_of_grace(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        shop.fake.subscriptions.card(shop.customer, "card_declined")
        await shop.wait(days=38, hours=1)
        await shop.say("upgrade")
        assert "cannot be changed" in (await shop.say(PRO))[0]


async def test_on_telegram_a_plan_bought_by_text_is_not_changed_but_can_be_ended(tmp_path: Path) -> None:
    async with open_shop(tmp_path, channel="telegram") as shop:

        def give(work: object) -> None:
            me = work.rows(sa.select(person.c.id))[0].id  # type: ignore[attr-defined]
            subscriptions.add(
                work, me, plan="basic", version=1, state="active", gateway_ref="sub_x",  # type: ignore[arg-type]
                period_end=shop.h.clock.now() + timedelta(days=9),
            )  # fmt: skip

        await shop.h.writers.run(give)
        assert "not bought in this chat" in (await shop.say("plans"))[0]
        assert "will not renew" in (await shop.say("/cancelplan"))[0]


# -- ending ------------------------------------------------------------------------------------------------------------


async def test_a11_cancel_plan_and_ok_end_it_and_the_gateway_confirms_the_day(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        await shop.wait(days=2)
        (asked,) = await shop.say("CANCEL PLAN")
        assert asked.startswith("Basic ends 2 Apr and will not renew.")
        assert not (await shop.row()).cancel_at_period_end
        answer = await shop.say("OK")
        assert (await shop.row()).cancel_at_period_end, "only after the gateway said so (SB-17)"
        assert any("Confirmed: Basic ends 2 Apr" in one for one in answer)
        await shop.deliver()
        await shop.wait(days=40)
        assert (await shop.row()).state == "ended"
        assert await shop.log() == ["created", "cancel_scheduled", "canceled"]
        assert said(shop.me.messages, "Confirmed: Basic ends") == 1


async def test_sb_9_keep_plan_takes_it_back_until_the_last_instant(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        await shop.wait(days=3)
        await shop.say("cancel plan")
        await shop.say("ok")
        await shop.deliver()
        await shop.wait(days=27, hours=23)
        await shop.say("/resumeplan")
        await shop.deliver()
        await shop.wait(days=2)
        assert (await shop.row()).state == "active"
        assert await shop.log() == ["created", "cancel_scheduled", "cancel_undone", "renewed"]


async def test_sb_9_within_a_day_of_the_first_payment_it_may_end_at_once(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        assert "NOW ends it at once" in (await shop.say("cancel plan"))[0]
        await shop.say("now")
        await shop.deliver()
        assert (await shop.row()).state == "ended"


async def test_a10_id_9_the_word_cancel_alone_ends_messages_and_no_plan(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        await shop.say("CANCEL")
        await shop.wait(days=40)
        assert (await shop.row()).state == "active"
        assert (await shop.row()).cancel_at_period_end is False


async def test_a_plan_lives_and_ends_on_both_databases(database: str) -> None:
    async with open_shop(database) as shop:
        await shop.buy()
        await shop.say("cancel plan")
        await shop.say("ok")
        await shop.deliver()
        await shop.wait(days=40)
        assert await shop.log() == ["created", "cancel_scheduled", "canceled"]
        assert await shop.plan() == "You are on the Free plan"


# -- owing -------------------------------------------------------------------------------------------------------------


async def test_sb_10_dunning_speaks_on_its_days_and_ends_the_plan_on_the_last(tmp_path: Path) -> None:
    async with open_shop(tmp_path, now=START + timedelta(days=1)) as shop:  # no day of dunning is a Sunday
        await shop.buy()
        shop.fake.subscriptions.card(shop.customer, "card_declined")
        told = await shop.wait(days=31, hours=1)
        assert said(told, "failed (try 1)") == 1
        assert said(told, "Next try") == 1
        for days, words in ((3, "is not paid yet"), (4, "for a week now"), (7, "the free plan holds now")):
            told = await shop.wait(days=days)
            assert [said(told, one) for one in (words, "is not paid")] == [1, 1]
        assert said(await shop.wait(days=7), "has ended") == 1
        assert next(iter(shop.fake.subscriptions.shelf))["status"] == "canceled"
        assert (await shop.row()).state == "ended"


async def test_sb_10_the_end_on_day_21_is_tried_until_stripe_takes_it_and_no_failure_of_it_is_told(
    tmp_path: Path,
) -> None:
    async with open_shop(tmp_path, now=START + timedelta(days=1)) as shop:
        await shop.buy()
        shop.fake.subscriptions.card(shop.customer, "card_declined")
        await shop.wait(days=31 + 20)
        end = shop.h.world[EndNow]
        shop.h.world[EndNow] = lambda call, harness: Refused("gave_up")
        told = await shop.wait(days=2)
        assert [one.text for one in told] == []
        assert next(iter(shop.fake.subscriptions.shelf))["status"] == "past_due"
        assert "plan_change_refused" in await shop.alerts()
        shop.h.world[EndNow] = end
        told = await shop.wait(hours=2)
        assert (next(iter(shop.fake.subscriptions.shelf))["status"], (await shop.row()).state) == ("canceled", "ended")
        assert said(told, "has ended") == 1


async def test_a09_id_9_a_stop_takes_back_the_dunning_that_is_queued_and_touches_no_plan(tmp_path: Path) -> None:
    """Both ways to be queued: as a row that is about to leave, and as a timer that waits for the morning."""
    night = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
    async with open_shop(tmp_path, now=night) as shop:
        await shop.buy()
        shop.fake.subscriptions.card(shop.customer, "card_declined")
        await shop.wait(days=31, hours=12)
        before, ready = await shop.row(), sa.select(outbox.c.id).where(outbox.c.state == "ready")
        assert before.state == "grace"
        await shop.hold(timedelta(days=3))
        assert len(await shop.rows(ready)) == 1, "day 3 is queued"
        told = await shop.me.say("STOP")
        assert await shop.rows(ready) == []
        told += await shop.wait(days=11)
        assert [text for text in told if "paid" in text.text or "plan holds" in text.text] == []
        after = await shop.row()
        unchanged = ("plan", "state", "cancel_at_period_end", "next_plan", "grace_since", "gateway_ref")
        assert [getattr(after, one) for one in unchanged] == [getattr(before, one) for one in unchanged]
        assert await shop.log() == ["created", "payment_failed"]
        assert next(iter(shop.fake.subscriptions.shelf))["status"] == "past_due"


async def test_a53_day_3_at_night_is_said_at_the_next_opening(tmp_path: Path) -> None:
    night = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
    async with open_shop(tmp_path, now=night) as shop:
        await shop.buy()
        shop.fake.subscriptions.card(shop.customer, "card_declined")
        await shop.wait(days=33, hours=23)
        told = await shop.wait(hours=2)
        assert said(told, "is not paid yet") == 0
        told = await shop.wait(hours=9)
        assert said(told, "is not paid yet") == 1


async def test_a53_money_that_came_in_the_night_leaves_nothing_to_say(tmp_path: Path) -> None:
    night = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
    async with open_shop(tmp_path, now=night) as shop:
        await shop.buy()
        shop.fake.subscriptions.card(shop.customer, "card_declined")
        await shop.wait(days=34, hours=2)
        shop.fake.subscriptions.card(shop.customer, None)
        await shop.deliver()
        assert said(await shop.wait(hours=12), "is not paid yet") == 0


async def test_a54_paid_on_day_15_the_plan_is_back_at_once(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        shop.fake.subscriptions.card(shop.customer, "card_declined")
        await shop.wait(days=46)
        assert await shop.plan() == "You are on the Free plan"
        shop.fake.subscriptions.card(shop.customer, None)
        await shop.deliver()
        assert await shop.plan() == "You are on the Basic plan"
        assert (await shop.log())[-2:] == ["payment_failed", "recovered"]
        assert said(await shop.wait(days=10), "not paid") == 0


async def test_a_confirmation_that_the_bank_wants_is_sent_once_an_invoice(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        invoice = {**next(iter(shop.fake.invoices.shelf)), "status": "open"}
        for key in ("a", "b"):
            await shop.h.vendor("stripe", "invoice.payment_action_required", invoice, key=key)
        assert said(shop.me.messages, "Your bank wants you to confirm") == 1


# -- renewals and trials -----------------------------------------------------------------------------------------------


async def test_a52_sb_11_a_year_tells_once_before_it_renews_with_amount_day_and_the_way_out(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy(YEAR)
        told = await shop.wait(days=364)
        assert said(told, "renews on 2 Mar: $90.00 a year. To end it before, reply CANCEL PLAN") == 1
        assert said(told, "renews on") == 1
        await shop.wait(days=2)
        assert (await shop.log()) == ["created", "renewed"]


async def test_a_year_that_was_ended_tells_of_no_renewal(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy(YEAR)
        await shop.say("cancel plan")
        await shop.say("ok")
        await shop.deliver()
        assert said(await shop.wait(days=364), "renews on") == 0


async def test_a48_a_trial_without_a_card_is_free_again_at_its_instant(tmp_path: Path) -> None:
    async with open_shop(tmp_path, trial=True) as shop:
        await shop.buy(method="none")
        told = await shop.wait(days=13, hours=23, minutes=59)
        assert said(told, "trial ends 16 Mar") == 1
        assert "You try the Basic plan" in await shop.plan()
        shop.h.clock.advance(timedelta(minutes=1))
        assert await shop.plan() == "You are on the Free plan", "before any word of Stripe"
        await shop.wait(minutes=1)
        assert (await shop.row()).state == "ended"
        assert await shop.log() == ["trial_started", "canceled"]


async def test_a_trial_with_a_card_becomes_a_plan_that_is_paid(tmp_path: Path) -> None:
    async with open_shop(tmp_path, trial=True) as shop:
        await shop.buy()
        await shop.wait(days=15)
        assert (await shop.row()).state == "active"
        assert await shop.log() == ["trial_started", "renewed"]


# -- the portal --------------------------------------------------------------------------------------------------------


async def test_sb_13_the_portal_is_made_when_asked_for_and_kept_nowhere(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        answer = await shop.say("paymethod")
        assert any(f"{shop.fake.public_url}/b/" in one for one in answer)
        assert len(shop.fake.portal.shelf) == 1


async def test_a55_in_a_group_the_portal_is_refused_and_the_private_chat_offered(tmp_path: Path) -> None:
    async with open_shop(tmp_path, channel="telegram") as shop:
        group = shop.h.phone("telegram", "7:-100500")
        await group.say("/paymethod")
        assert "in private only" in group.last.text
        assert len(shop.fake.portal.shelf) == 0


# -- staff -------------------------------------------------------------------------------------------------------------

BOSS = Member("op:1", "owner", frozenset())


async def staff(shop: Shop, name: str, said: str) -> str:
    """Let a member act, in a turn of the same engine."""
    answers: list[str] = []

    def act(turn: Turn, text: str) -> bool:
        if text != "staff acts":
            return False
        answers.append(shop.h.registry.staff[name].act(turn, said, BOSS))
        return True

    shop.h.registry.words["text"].insert(0, act)
    await shop.h.phone("sms", "+14155550199").say("staff acts")
    shop.h.registry.words["text"].remove(act)
    await shop.deliver()
    return answers[0]


async def who(shop: Shop) -> int:
    return int((await shop.rows(sa.select(person.c.id).order_by(person.c.id)))[0].id)


async def test_sb_15_a_gift_has_an_end_and_is_on_the_record(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        me = await who(shop)
        assert "Days are" in await staff(shop, "sub comp", f"{me} pro 366 for the pilot group")
        assert "A reason" in await staff(shop, "sub comp", f"{me} pro 30 nice")
        assert await staff(shop, "sub comp", f"{me} pro 30 for the pilot group") == "Ordered."
        assert await shop.plan() == "You are on the Pro plan"
        assert "The person has a live plan." in await staff(shop, "sub comp", f"{me} pro 30 for the pilot group")
        assert "subscription.comp" in [row.action for row in await shop.rows(sa.select(audit.c.action))]
        await shop.wait(days=31)
        assert await shop.plan() == "You are on the Free plan"
        assert (await shop.log()) == ["comped", "canceled"]
        assert "comp, ended" in await staff(shop, "sub show", str(me))
        assert "has ended" in shop.me.messages[-2].text


async def test_staff_change_cancel_and_lengthen_a_trial_once(tmp_path: Path) -> None:
    async with open_shop(tmp_path, trial=True) as shop:
        await shop.buy()
        me = await who(shop)
        assert await staff(shop, "sub trial", f"{me} 5 they were on holiday") == "Ordered."
        assert (await shop.row()).trial_end == datetime(2026, 3, 21, 18, 0, tzinfo=UTC)
        assert "once" in await staff(shop, "sub trial", f"{me} 5 they were on holiday")
        await shop.wait(days=20)
        await staff(shop, "sub change", f"{me} pro month")
        assert (await shop.row()).plan == "pro"
        await staff(shop, "sub cancel", f"{me} now")
        assert (await shop.row()).state == "ended"


async def test_sb_12_a_trial_that_was_made_longer_is_reminded_of_before_its_new_end_once(tmp_path: Path) -> None:
    async with open_shop(tmp_path, trial=True) as shop:
        await shop.buy()
        await staff(shop, "sub trial", f"{await who(shop)} 5 they were on holiday")
        told = await shop.wait(days=15)
        assert said(told, "trial ends") == 0
        told = await shop.wait(days=3)
        assert said(told, "trial ends 21 Mar") == 1


@pytest.mark.parametrize(
    ("name", "risk", "grave"),
    [("show", 1, False), ("change", 3, True), ("cancel", 3, True), ("trial", 2, False), ("comp", 3, True)],
)
async def test_the_classes_of_sub_are_those_of_the_rules(name: str, risk: int, grave: bool, tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        row = shop.h.registry.staff[f"sub {name}"]
        assert (int(row.risk), row.foresee is not None) == (risk, grave)


async def test_a05_two_live_plans_of_one_person_are_refused_by_the_database(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()

        def second(work: object) -> object:
            me = work.rows(sa.select(person.c.id))[0].id  # type: ignore[attr-defined]
            return subscriptions.add(work, me, plan="pro", version=1, state="active")  # type: ignore[arg-type]

        assert await shop.h.writers.run(second) is None
