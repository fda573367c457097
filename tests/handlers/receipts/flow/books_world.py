"""Ledgers for the words of the books, and a drawer that notes what it was asked to draw."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import BaseModel

from bot.core.calls import Done, Outcome
from bot.core.calls.charts import ChartDrawn, DrawChart
from bot.core.prompts import Answer, Ask
from bot.engine.flow import End, Flow, Next
from bot.engine.harness import Harness, World
from bot.engine.phone import Phone
from bot.engine.state import Conversation, Frame
from bot.engine.turn import Turn
from handlers.receipts.categories.learning import own_tree
from storage import people
from storage.conversation import conversation
from storage.receipts import transactions
from storage.receipts.transactions import Entry
from storage.work import Work
from tests.handlers.receipts.flow.world import TODAY, uncoded


class _Nothing(BaseModel):
    """Keeps nothing."""


other = Flow("other", _Nothing, version=1, first="own")


@other.ask("own")
def ask_own(turn: Turn) -> Ask:
    """Ask for words."""
    return Ask("receipts.note", expects=("text",))


@other.take("own")
def take_own(turn: Turn, answer: Answer) -> Next:
    """Take any words."""
    turn.lines.append(f"taken: {answer.text}")
    return End()


def entry(amount_minor: int, merchant: str, day: date = TODAY, category: str | None = None, **values: Any) -> Entry:
    """Return a movement of money; its category is a key of the default tree."""
    return Entry(day, amount_minor, **{"currency": "USD", "merchant": merchant, "reason": category, **values})


async def booked(harness: Harness, *entries: Entry) -> None:
    """Put entries into the books of the first person."""

    def book(work: Work) -> None:
        person_id = first_person(work)
        tree = own_tree(work, person_id, "en")
        found = [
            replace(one, category_id=tree.by_key(one.reason) if one.reason else None, reason=None) for one in entries
        ]
        transactions.add_all(work, person_id, found)

    await harness.writers.run(book)


def first_person(work: Work) -> int:
    """Return the id of the person who wrote first."""
    row = work.row(people.person.select().order_by(people.person.c.id))
    assert row is not None
    return int(row.id)


async def placed(harness: Harness, step: str) -> None:
    """Put the first person into a conversation of another service."""
    harness.registry.flows.setdefault(other.name, other)

    def place(work: Work) -> None:
        row = work.row(conversation.select())
        assert row is not None
        state = Conversation.load(work.seal.open(row.state))
        state.frames.append(Frame(flow=other.name, step=step))
        work.write(conversation.update().values(state=work.seal.seal(state.dump())))

    await harness.writers.run(place)


async def only(phone: Phone, said: str) -> list[str]:
    """Say something and return what came back, codes replaced."""
    return [uncoded(message.text) for message in await phone.say(said)]


class Drawer:
    """Stands in for the charts: keeps what was asked, answers with a picture, or not at all."""

    def __init__(self, refusal: Outcome | None = None, size: int = 4) -> None:
        self.asked: list[DrawChart] = []
        self.size = size
        self._refusal = refusal

    @property
    def world(self) -> World:
        """The answers of this drawer."""
        return {DrawChart: self.draw}

    def draw(self, call: DrawChart, harness: Harness) -> Outcome:
        """Draw."""
        self.asked.append(call)
        return self._refusal or Done(ChartDrawn(harness.keep(b"\x89PNG"), "0" * 64, 1080, 600, self.size))
