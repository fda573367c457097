"""Money in: links, Stripe's events in any order, duplicates, withdrawals, mismatches (section 10, ST-8 to ST-13)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.calls import Done, Refused
from bot.core.calls.stripe import ExpireCheckout, OpenCheckout, ReadCheckout
from bot.core.limits import Limits, limits
from handlers.appeals import cases as api
from storage import inbox
from tests.handlers.appeals.order_kit import PRIVATE, Shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


async def test_st_8_session_created_moves_to_awaiting_payment_and_sends_the_link(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    assert await shop.stage() == "awaiting_payment"
    assert (await shop.payment()).status == "open"
    assert "https://parley.example/p/" in shop.said
    assert "Certified letter $19.95, tax $0.00, total $19.95" in shop.said


async def test_pay_1_price_is_fixed_on_the_row_and_charged_to_the_cent(shop: Shop) -> None:
    await shop.approve(mail_class="standard")
    await shop.request()
    payment, (call,) = await shop.payment(), shop.calls(OpenCheckout)
    assert (payment.amount_minor, payment.tax_minor, payment.total_minor) == (900, 0, 900)
    assert (call.amount_minor, call.currency) == (900, "usd")


async def test_pay_2_consent_is_kept_with_its_wording(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    payment = await shop.payment()
    assert payment.terms_version == "terms-1"
    assert payment.terms_at is not None
    for part in ("Planned arrival by", "last day Mon Dec 7", "Full refund if we do not mail it", "no legal advice"):
        assert part in shop.said


async def test_pay_3_ids_only_in_the_session(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    (call,), payment = shop.calls(OpenCheckout), await shop.payment()
    assert call.reference == str(payment.id)
    assert call.metadata == {
        "payment_id": str(payment.id),
        "intake_id": str(shop.case_id),
        "draft_id": str(shop.draft_id),
        "v": "1",
    }
    assert call.product_name == "Letter preparation and mailing, certified"
    assert f"checkout:{payment.id}" in await shop.keys()


async def test_ac_84_nothing_personal_in_what_stripe_gets(shop: Shop) -> None:
    await shop.order()
    await shop.me.say("undo")
    seen = repr(shop.calls(OpenCheckout)) + repr(shop.vendors.refunded) + repr(await shop.keys())
    assert not [word for word in PRIVATE if word in seen]


async def test_pay_4_link_ends_after_24_hours(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    assert (await shop.payment()).expires_at == shop.h.clock.now() + timedelta(hours=24)


async def test_pay_4_link_ends_with_the_last_order_day(tmp_path: Path) -> None:
    at = datetime(2026, 11, 25, 20, tzinfo=UTC)
    async with Shop.open(tmp_path, at=at) as shop:
        await shop.approve()
        await shop.request()
        assert (await shop.payment()).expires_at == datetime(2026, 11, 26, 1, tzinfo=UTC)


async def test_pay_4_no_link_when_less_than_half_an_hour_is_left(tmp_path: Path) -> None:
    async with Shop.open(tmp_path, at=datetime(2026, 11, 26, 0, 35, tzinfo=UTC)) as shop:
        await shop.approve()
        asked = await shop.request()
        assert asked.refusal.reason == "too_late_for_mail"
        assert not shop.calls(OpenCheckout)


async def test_pay_4_a_new_link_first_closes_the_old_one(shop: Shop) -> None:
    await shop.approve()
    await shop.request()

    def again(turn: Any) -> Any:
        from storage.appeals import drafts

        old = drafts.load(turn.work, shop.draft_id)
        assert old is not None
        kept = ("facts", "recipient", "sender", "record_version", "mailing_version", "mail_class", "pdf", "pdf_sha256")
        fresh = drafts.add(turn.work, shop.case_id, approved_at=turn.now, **{k: getattr(old, k) for k in kept})
        return api.request_payment(turn, shop.case_id, fresh)

    assert (await shop.act(again)).waits
    assert [type(call).__name__ for call in shop.h.calls] == ["OpenCheckout", "ExpireCheckout", "OpenCheckout"]
    assert [p.status for p in await shop.payments()] == ["expired", "open"]


async def test_one_open_link_per_case_and_the_same_wish_repeats_it(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    await shop.request()
    assert len(shop.calls(OpenCheckout)) == 1
    assert shop.said.count("https://parley.example/p/") == 2


async def test_st_10_paid_makes_the_order_with_its_letter_row(shop: Shop) -> None:
    await shop.order()
    payment, letter = await shop.payment(), await shop.letter()
    assert await shop.stage() == "paid"
    assert (payment.status, payment.charged_minor, payment.intent) == ("paid", 1995, "pi_cs_1")
    assert (letter.seq, letter.status, letter.draft_id) == (1, "queued", shop.draft_id)
    assert f"receipt {payment.receipt}" in shop.said
    assert "Text UNDO before then" in shop.said


async def test_ac_60_paid_event_overtakes_the_session_result_st_8(shop: Shop) -> None:
    await shop.approve()
    held: list[Any] = []

    def slow(call: OpenCheckout) -> Any:
        from bot.core.calls import Again

        if not held:
            held.append(call)
            return Again("slow", timedelta(minutes=3))
        return shop.vendors.open(call)

    shop.vendors.answers[OpenCheckout] = slow
    await shop.request()
    shop.vendors.sessions["cs_1"] = held[0]
    await shop.pay()
    assert await shop.stage() == "paid"
    assert (await shop.rules())[-2:] == ["ST-8", "ST-10"]
    del shop.vendors.sessions["cs_1"]
    await shop.wait(minutes=15)
    assert len(await shop.letters()) == 1
    assert len(shop.vendors.posted) == 1
    assert (await shop.payment()).status == "paid"


async def test_never_2_ac_59_same_event_twice_and_again_after_three_days(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    await shop.pay(key="evt_same")
    await shop.pay(key="evt_same")
    await shop.pay(key="evt_other_id_same_session")
    await shop.wait(days=3)
    await shop.pay(key="evt_late")
    assert len(await shop.letters()) == 1
    assert len(shop.vendors.posted) == 1
    assert not await shop.refunds()


async def test_pay_5_async_payment_waits_then_pays(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    await shop.pay(payment_status="unpaid")
    assert (await shop.payment()).status == "processing"
    assert not await shop.letters()
    await shop.h.vendor("stripe", "checkout.session.async_payment_succeeded", shop.paid_thing())
    assert await shop.stage() == "paid"


async def test_pay_5_async_payment_failed_returns_to_ready(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    await shop.pay(payment_status="unpaid")
    await shop.h.vendor("stripe", "checkout.session.async_payment_failed", shop.paid_thing(payment_status="unpaid"))
    assert (await shop.payment()).status == "failed"
    assert await shop.stage() == "ready"
    assert "did not go through" in shop.said


async def test_st_9_expired_session_returns_to_ready(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    thing = shop.paid_thing(status="expired", payment_status="unpaid")
    await shop.h.vendor("stripe", "checkout.session.expired", thing)
    assert await shop.stage() == "ready"
    assert (await shop.payment()).status == "expired"
    await shop.me.say("pay")
    assert await shop.stage() == "awaiting_payment"


async def test_pay_7_a_lost_expiry_is_read_after_the_end(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    shop.vendors.answers[ReadCheckout] = lambda call: Done(shop.vendors.session("cs_1", status="expired"))
    await shop.wait(hours=25)
    assert (await shop.payment()).status == "expired"


async def test_pay_7_a_lost_paid_event_is_found_after_the_end(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    paid = {"status": "complete", "payment_status": "paid", "payment_intent": "pi_1"}
    shop.vendors.answers[ReadCheckout] = lambda call: Done(shop.vendors.session("cs_1", **paid))
    await shop.wait(hours=25)
    assert len(shop.vendors.posted) == 1


async def test_ac_58_no_session_tells_that_nothing_was_charged(shop: Shop) -> None:
    await shop.approve()
    shop.vendors.answers[OpenCheckout] = lambda call: Refused("card_error")
    await shop.request()
    assert (await shop.payment()).status == "failed"
    assert await shop.stage() == "ready"
    assert "Nothing was charged" in shop.said
    shop.vendors.answers.clear()
    await shop.me.say("pay")
    assert await shop.stage() == "awaiting_payment"


async def test_ac_61_pay_6_money_without_order_is_a_dead_letter_with_alarm(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    metadata = {"payment_id": "424242", "intake_id": "1", "draft_id": "2", "v": "1"}
    await shop.pay(client_reference_id="424242", metadata=metadata)
    assert "money_without_order" in await shop.alerts()
    dead = await shop.h.database.read(inbox.dead)
    assert [row.error for row in dead] == ["money without order"]


async def test_ac_62_old_and_new_link_both_paid(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    shop.vendors.answers[ExpireCheckout] = lambda call: Done(shop.vendors.session("cs_1", status="expired"))
    await shop.h.vendor(
        "stripe", "checkout.session.expired", shop.paid_thing(status="expired", payment_status="unpaid")
    )
    await shop.request()
    await shop.pay("cs_2")
    await shop.pay("cs_1")
    await shop.wait(minutes=11)
    assert len(shop.vendors.posted) == 1
    (refund,) = await shop.refunds()
    assert (refund.amount_minor, refund.reason, refund.status) == (1995, "duplicate", "succeeded")
    assert shop.vendors.refunded[0].payment_intent == "pi_cs_1"
    assert await shop.stage() == "submitted"


async def test_pay_6_second_session_of_one_payment_is_refunded(shop: Shop) -> None:
    await shop.order()
    shop.vendors.sessions["cs_9"] = shop.vendors.sessions["cs_1"]
    await shop.pay("cs_9")
    await shop.pay("cs_9", key="again")
    await shop.wait(minutes=11)
    assert len(shop.vendors.posted) == 1
    assert [call.payment_intent for call in shop.vendors.refunded] == ["pi_cs_9"]


async def test_ac_63_amount_mismatch_is_read_again_then_blocked_for_people(shop: Shop) -> None:
    await shop.approve(mail_class="standard")
    await shop.request()
    paid = {"status": "complete", "payment_status": "paid", "payment_intent": "pi_cs_1", "amount_minor": 1995}
    shop.vendors.answers[ReadCheckout] = lambda call: Done(shop.vendors.session("cs_1", **paid))
    await shop.pay(amount_total=1995)
    assert len(shop.calls(ReadCheckout)) == 1
    case = await shop.case()
    assert (case.stage, case.reason) == ("paid_blocked", "amount_mismatch")
    assert "paid_blocked" in await shop.alerts()
    await shop.wait(hours=25)
    assert not shop.vendors.posted
    assert [r.amount_minor for r in await shop.refunds()] == [1995]


async def test_an_amount_that_was_only_wrong_in_the_event_is_honoured(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    paid = {"status": "complete", "payment_status": "paid", "payment_intent": "pi_cs_1"}
    shop.vendors.answers[ReadCheckout] = lambda call: Done(shop.vendors.session("cs_1", **paid))
    await shop.pay(amount_total=1)
    assert await shop.stage() == "paid"


@pytest.mark.parametrize("lacks", [("payment_intent",), ("metadata", "client_reference_id", "payment_intent")])
async def test_hook_5_what_an_event_leaves_out_is_read_at_stripe(shop: Shop, lacks: tuple[str, ...]) -> None:
    """Without the payment's own id no refund could ever be made."""
    await shop.approve()
    await shop.request()
    known = {"payment_status": "paid", "status": "complete", "payment_intent": "pi_read"}
    shop.vendors.answers[ReadCheckout] = lambda call: Done(shop.vendors.session(call.session_id, **known))
    thing = {name: value for name, value in shop.paid_thing().items() if name not in lacks}
    for key in ("a", "b"):
        await shop.h.vendor("stripe", "checkout.session.completed", {**thing, "novelty": []}, key)
    assert (await shop.payment()).intent == "pi_read"
    assert (await shop.stage(), len(await shop.letters())) == ("paid", 1)


