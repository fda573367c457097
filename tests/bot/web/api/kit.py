"""The API over a real database and the real writer, two persons with a token each, and a caller with few words."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.core.calls import pack
from bot.core.clock import FixedClock
from bot.core.events import Event
from bot.core.ids import Ids
from bot.core.seal import Seal
from bot.engine.dispatch import Dispatcher, Sent
from bot.engine.registry import Registry
from bot.web.api.door import ROOT, Api
from handlers.receipts import api as service
from handlers.receipts.categories.learning import own_tree
from storage import people
from storage.database import Database, Writers
from storage.receipts import tokens
from storage.work import Work

NOW = datetime(2026, 3, 18, 19, 0, tzinfo=UTC)
ANN, BOB = 1, 2


@dataclass(frozen=True, slots=True)
class Got:
    """An answer."""

    status: int
    headers: dict[str, str]
    data: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        """The body, read."""
        return orjson.loads(self.data)

    @property
    def code(self) -> str:
        """The code of an error."""
        return str(self.json["error"]["code"])


@dataclass(slots=True)
class Town:
    """The running API, its clock, and everybody's token."""

    url: str
    clock: FixedClock
    database: Database
    writers: Writers
    api: Api
    dispatcher: Dispatcher
    sent: list[Sent]
    session: aiohttp.ClientSession
    secrets: dict[int, str]

    async def ask(
        self, method: str, path: str, body: Any = None, *, who: int | str | None = ANN, **headers: str
    ) -> Got:
        """Send one request; `who` is a person, a token, or None for nobody; a header `If_Match` is `If-Match`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if who is not None:
            sent["Authorization"] = f"Bearer {self.secrets[who] if isinstance(who, int) else who}"
        data = io.BytesIO(body) if isinstance(body, bytes) else body
        if body is not None and not isinstance(body, bytes):
            data = json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        at = path if path.startswith("/api") else ROOT + path
        async with self.session.request(method, self.url + at, data=data, headers=sent) as answer:
            return Got(answer.status, dict(answer.headers), await answer.read())

    async def write(self, job: Callable[[Work], Any]) -> Any:
        """Run a job of the writer."""
        return await self.writers.run(job)

    async def rows(self, query: sa.Select[Any]) -> list[sa.Row[Any]]:
        """Read."""
        return await self.database.read(lambda c: list(c.execute(query)))

    async def token(self, person_id: int, **values: Any) -> str:
        """Make another token."""
        made: tokens.NewToken = await self.write(
            lambda work: tokens.make(work, person_id, **{"name": "test", "writes": True, **values})
        )
        return made.secret

    async def outcome(self, result: Any) -> None:
        """Give the oldest call that waits its outcome: a result, or the code of a refusal."""
        row = next(row for sent in self.sent for row in sent.rows if row["kind"] == "call")
        self.sent[:] = [one for one in self.sent if row not in one.rows]
        done = not isinstance(result, str)
        payload = {
            "call_id": row["id"], "then": row["body"]["then"], "context": row["body"]["context"],
            "outcome": "done" if done else "refused", "result": pack(result) if done else None,
            "code": None if done else result,
        }  # fmt: skip
        event = Event("call", str(row["id"]), "ended", payload, person_id=row["person_id"])
        sent: Sent = await self.writers.run(self.dispatcher.intake(event))
        assert sent.error is None, sent.error
        self.sent.append(sent)

    async def rest(self) -> None:
        """Wait until everything that the writer had to do is committed."""
        await self.write(lambda work: None)
        await asyncio.sleep(0)


@asynccontextmanager
async def open_town(
    url: str, more: Callable[[Registry], None] = lambda registry: None, **options: Any
) -> AsyncIterator[Town]:
    """Serve the API on a database with this release's tables; `more` adds resources to those of the books."""
    clock = FixedClock(NOW)
    database, ids, seal = Database(url), Ids(clock), Seal([bytes(32)])
    registry = Registry()
    service.register(registry)
    more(registry)
    writers = Writers(database, clock=clock, ids=ids, seal=seal)
    dispatcher = Dispatcher(registry, process_id=1)
    sent: list[Sent] = []
    api = Api(
        registry.routes, database=database, writers=writers, dispatcher=dispatcher, offer=sent.append,
        clock=clock, ids=ids, seal=seal, **options,
    )  # fmt: skip
    site = web.Application()
    site.router.add_route("*", ROOT + "/{tail:.*}", api.respond)
    writers.start()
    try:
        async with TestServer(site) as server, aiohttp.ClientSession() as session:
            secrets = await writers.run(_settle)
            yield Town(
                str(server.make_url("")).rstrip("/"), clock, database, writers, api, dispatcher, sent, session, secrets
            )
    finally:
        await writers.stop()
        await database.close()


def _settle(work: Work) -> dict[int, str]:
    """Make two persons with their trees, and a token for each."""
    secrets = {}
    for person_id in (ANN, BOB):
        work.claim(people.person.insert().values(id=person_id, locale="en", zone="America/Los_Angeles", created_at=0))
        work.claim(
            people.address.insert().values(
                id=100 + person_id, person_id=person_id, channel="telegram", created_at=0, state="active",
                hash=work.seal.digest("address", f"telegram:7:{person_id}"),
                handle=work.seal.seal(f"7:{person_id}".encode()),
            )
        )  # fmt: skip
        own_tree(work, person_id, "en")
        made = tokens.make(work, person_id, name="test", writes=True)
        assert made is not None
        secrets[person_id] = made.secret
    return secrets
