"""What billing answers in real turns: values with reasons, bookings, notices, periods (RS-8, LG-5 to LG-11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.billing.catalogue import catalogue
from storage.alerts import alert
from storage.billing import grants, overrides, subscriptions, suspensions, usage
from storage.billing.grants import Grant
from storage.billing.overrides import EVERY, Override
from storage.billing.subscriptions import subscription
from storage.switches import turn_switch
from storage.work import Work
from tests.handlers.billing.world import NOW, READ, World, open_world

DAY = timedelta(days=1)


def given(operation: str, amount: int | None = None, feature: str = READ, days: int = 30) -> overrides.Override:
    return Override(0, feature, operation, NOW - DAY, NOW + days * DAY, amount)


async def give(world: World, made: Override, kind: str = "quota_increase") -> None:
    def put(work: Work, person_id: int) -> None:
        one = Override(work.new_id(), made.feature, made.operation, made.starts_at, made.expires_at, made.amount)
        overrides.give(work, person_id, one, kind=kind, reason="asked for by mail", actor="operator:1")

    await world.write(put)


async def subscribe(world: World, plan: str, state: str = "active", **values: object) -> int:
    found = await world.write(
        lambda work, person_id: subscriptions.add(work, person_id, plan=plan, version=1, state=state, **values)
    )
    assert isinstance(found, int)
    return found


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_rs_8_what_is_told_names_the_reason_the_reset_and_what_would_allow_it(
    tmp_path: Path, channel: str
) -> None:
    async with open_world(tmp_path, channel) as world:
        assert await world.say("may data.api") == ["False plan: Free plan: API: no. Pro has it, see PLANS."]
        assert await world.say("may receipts.bank_sync") == [
            "0 plan: Free plan: bank connections: 0. Basic gives 1, see PLANS."
        ]
        assert await world.say("may coaching.checkins") == ["weekly plan: Free plan: check-ins: weekly."]
        assert await world.say("may no.such") == ["False unknown_feature: "]
        await world.use("a", 9)
        assert await world.say(f"may {READ}") == ["15 plan: Free plan: 9 of 15 receipts read, resets 1 Apr."]
        await world.use("b", 6)
        assert await world.say("reserve c") == ["refused"]
        pack = f" PACK 1 adds 100 for {'$5.00' if channel == 'sms' else '400 Stars'}."
        assert await world.say(f"may {READ}") == [
            f"15 plan: Free plan: 15 of 15 receipts read, resets 1 Apr. Basic gives 150, see PLANS.{pack}"
        ]


@pytest.mark.parametrize("plan", ["free", "basic", "pro", "enterprise"])
async def test_a14_rs_8_every_denial_names_what_would_allow_it(tmp_path: Path, plan: str) -> None:
    async with open_world(tmp_path) as world:
        await world.say("hello")
        if plan != "free":
            await subscribe(world, plan)
        silent = []
        for feature, known in catalogue().features.items():
            (told,) = await world.say(f"may {feature}")
            if known.kind == "limit" or told.startswith(("False", "0", "none")):
                named = "see PLANS" in told or "AGENT" in told
                silent += [] if named else [told]
        assert silent == []
        if plan == "free":
            assert "Pro has it" in (await world.say("may data.api"))[0], "A14"


async def test_rs_8_the_end_of_a_denial_is_told_and_the_largest_plan_leads_to_staff(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.say("hello")
        await give(world, given("deny", days=3), "deny")
        await give(world, given("deny", days=5), "deny")
        assert (await world.say(f"may {READ}"))[0].endswith("who can change that. It ends on 23 Mar.")
        await subscribe(world, "enterprise", anchor_at=NOW)
        assert await world.say("may account.addresses") == [
            "50 plan: Enterprise plan: linked addresses: 50. AGENT reaches our staff, who can give more."
        ]


async def test_a15_a21_rs_2_who_is_denied_suspended_or_switched_off_can_reserve_nothing_whatever_they_bought(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path) as world:
        pack = Grant(READ, "pack", "payment:1", "", NOW - DAY, NOW + 300 * DAY, 100)
        await world.write(lambda work, person_id: grants.give(work, person_id, pack))
        assert (await world.say(f"may {READ}"))[0].startswith("115 plan")
        await give(world, given("deny"), "deny")
        assert await world.say("reserve a") == ["refused"]
        assert (await world.say(f"may {READ}"))[0].startswith("0 denied: Not open to your account: receipts read.")
        await world.write(lambda w, person_id: suspensions.suspend(w, person_id, reason="abuse of it", actor="op:1"))
        assert await world.say("reserve a") == ["refused"]
        assert (await world.say(f"may {READ}"))[0].startswith("0 suspended: Your account is suspended")
        assert (await world.say("may support.basic"))[0].startswith("True plan")
        await world.write(lambda work, person_id: turn_switch(work, "feature.receipts", "off", actor="op:1"))
        assert await world.say("reserve a") == ["refused"]
        assert (await world.say(f"may {READ}"))[0].startswith("0 disabled: Switched off for now: receipts read.")
        assert await world.say("reserve a 0") == ["refused"]


async def test_lg_6_a_free_quota_begins_anew_on_the_first_in_the_persons_zone(tmp_path: Path) -> None:
    async with open_world(tmp_path, now=datetime(2026, 4, 1, 6, 58, tzinfo=UTC)) as world:
        await world.use("a", 15)
        assert await world.say("reserve b") == ["refused"]
        world.harness.clock.advance(timedelta(minutes=2))
        assert await world.say("reserve b") == ["granted"]
        assert (await world.say(f"may {READ}"))[0].endswith("1 of 15 receipts read, resets 1 May.")


async def test_a35_a25_lg_7_a_new_subscription_begins_at_nought_and_free_opens_once_a_month(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.use("a", 14)
        number = await subscribe(world, "basic", anchor_at=NOW)
        assert (await world.say(f"may {READ}"))[0].endswith("Basic plan: 0 of 150 receipts read, resets 18 Apr.")
        await world.use("b", 14)
        await world.write(lambda work, person_id: subscriptions.change(work, person_id, number, plan="pro"))
        assert (await world.say(f"may {READ}"))[0].endswith("Pro plan: 14 of 1000 receipts read, resets 18 Apr.")
        await world.write(lambda work, person_id: subscriptions.change(work, person_id, number, state="ended"))
        assert (await world.say(f"may {READ}"))[0].endswith("Free plan: 14 of 15 receipts read, resets 1 Apr.")


async def test_a48_sb_12_a_trial_ends_at_its_instant_and_is_had_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        claimed = [await world.write(subscriptions.claim_trial) for _ in range(2)]
        assert claimed == [True, False]
        await subscribe(world, "basic", "trial", trial_end=NOW + 14 * DAY, anchor_at=NOW)
        assert (await world.say("my plan"))[0].startswith("You try the Basic plan until 1 Apr.")
        assert (await world.say("may receipts.email_import"))[0].startswith("True trial")
        world.harness.clock.advance(14 * DAY)
        assert (await world.say("may receipts.email_import"))[0].startswith("False plan")


async def test_sb_5_a_second_live_subscription_is_refused_by_the_database(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await subscribe(world, "basic")
        again = await world.write(lambda w, one: subscriptions.add(w, one, plan="pro", version=1, state="active"))
        assert again is None
        assert await world.rows(sa.select(subscription.c.plan)) == [("basic",)]


async def test_a33_a34_lg_8_each_mark_is_told_once_a_period(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        assert await world.use("a", 10) == []
        assert await world.use("b", 5) == [
            "Parley: Free plan: 15 of 15 receipts read, resets 1 Apr. Basic gives 150, see PLANS."
            " PACK 1 adds 100 for $5.00."
        ]
        assert len(await world.rows(sa.select(usage.notice.c.percent))) == 2
        world.harness.clock.advance(20 * DAY)
        assert await world.use("c", 11) == []
        assert await world.use("d", 1) == ["Parley: Free plan: 12 of 15 receipts read, resets 1 May."]
        assert await world.use("e", 1) == []


async def test_lg_11_what_was_used_is_counted_once_and_what_failed_is_not(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        world.harness.redeliver = True
        await world.use("a", 2)
        await world.say("settle a 2")
        await world.say("reserve b 3")
        await world.say("settle b 0")
        columns = (usage.record.c.metric, usage.record.c.quantity, usage.record.c.operation)
        assert await world.rows(sa.select(*columns)) == [("receipts_read", 2, "a")]
        since = await world.write(lambda work, one: usage.total(work, one, "receipts_read", NOW - DAY))
        assert since == 2
        assert (await world.say(f"may {READ}"))[0].endswith("2 of 15 receipts read, resets 1 Apr.")


async def test_a23_a29_what_is_broken_or_overdrawn_alerts_the_operators(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await subscribe(world, "gold")
        assert (await world.say(f"may {READ}"))[0].startswith("15 error: ")
        await world.say("reserve a 15")
        world.harness.clock.advance(timedelta(minutes=20))
        assert await world.say("reserve b 15") == ["granted"]
        await world.say("settle a 15")
        kinds = await world.rows(sa.select(alert.c.kind).order_by(alert.c.id))
        assert {kind for (kind,) in kinds} == {"entitlement_error", "quota_overdrawn"}


async def test_my_plan_shows_every_quota_and_what_staff_gave(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.use("a", 9)
        assert await world.say("My plan?") == [
            "You are on the Free plan.\n"
            "Free plan: included letters: 0. Basic gives 1, see PLANS.\n"
            "Free plan: 9 of 15 receipts read, resets 1 Apr.\n"
            "Free plan: 0 of 60 coach messages, resets 1 Apr.\n"
            "Free plan: 0 of 2 exports, resets 1 Apr.\n"
            "Yours too: support."
        ]
        await give(world, given("unlock", feature="data.api", days=3), "feature_unlock")
        shown = (await world.say("my plan"))[0]
        assert shown.endswith("Yours too: support, API.\nGiven by our staff until 21 Mar: API.")
        await give(world, given("plan", feature=EVERY, days=2), "emergency_access")
        assert "9 of 1000 receipts read" in (await world.say("usage"))[0]


async def test_rs_7_an_override_is_audited_and_its_reason_is_sealed(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await give(world, given("add", 5))
        ((number, reason),) = await world.rows(sa.select(overrides.override.c.id, overrides.override.c.reason))
        assert b"mail" not in reason
        taken = [
            await world.write(lambda w, one: overrides.revoke(w, one, number, actor="operator:1")) for _ in range(2)
        ]
        assert taken == [True, False]
        assert (await world.say(f"may {READ}"))[0].startswith("15 plan")
        acts = await world.rows(sa.text("SELECT action FROM audit ORDER BY id"))  # type: ignore[arg-type]
        assert [one for (one,) in acts if one.startswith("override")] == ["override.give", "override.revoke"]
