"""The three clocks of a ticket, computed from its history alone: any replay gives the same (rules SLA-1 to SLA-4).

First response runs from the opening to the first public staff message; next response from a person's message in an
open ticket to the next public staff message; resolution runs until the ticket is resolved and rests while we wait for
the person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from handlers.support.calendar import Desk
from handlers.support.targets import Target, rises

What = Literal["opened", "person", "staff", "waits", "goes_on", "resolved", "closed", "reopened", "priority"]
"""`person` and `staff` are public messages; `waits` and `goes_on` are the ticket's way into and out of waiting.
What was merged is `closed` without a solution."""

WARNING, CRITICAL = 0.75, 0.90
"""The part of the target that is used up when staff are told, and told again."""
LEAST_AFTER_REOPENING = 4
"""A reopened ticket has at least this part of its target: a quarter."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing in a ticket's history; `priority` is set by the opening and by a change."""

    at: datetime
    what: What
    priority: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that runs: since when, until when, how much working time it was given at `since`, and when it began.

    A raise of the priority gives time anew from its moment on; a lowering counts from when the clock began (SLA-3).
    """

    since: datetime
    due: datetime
    span: timedelta
    began: datetime


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where the clocks stand after a history. A clock that does not run is None.

    `used` is the working time of the resolution clock up to `used_to`, `allowed` all that it may use;
    `missed_at` is when that was used up.
    """

    priority: str
    opened_at: datetime
    first: Clock | None
    next: Clock | None = None
    used: timedelta = timedelta()
    allowed: timedelta = timedelta()
    used_to: datetime | None = None
    resolution: datetime | None = None
    missed_at: datetime | None = None
    escalation: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counting:
    """By what a history is counted: the calendars and the targets."""

    desk: Desk
    targets: Mapping[str, Target]

    def after(self, history: Iterable[Happening]) -> Clocks:
        """Return where the clocks stand after a history, which begins with the opening."""
        happened = iter(history)
        clocks = self._opened(next(happened))
        for one in happened:
            clocks = self._step(clocks, one)
        return clocks

    def _opened(self, one: Happening) -> Clocks:
        if one.what != "opened":
            raise ValueError("a history begins with the opening")
        target = self.targets[one.priority]
        first = self._clock(one.priority, one.at, target.response)
        return self._run(Clocks(one.priority, one.at, first, allowed=target.resolution), one.at)

    def _clock(self, priority: str, since: datetime, span: timedelta) -> Clock:
        return Clock(since, self.desk.of(priority).due(since, span), span, since)

    def _step(self, clocks: Clocks, one: Happening) -> Clocks:
        match one.what:
            case "staff":
                return replace(clocks, first=None, next=None)
            case "person":
                return self._asked(clocks, one.at)
            case "waits":
                return self._rest(clocks, one.at)
            case "goes_on":
                return self._run(clocks, one.at) if clocks.used_to is None else clocks
            case "resolved" | "closed":
                return replace(self._rest(clocks, one.at), first=None, next=None)
            case "reopened":
                return self._reopened(clocks, one.at)
            case "priority":
                return self._changed(clocks, one)
            case "opened":
                raise ValueError("a ticket is opened once")

    def _asked(self, clocks: Clocks, at: datetime) -> Clocks:
        """Start the next response; one that runs already keeps its start."""
        if clocks.next is not None:
            return clocks
        return replace(clocks, next=self._clock(clocks.priority, at, self.targets[clocks.priority].response))

    def _run(self, clocks: Clocks, at: datetime) -> Clocks:
        """Let the resolution clock run from a moment with what is left of it."""
        calendar, target = self.desk.of(clocks.priority), self.targets[clocks.priority]
        left = clocks.allowed - clocks.used
        missed = clocks.missed_at if left <= timedelta() else None
        return replace(
            clocks,
            used_to=at,
            resolution=missed or calendar.due(at, left),
            missed_at=missed,
            escalation=calendar.due(at, target.escalate - (target.resolution - clocks.allowed) - clocks.used),
        )

    def _rest(self, clocks: Clocks, at: datetime) -> Clocks:
        """Stop the resolution clock and keep what it used."""
        if clocks.used_to is None:
            return clocks
        used = clocks.used + self.desk.of(clocks.priority).between(clocks.used_to, at)
        missed = clocks.missed_at or (clocks.resolution if used >= clocks.allowed else None)
        return replace(clocks, used=used, used_to=None, resolution=None, escalation=None, missed_at=missed)

    def _reopened(self, clocks: Clocks, at: datetime) -> Clocks:
        """Go on with what was left, at least a quarter of the target (SLA-4)."""
        least = self.targets[clocks.priority].resolution / LEAST_AFTER_REOPENING
        allowed = clocks.used + max(clocks.allowed - clocks.used, least)
        return self._asked(self._run(replace(clocks, allowed=allowed), at), at)

    def _changed(self, clocks: Clocks, one: Happening) -> Clocks:
        """Move what is unfinished: a raise never gives more time, a lowering counts anew from the start (SLA-3)."""
        if one.priority == clocks.priority:
            return clocks
        raised, target = rises(clocks.priority, one.priority), self.targets[one.priority]
        runs, resting = clocks.used_to is not None, self._rest(clocks, one.at)
        left = resting.allowed - resting.used
        allowed = resting.used + min(left, target.resolution) if raised else target.resolution
        moved = replace(
            resting,
            priority=one.priority,
            allowed=allowed,
            first=self._moved(clocks.first, one, raised=raised),
            next=self._moved(clocks.next, one, raised=raised),
        )
        return self._run(moved, one.at) if runs else moved

    def _moved(self, clock: Clock | None, one: Happening, *, raised: bool) -> Clock | None:
        if clock is None:
            return None
        span = self.targets[one.priority].response
        if not raised:
            return self._clock(one.priority, clock.began, span)
        anew = self._clock(one.priority, one.at, span)
        return replace(anew, began=clock.began) if anew.due < clock.due else clock

    def notices(self, clocks: Clocks) -> list[Notice]:
        """Return what staff are to be told of clocks that run, in the order in which it falls due (SLA-2)."""
        found = [
            *self._of_response("first", clocks, clocks.first),
            *self._of_response("next", clocks, clocks.next),
            *self._of_resolution(clocks),
        ]
        return sorted(found, key=lambda one: one.at)

    def _of_response(self, name: str, clocks: Clocks, clock: Clock | None) -> list[Notice]:
        if clock is None:
            return []
        calendar, since = self.desk.of(clocks.priority), clock.since
        return [
            Notice(name, "warning", calendar.due(since, clock.span * WARNING), since),
            Notice(name, "critical", calendar.due(since, clock.span * CRITICAL), since),
            Notice(name, "breach", clock.due, since),
        ]

    def _of_resolution(self, clocks: Clocks) -> list[Notice]:
        if clocks.used_to is None or clocks.resolution is None or clocks.escalation is None:
            return []
        calendar, since, opened = self.desk.of(clocks.priority), clocks.used_to, clocks.opened_at
        return [
            Notice("resolution", "warning", calendar.due(since, clocks.allowed * WARNING - clocks.used), opened),
            Notice("resolution", "critical", calendar.due(since, clocks.allowed * CRITICAL - clocks.used), opened),
            Notice("resolution", "escalation", clocks.escalation, opened),
            Notice("resolution", "breach", clocks.resolution, opened),
        ]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that staff are told once: of which clock, what, when, and since when that clock runs."""

    clock: str
    kind: str
    at: datetime
    since: datetime