async def test_hook_5_a_session_that_cannot_be_read_leaves_the_signed_word_of_the_event(shop: Shop) -> None:
    """Who paid gets their letter also where Stripe does not show the session any more."""
    await shop.approve()
    await shop.request()
    shop.vendors.answers[ReadCheckout] = lambda call: Refused("not_found")
    thing = {name: value for name, value in shop.paid_thing().items() if name != "payment_intent"}
    for key in ("a", "b"):
        await shop.h.vendor("stripe", "checkout.session.completed", thing, key)
    assert (await shop.stage(), len(await shop.letters())) == ("paid", 1)
    assert (await shop.payment()).intent is None
    assert "checkout_unread" in await shop.alerts()


async def test_st_24_payment_after_withdrawal_is_refunded_ref_3(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    assert await shop.act(lambda turn: api.withdraw(turn, shop.case_id))
    assert await shop.stage() == "withdrawn"
    assert (await shop.payment()).status == "expired"
    await shop.pay()
    (refund,) = await shop.refunds()
    assert (refund.amount_minor, refund.status) == (1995, "succeeded")
    assert not await shop.letters()


async def test_payment_that_beats_the_withdrawal_is_refunded(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    paid = {"status": "complete", "payment_status": "paid", "payment_intent": "pi_1"}
    shop.vendors.answers[ExpireCheckout] = lambda call: Done(shop.vendors.session("cs_1", **paid))
    await shop.act(lambda turn: api.withdraw(turn, shop.case_id))
    assert await shop.stage() == "withdrawn"
    assert [r.status for r in await shop.refunds()] == ["succeeded"]


async def test_ac_57_edit_after_approval_voids_it_and_closes_the_link(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    assert not await shop.act(lambda turn: api.reopen(turn, shop.case_id))
    assert await shop.stage() == "review"
    assert (await shop.rules())[-2:] == ["ST-9", "ST-6"]
    first, second = await shop.drafts()
    assert first.void_at is not None
    assert second.approved_at is None
    assert (await shop.payment()).status == "expired"


async def test_ac_78_dispute_before_the_claim_holds_the_letter_ref_8(shop: Shop) -> None:
    await shop.order()
    await shop.h.vendor("stripe", "charge.dispute.created", {"id": "dp_1", "payment_intent": "pi_cs_1"})
    case = await shop.case()
    assert (case.stage, case.reason) == ("paid_blocked", "disputed")
    await shop.wait(hours=30)
    assert not shop.vendors.posted
    assert not await shop.refunds()
    assert "dispute" in await shop.alerts()


async def test_ac_78_dispute_after_mailing_leaves_the_letter_and_stops_reminders(shop: Shop) -> None:
    await shop.mail()
    await shop.h.vendor("stripe", "charge.dispute.created", {"id": "dp_1", "payment_intent": "pi_cs_1"})
    assert await shop.stage() == "submitted"
    assert not await shop.timers("appeals.decision")
    assert not await shop.refunds()


@pytest.mark.parametrize("live", [True])
async def test_events_of_the_other_mode_touch_nothing(shop: Shop, live: bool) -> None:
    await shop.approve()
    await shop.request()
    await shop.pay(livemode=live)
    assert await shop.stage() == "awaiting_payment"
    assert "wrong_mode" in await shop.alerts()


async def test_py_14_why_a_letters_card_was_declined_is_kept_and_told_once(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    (call,), page = shop.calls(OpenCheckout), shop.said.partition("https://")[2].split()[0]
    for code in ("insufficient_funds", "expired_card", None):
        error = {"code": "card_declined", "decline_code": code} if code else None
        intent = {"id": "pi_cs_1", "metadata": call.metadata, "livemode": False, "last_payment_error": error}
        await shop.h.vendor("stripe", "payment_intent.payment_failed", intent)
    row = await shop.payment()
    assert (row.status, row.failures, row.failure_code) == ("open", 3, "expired_card")
    told = [m.text for m in shop.me.messages if "did not go through" in m.text]
    assert len(told) == 1
    assert page in told[0]
    await shop.pay()
    await shop.h.vendor("stripe", "payment_intent.payment_failed", intent)
    row = await shop.payment()
    assert (row.status, row.failures) == ("paid", 3)


async def test_or_4_five_pay_links_of_letters_an_hour(shop: Shop) -> None:
    shop.h.registry.settings[Limits] = limits()
    for number in range(6):
        await shop.approve(number=f"90000041{number}")
        asked = await shop.request()
        assert (asked.payment_id is not None) is (number < 5), number
    assert asked.refusal.reason == "too_many_links"
    await shop.wait(hours=1)
    assert (await shop.request()).payment_id is not None
