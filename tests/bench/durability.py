"""SIGKILL right after the answer: the same data are started again and every person goes on with the next message.

A turn is kept when the reply to the next message is the one that follows the last answer given before the kill. What
the provider got twice is told too: a reply whose delivery was not yet marked may be repeated, never lost.
"""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass

from tests.bench.bot_api import BotApi
from tests.bench.load import Connection, Crowd
from tests.bench.subjects import Server, Subject

MESSAGES = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """How many persons could go on after the kill, and how many replies came twice."""

    subject: str
    persons: int
    kept: int
    wrong_before: int
    repeated: int


async def kill(subject: Subject, api: BotApi, *, persons: int = 40) -> Kept:
    """Let everybody type some messages, kill the server, start it again, let everybody type one more."""
    surplus = api.surplus
    async with Server(subject, api) as server:
        crowd = server.crowd(persons)
        await _everybody(crowd, MESSAGES)
        server.stop(signal.SIGKILL)
        wrong, crowd.wrong = len(crowd.wrong), []
        await server.start()
        crowd.port = server.port
        await _everybody(crowd, 1)
    return Kept(subject.name, persons, persons - len(crowd.wrong), wrong, api.surplus - surplus)


async def _everybody(crowd: Crowd, messages: int) -> None:
    async def one(person: int) -> None:
        connection = await Connection.open(crowd.port)
        for _ in range(messages):
            await crowd.turn(connection, person)
        connection.transport.close()

    await asyncio.gather(*(one(person) for person in range(crowd.persons)))
