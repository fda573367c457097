"""After the payment: what is told, what is asked, what is given back (REM-4, REM-7, REM-10, REF-6, AC-80)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.core.calls import Refused
from bot.core.calls.lob import MailLetter
from bot.core.sms import size
from handlers.appeals import followups
from handlers.appeals.next_level import next_level
from storage import blobs
from storage.appeals import cases
from tests.handlers.appeals.order_kit import Shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


def heard(shop: Shop, since: int = 0) -> list[str]:
    return [message.text for message in shop.me.messages[since:]]


# -- REM-4: news of an order is told, each once, and is no reminder ----------------------------------------------------


async def _returned(shop: Shop) -> None:
    await shop.lob("returned_to_sender")


async def _failed(shop: Shop) -> None:
    await shop.lob("failed")


async def _delivered(shop: Shop) -> None:
    await shop.lob("certified.in_transit")
    await shop.lob("certified.delivered")


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        (_delivered, ["on its way", "Delivered "]),
        (_returned, ["came back to the sender"]),
        (_failed, ["was not mailed"]),
    ],
)
async def test_rem_4_payment_printer_delivery_and_trouble_are_told_once_and_are_no_nudges(
    shop: Shop, happens: Callable[[Shop], Any], told: list[str]
) -> None:
    await shop.mail()
    await happens(shop)
    await happens(shop)
    for part in ("paid $19.95, receipt", "at the printer. Certified", *told):
        (message,) = [m for m in shop.me.messages if part in m.text]
        assert message.purpose in ("reply", "notice"), part


async def test_rem_4_trouble_before_the_printer_is_told(shop: Shop) -> None:
    shop.vendors.answers[MailLetter] = lambda call: Refused("invalid")
    await shop.mail()
    assert [m.purpose for m in shop.me.messages if "was not mailed" in m.text] == ["notice"]
    assert "at the printer" not in shop.said


# -- REM-7: date, cost and route ---------------------------------------------------------------------------------------


async def _to_reminders(shop: Shop) -> None:
    await shop.mail()
    await shop.wait(days=7)
    await shop.lob("certified.delivered")
    await shop.wait(days=91)
    for words in ("3", "2/16", "remind me"):
        await shop.me.say(words)


async def test_rem_7_the_reminder_names_date_cost_and_route(shop: Shop) -> None:
    await _to_reminders(shop)
    before = len(shop.me.messages)
    await shop.wait(days=20)
    reminders = [text for text in heard(shop, before) if "the last day to ask" in text]
    assert len(reminders) == 2
    for text in reminders:
        assert "Tue Mar 9" in text
        assert "Cost: deposit of the full penalty" in text
        assert re.search(r"\nhttps://parley\.example/d/\S+$", text)
        assert size(text).units <= 306
    rows = await shop.read(lambda work: work.rows(blobs.blob.select()))
    pages = [shop.h.seal.open(r.data).decode() for r in rows if r.media_type.startswith("text/plain")]
    assert any("sfmta.com" in page for page in pages), "the page holds the city's own ways"
    assert "sfmta.com" not in shop.said


async def test_rem_7_no_reminder_after_the_case_is_closed(shop: Shop) -> None:
    await _to_reminders(shop)
    before = len(shop.me.messages)
    await shop.act(lambda turn: cases.move_stage(turn.work, shop.case_id, was="decided", to="closed", reason="x"))
    await shop.wait(days=20)
    assert not [text for text in heard(shop, before) if "the last day to ask" in text]


async def test_rem_7_an_amount_in_a_record_is_written_as_money(shop: Shop) -> None:
    await shop.mail()

    def look(turn: Any) -> Any:
        cases.change(turn.work, shop.case_id, city_id="us-tx-dallas")
        row = cases.load(turn.work, shop.case_id)
        assert row is not None
        return next_level(turn, row, date(2026, 11, 16))

    ahead = await shop.act(look)
    assert ahead.cost == "$15.00"


# -- REM-10: an outcome is what the person reports ---------------------------------------------------------------------


async def test_rem_10_no_event_and_no_silence_makes_an_outcome(shop: Shop) -> None:
    await shop.mail()
    for name in ("certified.in_transit", "certified.delivered", "viewed"):
        await shop.lob(name)
    await shop.h.vendor("stripe", "charge.dispute.created", {"id": "dp_1", "payment_intent": "pi_cs_1"})
    for _ in range(8):
        await shop.wait(days=30)
        assert (await shop.case()).outcome in (None, "unknown")
    row = await shop.case()
    assert row.outcome is None or row.stage == "closed"
    assert not [text for text in heard(shop) if re.search(r"\b(?:cancelled|denied|reduced) by the city", text)]


def test_rem_10_only_the_conversation_with_the_person_notes_an_outcome() -> None:
    root = Path(followups.__file__).parent
    callers = {
        path.name
        for path in root.rglob("*.py")
        if re.search(r"followups\.decided\(|cases\.change\([^)]*outcome=", path.read_text("utf-8"))
    }
    assert callers == {"decision.py", "followups.py"}
    unknown = re.findall(r'outcome=("?\w+"?)', (root / "followups.py").read_text("utf-8"))
    assert unknown == ['"unknown"', "outcome"], "silence notes `unknown`, the report notes what was said"
