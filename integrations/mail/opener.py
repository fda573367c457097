"""Taking mails apart beside the event loop: what a turn gets is small, attachments are files by then.

How a mail is read is the receipts' own knowledge and is handed in (`read`, `wanted`); here is only where it runs, and
what becomes of the bytes.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Protocol

from bot.core.calls.mail import Mail, MailOpened, MailPart, OpenMail
from bot.core.calls.outcome import Done, Outcome, Refused
from bot.core.ports import Attempt, LookUp, Perform

SECONDS = 60.0


class Attached(Protocol):
    """An attachment as it was read."""

    @property
    def name(self) -> str:
        """Its file name."""
        ...

    @property
    def media_type(self) -> str:
        """What its bytes are."""
        ...

    @property
    def data(self) -> bytes:
        """Its bytes."""
        ...


Read = Callable[[bytes, date], tuple[Mail, Sequence[Attached]]]
"""Takes a raw mail apart; today's date tells which dates are possible."""

Wanted = Callable[[Mail, Sequence[str]], bool]
"""Tells of a mail in a mailbox, with the names of its attachments, whether it is worth keeping."""


class MailOpener:
    """Opens mails, one at a time, in a thread."""

    vendor = "mail"

    def __init__(self, read: Read, wanted: Wanted) -> None:
        self._read, self._wanted = read, wanted
        self._one = asyncio.Semaphore(1)
        self.calls: Mapping[type, Perform] = {OpenMail: self._open}
        self.look_ups: Mapping[type, LookUp] = {}

    async def is_wanted(self, raw: bytes, today: date) -> bool:
        """Tell whether a mail of a mailbox may be a receipt; it is not stored otherwise (EML-9)."""
        mail, parts = await self._opened(raw, today)
        return self._wanted(mail, [part.name for part in parts])

    async def _open(self, call: OpenMail, attempt: Attempt) -> Outcome:
        try:
            raw = await attempt.files.get(call.blob)
        except KeyError:
            return Refused("gone")
        try:
            mail, parts = await self._opened(raw, attempt.now.date())
        except TimeoutError:
            return Refused("too_slow")
        kept = [
            MailPart(
                part.name, part.media_type, attempt.files.put(part.data, part.media_type), len(part.data),
                hashlib.sha256(part.data).hexdigest(),
            )
            for part in parts
        ]  # fmt: skip
        return Done(MailOpened(mail, kept))

    async def _opened(self, raw: bytes, today: date) -> tuple[Mail, Sequence[Attached]]:
        async with self._one, asyncio.timeout(SECONDS):
            return await asyncio.to_thread(self._read, raw, today)

    async def close(self) -> None:
        """Nothing is open."""
