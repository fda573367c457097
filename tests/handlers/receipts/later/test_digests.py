"""Digests: asked for, on time in the person's zone, silent with nothing to say, stopped after silence (SUM-7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from handlers.receipts.later.digests import next_due
from storage import addresses
from storage.people import address, consent
from storage.receipts.digests import digest
from tests.handlers.receipts.flow.world import met, open_world, rows, screens, spent_before

DAY = timedelta(days=1)
NOON = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "now", "zone", "due"),
    [
        ("weekly", NOON, "America/Los_Angeles", "2026-03-23T01:00"),
        ("weekly", datetime(2026, 3, 23, 1, 0, tzinfo=UTC), "America/Los_Angeles", "2026-03-30T01:00"),
        ("weekly", NOON, "Asia/Tokyo", "2026-03-22T09:00"),
        ("weekly", datetime(2026, 3, 2, 12, tzinfo=UTC), "America/Los_Angeles", "2026-03-09T01:00"),
        ("monthly", NOON, "America/Los_Angeles", "2026-04-01T16:00"),
        ("monthly", datetime(2026, 12, 1, 18, tzinfo=UTC), "America/Los_Angeles", "2027-01-01T17:00"),
        ("daily", NOON, "America/Los_Angeles", "2026-03-18T16:00"),
    ],
)
def test_sum_7_digests_are_due_in_the_zone_of_the_person(kind: str, now: datetime, zone: str, due: str) -> None:
    assert next_due(kind, now, zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M") == due


async def test_sum_7_a_weekly_digest_is_asked_for_sent_on_sunday_and_ended(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert await rows(harness, consent) == []
        (told, *_) = await ann.say("digest weekly")
        assert told.text == "Weekly digest: Sundays at 18:00. DIGEST OFF ends it."
        assert [one.kind for one in await rows(harness, consent)] == ["nudges"]
        await ann.say("12.50 lunch joe's")
        await ann.say("ok")
        await ann.say("8.25 7-eleven")
        await ann.say("drop")
        assert await harness.wait(4 * DAY, ann) == []
        (sent,) = await harness.wait(DAY, ann)
        assert sent.text == "Parley: Last 7 days: $12.50 (1). Food $12.50. DIGEST OFF ends this."
        assert sent.purpose == "notice"
        await ann.say("digest none")
        assert await rows(harness, digest) == []
        await spent_before(harness, ann, 500)
        assert await harness.wait(20 * DAY, ann) == []


async def test_sum_7_with_nothing_to_say_nothing_is_sent(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.say("digest daily")
        assert await harness.wait(9 * DAY, ann) == []
        await ann.say("12.50 lunch joe's")
        await ann.say("ok")
        assert [one.text for one in await harness.wait(3 * DAY, ann)] == [
            "Yesterday: $12.50 (1). Food $12.50. DIGEST OFF ends this."
        ]


async def test_sum_7_after_four_unanswered_it_asks_once_and_then_stops(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.say("12.50 lunch joe's")
        await ann.say("digest daily")
        await ann.say("review")
        sent = [one.text for one in await harness.wait(10 * DAY, ann) if "digest" in one.text.casefold()]
        assert len(sent) == 5
        assert sent[4].startswith("Do you still want your daily digest?")
        assert await rows(harness, digest) == []


async def test_sum_7_any_answer_keeps_it_coming(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.say("12.50 lunch joe's")
        await ann.say("digest daily")
        asked = 0
        for _ in range(3):
            asked += sum("Do you still" in one.text for one in await harness.wait(5 * DAY, ann))
            await ann.say("review")
        assert asked == 3
        assert len(await rows(harness, digest)) == 1


async def test_sum_7_stop_ends_the_consent_and_with_it_the_digest(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("digest daily")
        await ann.say("12.50 lunch joe's")
        await ann.say("ok")
        (kept,) = await rows(harness, address)
        await harness.writers.run(
            lambda work: addresses.end_consent(work, address_id=kept.id, handle="sms:" + ann.handle)
        )
        assert await harness.wait(3 * DAY, ann) == []


@pytest.mark.parametrize("words", ["DIGEST OFF", "digests off.", "digest stop"])
async def test_sum_7_digest_off_by_sms_ends_the_digest_and_is_no_opt_out(tmp_path: Path, words: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("digest weekly")
        assert "opted out" not in screens(await ann.say(words))[0]
        assert screens(await ann.say("5.50 coffee"))[0].startswith("Coffee $5.50")
