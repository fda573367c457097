"""A person with a running plan, whose words go to the coach; the model is a function of the call."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

import bot.engine
from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.channels import ShowTyping
from bot.core.calls.coach import AskCoach, CoachSaid, ModelTry, SummariseTalk
from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.phone import Message, Phone
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.coaching.flow.seen import Seen
from handlers.coaching.plan.template import Shelf, digest, of_body
from handlers.coaching.settings import CoachSettings, Said
from handlers.coaching.talk import Found, Ports, TalkSettings, answer, register
from storage.coaching import messages, profiles, projects, tasks
from storage.coaching.model_calls import model_call
from storage.coaching.profiles import Profile
from storage.coaching.turns import spend
from storage.coaching.turns import turn as coach_turn
from storage.schema import micros
from storage.work import Work

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
ON = TalkSettings(has_model=True)
PLAN = resources.files("handlers.coaching").joinpath("data/premium-community.json").read_bytes()
Model = Callable[[AskCoach], Outcome]


def tried(call: AskCoach, **values: Any) -> ModelTry:
    """Return a try of the reply as the vendor would count it."""
    usual: dict[str, Any] = {
        "purpose": "reply", "attempt": 1, "model": call.reply.model, "outcome": "answered", "latency_ms": 900,
        "asked_at": micros(NOW), "stop_reason": "end_turn", "input_tokens": 1200, "cache_read_tokens": 5000,
        "output_tokens": 600,
    }  # fmt: skip
    return ModelTry(**usual | values)


def says(text: str = "Good. What will members get?", stop: str = "end_turn", facts: Any = None) -> Model:
    """Return a model that says this."""
    return lambda call: Done(CoachSaid(text, stop, [tried(call, stop_reason=stop)], facts))


def fails(reason: str = "status_529", *tries: dict[str, Any]) -> Model:
    """Return a model that is in trouble."""
    return lambda call: Refused("no_reply", reason, {"tries": [tried(call, **one) for one in tries]}, whole_vendor=True)


def _made_at(outcome: Outcome, at: int) -> Outcome:
    """Return an outcome whose tries were made at that moment."""
    if isinstance(outcome, Done):
        return Done(replace(outcome.result, tries=[replace(one, asked_at=at) for one in outcome.result.tries]))
    if isinstance(outcome, Refused):
        return replace(outcome, details={"tries": [replace(one, asked_at=at) for one in outcome.details["tries"]]})
    return outcome


@dataclass
class Talk:
    """The harness with what happened."""

    harness: Harness
    model: Model = field(default_factory=says)
    asked: list[AskCoach] = field(default_factory=list)
    summaries: list[SummariseTalk] = field(default_factory=list)
    scripted: list[str] = field(default_factory=list)
    proposed: list[Found] = field(default_factory=list)

    @property
    def sms(self) -> Phone:
        return self.harness.phone("sms")

    @property
    def telegram(self) -> Phone:
        return self.harness.phone("telegram")

    async def say(self, text: str, phone: Phone | None = None) -> list[Message]:
        """Say something and wait until the coach has answered."""
        phone = phone or self.telegram
        start = len(phone.messages)
        await phone.say(text)
        await self.harness.wait(timedelta(seconds=4))
        return phone.messages[start:]

    async def rows(self, table: sa.Table) -> list[Any]:
        order = table.primary_key.columns
        found: list[Any] = await self.harness.writers.run(lambda work: work.rows(sa.select(table).order_by(*order)))
        return found

    async def turns(self) -> list[tuple[str, bool, int, int]]:
        """Return state, whether it counts, what is reserved and what was spent, of each turn."""
        return [(row.state, row.counts, row.reserved_nano, row.spent_nano) for row in await self.rows(coach_turn)]

    async def calls(self) -> list[Any]:
        return await self.rows(model_call)

    async def spent(self) -> tuple[int, int]:
        (row,) = await self.rows(spend)
        return row.spent_nano, row.reserved_nano

    async def do(self, job: Callable[[Work], Any]) -> Any:
        return await self.harness.writers.run(job)

    async def person_id(self) -> int:
        (row,) = await self.do(lambda work: work.rows(sa.text("SELECT id FROM person")))
        return int(row.id)

    async def profile(self, **values: Any) -> None:
        person_id = await self.person_id()
        await self.do(lambda work: profiles.put(work, person_id, replace(Profile(), **values)))


@asynccontextmanager
async def talking(
    where: Path | str, settings: TalkSettings = ON, *, clock: FixedClock | None = None, world: Any = None, **values: Any
) -> AsyncIterator[Talk]:
    """Open a harness in which every text of a person with a project goes to the coach."""
    talk = Talk.__new__(Talk)

    def plugged(registry: Registry) -> None:
        registry.add_texts(Path(bot.engine.__file__).parent / "texts")
        plug(registry, talk, settings)

    def ask(call: AskCoach, harness: Harness) -> Outcome:
        talk.asked.append(call)
        return _made_at(talk.model(call), micros(harness.clock.now()))

    answers = {AskCoach: ask, ShowTyping: lambda call, harness: Done(), **(world or {})}
    async with Harness.open(plugged, where, clock or FixedClock(NOW), answers) as harness:
        Talk.__init__(talk, harness, **values)
        yield talk


class Rest(Protocol):
    """What stands for the scripted coach and for its questions."""

    scripted: list[str]
    proposed: list[Found]


@dataclass
class Quiet:
    """Notes what it is asked."""

    scripted: list[str] = field(default_factory=list)
    proposed: list[Found] = field(default_factory=list)


def plug(registry: Registry, rest: Rest, settings: TalkSettings = ON) -> None:
    """Let every text of a person go to the coach."""

    def scripted(turn: Turn, said: Said) -> None:
        rest.scripted.append(said.text)
        turn.lines.append(f"Scripted: {said.text}")
        turn.silent = True

    def outage(turn: Turn, said: Said) -> None:
        turn.lines.append("The full coach is unavailable. This did not count.")
        scripted(turn, said)

    def propose(turn: Turn, seen: Seen, found: Sequence[Found]) -> None:
        rest.proposed += found
        turn.lines.append("Save these? " + " ".join(d.value for one in found for d in one.what.decisions))

    registry.settings[CoachSettings] = CoachSettings(Shelf([]), answer)
    register(registry, settings, Ports(scripted=scripted, outage=outage, propose=propose))

    @registry.word("text")
    def words(turn: Turn, text: str) -> bool:
        return heard(turn, text)


def heard(turn: Turn, text: str) -> bool:
    """Store a message and let the coach answer; the first one begins the plan."""
    work, person_id = turn.work, turn.person.id
    project = projects.active(work, person_id) or _begin(work, person_id)
    kept = messages.add(
        work, person_id, project.id, role="person", channel=turn.channel, text=text, state="received",
        provider_id=turn.event.key, is_forwarded=bool(turn.event.payload.get("forwarded")),
    )  # fmt: skip
    if kept is not None:
        answer(turn, Said(text, kept, project))
    return True


def _begin(work: Work, person_id: int) -> Any:
    plan = of_body(PLAN)
    known: dict[str, Any] = {"template_id": plan.id, "version": plan.version, "digest": digest(PLAN)}
    projects.keep_template(work, body=PLAN, **known)
    project = projects.start(work, person_id, started_on=work.now.date(), **known)
    assert project is not None
    tasks.add_all(work, person_id, project.id, plan.tasks())
    return project


def body_of(call: AskCoach) -> str:
    """Return all that a call sends, as one text."""
    return json.dumps([call.reply.system, [line.text for line in call.reply.lines], call.facts and call.facts.data])
