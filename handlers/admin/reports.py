"""What goes on: `/status` now, `/stats` today, `/coachusage` what models cost, `/audit` operators' acts; no persons."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.core.ids import Ids
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.admin.gate import Actor, command
from storage import audit as audits
from storage.alerts import alert
from storage.dead_letters import COUNTS
from storage.inbox import inbox
from storage.outbox import outbox
from storage.people import person
from storage.schema import moment
from storage.switches import switch
from storage.work import Work


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    command(registry, "status")(status)
    command(registry, "stats")(stats)
    command(registry, "audit")(audit)
    command(registry, "coachusage")(coachusage)


def _number(work: Work, statement: sa.Select[Any]) -> int:
    row = work.row(statement)
    return int(row[0] or 0) if row is not None else 0


def _count(work: Work, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return _number(work, sa.select(sa.func.count()).select_from(table).where(*where))


def status(turn: Turn, argument: str, actor: Actor) -> None:
    """Tell how the machine stands."""
    work = turn.work
    turn.audit("status", actor=actor.name)
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
    turn.say("admin.plain", text="\n".join(lines))


def stats(turn: Turn, argument: str, actor: Actor) -> None:
    """Tell what happened since midnight UTC."""
    work, start = turn.work, turn.now.replace(hour=0, minute=0, second=0, microsecond=0)
    turn.audit("stats", actor=actor.name)
    first = Ids.floor(start)
    lines = [
        f"since {start:%b %d %H:%M} UTC",
        f"events: {_count(work, inbox, inbox.c.id >= first)}",
        f"messages and calls: {_count(work, outbox, outbox.c.id >= first)}",
        f"new persons: {_count(work, person, person.c.id >= first)}",
    ]
    more = turn.registry.operations.get("appeals.stats")
    lines += [more(turn, start.isoformat(), actor.name)] if more else []
    turn.say("admin.plain", text="\n".join(lines))


def coachusage(turn: Turn, argument: str, actor: Actor) -> None:
    """Tell what the coach's models did and cost, for so many days (1 to 90)."""
    turn.audit("coachusage", actor=actor.name, days=argument[:3])
    told = turn.registry.operations.get("coaching.usage")
    turn.say("admin.plain", text=told(turn, argument.strip(), actor.name) if told else "the coach is switched off")


def audit(turn: Turn, argument: str, actor: Actor) -> None:
    """Show the newest entries, or those about one object."""
    table = audits.audit
    query = sa.select(table).order_by(table.c.id.desc()).limit(15)
    wanted = argument.strip()
    rows = turn.rows(query.where(table.c.object == wanted) if wanted else query)
    turn.audit("audit.view", wanted or None, actor=actor.name)
    lines = [f"{moment(row.at):%b %d %H:%M} {row.actor} {row.action} {row.object or ''}".rstrip() for row in rows]
    turn.say("admin.plain", text="\n".join(lines) or "Nothing yet.")
