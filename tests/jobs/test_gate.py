"""Whether a waiting message may leave now: windows, opt-outs, expiry, and the count of nudges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.sms import size
from storage import addresses
from storage.outbox import outbox
from storage.people import address, consent, person
from storage.switches import turn_switch
from tests.jobs.plant import Plant, Vendor, notices, notify, plant, sms, telegram

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def _someone(made: Plant, handle: str = "+14155550123", channel: str = "sms") -> int:
    await made.text("hi", handle=handle, channel=channel)
    await made.settle()
    found: int = (await made.rows())[-1].person_id
    return found


def _at(made: Plant, text: str) -> None:
    made.clock.advance(datetime.fromisoformat(text).replace(tzinfo=UTC) - made.clock.now())


@pytest.mark.parametrize(
    ("handle", "asked", "earliest"),
    [
        pytest.param("+15125550123", "2027-03-10T13:59", "2027-03-10T15:00", id="SMS-13-texas-before-nine"),
        pytest.param("+15125550123", "2027-03-11T02:00", "2027-03-11T15:00", id="SMS-13-texas-at-eight-in-the-evening"),
        pytest.param("+12055550123", "2027-03-14T18:00", "2027-03-15T14:00", id="SMS-13-alabama-on-a-sunday"),
        pytest.param("+18335550123", "2027-03-10T15:59", "2027-03-10T17:00", id="SMS-13-toll-free"),
    ],
)
async def test_sms_13_34_proactive_texts_wait_for_the_window(
    tmp_path: Path, handle: str, asked: str, earliest: str
) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _someone(made, handle)
        _at(made, asked)
        await notify(made, who, "news")
        await made.settle()
        assert not any("news" in call.body for call in vendor.asked)
        due = datetime.fromtimestamp((await made.rows("ready"))[0].due_at / 1e6, UTC)
        opens = datetime.fromisoformat(earliest).replace(tzinfo=UTC)
        assert opens <= due < opens + 30 * MINUTE
        await made.wait(DAY)
        assert any("news" in call.body for call in vendor.asked)


async def test_sms_13_messages_behind_a_deferred_one_are_not_lost_to_a_long_weekend(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _someone(made, "+12055550123")
        _at(made, "2027-03-14T02:00")
        await notify(made, who, *[f"news {n}" for n in range(3)])
        await made.wait(timedelta(days=2))
        sent = [call.body for call in vendor.asked if "news" in call.body]
        assert [text[-1] for text in sent] == ["0", "1", "2"]
        assert not await made.rows("expired")


async def test_sms_37_a_changed_place_moves_a_waiting_message(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _someone(made, "+15125550123")
        _at(made, "2027-03-10T15:30")
        await made.writers.run(lambda work: work.write(person.update().values(place="Seattle")))
        await notify(made, who, "news")
        await made.settle()
        due = datetime.fromtimestamp((await made.rows("ready"))[0].due_at / 1e6, UTC)
        assert due >= datetime(2027, 3, 10, 17, tzinfo=UTC)


async def test_a_notice_within_ten_minutes_of_a_message_is_a_reply(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        _at(made, "2027-03-11T08:00")
        who = await _someone(made)
        await notify(made, who, "at night")
        await made.settle()
        assert any("at night" in call.body for call in vendor.asked)


async def _agree(made: Plant) -> None:
    await made.text("REMIND")
    await made.settle()


def _nudges(vendor: Vendor) -> int:
    return sum("nudge" in call.body for call in vendor.asked)


async def test_sms_36_one_nudge_a_day_and_four_a_week_however_much_the_person_writes(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _someone(made)
        await _agree(made)
        sent: list[datetime] = []
        for hour in range(14 * 24):
            before = _nudges(vendor)
            if hour % 8 == 0:
                await notify(made, who, f"nudge {hour}", purpose="nudge")
            await made.wait(HOUR)
            sent += [made.clock.now()] * (_nudges(vendor) - before)
            if hour % 24 == 12:
                await made.text(f"still here {hour}")
        assert len(sent) >= 6
        for moment in sent:
            assert sum(moment - DAY + HOUR < other <= moment for other in sent) <= 1
            assert sum(moment - 7 * DAY + HOUR < other <= moment for other in sent) <= 4


async def test_sms_36_two_without_an_answer_per_subject_then_silence_until_the_person_writes(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _someone(made)
        await _agree(made)
        for n in range(6):
            await notify(made, who, f"nudge {n}", purpose="nudge")
            await made.wait(3 * DAY)
        assert _nudges(vendor) == 2
        assert {row.error for row in await made.rows("cancelled")} == {"unanswered"}
        await notify(made, who, "nudge of another subject", purpose="nudge", kind="other")
        await made.wait(3 * DAY)
        assert _nudges(vendor) == 3
        await made.text("I am here")
        await notify(made, who, "nudge again", purpose="nudge")
        await made.wait(3 * DAY)
        assert _nudges(vendor) == 4


@pytest.mark.parametrize(("purpose", "agrees"), [("nudge", False), ("nudge", True), ("offer", False), ("offer", True)])
async def test_sms_11_27_a_nudge_or_offer_without_its_row_is_refused_by_the_sender(
    tmp_path: Path, purpose: str, agrees: bool
) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _someone(made)
        if agrees:
            await _agree(made)
        await notify(made, who, "nudge", purpose=purpose)
        await made.wait(3 * DAY)
        wanted = agrees and purpose == "nudge"
        assert _nudges(vendor) == wanted
        assert [row.error for row in await made.rows("cancelled")] == ([] if wanted else ["no consent"])


async def test_sms_11_consent_names_number_wording_source_and_kind_and_is_noted_once(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        who = await _someone(made)
        for _ in range(3):
            await _agree(made)
        query = sa.select(consent).order_by(consent.c.id)
        rows = await made.database.read(lambda c: list(c.execute(query)))
        assert [row.kind for row in rows] == ["conversation", "nudges"]
        assert rows[1].hash == made.seal.digest("address", "sms:+14155550123")
        assert (rows[1].person_id, rows[1].wording) == (who, "reminders 1; terms 1")
        assert rows[1].source.startswith("inbox:")


async def test_sms_10_consent_is_confirmed_in_the_words_that_are_due(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        await _someone(made)
        await _agree(made)
        said = vendor.asked[-1].body
        for part in ("Parley: ", "About 10 msgs/month", "Msg & data rates may apply", "HELP", "STOP"):
            assert part in said
        line = made.registry.catalogue.text("engine.opt_in", "en", "sms")
        assert size(line).encoding == "GSM-7"
        assert size(line).units <= 160


async def test_sms_38_telegram_nudges_keep_to_the_persons_day_and_notices_do_not(tmp_path: Path) -> None:
    vendor = telegram()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _someone(made, "7:1", "telegram")
        await made.writers.run(lambda work: work.write(person.update().values(zone="America/New_York")))
        _at(made, "2027-03-10T04:00")
        await notify(made, who, "late notice")
        await made.settle()
        await notify(made, who, "late nudge", purpose="nudge")
        await made.settle()
        assert [call.text for call in vendor.asked if "late" in call.text] == ["late notice"]
        await made.wait(10 * HOUR)
        assert [call.text for call in vendor.asked if "late" in call.text] == ["late notice", "late nudge"]


@pytest.mark.parametrize("state", ["opted_out", "unreachable", "frozen"])
async def test_sms_22_the_address_is_judged_at_the_claim(tmp_path: Path, state: str) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _someone(made)
        await notify(made, who, "news")
        await made.writers.run(lambda work: work.write(address.update().values(state=state)))
        await made.settle()
        assert not any("news" in call.body for call in vendor.asked)
        assert [row.error for row in await made.rows("cancelled")] == [state]


async def test_sms_45_an_expired_message_is_dropped(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _someone(made)
        await notify(made, who, "stale")
        await made.writers.run(
            lambda work: work.write(outbox.update().where(outbox.c.state == "ready").values(due_at=0, expires_at=1))
        )
        await made.settle()
        assert not any("stale" in call.body for call in vendor.asked)


async def test_30034_holds_proactive_texts_back_and_replies_go_on(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _someone(made)
        await made.writers.run(lambda work: turn_switch(work, "sms.proactive", "held", actor="t"))
        made.clock.advance(HOUR)
        await notify(made, who, "news")
        await made.settle()
        assert not any("news" in call.body for call in vendor.asked)
        before = len(vendor.asked)
        await made.text("hello?")
        await made.settle()
        assert len(vendor.asked) > before


async def test_sms_3_five_queued_messages_and_a_stop_in_between(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _someone(made)
        await notify(made, who, *[f"news {n}" for n in range(5)])
        rows = await made.database.read(lambda c: list(c.execute(sa.select(address))))
        await made.writers.run(
            lambda work: addresses.opt_out(
                work, address_id=rows[0].id, handle="sms:+14155550123", source="text", wording="STOP"
            )
        )
        await made.wait(HOUR)
        assert not any("news" in call.body for call in vendor.asked)


async def test_sms_46_a_notice_that_waits_for_the_morning_delays_no_reply(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _someone(made)
        _at(made, "2027-03-10T07:00")
        await notify(made, who, "for the morning 1", "for the morning 2")
        await made.settle()
        before = len(vendor.asked)
        await made.text("are you there?")
        await made.settle()
        assert len(vendor.asked) == before + 1
        await made.wait(DAY)
        late = [call.body for call in vendor.asked if "morning" in call.body]
        assert [text[-1] for text in late] == ["1", "2"]


@pytest.mark.parametrize(
    ("channel", "handle", "asked", "earliest"),
    [
        pytest.param("sms", "+15125550123", "2027-03-10T23:30", "2027-03-11T16:00", id="sms-in-the-evening"),
        pytest.param("telegram", "42", "2027-03-10T23:30", "2027-03-11T16:00", id="telegram-notice"),
        pytest.param("telegram", "42", "2027-03-10T22:30", None, id="telegram-before"),
    ],
)
async def test_section_13_own_quiet_hours_hold_for_every_notice_on_every_channel(
    tmp_path: Path, channel: str, handle: str, asked: str, earliest: str | None
) -> None:
    """Quiet from 17 to 10 in Texas; an answer to what was just said leaves all the same."""
    vendor = sms() if channel == "sms" else telegram()
    async with plant(tmp_path, vendor, register=notices) as made:
        who = await _someone(made, handle, channel)
        hours = {"quiet_from": 17, "quiet_to": 10, "zone": "America/Chicago"}
        await made.writers.run(lambda work: work.write(person.update().values(hours)))
        _at(made, asked)
        await notify(made, who, "news")
        await made.settle()
        waits = await made.rows("ready")
        if earliest is None:
            assert not waits
            return
        opens = datetime.fromisoformat(earliest).replace(tzinfo=UTC)
        assert opens <= datetime.fromtimestamp(waits[0].due_at / 1e6, UTC) < opens + 30 * MINUTE
        await made.wait(DAY)
        assert not await made.rows("ready")
        await made.text("hi", handle=handle, channel=channel)
        await notify(made, who, "news at once")
        await made.settle()
        assert not await made.rows("ready")
