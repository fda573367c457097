"""The mail server's door: `POST /webhooks/mail`, one raw mail each (rules EML-1, SEC-R8).

The body is the mail as it arrived (RFC 5322). Headers: `Mail-Timestamp` (Unix seconds), `Mail-Recipients` (the
envelope's, comma-separated), `Mail-Signature` (hex HMAC-SHA256 with `INBOUND_MAIL_SECRET` over
`timestamp.recipients.body`). A mail is stored sealed before its event, and both before the answer 200; a mail to an
address that is nobody's is answered alike, so that addresses cannot be tried out.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from aiohttp import web

from bot.core.events import Event
from bot.core.seal import Seal
from bot.web.doors.door import Intake
from integrations.signatures import verify_mail
from storage import blobs
from storage.database import Database
from storage.receipts.mail import addresses
from storage.work import Work

CAP = 25 * 1024 * 1024
MOST_RECIPIENTS = 10
LIFE = timedelta(days=30)
"""How long raw mail is kept (SEC-R7)."""


class MailDoor:
    """Takes mails in."""

    def __init__(self, intake: Intake, database: Database, seal: Seal, *, secret: str, domain: str) -> None:
        self._intake, self._database, self._seal = intake, database, seal
        self._secret, self._domain = secret, domain.lower()

    async def hook(self, request: web.Request) -> web.Response:
        """Take one mail for each of its recipients here."""
        intake = self._intake
        if (request.content_length or 0) > CAP:
            return intake.refuse(request, "mail", "too_large", 413)
        if not self._domain:
            return intake.refuse(request, "mail", "signature", 403)
        body = await _read_up_to(request, CAP)
        if body is None:
            return intake.refuse(request, "mail", "too_large", 413)
        if not verify_mail(body, request.headers, self._secret, intake.clock.now().timestamp()):
            return intake.refuse(request, "mail", "signature", 429 if intake.is_flooded(request) else 403)
        recipients = request.headers.get("Mail-Recipients", "").split(",")
        for person_id in await self._owners(recipients):
            await self._take(person_id, body)
        return web.Response()

    async def _owners(self, recipients: list[str]) -> list[int]:
        locals_ = [one.strip().partition("@") for one in recipients[:MOST_RECIPIENTS]]
        here = [local for local, _, domain in locals_ if domain.lower() == self._domain and local]
        found = await self._database.read(lambda c: [addresses.owner_of(c, self._seal, local) for local in here])
        return list(dict.fromkeys(one for one in found if one is not None))

    async def _take(self, person_id: int, body: bytes) -> None:
        """Store the mail, then its event; a mail whose event never came is deleted with its date."""

        def keep(work: Work) -> int:
            blob_id = work.new_id()
            blobs.keep(work, blob_id=blob_id, data=body, media_type="message/rfc822", person_id=person_id)
            work.write(blobs.blob.update().where(blobs.blob.c.id == blob_id).values(delete_after=work.now + LIFE))
            return blob_id

        key = f"{person_id}:{hashlib.sha256(body).hexdigest()}"
        try:
            blob_id: int = await self._intake.writers.run(keep, key=person_id)
        except Exception as error:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"}) from error
        event = Event("mail", key, "received", {"blob": blob_id}, person_id=person_id)
        await self._intake.take(event, key=person_id)


async def _read_up_to(request: web.Request, most: int) -> bytes | None:
    """Read a body in pieces; None for one that is longer than allowed, which is read no further."""
    data = bytearray()
    async for chunk in request.content.iter_chunked(256 * 1024):
        data += chunk
        if len(data) > most:
            return None
    return bytes(data)
