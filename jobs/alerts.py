"""Telling operators what they must hear of: each alert once, to every operator with a Telegram chat.

What is the owners' alone goes to their channel, where they named one (OR-1). Until somebody is enrolled alerts wait,
and the log names them. The message and its mark are one commit.
"""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.calls import pack
from bot.core.calls.channels import SendTelegram
from bot.core.texts import Catalogue
from storage import alerts, operators, organisation, outbox
from storage.database import Database, Writers
from storage.schema import micros
from storage.work import Work

LIFE = timedelta(hours=24)
ROLES = ("owner", "admin", "support")
OWNERS_ONLY = frozenset({"staff_act", "staff_unused", "audit_anchor"})
"""Alerts about staff themselves, and where the audit ends, which are the owners' business (CM-5, AU-5)."""
log = logging.getLogger("parley.alerts")


class AlertTeller:
    """Turns rows of alerts into messages."""

    def __init__(self, database: Database, writers: Writers, catalogue: Catalogue) -> None:
        self._database, self._writers, self._catalogue = database, writers, catalogue
        self._logged: set[int] = set()

    async def run(self) -> None:
        """Tell what nobody was told of."""
        rows = await self._database.read(alerts.untold)
        if not rows:
            return
        told: bool = await self._writers.run(lambda work: self._tell(work, rows))
        if not told:
            for row in rows:
                if row.id not in self._logged:
                    self._logged.add(row.id)
                    log.error("alert, and no operator is enrolled", extra={"kind": row.kind})

    def _tell(self, work: Work, rows: list[sa.Row[Any]]) -> bool:
        chats = operators.chats(work, *ROLES)
        owners = operators.chats(work, "owner")
        channel = organisation.current(work)[1].owners_channel
        for row in rows if chats else ():
            if work.claim(alerts.mark_told(work, row.id)).rowcount != 1:
                continue
            if row.kind in OWNERS_ONLY and channel:
                work.put(outbox.ADD, self._announcement(work, int(channel), row))
                continue
            for chat in owners if row.kind in OWNERS_ONLY else chats:
                handle = work.seal.open(chat.handle).decode()
                work.put(outbox.ADD, self._message(work, chat, int(handle.rpartition(":")[2]), row))
        return bool(chats)

    def _announcement(self, work: Work, channel: int, row: sa.Row[Any]) -> dict[str, Any]:
        """Return a message to the owners' channel: to a chat that is nobody's address."""
        new_id = work.ids.next()
        call = pack(SendTelegram(channel, self.text(row), html=False))
        body = {"call": call, "then": "", "context": {}}
        return self._row(work, row, body, id=new_id, lane=new_id, kind="call", purpose="call", key=f"alert:{row.id}")

    def _message(self, work: Work, chat: sa.Row[Any], chat_id: int, row: sa.Row[Any]) -> dict[str, Any]:
        body = {"call": pack(SendTelegram(chat_id, self.text(row), html=False))}
        return self._row(
            work, row, body, id=work.ids.next(), lane=chat.id, person_id=chat.person_id, address_id=chat.id,
            kind="message", purpose="reply", key=f"alert:{row.id}:{chat.id}",
        )  # fmt: skip

    def _row(self, work: Work, row: sa.Row[Any], body: dict[str, Any], **values: Any) -> dict[str, Any]:
        return {
            **dict.fromkeys(outbox.COLUMNS),
            **values,
            "policy": "repeat_ok",
            "body": work.seal.seal(orjson.dumps(body)),
            "state": "ready",
            "attempts": 0,
            "due_at": work.now_us,
            "expires_at": micros(work.now + LIFE),
            "at": work.now_us,
        }

    def text(self, row: sa.Row[Any]) -> str:
        """Return an alert's words: its own text, or the general one with its ids."""
        details = ", ".join(f"{name} {value}" for name, value in json.loads(row.details).items())
        key = f"admin.alert.{row.kind}"
        for name in (key, "admin.alert"):
            try:
                return self._catalogue.text(name, "en", "telegram", kind=row.kind, details=details or "-")
            except KeyError:
                continue
        return f"Alert {row.kind}: {details}"
