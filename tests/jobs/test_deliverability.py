"""Twilio's status callbacks: forward only, and what their codes do to an address."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls import Again, Done, Outcome, Refused
from bot.core.calls.channels import SendSms, SentSms
from bot.core.calls.outcome import UNAUTHORIZED
from bot.core.events import Event
from bot.core.ports import Attempt
from storage.people import address, suppression
from storage.switches import switch_value
from tests.jobs.plant import Plant, notices, notify, plant, sms


async def _status(made: Plant, sid: str, status: str, code: int | None = None) -> None:
    payload = {"sid": sid, "status": status, "code": code}
    await made.event(Event("twilio", f"{sid}:{status}", "status", payload))
    await made.settle()


async def _sent(made: Plant) -> Any:
    await made.text("hi")
    await made.settle()
    return (await made.rows("sent"))[-1]


async def _address(made: Plant) -> Any:
    return await made.database.read(lambda c: c.execute(sa.select(address)).one())


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sending", "sent", "delivered"])))
async def test_sms_20_states_only_move_forward(tmp_path: Path, order: tuple[str, ...]) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        row = await _sent(made)
        for status in (*order, order[0]):
            await _status(made, row.vendor_id, status)
        assert (await _sent_row(made, row.id)).vendor_state == "delivered"


async def _sent_row(made: Plant, row_id: int) -> Any:
    return next(row for row in await made.rows() if row.id == row_id)


async def test_a_callback_that_overtakes_our_commit_is_not_lost(tmp_path: Path) -> None:
    vendor = sms(lambda call, attempt: Done(SentSms("SM77", "queued")))
    async with plant(tmp_path, vendor, register=notices) as made:
        await _status(made, "SM77", "delivered")
        row = await _sent(made)
        await made.wait(timedelta(seconds=30))
        assert (await _sent_row(made, row.id)).vendor_state == "delivered"


async def test_a_callback_of_nobodys_message_ends(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        await _status(made, "SM404", "delivered")
        await made.wait(timedelta(hours=1))
        assert await made.ticker.next_due() is None


@pytest.mark.parametrize("code", [30003, 30005, 30006])
async def test_sms_21_two_in_a_row_freeze_the_address_and_cancel_its_queue(tmp_path: Path, code: int) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        first = await _sent(made)
        await _status(made, first.vendor_id, "undelivered", code)
        assert (await _address(made)).state == "active"
        await made.text("again")
        await made.settle()
        second = (await made.rows("sent"))[-1]
        await notify(made, second.person_id, "waits")
        await _status_without_pump(made, second.vendor_id, code)
        assert (await _address(made)).state == "frozen"
        await made.settle()
        assert len(await made.rows("cancelled")) == 1


async def _status_without_pump(made: Plant, sid: str, code: int) -> None:
    payload = {"sid": sid, "status": "failed", "code": code}
    await made.event(Event("twilio", f"{sid}:failed", "status", payload))


async def test_a_delivery_between_two_failures_starts_the_count_anew(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        for status, code in (("undelivered", 30003), ("delivered", None), ("undelivered", 30003)):
            await made.text("again")
            await made.settle()
            await _status(made, (await made.rows("sent"))[-1].vendor_id, status, code)
        assert (await _address(made)).state == "active"


@pytest.mark.parametrize("by_callback", [True, False])
async def test_sms_7_21610_records_an_opt_out_and_is_never_retried(tmp_path: Path, by_callback: bool) -> None:
    vendor = sms() if by_callback else sms(lambda call, attempt: Refused("21610", "status_400"))
    async with plant(tmp_path, vendor, register=notices) as made:
        await made.text("hi")
        await made.settle()
        if by_callback:
            await _status(made, (await made.rows("sent"))[-1].vendor_id, "failed", 21610)
        assert (await _address(made)).state == "opted_out"
        rows = await made.database.read(lambda c: list(c.execute(sa.select(suppression.c.source))))
        assert [row.source for row in rows] == ["carrier"]
        asked = len(vendor.asked)
        await notify(made, (await made.rows())[-1].person_id, "more")
        await made.settle()
        assert len(vendor.asked) == asked


@pytest.mark.parametrize(
    ("code", "kind"),
    [(30007, "sms_filtered"), (20003, "sms_refused"), (21408, "sms_refused"), (30034, "sms_unregistered")],
)
async def test_codes_that_only_an_operator_can_mend_raise_an_alert(tmp_path: Path, code: int, kind: str) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        row = await _sent(made)
        await _status(made, row.vendor_id, "failed", code)
        assert kind in await made.alerts()
        held = await made.writers.run(lambda work: switch_value(work, "sms.proactive"))
        assert (held == "held") is (code == 30034)


async def test_30008_is_tried_once_more_and_then_left(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        row = await _sent(made)
        before = len(vendor.asked)
        await _status(made, row.vendor_id, "undelivered", 30008)
        assert len(vendor.asked) == before + 1
        await _status(made, (await _sent_row(made, row.id)).vendor_id, "undelivered", 30008)
        assert len(vendor.asked) == before + 1
        assert ((await _sent_row(made, row.id)).state, (await _sent_row(made, row.id)).error) == ("dead", "30008")


@pytest.mark.parametrize("code", [30001, 21611, 20429])
async def test_sms_5_4_a_full_queue_sends_again_while_the_message_is_valid(tmp_path: Path, code: int) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        row = await _sent(made)
        before = len(vendor.asked)
        await _status(made, row.vendor_id, "failed", code)
        await made.wait(timedelta(seconds=59))
        assert len(vendor.asked) == before
        await made.wait(timedelta(seconds=2))
        assert len(vendor.asked) == before + 1
        await made.wait(timedelta(minutes=10))
        await _status(made, (await _sent_row(made, row.id)).vendor_id, "failed", code)
        await made.wait(timedelta(minutes=5))
        assert len(vendor.asked) == before + 1
        assert (await _sent_row(made, row.id)).state == "expired"


async def test_20003_stops_the_channel_pages_the_operator_and_loses_nothing(tmp_path: Path) -> None:
    known = False

    def answer(call: SendSms, attempt: Attempt) -> Outcome:
        return Done(SentSms(attempt.key, "queued")) if known else Again(UNAUTHORIZED)

    vendor = sms(answer)
    async with plant(tmp_path, vendor, register=notices) as made:
        for n in range(12):
            await made.text("hi", handle=f"+141555501{n:02d}")
        await made.wait(timedelta(minutes=3))
        assert made.delivery.breakers["twilio"].state != "closed"
        assert len(vendor.asked) < 25
        assert (await made.alerts()).count("channel_down") == 1
        assert not await made.rows("dead")
        known = True
        await made.wait(timedelta(minutes=3))
        assert len(await made.rows("sent")) == 12
