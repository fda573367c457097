"""The operator's mailbox of all persons' addresses: taken once, marked seen after the commit (EML-1, SEC-R7)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any, cast

import pytest
import sqlalchemy as sa

from bot.core.errors import Misconfigured
from integrations.mail.inbox import InboundMailbox, recipients_of
from jobs.delivery import Delivery
from jobs.inbound_mail import InboundMail
from storage import blobs
from storage.alerts import alert
from storage.inbox import inbox
from tests.handlers.receipts.mail.letters import AUTHSERV, RECEIPT, letter
from tests.handlers.receipts.mail.post import Post
from tests.integrations.imap_server import Mailbox, serve
from tests.rows import each

LUNA = "Luna Books <noreply@luna.example>"


class Offered:
    """Where sent rows go; the harness finds them in the outbox itself."""

    def offer(self, sent: object) -> None:
        """Take them."""


@pytest.fixture
def box() -> Iterator[Mailbox]:
    held = Mailbox()
    with serve(held) as port:
        held.port = port  # type: ignore[attr-defined]
        yield held


@pytest.fixture
async def post(database: str) -> AsyncIterator[Post]:
    async with Post.open(database) as opened:
        await opened.phone.say("EMAIL ADD noreply@luna.example")
        yield opened


def reader(post: Post, box: Mailbox, *, right: bool = True) -> InboundMail:
    password = box.password if right else "wrong"
    url = f"imap://all:{password}@127.0.0.1:{box.port}/INBOX"  # type: ignore[attr-defined]
    h = post.harness
    delivery = cast(Delivery, Offered())
    mailbox = InboundMailbox(url)
    return InboundMail(mailbox, h.database, h.writers, h.dispatcher, delivery, h.seal, h.clock, domain=AUTHSERV)


async def own_address(post: Post) -> str:
    await post.phone.say("email")
    found = re.search(r"[a-z]+\.[a-z2-9]{10}@in\.parley\.example", post.phone.screen)
    assert found
    return found[0]


def mail_to(address: str, key: str = "one@luna.example", header: str = "Delivered-To") -> bytes:
    mail = letter(sender=LUNA, text=RECEIPT, key=key)
    mail[header] = address
    return mail.as_bytes()


async def taken(post: Post) -> list[Any]:
    rows = await post.rows(inbox)
    return [row for row in rows if (row.source, row.kind) == ("mail", "received")]


async def test_eml_1_a_mail_in_the_mailbox_becomes_the_draft_of_its_person(post: Post, box: Mailbox) -> None:
    box.add(mail_to((await own_address(post)).upper()))
    box.add(mail_to("nobody.aaaaaaaaaa@in.parley.example", key="two@luna.example"))
    await reader(post, box).run()
    assert box.seen == {1, 2}, "also what is nobody's, so that it does not come again"
    [row] = await taken(post)
    assert row.person_id == post.person_id
    [kept] = [one for one in await post.rows(blobs.blob) if one.media_type == "message/rfc822"]
    post.raws[kept.id] = post.harness.seal.open(kept.data)
    await post.harness.rest()
    assert await post.drafts() == [("draft", 1305, "USD", date(2026, 3, 18))]
    assert not any("BODY[]" in command for command in box.commands), "looking marks nothing"


async def test_eml_4_a_mail_that_was_taken_and_not_marked_is_one_event(post: Post, box: Mailbox) -> None:
    box.add(mail_to(await own_address(post)))
    box.cut_at = "STORE"
    await reader(post, box).run()
    assert box.seen == set()
    box.cut_at = ""
    await reader(post, box).run()
    assert box.seen == {1}
    assert len(await taken(post)) == 1


async def test_a_mail_that_cannot_be_stored_stays_unseen(
    post: Post, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.add(mail_to(await own_address(post)))
    job = reader(post, box)

    async def full(*args: Any, **kwargs: Any) -> Any:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(job._mails, "_take", full)
        await job.run()
    assert box.seen == set()
    await job.run()
    assert box.seen == {1}


async def test_more_mails_than_one_round_takes_are_all_taken(
    post: Post, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.mail.inbox.MOST", 2)
    monkeypatch.setattr("jobs.inbound_mail.MOST", 2)
    address = await own_address(post)
    for number in range(5):
        box.add(mail_to(address, key=f"{number}@luna.example"))
    await reader(post, box).run()
    assert len(box.seen) == len(await taken(post)) == 5


async def test_a_mailbox_that_does_not_open_is_told_once_a_day(post: Post, box: Mailbox) -> None:
    for _ in range(3):
        await reader(post, box, right=False).run()
    rows = await post.harness.database.read(lambda c: list(c.execute(sa.select(alert))))
    assert [row.kind for row in rows] == ["inbound_mail"]
    assert "wrong" not in rows[0].details


@each(
    "header, value, found",
    [
        ("Delivered-To", "<A.b@in.parley.example>", ["a.b@in.parley.example"]),
        ("X-Original-To", "a.b@in.parley.example", ["a.b@in.parley.example"]),
        ("Cc", "Ann <a.b@in.parley.example>, c@x.example", ["a.b@in.parley.example", "c@x.example"]),
        ("Delivered-To", "=?broken", []),
    ],
)
def test_recipients_are_read_from_the_envelope_and_the_head(header: str, value: str, found: list[str]) -> None:
    assert recipients_of(f"{header}: {value}\r\nSubject: x\r\n\r\nTo: z@x.example\r\n".encode()) == found


@each("url", ["http://x", "imap://host", "imaps://", "x"])
def test_ops_5_an_address_of_a_mailbox_that_is_none_is_refused_by_name(url: str) -> None:
    with pytest.raises(Misconfigured, match="IMAP_URL"):
        InboundMailbox(url)
