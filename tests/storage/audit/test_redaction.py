"""What never enters the audit (AU-3), and what an entry says by itself."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.core.events import Event
from bot.core.seal import Seal
from storage.audit import record
from storage.audit.redaction import redacted_text, tagged
from storage.work import Work
from tests.storage.audit.kit import Ledger, opened

SEAL = Seal([bytes(32)])


@pytest.fixture
async def ledger(database: str) -> AsyncIterator[Ledger]:
    async with opened(database) as made:
        yield made


@pytest.mark.parametrize(
    "harmless",
    [
        "ticket:42", "person:912345678901234567", "2026-11-20 18:00:00+00:00", "2026-11-20T18:00:00Z", "D-4K7QX",
        "operator:ann", "receipt:912345678901234567", "requested_by_customer", "", "case:A-23456", "1763740800",
    ],
)  # fmt: skip
def test_au_3_ids_and_words_of_ours_pass(harmless: str) -> None:
    assert redacted_text(harmless, SEAL) == harmless


@pytest.mark.parametrize("number", ["+14155550188", "(415) 555-0188", "415-555-0188", "4155550188", "+1 415 555 0188"])
def test_au_3_numbers_are_masked_and_found_again_however_they_were_typed(number: str) -> None:
    told = redacted_text(f"sms:{number}", SEAL)
    assert "555" not in told
    assert "+1 *** *** 0188" in told
    assert str(tagged("+14155550188", SEAL)) in told
    assert tagged(number, SEAL) == tagged("+14155550188", SEAL)


def test_au_3_mail_addresses_are_masked_and_cards_are_gone() -> None:
    told = redacted_text("dana@example.com paid with 4242 4242 4242 4242", SEAL)
    assert "dana" not in told
    assert "4242" not in told
    assert told.startswith(f"d***@e***.com {tagged('DANA@example.com', SEAL)}")
    assert told.endswith("[redacted]")


async def test_au_3_secrets_and_words_of_persons_are_redacted_by_the_name_of_their_detail(ledger: Ledger) -> None:
    await ledger.write(
        "a.b", code="123456", token="plt_x", text="my words", after={"body": "words", "amount": 3}, to="ann", pin=1234,
        numbers=["+14155550188"], note=7,
    )  # fmt: skip
    (row,) = await ledger.rows()
    kept = json.loads(row.details)
    assert kept.pop("numbers")[0].startswith("+1 *** *** 0188 #")
    hidden = "[redacted]"
    assert kept == {
        "code": hidden, "token": hidden, "text": hidden, "pin": hidden, "after": {"body": hidden, "amount": 3},
        "to": "ann", "note": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("action", "details", "outcome"),
    [
        ("pay.refund", {}, "ok"), ("command.refused", {}, "denied"), ("login.failed", {}, "failed"),
        ("refund.expired", {}, "expired"), ("refund", {"outcome": "denied"}, "denied"),
        ("decision", {"outcome": "won"}, "ok"),
    ],
)  # fmt: skip
async def test_an_outcome_is_told_or_stands_in_the_action(
    ledger: Ledger, action: str, details: dict[str, Any], outcome: str
) -> None:
    await ledger.write(action, **details)
    (row,) = await ledger.rows()
    assert row.outcome == outcome
    assert ("outcome" in json.loads(row.details)) is (details.get("outcome") == "won")


async def test_an_entry_names_class_factor_event_and_origin_but_no_private_chat(ledger: Ledger) -> None:
    def job(work: Work, chat_id: int) -> None:
        payload = {"chat_id": chat_id, "message_id": 8, "text": "/refund"}
        work.cause = (77, Event("telegram", "u9", "text", payload, channel="telegram", handle="7:5001"), 5)
        record(work, actor="operator:ann", action="pay.refund", risk=3, factor="totp", before="paid", after="refunded")

    await ledger.writers.run(lambda work: job(work, 5001))
    await ledger.writers.run(lambda work: job(work, -100))
    private, group = await ledger.rows()
    assert (private.risk, private.factor, private.correlation) == (3, "totp", 77)
    assert json.loads(private.details) == {"before": "paid", "after": "refunded"}
    known = {"channel": "telegram", "update": "u9", "address": 5, "message": 8}
    assert json.loads(private.origin) == known
    assert json.loads(group.origin) == {**known, "chat": -100}
