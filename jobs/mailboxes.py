"""Reading mailboxes by schedule: an event for each whose round has come; its turn claims the round (rule EML-9).

Any number of processes may find the same mailbox due: the event's key names the round, so one of them is taken, and a
round that another process claimed meanwhile is not read again.
"""

from __future__ import annotations

from bot.core.clock import Clock
from bot.core.events import Event
from bot.engine.dispatch import Dispatcher, Sent
from jobs.delivery import Delivery
from storage.database import Database, Writers
from storage.receipts.mail import mailboxes
from storage.schema import micros


class MailboxRounds:
    """Begins the rounds that have come."""

    def __init__(
        self, database: Database, writers: Writers, dispatcher: Dispatcher, delivery: Delivery, clock: Clock
    ) -> None:
        self._database, self._writers, self._dispatcher = database, writers, dispatcher
        self._delivery, self._clock = delivery, clock

    async def run(self) -> None:
        """Begin every round that has come."""
        now = self._clock.now()
        for row in await self._database.read(lambda c: mailboxes.due(c, now)):
            key = f"{row.id}:{micros(row.next_at)}"
            event = Event("mailbox", key, "due", {"mailbox": row.id}, person_id=row.person_id)
            sent: Sent = await self._writers.run(self._dispatcher.intake(event), key=row.person_id)
            self._delivery.offer(sent)
