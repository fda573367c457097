"""A deed: what a person does outside the chat, as a turn of their own.

It waits for the person like a message does (two jobs of one person never share a batch, and PostgreSQL locks their
row), reads and writes through the same unit of work, may leave notices and calls in the outbox, and commits once. A
`Problem` undoes everything that it wrote and is an answer like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.core.errors import Problem
from bot.core.events import Event
from bot.core.prompts import Ask
from bot.engine.dispatch import Dispatcher
from bot.engine.intake import Sent, Steps
from bot.engine.turn import Turn
from storage.work import Work

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What came of a deed, and what now waits to be delivered."""

    result: T | Problem
    sent: Sent


class Deed(Generic[T]):
    """A job of the writer that runs a function in a turn of a person."""

    def __init__(self, dispatcher: Dispatcher, event: Event, do: Callable[[Turn], T], *, gone: Problem) -> None:
        self._dispatcher, self._event, self._do, self._gone = dispatcher, event, do, gone
        self._result: T | Problem = gone

    def __call__(self, work: Work) -> Steps:
        row = yield from self._dispatcher.snapshot(work, self._event)
        sent = Sent()
        if row is None:
            return Done(self._gone, sent)
        turn = self._dispatcher.turn(work, self._event, work.new_id(), row)
        try:
            self._dispatcher.run(turn, sent, answers=False, step=self._step)
        except Problem as problem:
            work.drop()
            return Done(problem, Sent())
        return Done(self._result, sent)

    def _step(self, turn: Turn) -> Ask | None:
        self._result = self._do(turn)
        return None
