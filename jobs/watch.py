"""Looks at the machine itself and raises the alerts that ship (chat rules, section 11).

Each condition is a function of what was measured and says at most one thing; its key holds the hour or the thing it is
about, so that an operator hears of it once and not every minute.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.clock import Clock
from jobs.breaker import Breaker
from storage import segments
from storage.alerts import raise_alert
from storage.database import Database, Writers
from storage.dead_letters import COUNTS
from storage.inbox import inbox
from storage.outbox import outbox
from storage.processes import last_done
from storage.schema import micros, moment
from storage.switches import all_switches, turn_switch
from storage.work import Work

LATE = timedelta(minutes=5)
OUTAGE = timedelta(minutes=5)
SILENCE = timedelta(hours=6)
BACKUP_AGE = timedelta(hours=26)
LEAST_DISK = 0.10
SURGE, LEAST_SURGE = 3, 60
KNOWN_HOURS, LEAST_SURGE_UNKNOWN = 24, 300
"""A sender that is new has no usual hour yet: one person who tries everything is no surge."""
_HOURS_A_WEEK = 168
DAYTIME, DAYTIME_ZONE = range(14, 21), "America/New_York"
"""Hours at whose end the six before were daytime from coast to coast."""

SINCE, BACKUP = "watch.since", "backup.last"


@dataclass(frozen=True, slots=True)
class Measured:
    """What one look at the machine found. `circuits` maps a vendor to when its circuit opened."""

    now: datetime
    since: datetime
    oldest: datetime | None = None
    dead: tuple[int, int] = (0, 0)
    newest_dead: tuple[int, int] = (0, 0)
    circuits: Mapping[str, datetime] = field(default_factory=dict)
    last_inbound: datetime | None = None
    done: Mapping[str, datetime] = field(default_factory=dict)
    rhythms: Mapping[str, timedelta] = field(default_factory=dict)
    backup: datetime | None = None
    backs_up: bool = True
    disk_free: float = 1.0
    segments: Mapping[int, int] = field(default_factory=dict)

    @property
    def hour(self) -> str:
        """The hour, as part of a key."""
        return f"{self.now:%Y-%m-%d-%H}"


Finding = tuple[str, str, dict[str, Any]]
"""Kind, key and details of an alert."""


def outbox_late(m: Measured) -> Iterator[Finding]:
    """The oldest message or call is late by more than five minutes."""
    if m.oldest is not None and m.now - m.oldest > LATE:
        yield "outbox_late", f"outbox_late:{m.hour}", {"seconds": int((m.now - m.oldest).total_seconds())}


def dead_letters(m: Measured) -> Iterator[Finding]:
    """There are dead letters, and a new one since the last alert."""
    if any(m.dead):
        yield "dead_letters", f"dead_letters:{max(m.newest_dead)}", {"inbox": m.dead[0], "outbox": m.dead[1]}


def circuit_open(m: Measured) -> Iterator[Finding]:
    """A vendor has been out for more than five minutes."""
    for vendor, opened in m.circuits.items():
        if m.now - opened > OUTAGE:
            yield "circuit_open", f"circuit_open:{vendor}:{micros(opened)}", {"vendor": vendor}


def no_inbound(m: Measured) -> Iterator[Finding]:
    """Nobody wrote for six hours of daytime, though people wrote before."""
    local = m.now.astimezone(ZoneInfo(DAYTIME_ZONE))
    if m.last_inbound is not None and m.now - m.last_inbound > SILENCE and local.hour in DAYTIME:
        yield (
            "no_inbound",
            f"no_inbound:{local:%Y-%m-%d}",
            {"hours": int((m.now - m.last_inbound) / timedelta(hours=1))},
        )


def job_late(m: Measured) -> Iterator[Finding]:
    """Periodic work is late by two periods."""
    for kind, every in m.rhythms.items():
        done = m.done.get(kind, m.since)
        if m.now - done > every * 3 and m.now - m.since > every * 3:
            yield "job_late", f"job_late:{kind}:{micros(done)}", {"job": kind}


def backup_old(m: Measured) -> Iterator[Finding]:
    """The last backup is older than 26 hours."""
    last = m.backup or m.since
    if m.backs_up and m.now - last > BACKUP_AGE:
        yield "backup_old", f"backup_old:{m.now:%Y-%m-%d}", {"hours": int((m.now - last) / timedelta(hours=1))}


def segments_surge(m: Measured) -> Iterator[Finding]:
    """This hour's texts cost more than three times the week's median hour."""
    past = [m.segments.get(back, 0) for back in range(1, _HOURS_A_WEEK)]
    active = [n for n in past if n]
    usual = median(active) if active else 0
    current, least = m.segments.get(0, 0), LEAST_SURGE if len(active) >= KNOWN_HOURS else LEAST_SURGE_UNKNOWN
    if current > max(SURGE * usual, least):
        yield "segments_surge", f"segments_surge:{m.hour}", {"segments": current, "usual": int(usual)}


def disk_low(m: Measured) -> Iterator[Finding]:
    """Less than a tenth of the disk is free."""
    if m.disk_free < LEAST_DISK:
        yield "disk_low", f"disk_low:{m.now:%Y-%m-%d}", {"free_percent": int(m.disk_free * 100)}


CONDITIONS: tuple[Callable[[Measured], Iterator[Finding]], ...] = (
    outbox_late, dead_letters, circuit_open, no_inbound, job_late, backup_old, segments_surge, disk_low,
)  # fmt: skip


class Watch:
    """Measures, and raises what the conditions find."""

    def __init__(
        self,
        database: Database,
        writers: Writers,
        clock: Clock,
        *,
        data_dir: Path,
        breakers: Mapping[str, Breaker],
        rhythms: Callable[[], Mapping[str, timedelta]],
    ) -> None:
        self._database, self._writers, self._clock = database, writers, clock
        self._data_dir, self._breakers, self._rhythms = data_dir, breakers, rhythms

    async def run(self) -> None:
        """Look once."""
        measured = await self.measure()
        findings = [finding for condition in CONDITIONS for finding in condition(measured)]
        await self._writers.run(lambda work: self._write(work, measured, findings))

    @staticmethod
    def _write(work: Work, measured: Measured, findings: list[Finding]) -> None:
        if measured.since == measured.now:
            turn_switch(work, SINCE, measured.now.isoformat(), actor="watch")
        for kind, key, details in findings:
            raise_alert(work, kind=kind, key=key, details=details)

    async def measure(self) -> Measured:
        """Measure everything."""
        now = self._clock.now()
        usage = shutil.disk_usage(self._data_dir if self._data_dir.exists() else Path())
        circuits = {vendor: b.since for vendor, b in self._breakers.items() if b.since is not None}
        rhythms, free = dict(self._rhythms()), usage.free / usage.total
        return await self._database.read(
            lambda c: _measured(c, now, circuits=circuits, rhythms=rhythms, disk_free=free)
        )


_NEWEST_INBOUND = (
    sa.select(inbox.c.at).where(inbox.c.source.in_(["sms", "telegram"])).order_by(inbox.c.id.desc()).limit(1)
)


def _measured(connection: sa.Connection, now: datetime, **known: Any) -> Measured:
    switches, dead = all_switches(connection), connection.execute(COUNTS).one()
    newest = (_newest_dead(connection, inbox), _newest_dead(connection, outbox))
    inbound = connection.execute(_NEWEST_INBOUND).scalar()
    backup, since = switches.get(BACKUP), switches.get(SINCE)
    return Measured(
        now=now,
        since=datetime.fromisoformat(since) if since else now,
        oldest=_oldest(connection, now),
        dead=(dead.inbox, dead.outbox),
        newest_dead=newest,
        last_inbound=moment(inbound) if inbound else None,
        done={kind: moment(at) for kind, at in last_done(connection).items()},
        backup=datetime.fromisoformat(backup) if backup else None,
        segments=segments.hours(connection, micros(now), _HOURS_A_WEEK),
        **known,
    )


def _oldest(connection: sa.Connection, now: datetime) -> datetime | None:
    """Return since when the oldest due row waits: from its first try, else from when it fell due."""
    ready = outbox.c.state == sa.literal_column("'ready'")
    waits = sa.or_(outbox.c.due_at <= micros(now), outbox.c.attempts > 0)
    found = connection.execute(
        sa.select(sa.func.min(sa.func.coalesce(outbox.c.first_at, outbox.c.due_at))).where(ready, waits)
    ).scalar()
    return moment(found) if found else None


def _newest_dead(connection: sa.Connection, table: sa.Table) -> int:
    dead = table.c.state == sa.literal_column("'dead'")
    return int(connection.execute(sa.select(sa.func.max(table.c.id)).where(dead)).scalar() or 0)
