"""Deleting and exporting a person's appeals (section 4.2, AC-90), and the length of what is sent by SMS (CONV-2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.appeals.case_files import facts_of
from handlers.appeals.facts import Facts
from storage.appeals import privacy
from tests.handlers.appeals.order_kit import Shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


async def test_ac_90_paid_unmailed_case_stands_in_the_way(shop: Shop) -> None:
    await shop.order()
    row = await shop.case()
    assert await shop.read(lambda work: privacy.unsettled(work, row.person_id)) == [row.code]
    await shop.wait(minutes=11)
    assert await shop.read(lambda work: privacy.unsettled(work, row.person_id)) == []


async def test_erasing_leaves_the_ledger_without_content(shop: Shop) -> None:
    await shop.mail()
    person_id = (await shop.case()).person_id
    blobs = await shop.read(lambda work: privacy.erase(work, person_id))
    row, letter, payment = await shop.case(), await shop.letter(), await shop.payment()
    assert await shop.read(lambda work: facts_of(work, row)) == Facts()
    assert (row.number, row.number_hash, letter.recipient, letter.sender, letter.tracking) == (
        None,
        None,
        b"",
        b"",
        None,
    )
    assert (payment.status, payment.charged_minor, letter.lob_id) == ("paid", 1995, "ltr_1")
    assert len(blobs) == 1
    (entry,) = await shop.read(lambda work: privacy.ledger(work, person_id))
    assert entry["total_minor"] == 1995


async def test_conv_2_no_sms_of_a_whole_order_is_longer_than_two_segments(shop: Shop) -> None:
    await shop.mail()
    await shop.lob("certified.in_transit")
    await shop.lob("certified.delivered")
    await shop.me.say("status")
    await shop.wait(days=100)
    for answer in ("3", "2/16", "1", "2"):
        await shop.me.say(answer)
    assert [(len(m.text), m.text) for m in shop.me.messages if len(m.text) > 306] == []


async def test_later_events_of_an_erased_case_do_no_harm(shop: Shop) -> None:
    await shop.mail()
    person_id = (await shop.case()).person_id
    await shop.read(lambda work: privacy.erase(work, person_id))
    await shop.lob("certified.delivered")
    assert (await shop.letter()).status == "delivered"
