"""A harness with support, one operator who is logged in, and persons who write."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pyotp
import sqlalchemy as sa

import bot.engine
from bot.core.clock import FixedClock
from bot.core.errors import Spoken
from bot.core.events import Event
from bot.engine import consent, deliverability, own_data, stray
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers import admin, support
from handlers.support.settings import SupportSettings
from storage import operators
from storage.alerts import alert
from storage.appeals import cases
from storage.audit import audit
from storage.blobs import blob
from storage.people import address
from storage.support import desk, tickets
from storage.support.tickets import ticket
from storage.work import Work

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
MONDAY = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""Nine in the morning in San Francisco."""


def register_with(registry: Registry, settings: SupportSettings) -> None:
    """Register the engine, the operators' commands and support, and the stand-in of the gate."""
    registry.introduces = False
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    deliverability.register(registry)
    consent.register(registry)
    stray.register(registry)
    own_data.register(registry)
    admin.register(registry, demo=False)
    support.register(registry)
    support.register_staff(registry, settings)

    @registry.on("test:act")
    def act(turn: Turn) -> None:
        payload, turn.silent = turn.event.payload, True
        row = operators.by_name(turn.work, payload["by"])
        assert row is not None
        command = turn.registry.staff[payload["name"]]
        member = Member(f"operator:{row.name}", row.role, frozenset({command.permission}), row.id, row.person_id)
        try:
            Counter.told.append(command.act(turn, payload["argument"], member))
        except Spoken as spoken:
            Counter.told.append(turn.registry.catalogue.text(spoken.key, "en", "telegram", **spoken.args_))


class Counter(Harness):
    """The harness, with what staff see. `told` is what rows of the staff's catalogue answered."""

    told: ClassVar[list[str]] = []

    @classmethod
    @asynccontextmanager
    async def staffed(
        cls,
        folder: Path,
        now: datetime = MONDAY,
        *,
        away: bool = True,
        group: int = 0,
        groups: Mapping[str, int] = {},
        drafts: bool = False,
        more: Callable[[Registry], None] = lambda registry: None,
    ) -> AsyncIterator[Counter]:
        """Open it with ann (5001) and bob (5002) enrolled and logged in; unless `away`, tickets are given to them."""

        def register(registry: Registry) -> None:
            register_with(registry, SupportSettings(group, "7", drafts, groups))
            more(registry)

        async with cls.open(register, folder, FixedClock(now)) as counter:
            assert isinstance(counter, Counter)
            for name, telegram in (("ann", "5001"), ("bob", "5002")):
                await counter._enroll(name, telegram)
                await counter.login(telegram)
            if away:
                await counter.profile(available=False)
            yield counter

    async def profile(self, *names: str, **values: Any) -> None:
        """Change what is known of some of the staff, of all without names."""

        def change(work: Work) -> None:
            for row in operators.everyone(work):
                if not names or row.name in names:
                    desk.change(work, row.id, **values)

        await self.writers.run(change)

    async def act(self, name: str, argument: str = "", by: str = "ann") -> str:
        """Run a row of the staff's catalogue as its gate would, and return its words or the text of its refusal."""
        self.counter += 1
        telegram = {"ann": "5001", "bob": "5002"}[by]
        payload = {"name": name, "argument": argument, "by": by}
        start = len(self.told)
        event = Event("test", f"act{self.counter}", "act", payload, person_id=await self.person_of(telegram))
        await self.happen(event)
        return self.told[start]

    async def person_of(self, telegram: str) -> int:
        """Return the person of a Telegram user."""
        digest = self.seal.digest("address", f"telegram:7:{telegram}")
        asked = sa.select(address.c.person_id).where(address.c.hash == digest)
        return int(await self.database.read(lambda c: c.execute(asked).scalar_one()))

    async def _enroll(self, name: str, telegram: str) -> None:
        until = self.clock.now().replace(year=2030)
        await self.writers.run(
            lambda work: operators.enroll(
                work, name=name, role="owner", state="invited", secret=SECRET, telegram=telegram, invited_until=until
            )
        )

    async def login(self, telegram: str = "5001") -> None:
        """Open a session of an operator."""
        self.clock.advance(timedelta(seconds=31))
        await self.phone("telegram", f"7:{telegram}").say(f"/login {pyotp.TOTP(SECRET).at(self.clock.now())}")

    @property
    def ann(self) -> Phone:
        """The operator's phone."""
        return self.phone("telegram", "7:5001")

    @property
    def bob(self) -> Phone:
        """The other operator's phone."""
        return self.phone("telegram", "7:5002")

    async def names(self) -> dict[int, str]:
        """Return the operators by id."""
        rows = await self.database.read(lambda c: list(c.execute(sa.select(operators.operator))))
        return {row.id: row.name for row in rows}

    async def burden(self, name: str, count: int) -> None:
        """Give somebody of the staff open tickets."""
        person_id = await self.person_of("5001")

        def give(work: Work) -> None:
            row = operators.by_name(work, name)
            assert row is not None
            for number in range(count):
                made = tickets.add(
                    work, person_id, address_id=1, channel="telegram", category="bug", priority="low",
                    source=f"burden:{name}:{number}",
                )  # fmt: skip
                tickets.change(work, made, 1, state="open", assignee=row.id)

        await self.writers.run(give)

    async def case_of(self, telegram: str, deadline: date) -> None:
        """Give somebody a case that was not mailed yet."""
        person_id = await self.person_of(telegram)

        def add(work: Work) -> None:
            values = {"person_id": person_id, "stage": "ready", "level": 1, "facts": b"{}", "deadline": deadline}
            cases.add(work, **values)

        await self.writers.run(add)

    async def read_csv(self) -> list[str]:
        """Return the lines of the newest CSV that was made."""
        newest = sa.select(blob.c.data).where(blob.c.media_type == "text/csv").order_by(blob.c.id.desc()).limit(1)
        data = await self.database.read(lambda c: c.execute(newest).scalar_one())
        return self.seal.open(data).decode().splitlines()

    @property
    def dana(self) -> Phone:
        """A person on SMS."""
        return self.phone("sms")

    @property
    def eve(self) -> Phone:
        """A person on Telegram."""
        return self.phone("telegram", "7:6001")

    async def staff(self, text: str) -> str:
        """Let the operator say something, logged in, and return the answer."""
        start = len(self.ann.messages)
        await self.ann.say(text)
        if "Log in first" in self.ann.last.text:
            await self.login()
            await self.ann.say(text)
        return "\n".join(message.text for message in self.ann.messages[start:])

    async def row(self, number: int = 1001) -> Any:
        """Return a ticket's row."""
        return await self.database.read(lambda c: c.execute(sa.select(ticket).where(ticket.c.number == number)).one())

    async def count(self) -> int:
        """Return how many tickets there are."""
        rows = await self.database.read(lambda c: list(c.execute(sa.select(ticket.c.id))))
        return len(rows)

    async def alerts(self) -> list[str]:
        """Return the kinds of alerts, oldest first."""
        rows = await self.database.read(lambda c: list(c.execute(sa.select(alert).order_by(alert.c.id))))
        told = {"ticket_clock": lambda row: f"sla_{json.loads(row.details)['told']}"}
        return [told.get(row.kind, lambda row: str(row.kind))(row) for row in rows]

    async def acts(self) -> list[str]:
        """Return the audited acts, oldest first."""
        rows = await self.database.read(lambda c: list(c.execute(sa.select(audit).order_by(audit.c.id))))
        return [f"{row.actor} {row.action} {row.object or ''}".strip() for row in rows]
