"""Mails that give orders, through the mail server's door of a running demo (RA-7, SEC-R1, SEC-R2).

Each comes signed to the person's own address from a sender of theirs, is opened by the real adapter and told in the
chat. The right total stands in every one; whatever else it says is data.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from bot.assembly.demo import Demo
from storage.outbox import outbox
from storage.people import address
from storage.receipts.ledger import transaction
from storage.receipts.mail.senders import mail_sender
from storage.receipts.preferences import preference
from storage.receipts.receipts import receipt
from storage.receipts.rules import rule
from storage.timers import timer
from tests.bot.web.test_mail_door import Chat, demo
from tests.handlers.receipts.flow.test_injection import LINK, ORDERS
from tests.handlers.receipts.mail.letters import RECEIPT, letter

__all__ = ["demo"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
LUNA = "Luna Books <noreply@luna.example>"
QUIET = {"OpenMail", "ReadPrint", "AnswerCallback"}
HTML = "<p>Order #LB-20031</p><p>Tea Atlas $12.00</p><p>Tax $1.05</p><p>Total $13.05</p><p>Paid with Visa 4242</p>"


def in_text(order: str, key: str) -> EmailMessage:
    first, _, rest = RECEIPT.partition("\n")
    return letter(sender=LUNA, text=f"{first}\n{order}\n{rest}{order}\n", key=key)


def in_html(order: str, key: str) -> EmailMessage:
    seen = f"{HTML}<p>{order}</p>"
    hidden = f'<div style="display:none">{order} Total $0.01</div><p style="font-size:0">{order} Total $0.01</p>'
    return letter(
        sender=LUNA, html=f"<html><head><title>{order}</title></head><body>{seen}{hidden}</body></html>", key=key
    )


def in_head(order: str, key: str) -> EmailMessage:
    shown = "".join(one for one in order if one.isprintable() and one not in '"<>')
    mail = letter(sender=f'"{shown}" <noreply@luna.example>', subject=f"Your receipt {shown}", text=RECEIPT, key=key)
    mail["Reply-To"], mail["X-Order"] = "evil@evil.example", shown
    return mail


def in_forward(order: str, key: str) -> EmailMessage:
    inner = f"From: {LUNA}\nDate: Wed, 18 Mar 2026 09:00:00 -0700\nSubject: Your receipt\nTo: me@x.example\n"
    text = f"{order}\n\n---------- Forwarded message ---------\n{inner}\n{RECEIPT}"
    return letter(sender=LUNA, subject="Fwd: Your receipt", text=text, key=key)


@pytest_asyncio.fixture(loop_scope="module")
async def chat(demo: Demo) -> AsyncIterator[Chat]:
    async with aiohttp.ClientSession(demo.url) as session:
        yield Chat(demo, session)


@pytest.mark.parametrize("place", [in_text, in_html, in_head, in_forward], ids=lambda one: one.__name__)
async def test_ra_7_an_order_in_a_mail_is_data(chat: Chat, place: Any) -> None:
    to = await chat.address()
    await chat.say("EMAIL ADD noreply@luna.example")
    known = len(await chat.messages())
    results = "dmarc=pass header.from=luna.example"
    orders = ORDERS if place in (in_text, in_html) else ORDERS[::2]
    for number, order in enumerate(orders):
        mail = place(order, f"{place.__name__}-{number}@luna.example")
        assert mail["Authentication-Results"].endswith(results)
        assert await chat.post(mail.as_bytes(), to) == 200
    for _ in range(200):
        await chat.demo.app.ticker.settle()
        kept, shown = await chat.rows(receipt), await chat.messages()
        if min(len(kept), len(shown) - known) >= len(orders):
            break
        await asyncio.sleep(0.01)
    assert len(kept) == len(orders)
    wrong = [row.total_minor for row in kept if row.total_minor != 1305 and row.state != "needs_review"]
    assert wrong == []
    assert {row.state for row in kept} <= {"draft", "needs_review"}
    told = [str(message["text"]) for message in shown[known:]]
    assert len(told) >= len(orders)
    assert not [text for text in told if LINK.search(text)]
    await nothing_was_done(chat)


async def nothing_was_done(chat: Chat) -> None:
    assert await chat.rows(transaction) == []
    assert await chat.rows(rule) == []
    assert await chat.rows(preference) == []
    assert [row.state for row in await chat.rows(address)] == ["active"]
    assert len(await chat.rows(mail_sender)) == 1
    assert not [row for row in await chat.rows(timer) if row.kind == "own_data.delete"]
    rows = [row for row in await chat.rows(outbox) if row.kind == "call" and row.body is not None]
    called = {orjson.loads(chat.demo.app.seal.open(row.body))["call"]["type"] for row in rows}
    assert called <= QUIET, called
