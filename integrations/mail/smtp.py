"""Sending our mails over SMTP, with TLS always except on this machine (rule EML-14).

SMTP knows no idempotency key; a stable Message-ID lets readers merge what came twice. What was cut off after the
message was handed over may have left: then the outbox decides by the row's policy.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from bot.core.calls.mail import SendMail
from bot.core.calls.outcome import UNAUTHORIZED, Again, Done, Outcome, Refused, Unknown
from bot.core.errors import Misconfigured
from bot.core.ports import Attempt, LookUp, Perform

if TYPE_CHECKING:
    import aiosmtplib

SECONDS, QUIT_SECONDS = 30.0, 2.0
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


class SmtpAdapter:
    """Sends mails through one server: `smtps://user:password@host:465` or `smtp://...` with STARTTLS."""

    vendor = "smtp"

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise Misconfigured("SMTP_URL", "must be smtp://host:port or smtps://host:port")
        if "@" not in sender:
            raise Misconfigured("MAIL_FROM", "is missing: the address that our mails come from")
        self._host, self._sender = parts.hostname, sender
        self._port = parts.port or (465 if parts.scheme == "smtps" else 587)
        self._tls, self._local = parts.scheme == "smtps", parts.hostname in _LOCAL
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self.calls: Mapping[type, Perform] = {SendMail: self._send}
        self.look_ups: Mapping[type, LookUp] = {SendMail: self._nobody_knows}

    async def _send(self, call: SendMail, attempt: Attempt) -> Outcome:
        import aiosmtplib

        message = self._message(call, attempt)
        client = aiosmtplib.SMTP(
            hostname=self._host, port=self._port, use_tls=self._tls, timeout=SECONDS,
            start_tls=None if self._local else not self._tls,
        )  # fmt: skip
        try:
            return await self._handed_over(client, message, call.to)
        finally:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=QUIT_SECONDS)
            client.close()

    async def _handed_over(self, client: aiosmtplib.SMTP, message: EmailMessage, to: str) -> Outcome:
        import aiosmtplib

        try:
            await client.connect()
            if self._user:
                await client.login(self._user, self._password)
        except aiosmtplib.SMTPAuthenticationError:
            return Again(UNAUTHORIZED)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Again(type(error).__name__)
        try:
            await client.send_message(message, sender=self._sender, recipients=[to])
        except aiosmtplib.SMTPRecipientsRefused:
            return Refused("recipient")
        except aiosmtplib.SMTPResponseException as error:
            return Again("busy", whole_vendor=False) if error.code < 500 else Refused("refused", str(error.code))
        except (aiosmtplib.SMTPException, OSError) as error:
            return Unknown(type(error).__name__)
        return Done()

    def _message(self, call: SendMail, attempt: Attempt) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, call.to, call.subject
        mail["Date"] = format_datetime(attempt.first_at)
        mail["Message-ID"] = f"<{call.stamp}@{self._sender.rpartition('@')[2].strip('>')}>"
        mail["Auto-Submitted"] = "auto-generated"
        if call.unsubscribe:
            mail["List-Unsubscribe"] = f"<{call.unsubscribe}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(call.text)
        mail.add_alternative(call.html, subtype="html")
        return mail

    async def _nobody_knows(self, call: SendMail, attempt: Attempt) -> Outcome:
        """A mail that may have left is not sent again where it must not arrive twice."""
        return Refused("unknown")

    async def close(self) -> None:
        """A connection lives for one mail."""
