"""What goes on: `/status` now, `/stats` today, `/coachusage` what models cost; no persons."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.core.ids import Ids
from bot.engine.registry import Registry
from bot.engine.staff import Act, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from storage.alerts import alert
from storage.dead_letters import COUNTS
from storage.inbox import inbox
from storage.outbox import outbox
from storage.people import person
from storage.switches import switch
from storage.work import Work


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    rows: tuple[tuple[str, Risk, str, str, Act], ...] = (
        ("status", Risk.COUNTERS, "report.ops", "/status", status),
        ("stats", Risk.COUNTERS, "report.ops", "/stats", stats),
        ("coachusage", Risk.COUNTERS, "coach.usage", "/coachusage, or /coachusage DAYS", coachusage),
    )
    for name, risk, permission, usage, act in rows:
        registry.staff_command(StaffCommand(name, risk, permission, usage, act, target="report"))


def _number(work: Work, statement: sa.Select[Any]) -> int:
    row = work.row(statement)
    return int(row[0] or 0) if row is not None else 0


def _count(work: Work, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return _number(work, sa.select(sa.func.count()).select_from(table).where(*where))


def status(turn: Turn, argument: str, member: Member) -> str:
    """Tell how the machine stands."""
    work = turn.work
    waiting = inbox.c.state == sa.literal_column("'waiting'")
    ready = outbox.c.state == sa.literal_column("'ready'")
    oldest = _number(work, sa.select(sa.func.min(outbox.c.due_at)).where(ready))
    late = max(work.now_us - oldest, 0) // 1_000_000 if oldest else 0
    pause = work.row(sa.select(switch.c.value, switch.c.actor).where(switch.c.name == "pause_all_mail"))
    backup = work.row(sa.select(switch.c.value).where(switch.c.name == "backup.last"))
    dead = work.rows(COUNTS)[0]
    lines = [
        f"waiting events: {_count(work, inbox, waiting)}",
        f"waiting messages and calls: {_count(work, outbox, ready)}, oldest {late} s late",
        f"dead letters: {dead.inbox} in, {dead.outbox} out",
        f"mail: {'paused by ' + pause.actor if pause is not None and pause.value == 'on' else 'on'}",
        f"last backup: {backup.value if backup is not None else 'none'}",
        f"alerts untold: {_count(work, alert, alert.c.told_at.is_(None))}",
    ]
    return "\n".join(lines)


def stats(turn: Turn, argument: str, member: Member) -> str:
    """Tell what happened since midnight UTC; a word behind it that no set of figures has is told which there are."""
    sets = [name.removeprefix("stats ") for name in turn.registry.staff if name.startswith("stats ")]
    if argument.strip() not in ("", "today"):
        raise Refusal("admin.no_stats", sets=", ".join(sets) or "-")
    work, start = turn.work, turn.now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = Ids.floor(start)
    lines = [
        f"since {start:%b %d %H:%M} UTC",
        f"events: {_count(work, inbox, inbox.c.id >= first)}",
        f"messages and calls: {_count(work, outbox, outbox.c.id >= first)}",
        f"new persons: {_count(work, person, person.c.id >= first)}",
    ]
    more = turn.registry.operations.get("appeals.stats")
    lines += [more(turn, start.isoformat(), member.name)] if more else []
    lines += [f"Figures: /stats {'|'.join(sets)}, with 7d, 2026-10, csv or chart"] if sets else []
    return "\n".join(lines)


def coachusage(turn: Turn, argument: str, member: Member) -> str:
    """Tell what the coach's models did and cost, for so many days (1 to 90)."""
    told = turn.registry.operations.get("coaching.usage")
    return told(turn, argument.strip(), member.name) if told else "the coach is switched off"
