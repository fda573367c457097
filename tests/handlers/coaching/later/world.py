"""A coached person in a world with a movable clock: the care of the coach over the real engine and the real plan."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import bot.engine
from bot.core.calls import Done, Outcome
from bot.core.calls.charts import ChartDrawn, DrawChart
from bot.core.clock import FixedClock
from bot.engine import ages, consent, own_data, quiet_time, stray
from bot.engine.harness import Harness, World
from bot.engine.phone import Message, Phone
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers import coaching as service
from handlers.coaching.flow import seen
from handlers.coaching.flow.asked import update
from handlers.coaching.later import words
from handlers.coaching.plan.template import digest, shelf
from storage import people
from storage.coaching import decisions, profiles, projects, tasks
from storage.coaching.care import checkin
from storage.coaching.decisions import Decision
from storage.coaching.profiles import Profile
from storage.schema import micros
from storage.work import Work

MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""2026-03-02, 10:00 in New York."""
ZONE = "America/New_York"
WEEK = 7 * 24 * 3600


def register(registry: Registry) -> None:
    """Register the engine's texts and what cares for a person, without the introduction."""
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    registry.introduces = False
    for part in (stray, consent, quiet_time, own_data, ages):
        part.register(registry)

    @registry.word("text")
    def start(turn: Turn, text: str) -> bool:
        """Renew the timers, as the start of a plan does."""
        if text != "renew":
            return False
        words.moved(turn, seen.zone(turn))
        update(turn)
        turn.silent = True
        return True

    service.register(registry)
    service.register_last(registry)


def drawn(call: DrawChart, harness: Harness) -> Outcome:
    """Answer with a picture."""
    return Done(ChartDrawn(harness.keep(b"png"), "0" * 64, 1080, 600))


@asynccontextmanager
async def open_world(
    where: Path | str, now: datetime = MONDAY, world: World | None = None
) -> AsyncIterator[Harness]:  # fmt: skip
    """Open a harness on that Monday."""
    async with Harness.open(register, where, FixedClock(now), {DrawChart: drawn, **(world or {})}) as harness:
        yield harness


async def coached(
    harness: Harness,
    channel: str = "telegram",
    handle: str | None = None,
    *,
    zone: str | None = ZONE,
    opens: date | None = None,
    **profile: Any,
) -> Phone:
    """Return the phone of a person whose plan began now."""
    phone = harness.phone(channel, handle)
    await phone.say("thanks")
    person_id = await person_of(harness, phone)
    await write(harness, lambda work: start(work, person_id, zone, Profile(**profile)))
    if opens is not None:
        await decide(harness, phone, "timeline", opens.isoformat(), "date")
    await phone.say("renew")
    if channel == "sms":
        await phone.say("remind")
    phone.seen = len(phone.messages)
    return phone


def start(work: Work, person_id: int, zone: str | None, profile: Profile) -> None:
    """Start the plan of a person."""
    plans = shelf()
    ((name, body),) = plans.bodies.items()
    plan = plans.templates[name]
    projects.keep_template(work, digest=digest(body), template_id=name, version=plan.version, body=body)
    profiles.put(work, person_id, replace(profile, hours_per_week=profile.hours_per_week or 7))
    made = projects.start(
        work, person_id, template_id=name, version=plan.version, digest=digest(body), started_on=work.now.date()
    )
    assert made is not None
    tasks.add_all(work, person_id, made.id, plan.tasks())
    work.claim(people.person.update().where(people.person.c.id == person_id).values(zone=zone))


async def person_of(harness: Harness, phone: Phone) -> int:
    """Return the row id of a phone's person."""
    digest = harness.seal.digest("address", f"{phone.channel}:{phone.handle}")
    query = sa.select(people.address.c.person_id).where(people.address.c.hash == digest)
    found: list[int] = []
    await write(harness, lambda work: found.append(work.rows(query)[0].person_id))
    return found[0]


async def write(harness: Harness, act: Callable[[Work], Any]) -> None:
    """Do something in a commit of its own."""
    await harness.writers.run(act)


async def project_of(harness: Harness, phone: Phone) -> tuple[int, int]:
    """Return the person and the newest project of a phone."""
    person_id = await person_of(harness, phone)
    found: list[int] = []

    def look(work: Work) -> None:
        found.append(projects.of_person(work, person_id)[0].id)

    await write(harness, look)
    return person_id, found[0]


async def decide(harness: Harness, phone: Phone, category: str, value: str, value_type: str = "enum") -> None:
    """Save a decision of a person."""
    person_id, project_id = await project_of(harness, phone)
    new = Decision(category, value, value_type, value, 1, "explicit", "ok")
    await write(harness, lambda work: decisions.save(work, person_id, project_id, new, act_id=1))


async def tick(harness: Harness, phone: Phone, *task_ids: str, day: date) -> None:
    """Let tasks be done."""
    person_id, project_id = await project_of(harness, phone)

    def do(work: Work) -> None:
        for task_id in task_ids:
            known = {one.task_id: one for one in tasks.load_all(work, person_id, project_id)}
            if known[task_id].is_once:
                tasks.set_state(work, person_id, project_id, task_id=task_id, state="done")
            kind = "done" if known[task_id].is_once else "occurrence"
            tasks.record(work, person_id, project_id, task_id=task_id, kind=kind, day=day)

    await write(harness, do)


async def move(harness: Harness, phone: Phone, zone: str) -> None:
    """Let a person move to another zone, as the word of the books does."""
    person_id = await person_of(harness, phone)
    await write(
        harness,
        lambda work: work.claim(people.person.update().where(people.person.c.id == person_id).values(zone=zone)),
    )
    await phone.say("renew")


async def staff(harness: Harness, phone: Phone, until: datetime) -> None:
    """Let a human own the chat until a moment."""
    person_id = await person_of(harness, phone)
    held = people.person.update().where(people.person.c.id == person_id).values(staffed_until=micros(until))
    await write(harness, lambda work: work.claim(held))


async def sent(harness: Harness) -> list[tuple[str, str]]:
    """Return kind and period of all that was sent."""
    found: list[tuple[str, str]] = []
    query = sa.select(checkin.c.kind, checkin.c.period).where(checkin.c.state == "sent").order_by(checkin.c.id)
    await write(harness, lambda work: found.extend((row.kind, row.period) for row in work.rows(query)))
    return found


async def sent_at(harness: Harness) -> list[datetime]:
    """Return when check-ins and reviews were sent."""
    found: list[datetime] = []
    query = sa.select(checkin.c.sent_at).where(checkin.c.state == "sent", checkin.c.kind != "nudge")
    await write(harness, lambda work: found.extend(row.sent_at for row in work.rows(query.order_by(checkin.c.id))))
    return found


def texts(messages: Iterable[Message]) -> list[str]:
    """Return what messages say, without those that only carry a picture."""
    return [one.text for one in messages if one.text]
