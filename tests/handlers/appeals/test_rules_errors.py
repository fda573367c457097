"""What a person and an operator read when something fails (OPS-2)."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls import Refused
from bot.core.calls.lob import MailLetter
from bot.core.calls.stripe import OpenCheckout, RefundPayment
from storage.alerts import alert
from tests.handlers.appeals.order_kit import PRIVATE, Shop
from tests.handlers.appeals.test_texts_lint import catalogue

MONEY = r"[Nn]othing was charged|full refund|refund met a problem|[Nn]othing is lost"
NEXT = r"[Pp]lease|Send PAY|Our staff|Reply|send it again"
CODE = r"Code (?:[A-Z]{3}-\d|\{reason\})\."
FAILURES = (
    "engine.poison", "appeals.pay.no_session", "appeals.pay.failed", "appeals.refund.failed", "appeals.blocked",
    "appeals.letter.stopped", "appeals.letter.not_made", "appeals.proof.failed", "appeals.photo.failed",
)  # fmt: skip


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("key", FAILURES)
def test_ops_2_a_failure_names_what_was_not_charged_what_comes_next_and_a_code(key: str) -> None:
    entries = catalogue().entries("en")
    found = [text for name, text in entries.items() if re.fullmatch(rf"{re.escape(key)}(\.sms|\.telegram)?", name)]
    assert found
    for text in found:
        for part in (MONEY, NEXT, CODE):
            assert re.search(part, text), f"{key} lacks {part}: {text}"


def test_ops_2_each_code_means_one_thing() -> None:
    named: dict[str, set[str]] = {}
    for name, text in catalogue().entries("en").items():
        for code in re.findall(r"Code ([A-Z]{3}-\d)", text):
            named.setdefault(code, set()).add(re.sub(r"\.(sms|telegram)$", "", name))
    assert len(named) >= 8
    assert [keys for keys in named.values() if len(keys) > 1] == []


TRACE = 'Traceback (most recent call last): File "/srv/x.py", line 1, in <module> KeyError: Dana'


async def _no_session(shop: Shop) -> None:
    shop.vendors.answers[OpenCheckout] = lambda call: Refused("invalid", TRACE)
    await shop.approve()
    await shop.request()


async def _not_mailed(shop: Shop) -> None:
    shop.vendors.answers[MailLetter] = lambda call: Refused("invalid", TRACE)
    await shop.mail()


async def _no_refund(shop: Shop) -> None:
    shop.vendors.answers[RefundPayment] = lambda call: Refused("invalid", TRACE)
    await shop.order()
    await shop.me.say("undo")


@pytest.mark.parametrize(
    ("fails", "kind", "told"),
    [
        (_no_session, "checkout_refused", "Code PAY-1"),
        (_not_mailed, "paid_blocked", "Code vendor:invalid"),
        (_no_refund, "refund_failed", "Code RFD-1"),
    ],
)
async def test_ops_2_the_person_reads_a_code_and_no_trace_and_operators_get_code_case_and_event(
    shop: Shop, fails: Callable[[Shop], Any], kind: str, told: str
) -> None:
    await fails(shop)
    assert told in shop.said
    assert not re.search(r"Traceback|KeyError|File \"|line \d+, in", shop.said)
    (row,) = await shop.read(lambda work: work.rows(sa.select(alert).where(alert.c.kind == kind)))
    details = json.loads(row.details)
    assert details["case"] == (await shop.case()).code
    assert isinstance(details["trace"], int)
    assert "invalid" in (details.get("code") or details.get("reason"))
    assert not [word for word in (*PRIVATE, "Traceback") if word in row.details]
