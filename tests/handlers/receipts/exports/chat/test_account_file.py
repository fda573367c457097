"""Mail, banks and tokens in the export of one's own data: all of it, no secret, and gone with a deletion (UX-14)."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest

from bot.core.calls import Done
from bot.core.calls.books import ExportMade, MakeExport
from handlers.receipts.exports.account_file import account_file
from storage import blobs
from storage.receipts import bank_items, bank_ledger, privacy, tokens
from storage.receipts.bank_lines import Statement
from storage.receipts.mail import addresses, mailboxes, quarantine, senders
from storage.receipts.mail import privacy as mail_privacy
from storage.work import Work
from tests.handlers.receipts.exports.chat.shelf import Books, make, open_shelf


def settle(work: Work, person_id: int) -> str:
    """Give a person mail, a bank and a token; return the token."""
    addresses.put(work, person_id, "sunny.aaaaaaaaaa")
    senders.allow(work, person_id, "ann@work.example", own=True)
    quarantine.hold(
        work, person_id, message_id="m", sender="shop@x.example", own=False, why="sender", blob_id=keep(work, person_id)
    )
    mailboxes.connect(work, person_id, kind="imap", address="ann@icloud.example", secret=keep(work, person_id))
    item = bank_items.add(
        work, person_id, vendor_id="item-1", institution="Demo Bank", token_blob=keep(work, person_id), days=90,
        today=date(2026, 3, 1), consent="bank-1",
    )  # fmt: skip
    assert item is not None
    line = Statement("v1", date(2026, 3, 17), 4800, "USD", 2, name="LUNA CAFE 12")
    bank_ledger.arrive(work, person_id, item, [line])
    made = tokens.make(work, person_id, name="laptop", writes=False)
    assert made is not None
    return made.secret


def keep(work: Work, person_id: int) -> int:
    blob_id = work.new_id()
    blobs.keep(work, blob_id=blob_id, data=b"hush hush", media_type="application/json", person_id=person_id)
    return blob_id


async def told(books: Books, person_id: int) -> dict[str, Any] | None:
    def read(work: Work) -> bytes | None:
        made = account_file(work, person_id)
        return made.content if made else None

    content = await books.run(read)
    return orjson.loads(content) if content else None


async def test_ux_14_own_data_holds_mail_banks_and_tokens_without_their_secrets(database: str) -> None:
    async with open_shelf(database) as books:
        dana = books.harness.phone("telegram")
        person_id = await books.fill(dana)
        assert await told(books, person_id) is None
        secret = await books.run(lambda work: settle(work, person_id))
        found = await told(books, person_id)
        assert found is not None
        assert found["mail"]["address_begins"] == "sunny.aaaaaaaaaa"
        assert [one["address"] for one in found["mail"]["senders"]] == ["ann@work.example"]
        assert [one["sender"] for one in found["mail"]["held"]] == ["shop@x.example"]
        assert [one["address"] for one in found["mail"]["mailboxes"]] == ["ann@icloud.example"]
        [bank] = found["banks"]
        assert bank["institution"] == "Demo Bank"
        assert [(one["date"], one["amount_minor"], one["name"]) for one in bank["lines"]] == [
            ("2026-03-17", 4800, "LUNA CAFE 12")
        ]
        assert found["tokens"][0]["name"] == "laptop"
        assert secret not in str(found)
        assert "hush" not in str(found)


@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_ux_14_export_json_brings_both_files(database: str, channel: str) -> None:
    async with open_shelf(database) as books:
        dana = books.harness.phone(channel)
        person_id = await books.fill(dana)
        await books.run(lambda work: settle(work, person_id))
        await dana.say("export my data")
        dana.expect("EXPORT JSON sends your books, mail and bank data now")
        outcome = make(MakeExport(1, person_id, "json"), books.harness)
        assert isinstance(outcome, Done)
        assert isinstance(outcome.result, ExportMade)
        assert [one.name for one in outcome.result.files] == ["ledger.json", "account.json"]
        await dana.say("export json")
        await dana.say("export json march")
        outcome = make(MakeExport(1, person_id, "json", start="2026-03-01", end="2026-04-01"), books.harness)
        assert isinstance(outcome, Done)
        assert [one.name for one in outcome.result.files] == ["ledger.json"]


async def test_sec_r7_a_deletion_leaves_nothing_of_it(database: str) -> None:
    async with open_shelf(database) as books:
        person_id = await books.fill(books.harness.phone("telegram"))
        await books.run(lambda work: settle(work, person_id))

        def erase(work: Work) -> None:
            mail_privacy.erase(work, person_id)
            privacy.erase(work, person_id)

        await books.run(erase)
        assert await told(books, person_id) is None
