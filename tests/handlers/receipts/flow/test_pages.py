"""Several pictures of one receipt, and several receipts in one batch (rules CAP-2, CAP-3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.receipts.ledger import transaction
from tests.handlers.receipts.flow.world import met, open_world, photo, receipt_states, rows, screens

TOP = ("TRADER JOE'S #123", "03-15-2026", "BANANAS 1.20", "MILK 3.80")
BOTTOM = ("BREAD 4.00", "SUBTOTAL 9.00", "TAX 0.50", "TOTAL $9.50")


async def test_cap_3_page_joins_the_next_photo(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.photo(photo(*TOP))
        assert screens(await ann.say("PAGE")) == ["Send the next page."]
        shown = screens(await ann.photo(photo(*BOTTOM)))
        assert shown[-1] == "Trader Joe's $9.50, Mar 15, Supermarket."
        saved = (await ann.tap("Save"))[0]
        code = saved.text.split()[1].rstrip(".")
        assert len(await rows(harness, transaction)) == 1
        assert len([one for one in await ann.say(f"picture {code}") if one.file]) == 2


async def test_cap_2_a_continuation_in_one_album_is_joined_by_itself(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.photo(photo("TRADER JOE'S #123", "03-15-2026"), photo(*BOTTOM))) == [
            "Trader Joe's $9.50, Mar 15, Supermarket. OK to save, EDIT to change, DROP to forget."
        ]
        assert await receipt_states(harness) == ["draft", "rejected"]


@pytest.mark.parametrize("word", ["same", "one receipt"])
async def test_cap_2_same_makes_a_batch_one_receipt(tmp_path: Path, word: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TOP, "TOTAL $5.00"), photo(*BOTTOM))
        assert screens(await ann.say(word))[0].startswith("Trader Joe's $9.50, Mar 15, Supermarket.")
        await ann.say("ok")
        assert [row.amount_minor for row in await rows(harness, transaction)] == [950]


async def test_cap_2_order_is_kept_in_a_batch(tmp_path: Path) -> None:
    shops = ("SHELL", "CVS", "IKEA", "NOPA", "TARGET", "COSTCO", "ZARA")
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        pictures = [photo(shop, "03-15-2026", f"TOTAL ${n}.00") for n, shop in enumerate(shops, 3)]
        (shown,) = screens(await ann.photo(*pictures))
        assert shown.startswith("7 receipts: 1 Shell $3.00 2 CVS $4.00 3 IKEA $5.00 4 Nopa $6.00 5 Target $7.00")


async def test_page_without_a_draft_is_no_word(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert "Send the next page" not in screens(await ann.say("page"))[0]
