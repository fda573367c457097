"""From paid to posted, exactly once: hold, gates, claim, doubtful outcomes, refusals, pause, crashes (section 11)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls import Again, Done, Refused
from bot.core.calls.lob import FindLetter, MailLetter, PostedLetters
from bot.engine.turn import Turn
from handlers.appeals import operators, records
from handlers.appeals.settings import AppealSettings
from storage.appeals import drafts, letters
from storage.blobs import blob
from tests.handlers.appeals.order_kit import PRIVATE, Shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


async def test_ful_2_letter_waits_for_the_hold(shop: Shop) -> None:
    await shop.order()
    await shop.wait(minutes=9, seconds=59)
    assert not shop.vendors.posted
    await shop.wait(seconds=2)
    assert len(shop.vendors.posted) == 1


async def test_ful_2_hold_is_a_setting(tmp_path: Path) -> None:
    async with Shop.open(tmp_path, settings=AppealSettings(mail_hold=timedelta(0))) as shop:
        await shop.order()
        assert len(shop.vendors.posted) == 1


async def test_st_14_ful_7_result_is_recorded_and_told_once(shop: Shop) -> None:
    await shop.mail()
    letter = await shop.letter()
    assert (letter.status, letter.lob_id, str(letter.expected_delivery)) == ("accepted", "ltr_1", "2026-11-30")
    assert await shop.stage() == "submitted"
    assert (await shop.rules())[-1] == "ST-14"
    assert shop.said.count("at the printer. Certified number 9407100000000000000417") == 1
    await shop.lob("created")
    assert shop.said.count("at the printer. Certified") == 1


async def test_ful_5_call_carries_snapshots_and_only_our_ids(shop: Shop) -> None:
    await shop.mail()
    (call,), letter, payment = shop.calls(MailLetter), await shop.letter(), await shop.payment()
    assert (call.letter_id, call.payment_id, call.certified) == (str(letter.id), str(payment.id), True)
    assert call.to.name == "SFMTA Customer Service Center"
    assert (call.sender.name, call.sender.address_line2) == ("Dana Reyes", "Apt 4")
    assert f"letter:{letter.id}" in await shop.keys()
    assert not [word for word in PRIVATE if word in f"{call.letter_id}{call.payment_id}{await shop.keys()}"]


async def test_standard_mail_is_not_certified(shop: Shop) -> None:
    await shop.mail(mail_class="standard")
    (call,) = shop.calls(MailLetter)
    assert not call.certified
    assert "Standard mail has no tracking number" in shop.said


async def test_ac_72_ref_1_undo_at_minute_nine(shop: Shop) -> None:
    await shop.order()
    await shop.wait(minutes=9)
    await shop.me.say("UNDO")
    assert (await shop.letter()).status == "cancelled"
    (refund,) = await shop.refunds()
    assert (refund.amount_minor, refund.reason, refund.status) == (1995, "undo", "succeeded")
    assert await shop.stage() == "refunded"
    await shop.wait(hours=2)
    assert not shop.vendors.posted


async def test_ac_72_undo_after_the_claim_is_too_late(shop: Shop) -> None:
    await shop.mail()
    await shop.me.say("UNDO")
    assert "too late" in shop.me.last.text
    assert not await shop.refunds()
    assert await shop.stage() == "submitted"


async def test_second_undo_refunds_nothing_more(shop: Shop) -> None:
    await shop.order()
    await shop.me.say("undo")
    await shop.me.say("undo")
    assert len(await shop.refunds()) == 1


async def test_ac_68_ful_4_only_one_claim(shop: Shop) -> None:
    await shop.order()
    letter = await shop.letter()
    first = await shop.read(lambda work: letters.claim(work, letter.id))
    second = await shop.read(lambda work: letters.claim(work, letter.id))
    assert first.token
    assert second is None
    await shop.wait(minutes=11)
    assert not shop.vendors.posted


async def _unconfirm(shop: Shop) -> None:
    def change(turn: Any) -> None:
        city = records.city_of(turn.work, "us-ca-san_francisco")
        assert city is not None
        mail = city.mail.model_copy(update={"status": "unconfirmed"})
        body = city.model_copy(update={"mail": mail}).model_dump_json()
        change_id = records.propose_change(turn, city.city_id, body, actor="admin:1", why="doubt")
        records.approve_change(turn, change_id, actor="admin:2")

    await shop.act(change)


async def test_ac_27_st_11_record_turned_unconfirmed_between_pay_and_mail(shop: Shop) -> None:
    await shop.order()
    await _unconfirm(shop)
    await shop.wait(minutes=11)
    case = await shop.case()
    assert (case.stage, case.reason) == ("paid_blocked", "record_not_usable")
    assert "was not mailed" in shop.said
    assert not shop.vendors.posted
    await shop.wait(hours=24)
    assert await shop.stage() == "refunded"
    assert [r.reason for r in await shop.refunds()] == ["not_mailed"]


async def test_never_1_ac_28_ful_9_operator_retry_meets_the_same_gate(shop: Shop) -> None:
    await shop.order()
    await _unconfirm(shop)
    await shop.wait(minutes=11)
    payment = await shop.payment()
    said = await shop.act(lambda turn: operators.retry_fulfilment(turn, payment.id, actor="admin:1"))
    assert said == "refused: record_not_usable"
    await shop.wait(minutes=5)
    assert not shop.vendors.posted


async def test_ful_9_retry_of_a_mailed_order_answers_with_its_letter(shop: Shop) -> None:
    await shop.mail()
    payment = await shop.payment()
    said = await shop.act(lambda turn: operators.retry_fulfilment(turn, payment.id, actor="admin:1"))
    assert said == "already mailed: ltr_1"
    assert len(shop.calls(MailLetter)) == 1


async def test_id_11_a_paid_and_a_posted_letter_have_one_copy_each(shop: Shop) -> None:
    copies: dict[str, Mapping[str, object]] = {}

    def keep(turn: Turn, kind: str, args: Mapping[str, object]) -> bool:
        assert kind not in copies
        copies[kind] = args
        return True

    shop.h.registry.mail_copy = keep
    await shop.mail()
    assert list(copies) == ["paid", "posted"]
    receipt = (await shop.payment()).receipt
    assert copies["paid"]["what"] == f"your appeal letter, {receipt}", "a receipt by mail has its number"
    assert copies["paid"]["day"]


async def test_ful_3_changed_file_is_not_mailed(shop: Shop) -> None:
    await shop.order()
    await shop.read(lambda work: work.claim(blob.update().values(data=work.seal.seal(b"%PDF-1.7 another"))))
    await shop.wait(minutes=11)
    assert (await shop.case()).reason == "guard_changed_file"
    assert not shop.vendors.posted


async def test_ac_56_let_7_placeholder_in_the_document_stops_the_claim(shop: Shop) -> None:
    import orjson

    await shop.order()
    document = {"opening": "[Your contest grounds]"}
    await shop.read(
        lambda work: work.claim(drafts.draft.update().values(document=work.seal.seal(orjson.dumps(document))))
    )
    await shop.wait(minutes=11)
    assert (await shop.case()).reason.startswith("guard_")
    assert not shop.vendors.posted


async def test_ac_69_permanent_vendor_error_is_not_retried(shop: Shop) -> None:
    shop.vendors.answers[MailLetter] = lambda call: Refused("invalid", "status_422")
    await shop.mail()
    case = await shop.case()
    assert (case.stage, case.reason) == ("paid_blocked", "vendor:invalid")
    assert len(shop.calls(MailLetter)) == 1
    assert "Our staff looks at it" in shop.said
    await shop.wait(hours=24)
    assert await shop.stage() == "refunded"


async def test_ac_70_ful_8_two_hours_of_trouble_delay_the_letter(shop: Shop) -> None:
    began = shop.h.clock.now()

    def trouble(call: MailLetter) -> Any:
        if shop.h.clock.now() - began < timedelta(hours=2):
            return Again("status_500", timedelta(minutes=15))
        return shop.vendors.post(call)

    shop.vendors.answers[MailLetter] = trouble
    await shop.mail()
    await shop.wait(hours=3)
    assert len(shop.vendors.posted) == 1
    assert await shop.stage() == "submitted"


@pytest.mark.parametrize("code", ["gave_up", "timed_out", "unknown"])
async def test_ac_64_ac_65_lost_answer_is_searched_and_adopted(shop: Shop, code: str) -> None:
    def lost(call: MailLetter) -> Any:
        shop.vendors.post(call)
        return Refused(code)

    shop.vendors.answers[MailLetter] = lost
    await shop.mail()
    assert await shop.stage() == "submitted"
    assert (len(shop.vendors.posted), len(shop.calls(MailLetter)), len(shop.calls(FindLetter))) == (1, 1, 1)


async def test_ac_66_ful_6_search_unavailable_means_waiting(shop: Shop) -> None:
    shop.vendors.answers[MailLetter] = lambda call: Refused("gave_up")
    shop.vendors.answers[FindLetter] = lambda call: Refused("gave_up")
    await shop.mail()
    await shop.wait(days=2)
    assert (await shop.letter()).status == "unknown"
    assert len(shop.calls(MailLetter)) == 1
    assert not await shop.refunds()
    letter = await shop.letter()
    shop.vendors.posted[str(letter.id)] = "ltr_late"
    del shop.vendors.answers[FindLetter]
    await shop.wait(hours=2)
    assert (await shop.letter()).lob_id == "ltr_late"
    assert await shop.stage() == "submitted"


async def test_used_up_tries_and_a_clear_none_block_and_refund(shop: Shop) -> None:
    shop.vendors.answers[MailLetter] = lambda call: Refused("gave_up")
    await shop.mail()
    assert (await shop.case()).reason == "vendor:gave_up"
    await shop.wait(hours=25)
    assert await shop.stage() == "refunded"


async def test_st_12_operator_retry_searches_before_it_posts(shop: Shop) -> None:
    shop.vendors.answers[MailLetter] = lambda call: Refused("rate_plan", "status_402")
    await shop.mail()
    del shop.vendors.answers[MailLetter]
    payment = await shop.payment()
    said = await shop.act(lambda turn: operators.retry_fulfilment(turn, payment.id, actor="admin:1"))
    assert said == "queued"
    assert [type(c).__name__ for c in shop.h.calls if isinstance(c, (MailLetter, FindLetter))] == [
        "MailLetter",
        "FindLetter",
        "MailLetter",
    ]
    assert (len(shop.vendors.posted), await shop.stage()) == (1, "submitted")
    await shop.wait(hours=30)
    assert not await shop.refunds()


async def test_ac_71_ful_10_pause_stops_three_letters_and_two_operators_start_them(shop: Shop) -> None:
    await shop.order()
    others = []
    for n in (2, 3):
        phone = shop.h.phone("sms", f"+1415555012{n}")
        await shop.approve(phone, number=f"90000041{n}")
        await shop.request(phone)
        await shop.pay(f"cs_{n}")
        others.append(shop.case_id)
    await shop.act(lambda turn: operators.pause_mail(turn, actor="admin:1"))
    await shop.wait(hours=3)
    assert not shop.vendors.posted
    assert not await shop.act(lambda turn: operators.resume_mail(turn, actor="admin:1"))
    assert not await shop.act(lambda turn: operators.resume_mail(turn, actor="admin:1"))
    await shop.wait(hours=1)
    assert not shop.vendors.posted
    assert await shop.act(lambda turn: operators.resume_mail(turn, actor="admin:2"))
    assert len(shop.vendors.posted) == 3


async def test_ful_10_no_pay_link_while_paused(shop: Shop) -> None:
    await shop.approve()
    await shop.act(lambda turn: operators.pause_mail(turn, actor="admin:1"))
    asked = await shop.request()
    assert asked.refusal.reason == "mail_paused"


async def test_ful_10_pause_holds_back_a_letter_between_two_tries(shop: Shop) -> None:
    shop.vendors.answers[MailLetter] = lambda call: Again("status_500", timedelta(minutes=30))
    await shop.mail()
    await shop.act(lambda turn: operators.pause_mail(turn, actor="admin:1"))
    del shop.vendors.answers[MailLetter]
    await shop.wait(hours=2)
    assert not shop.vendors.posted
    assert (await shop.letter()).status == "retry"
    for admin in ("admin:1", "admin:2"):
        await shop.act(partial(operators.resume_mail, actor=admin))
    assert (len(shop.vendors.posted), await shop.stage()) == (1, "submitted")


async def test_ful_10_pause_beyond_the_last_order_day_follows_ref_2(tmp_path: Path) -> None:
    async with Shop.open(tmp_path, at=datetime(2026, 11, 25, 18, tzinfo=UTC)) as shop:
        await shop.order()
        await shop.act(lambda turn: operators.pause_mail(turn, actor="admin:1"))
        await shop.wait(days=1)
        assert (await shop.case()).reason == "late"
        await shop.wait(days=1, hours=1)
        assert await shop.stage() == "refunded"


async def test_ac_41_paid_at_1659_is_mailed(tmp_path: Path) -> None:
    async with Shop.open(tmp_path, at=datetime(2026, 11, 26, 0, 20, tzinfo=UTC)) as shop:
        await shop.approve()
        await shop.request()
        await shop.wait(minutes=39)
        await shop.pay()
        await shop.wait(minutes=11)
        assert len(shop.vendors.posted) == 1


async def test_ac_41_paid_at_1701_is_blocked_as_late(tmp_path: Path) -> None:
    async with Shop.open(tmp_path, at=datetime(2026, 11, 26, 0, 20, tzinfo=UTC)) as shop:
        await shop.approve()
        await shop.request()
        await shop.wait(minutes=41)
        await shop.pay()
        await shop.wait(minutes=11)
        assert (await shop.case()).reason == "late"
        assert "SEND ANYWAY" in shop.said
        assert not shop.vendors.posted


async def test_st_12_send_anyway_waives_only_the_mail_by_day(tmp_path: Path) -> None:
    async with Shop.open(tmp_path, at=datetime(2026, 11, 26, 0, 20, tzinfo=UTC)) as shop:
        await shop.approve()
        await shop.request()
        await shop.wait(minutes=41)
        await shop.pay()
        await shop.wait(minutes=11)
        await shop.me.say("Send anyway")
        assert len(shop.vendors.posted) == 1
        assert await shop.stage() == "submitted"
        await shop.wait(hours=30)
        assert not await shop.refunds()


async def test_tries_stop_with_the_last_order_day(tmp_path: Path) -> None:
    async with Shop.open(tmp_path, at=datetime(2026, 11, 25, 18, tzinfo=UTC)) as shop:
        await shop.order()
        await shop.wait(minutes=10)
        from storage.outbox import outbox
        from storage.schema import moment

        rows = await shop.read(lambda work: work.rows(sa.select(outbox).where(outbox.c.key.like("letter:%"))))
        assert moment(rows[0].expires_at) == datetime(2026, 11, 26, 7, 59, 59, tzinfo=UTC)


async def test_ac_67_ful_13_restart_after_every_turn_gives_one_letter(shop: Shop) -> None:
    shop.h.restart = True
    await shop.mail()
    assert (len(shop.vendors.posted), len(await shop.letters()), await shop.stage()) == (1, 1, "submitted")


async def test_every_event_twice_gives_one_letter(shop: Shop) -> None:
    shop.h.redeliver = True
    await shop.mail()
    assert len(shop.calls(MailLetter)) == 1


async def test_ful_12_cancel_inside_the_window_refunds(shop: Shop) -> None:
    await shop.mail()
    letter = await shop.letter()
    await shop.act(lambda turn: operators.cancel_letter(turn, letter.id, actor="admin:1"))
    assert (await shop.letter()).status == "cancelled"
    assert [r.status for r in await shop.refunds()] == ["succeeded"]
    assert await shop.stage() == "refunded"


async def test_ful_12_cancel_too_late_says_so(shop: Shop) -> None:
    from bot.core.calls.lob import CancelLetter

    await shop.mail()
    shop.vendors.answers[CancelLetter] = lambda call: Refused("not_deletable")
    letter = await shop.letter()
    await shop.act(lambda turn: operators.cancel_letter(turn, letter.id, actor="admin:1"))
    assert "cannot be stopped" in shop.said
    assert not await shop.refunds()


async def test_search_result_after_the_letter_was_recorded_changes_nothing(shop: Shop) -> None:
    shop.vendors.answers[FindLetter] = lambda call: Done(PostedLetters([]))
    await shop.mail()
    letter = await shop.letter()

    def search(turn: Any) -> None:
        turn.call(FindLetter(str(letter.id)), then="appeals.letter_found", context={"letter": letter.id})

    await shop.act(search)
    assert (await shop.letter()).status == "accepted"
    assert await shop.stage() == "submitted"


async def test_rem_9_operators_hear_of_a_block_again_after_an_hour(shop: Shop) -> None:
    shop.vendors.answers[MailLetter] = lambda call: Refused("invalid")
    await shop.mail()
    assert "paid_blocked" in await shop.alerts()
    await shop.wait(hours=1, minutes=1)
    assert "paid_blocked_1h" in await shop.alerts()
