"""Reading the operator's mailbox of all persons' addresses, once a minute (setting `IMAP_URL`, rule EML-1).

It takes the way of the mail server's door. A mailbox that does not open is an operator's trouble: it is told once a
day, and what waits in it waits on.
"""

from __future__ import annotations

import imaplib
import logging

from bot.core.clock import Clock
from bot.core.events import Event
from bot.core.seal import Seal
from bot.engine.dispatch import Dispatcher, Sent
from bot.engine.mail_intake import MailIntake
from integrations.mail.inbox import MOST, InboundMailbox
from jobs.delivery import Delivery
from storage.alerts import raise_alert
from storage.database import Database, Writers

log = logging.getLogger("parley.mail")


class InboundMail:
    """Empties the mailbox."""

    def __init__(
        self, mailbox: InboundMailbox, database: Database, writers: Writers, dispatcher: Dispatcher,
        delivery: Delivery, seal: Seal, clock: Clock, *, domain: str,
    ) -> None:  # fmt: skip
        async def submit(event: Event, key: int) -> Sent:
            sent: Sent = await writers.run(dispatcher.intake(event), key=key)
            delivery.offer(sent)
            return sent

        self._mailbox, self._writers, self._clock = mailbox, writers, clock
        self._mails = MailIntake(database, writers, seal, submit, domain=domain)

    async def run(self) -> None:
        """Take what nobody has seen."""
        try:
            while await self._mailbox.read(self._mails.take) == MOST:
                pass
        except (imaplib.IMAP4.error, OSError, TimeoutError) as error:
            log.warning("the mailbox of IMAP_URL cannot be read", extra={"error": type(error).__name__})
            await self._tell(type(error).__name__)

    async def _tell(self, why: str) -> None:
        key = f"inbound_mail:{self._clock.now().date()}"
        await self._writers.run(lambda work: raise_alert(work, kind="inbound_mail", key=key, details={"why": why}))
