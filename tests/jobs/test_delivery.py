"""The delivery worker: order, uncertainty, poison, outages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.calls import Again, Done, Outcome, Refused, Unknown
from bot.core.calls.channels import FindSms, SendSms, SendTelegram, SentSms, SentTelegram
from bot.core.events import Event
from bot.core.ports import Attempt
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from storage.outbox import outbox
from tests.jobs.plant import Plant, Vendor, notices, notify, plant, sms, telegram

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def _person(made: Plant) -> int:
    await made.text("hi")
    await made.settle()
    return int((await made.rows())[0].person_id)


async def test_sms_46_messages_of_an_address_leave_in_order_over_failures(tmp_path: Path) -> None:
    failures = iter([Again("busy", whole_vendor=False)] * 3)
    vendor = sms()
    usual = vendor.calls[SendSms]

    async def sometimes(call: SendSms, attempt: Attempt) -> Outcome:
        return (
            next(failures, None) or await usual(call, attempt) if "text 0" in call.body else await usual(call, attempt)
        )

    async with plant(tmp_path, vendor, register=notices) as made:
        person = await _person(made)
        vendor.calls[SendSms] = sometimes
        await notify(made, person, *[f"text {n}" for n in range(5)])
        await made.wait(10 * MINUTE)
        sent = [call.body.rpartition(" ")[2] for call in vendor.asked if "text" in call.body]
        assert sent == ["0", "1", "2", "3", "4"]


async def test_ven_6_an_unknown_outcome_is_looked_up_and_never_repeated_blindly(tmp_path: Path) -> None:
    def lost(call: SendSms, attempt: Attempt) -> Outcome:
        return Unknown("cut") if "code" in call.body else Done(SentSms("SM1", "queued"))

    vendor = sms(lost, look=lambda call, attempt: Done(SentSms("SM2", "sent")))
    async with plant(tmp_path, vendor, register=notices) as made:
        await notify(made, await _person(made), "code")
        await made.wait(5 * MINUTE)
        assert sum("code" in call.body for call in vendor.asked) == 1
        assert len(vendor.looked) == 1
        assert [row.vendor_id for row in await made.rows("sent")][-1] == "SM2"


async def test_a_failure_of_our_own_after_the_send_is_unknown(tmp_path: Path) -> None:
    vendor = sms(look=lambda call, attempt: Done(SentSms("SM2", "sent")))
    async with plant(tmp_path, vendor, register=notices) as made:
        person = await _person(made)
        failing = iter([RuntimeError("disk full")])
        usual = made.delivery._mark

        async def mark(*args: object, **kwargs: object) -> None:
            for error in failing:
                raise error
            await usual(*args, **kwargs)  # type: ignore[arg-type]

        made.delivery._mark = mark  # type: ignore[method-assign]
        await notify(made, person, "once")
        await made.wait(5 * MINUTE)
        assert sum("once" in call.body for call in vendor.asked) == 1
        assert len(vendor.looked) == 1


async def test_rule_7_a_row_that_cannot_be_read_holds_nobody_up(tmp_path: Path) -> None:
    vendor = telegram()
    async with plant(tmp_path, vendor, register=notices) as made:
        for user in (1, 2):
            await made.text("hi", handle=f"7:{user}", channel="telegram")
        await made.settle()
        first, second = dict.fromkeys(row.person_id for row in await made.rows())
        await notify(made, first, "broken")
        await notify(made, second, "whole")
        broken = (await made.rows("ready"))[0].id
        junk = made.seal.seal(b'{"call": {"type": "Nonsense", "fields": {}}}')
        await made.writers.run(lambda work: work.write(outbox.update().where(outbox.c.id == broken).values(body=junk)))
        await made.settle()
        assert [row.id for row in await made.rows("dead")] == [broken]
        assert "dead_letter" in await made.alerts()
        assert any(isinstance(call, SendTelegram) and "whole" in call.text for call in vendor.asked)


async def test_fake_5_a_vendor_down_for_two_hours_loses_nothing(tmp_path: Path) -> None:
    down = True

    def answer(call: SendSms, attempt: Attempt) -> Outcome:
        return Again("status_503") if down else Done(SentSms(f"SM{attempt.key}", "queued"))

    vendor = sms(answer)
    async with plant(tmp_path, vendor, register=notices) as made:
        down = False
        person = await _person(made)
        down = True
        await notify(made, person, "delayed, not lost")
        await made.wait(2 * HOUR)
        assert _circuit(made) != "closed"
        assert len(vendor.asked) < 2 * 60 * 3
        down = False
        await made.wait(10 * MINUTE)
        assert not await made.rows("ready", "dead", "expired")
        assert _circuit(made) == "closed"


def _circuit(made: Plant) -> str:
    return made.delivery.breakers["twilio"].state


async def test_a_call_ends_as_an_event_in_the_commit_that_marks_it(tmp_path: Path) -> None:
    heard: list[Outcome] = []

    def register(registry: Registry) -> None:
        notices(registry)

        @registry.on("call:test.found")
        def found(turn: Turn) -> None:
            heard.append(outcome_of(turn))

    vendor = Vendor("twilio", {FindSms: lambda call, attempt: Refused("nope", "no"), SendSms: lambda c, a: Done()})
    async with plant(tmp_path, vendor, register=register) as made:
        person = await _person(made)
        await made.event(Event("stripe", "e", "call", {"person": person}))
        await made.settle()
        assert heard == [Refused("nope", "no", {})]
        assert [row.error for row in await made.rows("sent") if row.kind == "call"] == ["nope: no"]


async def test_rows_of_a_dead_process_are_adopted_as_unknown(tmp_path: Path) -> None:
    vendor = sms(look=lambda call, attempt: None)  # type: ignore[arg-type, return-value]
    async with plant(tmp_path, vendor, register=notices) as made:
        person = await _person(made)
        await notify(made, person, "orphan")
        dead = (
            outbox.update().where(outbox.c.state == "ready").values(state="sending", worker=1, attempts=1, first_at=1)
        )
        await made.writers.run(lambda work: work.write(dead))
        await made.ticker.adopt(at_start=True)
        await made.wait(MINUTE)
        assert len(vendor.looked) == 1
        assert sum("orphan" in call.body for call in vendor.asked) == 1


async def test_a_row_that_this_process_lost_is_found_again(tmp_path: Path) -> None:
    vendor = sms(look=lambda call, attempt: Done(SentSms("SM9", "sent")))
    async with plant(tmp_path, vendor, register=notices) as made:
        person = await _person(made)
        await notify(made, person, "lost")
        held = (
            outbox.update()
            .where(outbox.c.state == "ready")
            .values(state="sending", worker=made.dispatcher.process_id, attempts=1, first_at=1)
        )
        await made.writers.run(lambda work: work.write(held))
        assert await made.delivery.reclaim() == 1
        await made.wait(MINUTE)
        assert [row.vendor_id for row in await made.rows("sent")][-1] == "SM9"


@pytest.mark.parametrize("code", ["blocked", "gone"])
async def test_tg_9_a_blocked_bot_makes_the_address_unreachable_and_cancels_its_queue(
    tmp_path: Path, code: str
) -> None:
    refusing = False
    vendor = telegram(lambda call, attempt: Refused(code) if refusing else Done())
    async with plant(tmp_path, vendor, register=notices) as made:
        await made.text("hi", handle="7:1", channel="telegram")
        await made.settle()
        person, refusing = (await made.rows())[0].person_id, True
        await notify(made, person, "one", "two", "three")
        await made.settle()
        states = [row.state for row in await made.rows()][-3:]
        assert states == ["dead", "cancelled", "cancelled"]
        refusing = False
        await made.text("back again", handle="7:1", channel="telegram")
        await notify(made, person, "four")
        await made.settle()
        assert [row.state for row in await made.rows()][-1] == "sent"


async def test_tgv_4_tg_8_a_flood_answer_of_one_chat_holds_up_no_other_and_keeps_its_order(tmp_path: Path) -> None:
    flooded = True

    def answer(call: SendTelegram, attempt: Attempt) -> Outcome:
        slow = call.chat_id == 1 and flooded and "text" in call.text
        return Again("rate_limited", timedelta(seconds=40), whole_vendor=False) if slow else Done(SentTelegram(1))

    vendor = telegram(answer)
    async with plant(tmp_path, vendor, register=notices) as made:
        for user in (1, 2):
            await made.text("hi", handle=f"7:{user}", channel="telegram")
        await made.settle()
        one, two = dict.fromkeys(row.person_id for row in await made.rows())
        await notify(made, one, "text 0", "text 1", "text 2")
        await notify(made, two, "other text")
        await made.wait(timedelta(seconds=30))
        assert any("other text" in call.text for call in vendor.asked)
        assert made.delivery.breakers["telegram"].state == "closed"
        assert sum("text 1" in call.text for call in vendor.asked) == 0
        flooded = False
        vendor.asked.clear()
        await made.wait(MINUTE)
        assert [call.text for call in vendor.asked] == ["text 0", "text 1", "text 2"]
