"""Letters on their way: Lob's events by rank, returns, failures, re-mailing (FUL-11, ST-15 to ST-18)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.calls import Again, Done
from bot.core.calls.lob import MailLetter, PostedLetter, ReadLetter
from handlers.appeals import followups, operators, records
from handlers.appeals.settings import AppealSettings
from tests.handlers.appeals.order_kit import Shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


async def test_ac_73_delivered_before_in_transit_stays_delivered(shop: Shop) -> None:
    await shop.mail()
    await shop.lob("certified.delivered")
    await shop.lob("certified.in_transit")
    await shop.lob("rendered_pdf")
    assert (await shop.letter()).status == "delivered"
    assert shop.said.count("Delivered ") == 1
    assert "on its way" not in shop.said


async def test_ful_11_events_repeat_without_a_second_message(shop: Shop) -> None:
    await shop.mail()
    for key in ("a", "a", "b"):
        await shop.lob("certified.mailed", key)
    await shop.lob("certified.in_transit")
    assert shop.said.count("on its way") == 1


@pytest.mark.parametrize(
    ("mail_class", "event", "status", "told"),
    [
        ("certified", "created", "accepted", None),
        ("certified", "rendered_pdf", "rendered", None),
        ("certified", "rendered_thumbnails", "rendered", None),
        ("certified", "in_transit", "in_transit", "on its way"),
        ("standard", "in_transit", "in_transit", None),
        ("standard", "in_local_area", "in_local_area", "in the city's mail area"),
        ("standard", "processed_for_delivery", "processed_for_delivery", "in the city's mail area"),
        ("certified", "in_local_area", "in_local_area", None),
        ("certified", "re-routed", "re_routed", "by another way"),
        ("certified", "re_routed", "re_routed", "by another way"),
        ("certified", "delivered", "delivered", "may take up to 90 days"),
        ("certified", "pickup_available", "accepted", None),
        ("certified", "viewed", "accepted", None),
        ("certified", "international_exit", "accepted", None),
        ("certified", "something_new", "accepted", None),
    ],
)
async def test_ful_11_event_table(shop: Shop, mail_class: str, event: str, status: str, told: str | None) -> None:
    await shop.mail(mail_class=mail_class)
    before = len(shop.me.messages)
    await shop.lob(event)
    assert (await shop.letter()).status == status
    said = "\n".join(m.text for m in shop.me.messages[before:])
    assert (told in said) if told else not said


async def test_ac_75_st_16_reg_7_returned_mail_closes_the_city(shop: Shop) -> None:
    await shop.mail()
    await shop.lob("returned_to_sender", "one")
    await shop.lob("returned_to_sender", "two")
    assert await shop.stage() == "returned"
    assert (await shop.letter()).status == "returned"
    assert {"letter_returned", "city_closed"} <= set(await shop.alerts())
    assert shop.said.count("came back to the sender") == 1
    city = await shop.read(lambda work: records.city_of(work, "us-ca-san_francisco"))
    assert city is not None
    assert city.closed


async def test_reg_7_no_pay_link_for_a_closed_city(shop: Shop) -> None:
    await shop.mail()
    other = shop.h.phone("sms", "+14155550199")
    await shop.approve(other, number="900000418")
    await shop.act(lambda turn: records.close_city(turn, "us-ca-san_francisco", actor="engine", why="test"))
    asked = await shop.request(other)
    assert (asked.refusal.reason, asked.refusal.detail) == ("record_not_usable", ("open",))


async def test_st_17_free_remail_passes_the_gates(shop: Shop) -> None:
    await shop.mail()
    await shop.lob("returned_to_sender")
    assert await shop.act(lambda t: operators.remail(t, shop.case_id, actor="admin:1")) == "refused: record_not_usable"
    today = shop.h.clock.now().date()
    await shop.act(
        lambda t: records.verify_record(
            t,
            "us-ca-san_francisco",
            actor="admin:1",
            method="phone",
            answered_by="clerk",
            verified_on=today,
            words="ok",
        )
    )
    assert await shop.act(lambda t: operators.remail(t, shop.case_id, actor="admin:1")) == "queued"
    first, second = await shop.letters()
    assert (first.status, second.seq, second.status) == ("returned", 2, "accepted")
    assert await shop.stage() == "submitted"
    assert (await shop.rules())[-1] == "ST-17"
    assert len(shop.vendors.posted) == 2


async def test_st_18_ref_5_refund_of_a_returned_letter(shop: Shop) -> None:
    await shop.mail()
    await shop.lob("returned_to_sender")
    payment = await shop.payment()
    assert await shop.act(lambda t: operators.refund(t, payment.id, None, actor="admin:1", reason="our_record"))
    assert await shop.stage() == "refunded"
    assert (await shop.rules())[-1] == "ST-18"


@pytest.mark.parametrize("event", ["failed", "rejected", "deleted"])
async def test_st_15_ref_4_failed_letter_is_blocked_then_refunded(shop: Shop, event: str) -> None:
    await shop.mail()
    await shop.lob(event)
    case = await shop.case()
    assert (case.stage, case.reason) == ("paid_blocked", f"letter_{event}")
    await shop.wait(hours=25)
    assert await shop.stage() == "refunded"
    assert len(await shop.refunds()) == 1


async def test_st_12_failed_letter_is_made_again_as_the_next_one(shop: Shop) -> None:
    await shop.mail()
    await shop.lob("failed")
    payment = await shop.payment()
    assert await shop.act(lambda t: operators.retry_fulfilment(t, payment.id, actor="admin:1")) == "queued"
    first, second = await shop.letters()
    assert (first.status, second.seq, second.status) == ("failed", 2, "accepted")
    assert await shop.stage() == "submitted"


async def test_event_that_overtakes_the_call_records_the_letter_once(shop: Shop) -> None:
    answered: list[str] = []

    def slow(call: MailLetter) -> object:
        if not answered:
            answered.append(call.letter_id)
            return Again("slow", timedelta(minutes=5))
        return shop.vendors.post(call)

    shop.vendors.answers[MailLetter] = slow  # type: ignore[assignment]
    await shop.mail()
    shop.vendors.posted[answered[0]] = "ltr_1"
    await shop.lob("created")
    assert await shop.stage() == "submitted"
    await shop.wait(minutes=10)
    assert shop.said.count("at the printer") == 1
    assert len(shop.vendors.posted) == 1


async def test_ac_77_event_of_an_unknown_letter_is_only_noted(shop: Shop) -> None:
    await shop.mail()
    await shop.h.vendor("lob", "letter.delivered", {"id": "ltr_unknown", "metadata": {"letter_id": "77"}})
    assert (await shop.letter()).status == "accepted"


async def test_ful_11_test_events_never_touch_live_rows(shop: Shop) -> None:
    await shop.mail()
    await shop.lob("delivered", mode="live")
    assert (await shop.letter()).status == "accepted"
    assert "wrong_mode" in await shop.alerts()


async def test_ac_74_delivery_never_changes_an_outcome(shop: Shop) -> None:
    await shop.mail()
    await shop.act(lambda turn: followups.decided(turn, shop.case_id, "won"))
    await shop.lob("delivered")
    case = await shop.case()
    assert (case.stage, case.outcome) == ("decided", "won")


async def test_ful_11_letter_without_events_is_read_again(shop: Shop) -> None:
    await shop.mail()
    seen = PostedLetter("ltr_1", None, None, None, None, False, events=["mailed", "in_transit", "delivered"])
    shop.vendors.answers[ReadLetter] = lambda call: Done(seen)
    await shop.wait(days=3, minutes=1)
    assert (await shop.letter()).status == "delivered"


async def test_test_keys_show_their_tracking_as_test(tmp_path: Path) -> None:
    async with Shop.open(tmp_path, settings=AppealSettings()) as shop:
        shop.vendors.answers[MailLetter] = lambda call: Done(
            PostedLetter("ltr_t", call.letter_id, "94071", None, None, test_mode=True)
        )
        await shop.mail()
        assert "Certified number TEST 94071" in shop.said
