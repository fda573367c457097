"""A person whose mail arrives, for tests: the engine on a database, mails opened as the real adapter opens them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import bot.engine
from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.mail import MailOpened, MailPart, OpenMail
from bot.core.calls.reading import PrintRead, ReadPrint
from bot.core.clock import FixedClock
from bot.core.events import Event
from bot.engine.harness import Harness, World
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from handlers.receipts.mail.opening import open_mail
from handlers.receipts.mail.settings import MailSettings
from handlers.receipts.mail.words import register as register_mail
from handlers.receipts.reading import page_of_text
from storage import blobs, people
from storage.receipts import receipts
from tests.handlers.receipts.mail.letters import AUTHSERV

NOON = datetime(2026, 3, 18, 19, 0, tzinfo=UTC)
PAPER = "Corner Hardware\nHinges  $8.00\nTotal  $8.00\n03/17/2026\n"


def register(registry: Registry) -> None:
    """Register mail on a bare engine."""
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    registry.introduces = False
    registry.public_url = "https://parley.example"
    registry.settings[MailSettings] = MailSettings(domain=AUTHSERV, gmail=True, sends=True)
    register_mail(registry)


class Post:
    """A phone, and the way by which mail comes to its person."""

    def __init__(self, harness: Harness, phone: Phone) -> None:
        self.harness, self.phone, self.person_id = harness, phone, 0
        self.raws: dict[int, bytes] = {}

    @classmethod
    @asynccontextmanager
    async def open(
        cls, where: Path | str, *, channel: str = "telegram", world: World | None = None
    ) -> AsyncIterator[Post]:
        post: Post

        def opened(call: Any, h: Harness) -> Outcome:
            return post.opened(call)

        def read(call: Any, h: Harness) -> Outcome:
            return Done(PrintRead([page_of_text(PAPER)], "local_ocr", 5))

        both = {OpenMail: opened, ReadPrint: read, **(world or {})}
        async with Harness.open(register, where, FixedClock(NOON), both) as harness:
            post = cls(harness, harness.phone(channel))
            await post.phone.say("email")
            post.person_id = (await post.rows(people.person))[0].id
            yield post

    def opened(self, call: OpenMail) -> Outcome:
        if call.blob not in self.raws:
            return Refused("gone")
        mail, parts = open_mail(self.raws[call.blob], authserv=AUTHSERV, today=self.harness.clock.now().date())
        kept = [
            MailPart(
                one.name, one.media_type, self.harness.keep(one.data), len(one.data),
                hashlib.sha256(one.data).hexdigest(),
            )
            for one in parts
        ]  # fmt: skip
        return Done(MailOpened(mail, kept))

    def keep_raw(self, raw: bytes) -> int:
        """Keep a raw mail as the call of a mailbox does."""
        blob = self.harness.keep(raw)
        self.raws[blob] = raw
        return blob

    async def arrive(self, mail: EmailMessage) -> list[str]:
        """Let a mail come to the person's address; return what the chat shows."""
        raw, blob = mail.as_bytes(), self.harness.ids.next()
        self.raws[blob] = raw
        await self.harness.writers.run(
            lambda work: blobs.keep(work, blob_id=blob, data=raw, media_type="message/rfc822", person_id=self.person_id)
        )
        seen = len(self.phone.messages)
        await self.happen("mail", "received", {"blob": blob})
        return [message.text for message in self.phone.messages[seen:]]

    async def happen(self, source: str, kind: str, payload: dict[str, Any]) -> None:
        self.harness.counter += 1
        key = f"e{self.harness.counter}"
        await self.harness.happen(Event(source, key, kind, payload, person_id=self.person_id))

    async def rows(self, table: sa.Table) -> list[Any]:
        return await self.harness.database.read(lambda c: list(c.execute(sa.select(table))))

    async def drafts(self) -> list[Any]:
        """Return (state, total, currency, day) of all drafts."""
        return [(r.state, r.total_minor, r.currency, r.date) for r in await self.rows(receipts.receipt)]
