"""BILLING and INVOICE in the chat, and the files that the press makes of stored snapshots (PY-6, PY-8, A77)."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from pypdf import PdfReader

from bot.core.calls import Done, Outcome
from bot.core.calls.workshop import TypesetPages, TypesetSheet
from bot.core.ports import Attempt
from handlers.billing.documents import paper
from handlers.billing.tax import Rate
from integrations.press import Press
from storage import organisation
from storage.billing import documents
from storage.work import Work
from tests.handlers.billing.orders.shop import Shop, open_shop
from tests.handlers.billing.world import NOW

GST = Rate("GST", 1800, ("CGST", "SGST"))


async def bought(shop: Shop, reference: str, cents: int = 500) -> int:
    one = await shop.buy(reference, cents)
    session = await shop.tap(one)
    assert session is not None
    await shop.pay(session)
    return one


async def test_py_8_billing_is_newest_first_ten_a_page_with_refunds(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        assert await shop.say("billing") == ["Nothing was paid yet."]
        for number in range(11):
            await bought(shop, str(number), 100 + number)
            shop.harness.clock.advance(timedelta(hours=2))
        thing = {"id": "re_9", "status": "succeeded", "amount": 40, "payment_intent": "pi_cs_2", "livemode": False}
        await shop.harness.vendor("stripe", "refund.updated", thing)
        lines = (await shop.say("/invoices"))[0].splitlines()
        assert lines[0] == "19 Mar Refund -$0.40 refunded C-2026-000001"
        assert lines[1] == "19 Mar Eggs $1.10 paid R-2026-000011"
        assert (len(lines), lines[-1]) == (11, "BILLING 2 shows more. INVOICE and a number sends the document.")
        rest = (await shop.say("billing 2"))[0].splitlines()
        assert rest == [
            "18 Mar Eggs $1.01 partly refunded R-2026-000002",
            "18 Mar Eggs $1.00 paid R-2026-000001",
            "INVOICE and a number sends the document.",
        ]


async def test_or_1_a_document_shows_who_we_were_on_its_day(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        shop.harness.registry.house = organisation.Organisation("Old Name", legal="1 Old Street", zone="Asia/Kolkata")
        await bought(shop, "1")
        new = organisation.Organisation("New Name", zone="America/Los_Angeles")
        await shop.harness.writers.run(lambda work: organisation.amend(work, 0, new, actor="ann"))
        await bought(shop, "2")
        rows = await shop.rows(sa.select(documents.document.c.snapshot).order_by(documents.document.c.id))
        opened = await shop.harness.writers.run(lambda work: [work.seal.open(kept) for (kept,) in rows])
        assert [orjson.loads(one)["seller"] for one in opened] == [["Old Name", "1 Old Street"], ["New Name"]]


async def test_or_1_who_we_were_on_a_day_is_still_known(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        new = organisation.Organisation("New Name")
        await shop.harness.writers.run(lambda work: organisation.amend(work, 0, new, actor="ann"))
        amended = shop.harness.clock.now()

        def seen(work: Work) -> list[str]:
            days = (amended - timedelta(days=1), amended + timedelta(days=1))
            return [organisation.current(work, at=day)[1].name for day in days]

        assert await shop.harness.writers.run(seen) == ["Parley", "New Name"]


async def test_py_6_invoice_sends_the_persons_own_document_only(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        asked: list[dict[str, Any]] = []

        def press(call: TypesetSheet, harness: Any) -> Outcome:
            asked.append(call.document)
            return Done(TypesetPages(harness.keep(b"%PDF"), "0" * 64, 1))

        shop.harness.world[TypesetSheet] = press
        await bought(shop, "1")
        told = await shop.say("invoice r-2026-000001")
        assert told[0] == "One moment, I make R-2026-000001."
        assert "/d/" in told[1]
        assert list(asked[0]["facts"][0]) == ["Number", "R-2026-000001"]
        assert list(asked[0]["sums"][-1]) == ["Total paid", "$5.00"]
        stranger = shop.harness.phone("sms", "+14155550199")
        (answer,) = await stranger.say("invoice R-2026-000001")
        assert "I know no document R-2026-000001 of yours" in answer.text
        assert len(asked) == 1


async def test_a77_a_document_made_twice_is_the_same_bytes_and_says_what_was_paid(tmp_path: Path) -> None:
    async with open_shop(tmp_path, rate=GST, fiscal_start=4) as shop:
        await bought(shop, "1", 100_001)
        (row,) = await shop.harness.writers.run(lambda work: work.rows(documents.document.select()))
        fields = paper.of(shop.harness.seal, row)
        assert fields is not None
        made = []

        class Files:
            async def get(self, blob_id: int) -> bytes:
                raise KeyError(blob_id)

            def put(self, data: bytes, media_type: str) -> int:
                made.append(data)
                return len(made)

        for _ in range(2):
            outcome = await Press().typeset_sheet(TypesetSheet(fields), Attempt("k", 1, NOW, NOW, Files()))
            assert isinstance(outcome, Done)
        assert made[0] == made[1]
        text = PdfReader(io.BytesIO(made[0])).pages[0].extract_text()
        for part in ("R-2025-26-000001", "2026-03-18", "CGST", "SGST", "$90.00", "$1,000.01", "$1,180.01", "D E M O"):
            assert part in text, text
