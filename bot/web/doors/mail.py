"""The mail server's door: `POST /webhooks/mail`, one raw mail each (rules EML-1, SEC-R8).

The body is the mail as it arrived (RFC 5322). Headers: `Mail-Timestamp` (Unix seconds), `Mail-Recipients` (the
envelope's, comma-separated), `Mail-Signature` (hex HMAC-SHA256 with `INBOUND_MAIL_SECRET` over
`timestamp.recipients.body`). 200 comes after the commit; what follows is the mail intake's.
"""

from __future__ import annotations

import hashlib

from aiohttp import web

from bot.core.events import Event
from bot.core.seal import Seal
from bot.engine.dispatch import Sent
from bot.engine.mail_intake import MailIntake
from bot.web.doors.door import Intake
from integrations.signatures import verify_mail
from storage.database import Database

CAP = 25 * 1024 * 1024


class MailDoor:
    """Takes mails in."""

    def __init__(self, intake: Intake, database: Database, seal: Seal, *, secret: str, domain: str) -> None:
        async def submit(event: Event, key: int) -> Sent:
            return await intake.take(event, key=key)

        self._intake, self._secret = intake, secret
        self._mails = MailIntake(database, intake.writers, seal, submit, domain=domain)

    async def hook(self, request: web.Request) -> web.Response:
        """Take one mail for each of its recipients here."""
        intake = self._intake
        if (request.content_length or 0) > CAP:
            return intake.refuse(request, "mail", "too_large", 413)
        if not self._mails.domain:
            return intake.refuse(request, "mail", "signature", 403)
        body = await _read_up_to(request, CAP)
        if body is None:
            return intake.refuse(request, "mail", "too_large", 413)
        if not verify_mail(body, request.headers, self._secret, intake.clock.now().timestamp()):
            return intake.refuse(request, "mail", "signature", 429 if intake.is_flooded(request) else 403)
        recipients = request.headers.get("Mail-Recipients", "").split(",")
        try:
            await self._mails.take(recipients, body, hashlib.sha256(body).hexdigest())
        except web.HTTPException:
            raise
        except Exception as error:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"}) from error
        return web.Response()


async def _read_up_to(request: web.Request, most: int) -> bytes | None:
    """Read a body in pieces; None for one that is longer than allowed, which is read no further."""
    data = bytearray()
    async for chunk in request.content.iter_chunked(256 * 1024):
        data += chunk
        if len(data) > most:
            return None
    return bytes(data)
