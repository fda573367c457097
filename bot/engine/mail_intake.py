"""The one way in for mails to persons' own addresses, whoever brings them: a mail server, or a mailbox (EML-1).

A mail is stored sealed before its event, and both before whoever brought it hears that it is taken. A mail to an
address that is nobody's is answered alike, so that addresses cannot be tried out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

from bot.core.events import Event
from bot.core.seal import Seal
from storage import blobs
from storage.database import Database, Writers
from storage.receipts.mail import addresses
from storage.work import Work

MOST_RECIPIENTS = 10
LIFE = timedelta(days=30)
"""How long raw mail is kept (SEC-R7)."""
Submit = Callable[[Event, int], Awaitable[object]]
"""Commits an event in the lane of a person."""


class MailIntake:
    """Takes mails in for all who have an address below `domain`."""

    def __init__(self, database: Database, writers: Writers, seal: Seal, submit: Submit, *, domain: str) -> None:
        self._database, self._writers, self._seal, self._submit = database, writers, seal, submit
        self.domain = domain.lower()

    async def take(self, recipients: Iterable[str], raw: bytes, key: str) -> int:
        """Take one mail for each of its recipients here, known by `key`; return how many that were."""
        owners = await self._owners(recipients)
        for person_id in owners:
            await self._take(person_id, raw, f"{person_id}:{key}")
        return len(owners)

    async def _owners(self, recipients: Iterable[str]) -> list[int]:
        parted = [one.strip().partition("@") for one in recipients]
        here = [local for local, _, domain in parted if domain.lower() == self.domain and local][:MOST_RECIPIENTS]
        found = await self._database.read(lambda c: [addresses.owner_of(c, self._seal, local) for local in here])
        return list(dict.fromkeys(one for one in found if one is not None))

    async def _take(self, person_id: int, raw: bytes, key: str) -> None:
        """Store the mail, then its event; a mail whose event never came is deleted with its date."""

        def keep(work: Work) -> int:
            blob_id = work.new_id()
            blobs.keep(work, blob_id=blob_id, data=raw, media_type="message/rfc822", person_id=person_id)
            work.write(blobs.blob.update().where(blobs.blob.c.id == blob_id).values(delete_after=work.now + LIFE))
            return blob_id

        blob_id: int = await self._writers.run(keep, key=person_id)
        await self._submit(Event("mail", key, "received", {"blob": blob_id}, person_id=person_id), person_id)
