"""SUMMARY and what was spent, as seen in the chat (SUM-1 to SUM-4, SUM-8, SM rows, DRF-3, PERF-3)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.core.sms import size
from handlers.receipts.books.cache import BookCache
from storage.receipts.transactions import Entry
from tests.handlers.receipts.flow.books_world import booked, entry, only, placed
from tests.handlers.receipts.flow.world import met, open_world, spent_before

MARCH = date(2026, 3, 12)


async def test_sum_3_a_summary_has_all_its_parts_in_two_segments(database: str) -> None:
    async with open_world(database) as harness:
        ann = await met(harness, "sms")
        await booked(
            harness,
            entry(10_260, "IKEA", date(2026, 3, 10), "shopping.home_and_garden"),
            entry(25_000, "Trader Joe's", MARCH, "groceries.supermarket"),
            entry(5_947, "Joe's", MARCH, "food.restaurants", state="pending"),
            entry(-2_000, "IKEA", MARCH, "shopping.home_and_garden", kind="refund"),
            entry(-300_000, "Work", MARCH, "income.salary", kind="income"),
            entry(99_999, "ATM", MARCH, "cash.withdrawal", kind="transfer"),
            entry(77_777, "Nothing", MARCH, state="void"),
            entry(38_000, "Rent", date(2026, 2, 28), "home.rent"),
        )
        (text,) = await only(ann, "summary march")
        assert text == (
            "March so far: $392.07 spent, 4 purchases. Refunds -$20.00, taken off. Income $3,000.00. "
            "Pending $59.47 of it. Groceries 64%, Shopping 21%, Food 15%, Uncategorised 0%. "
            'Biggest "Trader Joe\'s" $250.00. February $380.00.'
        )
        assert size(text).segments <= 2


async def test_sum_3_telegram_is_told_more(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await booked(
            harness,
            entry(2_000, "Joe's", MARCH, "food.restaurants"),
            entry(1_000, "Shell", date(2026, 3, 2), "transport.fuel"),
            entry(38_000, "Rent", date(2026, 2, 28), "home.rent"),
        )
        (text,) = await only(ann, "SUMMARY")
        assert text.split("\n") == [
            "March so far: $30.00 spent, 2 purchases",
            "Food $20.00 (67%)",
            "Transport $10.00 (33%)",
            "Uncategorised $0.00 (0%)",
            'Biggest: "Joe\'s" $20.00, Mar 12',
            "February: $380.00, now $350.00 less",
        ]


async def test_sm_4_two_currencies_are_two_totals(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await booked(harness, entry(1_000, "A"), entry(1_000, "B", currency="EUR"))
        (text,) = await only(ann, "summary")
        assert "20.00" not in text
        assert "$10.00" in text or "Also $10.00" in text
        assert "€10.00" in text


async def test_sm_5_and_7_a_refund_is_inside_and_uncategorised_is_all(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await booked(harness, entry(5_000, "Zara"), entry(-2_000, "Zara", kind="refund"))
        (text,) = await only(ann, "summary")
        assert "$30.00 spent" in text
        assert "Uncategorised 100%" in text


RANGES = [
    ("summary january", "January: $1.00 spent"),
    ("SUMMARY last month", "Nothing spent: February."),
    ("how much did I spend this month?", "March so far: $6.00 spent"),
    ("spent this week", "Mar 16-22 so far: $4.00 spent"),
    ("summary last 7 days", "Mar 12-18 so far: $6.00 spent"),
    ("summary all time", "All time: $7.00 spent"),
    ("how much did I spend on food in march?", "Food in march: $4.00, 1 purchase."),
    ("summary shell", "Shell, March: $2.00, 1 purchase."),
]


async def test_sm_1_2_and_sum_2_ranges_are_understood(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await booked(
            harness,
            entry(100, "Joe's", date(2026, 1, 31), "food.restaurants"),
            entry(200, "Shell", MARCH, "transport.fuel"),
            entry(400, "Joe's", date(2026, 3, 18), "food.restaurants"),
        )
        for said, expected in RANGES:
            assert (await only(ann, said))[0][: len(expected)] == expected


async def test_sm_10_a_new_zone_moves_ranges_and_no_dates(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("9.00 lunch joe's")
        await ann.say("ok")
        assert "Mar" not in (await only(ann, "find joe's"))[0]
        (zone,) = await only(ann, "zone tokyo")
        assert "Asia/Tokyo, where it is 3:00" in zone
        assert "Mar 18 Joe's $9.00" in (await only(ann, "find joe's"))[0]
        assert (await only(ann, "summary today"))[0].startswith("Nothing spent: today.")


async def test_drf_3_what_waits_stands_beside_and_is_not_counted(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await spent_before(harness, ann, 1_000)
        await ann.say("38.10 dinner joe's")
        (text,) = await only(ann, "summary")
        summary, draft = text.split("\n")
        assert summary.startswith("March so far: $10.00 spent, 1 purchase.")
        assert summary.endswith("1 waiting, $38.10.")
        assert draft.startswith("Joe's $38.10")


@pytest.mark.parametrize("said", ["spent 20 on parking yesterday", "spent 12 march 3 at ikea"])
async def test_a_purchase_that_begins_with_spent_is_a_draft(tmp_path: Path, said: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await spent_before(harness, ann, 1_000)
        assert "OK to save" in (await only(ann, said))[0] or "OK, EDIT" in ann.last.text


async def test_perf_3_a_change_is_seen_at_once_and_an_unchanged_book_is_not_read_again(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await booked(harness, entry(1_000, "A"))
        first = await only(ann, "summary")
        kept = harness.registry.settings[BookCache]
        before = dict(kept._kept)
        assert await only(ann, "summary") == first
        assert dict(kept._kept) == before
        await booked(harness, entry(500, "B"))
        assert "$15.00 spent" in (await only(ann, "summary"))[0]


async def test_sec_r2_a_stored_name_is_quoted_data(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        hostile = Entry(MARCH, 500, "USD", merchant="{count} <b>x</b> https://evil.example")
        await booked(harness, hostile, entry(100, "A"))
        (text,) = await only(ann, "summary")
        assert "{count} &lt;b&gt;x" in text


async def test_a_question_of_another_service_is_not_taken(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await placed(harness, "own")
        assert "spent" not in " ".join(await only(ann, "summary"))


async def test_sum_1_quarters_are_named_in_summaries_questions_and_searches(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await booked(
            harness,
            entry(1_100, "Luna Books", date(2025, 11, 3), "shopping.books"),
            entry(2_200, "Luna Books", MARCH, "shopping.books"),
        )
        for words, amount in {
            "summary last quarter": "$11.00",
            "summary q4": "$11.00",
            "summary q1": "$22.00",
            "summary this quarter": "$22.00",
            "how much did I spend in q4": "$11.00",
            "how much did I spend last quarter": "$11.00",
            "find luna q4 2025": "$11.00",
        }.items():
            assert amount in " ".join(await only(ann, words)), words
