"""Cloud readers: only by the person's word, within what may be spent, the next on failure, never believed alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.reading import DetectText, PrintRead, ReadPrint, ReadReceipt, ReceiptRead, SeenField
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from handlers.receipts.flow.readers import CLAUDE, ESTIMATES, GOOGLE, CloudReading
from handlers.receipts.reading import page_of_text
from storage.people import usage
from storage.receipts import cloud_costs
from storage.receipts.readings import reading
from tests.handlers.receipts.flow.world import (
    TRADER_JOES,
    UNSURE,
    met,
    open_world,
    photo,
    receipt_states,
    rows,
    screens,
)

BOTH = CloudReading((CLAUDE, GOOGLE))
Answer = Callable[[Any, Harness], Outcome]


def model(**said: str) -> Answer:
    """Return a model that says these fields of every receipt."""
    fields = {name: SeenField(value, value) for name, value in said.items()}
    return lambda call, harness: Done(ReceiptRead(fields, list(said.values()), "m", 1500, 200, 800, 900))


def google(call: DetectText, harness: Harness) -> Outcome:
    text = harness.blob(call.blobs[0]).decode()
    return Done(PrintRead([page_of_text(text)], "google_vision", 7))


def refused(call: Any, harness: Harness) -> Outcome:
    return Refused("no_result", "max_tokens", {"output_tokens": 4000, "input_tokens": 10, "cost_e4": 2100})


AGREES = model(total="26.23")


@asynccontextmanager
async def asked(
    where: Path, *, claude: Answer = AGREES, limits: CloudReading = BOTH, word: str = "cloud on"
) -> AsyncIterator[tuple[Harness, Phone]]:
    world = {ReadReceipt: claude, DetectText: google}
    async with open_world(where, world=world) as harness:
        harness.registry.settings[CloudReading] = limits
        ann = await met(harness, "sms")
        if word:
            await ann.say(word)
        yield harness, ann


def outside(harness: Harness) -> list[Any]:
    return [one for one in harness.calls if isinstance(one, ReadReceipt | DetectText)]


async def spent(harness: Harness) -> dict[int, int]:
    return {min(row.person_id, 1): row.used for row in await rows(harness, usage) if row.kind == cloud_costs.KIND}


@pytest.mark.parametrize("word", ["", "cloud off", "cloud ask"])
async def test_sec_r5_without_the_word_on_no_byte_leaves(tmp_path: Path, word: str) -> None:
    async with asked(tmp_path, word=word) as (harness, ann):
        await ann.photo(photo(*TRADER_JOES))
        assert outside(harness) == []
        assert [type(one) for one in harness.calls if isinstance(one, ReadPrint)] == [ReadPrint]
        assert await spent(harness) == {}


async def test_sec_r5_it_is_asked_once_and_silence_means_no(tmp_path: Path) -> None:
    async with asked(tmp_path, word="") as (harness, ann):
        assert "CLOUD" not in screens(await ann.photo(photo(*TRADER_JOES)))[0]
        saved = screens(await ann.say("ok"))
        assert "CLOUD ON lets Claude (Anthropic) and Google Cloud Vision read them too" in saved[0]
        await ann.photo(photo(*UNSURE))
        await ann.say("1")
        assert "CLOUD" not in screens(await ann.say("ok"))[0]
        assert outside(harness) == []


async def test_sec_r5_with_consent_the_picture_leaves_and_nothing_else(tmp_path: Path) -> None:
    async with asked(tmp_path) as (harness, ann):
        assert screens(await ann.photo(photo(*TRADER_JOES)))[0].startswith("Trader Joe's $26.23, Mar 15")
        (call,) = outside(harness)
        assert isinstance(call, ReadReceipt)
        assert len(call.blobs) == 1
        assert (call.prompt_version, len(call.person)) == ("receipt 1", 32)
        await ann.say("cloud off")
        await ann.photo(photo(*UNSURE))
        assert outside(harness) == [call]


async def test_sec_r5_pdfs_are_not_sent(tmp_path: Path) -> None:
    async with asked(tmp_path) as (harness, ann):
        await ann.photo(photo(*TRADER_JOES), media_type="application/pdf")
        assert outside(harness) == []


async def test_section_5_the_next_reader_is_used_when_one_fails_and_both_are_paid(tmp_path: Path) -> None:
    async with asked(tmp_path, claude=refused) as (harness, ann):
        assert screens(await ann.photo(photo(*TRADER_JOES)))[0].startswith("Trader Joe's $26.23, Mar 15")
        assert [type(one) for one in outside(harness)] == [ReadReceipt, DetectText]
        kept = {row.reader: row.cost_micros for row in await rows(harness, reading)}
        assert kept == {"local_ocr": 0, "claude": 2100, "google_vision": 1500}
        assert await spent(harness) == {0: 3600, 1: 3600}


async def test_sec_r6_what_was_reserved_is_settled_to_what_it_cost(tmp_path: Path) -> None:
    async with asked(tmp_path) as (harness, ann):
        await ann.photo(photo(*TRADER_JOES))
        assert await spent(harness) == {0: 800, 1: 800}


@pytest.mark.parametrize("cap", ["per_picture", "per_person_day", "per_house_day"])
async def test_sec_r6_at_a_cap_it_is_read_here(tmp_path: Path, cap: str) -> None:
    limits = CloudReading((CLAUDE, GOOGLE), **{cap: 1_000})
    async with asked(tmp_path, limits=limits) as (harness, ann):
        assert screens(await ann.photo(photo(*TRADER_JOES)))[0].startswith("Trader Joe's $26.23, Mar 15")
        assert outside(harness) == []
        assert set((await spent(harness)).values()) <= {0}


async def test_sec_r6_the_day_of_a_person_ends_after_so_many_pictures(tmp_path: Path) -> None:
    limits = CloudReading((CLAUDE,), per_person_day=ESTIMATES[CLAUDE] + 1_000)
    async with asked(tmp_path, limits=limits) as (harness, ann):
        for number in range(4):
            await ann.photo(photo("SHELL", "03/14/2026", f"TOTAL 4{number}.77"))
            await ann.say("drop")
        assert len(outside(harness)) == 2


async def test_ocr_5_a_total_that_only_the_model_saw_is_asked(tmp_path: Path) -> None:
    async with asked(tmp_path, claude=model(total="1.00", merchant="Trader Joe's")) as (harness, ann):
        (shown,) = screens(await ann.photo(photo(*TRADER_JOES)))
        assert (
            shown == "Trader Joe's, Mar 15. Is the total 1 $26.23 2 $40.00 3 $1.00 4 other?" or "Is the total" in shown
        )
        assert await receipt_states(harness) == ["needs_review"]
        assert screens(await ann.say("1"))[0].startswith("Trader Joe's $26.23, Mar 15, Supermarket.")


async def test_ocr_5_a_model_that_agrees_settles_a_doubt(tmp_path: Path) -> None:
    async with asked(tmp_path, claude=model(total="RM48.90")) as (_, ann):
        assert screens(await ann.photo(photo(*UNSURE)))[0].startswith("Kedai Maju RM48.90, Mar 15, Supermarket.")


async def test_ra_8_without_a_local_reader_a_model_alone_is_not_believed(tmp_path: Path) -> None:
    async with asked(tmp_path, claude=model(merchant="CVS", total="11.06")) as (harness, ann):
        harness.world[ReadPrint] = lambda call, harness: Refused("not_configured")
        assert "Is the total" in screens(await ann.photo(photo("CVS", "TOTAL 11.06")))[0]


async def test_ra_4_twice_delivered_a_picture_is_paid_once(tmp_path: Path) -> None:
    async with asked(tmp_path) as (harness, ann):
        harness.redeliver = True
        await ann.photo(photo(*TRADER_JOES))
        assert len(outside(harness)) == 1
        assert await spent(harness) == {0: 800, 1: 800}
