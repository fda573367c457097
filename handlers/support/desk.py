"""The team's own commands: who is here, what they know, the calendar, the targets, and how well they are kept.

> /away on
< You get no new tickets until /away off.
> /calendar set mon 09:00-13:00 14:00-18:00
< mon 09:00-13:00 14:00-18:00, for tickets that are opened from now on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.calls import Done
from bot.core.calls.charts import ChartDrawn, DrawChart
from bot.core.errors import Refusal
from bot.engine.results import outcome_of
from bot.engine.staff import Member
from bot.engine.turn import Turn
from handlers.support import assigning, calendar, report, targets
from handlers.support.naming import colleague, oneself
from handlers.support.rulebook import calendar_words, desk_now, enforced_from, strategy, targets_words
from handlers.support.scoring import STRATEGIES
from handlers.support.words import words
from storage import operators
from storage.support import desk, rules

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_CAPACITY = 500
_MOST_DAYS = 366
_PATIENCE = timedelta(minutes=10)
DRAWN = "support.sla_drawn"
_SLA_USAGE = (
    "/sla set high response 60 | high resolution 720 | high escalate 600 | enforce_from 2026-12-01 | "
    f"assignment {' '.join(STRATEGIES)}"
)
_CALENDAR_USAGE = (
    "/calendar set mon 09:00-13:00 14:00-18:00 | sat off | zone America/Denver | closed 2026-12-24 | open 2026-12-24 | "
    "holidays federal | always urgent"
)
_FROM_NOW = "for tickets that are opened from now on"


# -- who is here -------------------------------------------------------------------------------------------------------


def away(turn: Turn, argument: str, member: Member) -> str:
    """Take oneself out of the rotation, or come back; coming back looks at what waits."""
    me, word = oneself(turn, member), argument.strip().lower()
    if word not in ("on", "off"):
        raise Refusal("support.usage", usage="/away on | off")
    desk.change(turn.work, me.id, available=word == "off")
    turn.audit("support.away", f"operator:{me.name}", actor=member.name, away=word)
    if word == "on":
        return "You get no new tickets until /away off. Yours stay yours."
    assigning.sweep(turn)
    return "Welcome back: new tickets may come to you."


def desk_show(turn: Turn, argument: str, member: Member) -> str:
    """List the staff with what they take: open tickets of their capacity, skills, languages."""
    rows, known = operators.in_force(turn.work), desk.profiles(turn.work)
    counts = desk.open_counts(turn.work, [row.id for row in rows])
    lines = []
    for row in rows:
        said = desk.FRESH if row.id not in known else dict(known[row.id]._mapping)
        here = "here" if said["available"] else "away"
        skills = said["skills"] or "no skills named"
        lines.append(
            f"{row.name}: {here}, {counts.get(row.id, 0)} of {said['capacity']}, {said['languages']}; {skills}"
        )
    return "\n".join(lines) or "Nobody is enrolled."


def desk_set(turn: Turn, argument: str, member: Member) -> str:
    """Say what somebody takes: `ann skills billing_payment bug`, `ann languages en es`, `ann capacity 15`."""
    name, _, rest = argument.strip().partition(" ")
    what, _, said = rest.strip().partition(" ")
    row, values = colleague(turn, name), _profile(what.lower(), said.lower().split())
    desk.change(turn.work, row.id, **values)
    turn.audit("support.desk", f"operator:{row.name}", actor=member.name, **values)
    assigning.sweep(turn)
    return f"{row.name}: {what} {' '.join(said.lower().split()) or 'none'}."


def _profile(what: str, said: list[str]) -> dict[str, Any]:
    known = {*words().categories, "general"}
    match what:
        case "skills" if set(said) <= known:
            return {"skills": " ".join(said)}
        case "languages" if said and all(len(one) == 2 and one.isalpha() for one in said):
            return {"languages": " ".join(said)}
        case "capacity" if len(said) == 1 and said[0].isdigit() and 1 <= int(said[0]) <= _MOST_CAPACITY:
            return {"capacity": int(said[0])}
    usage = f"/desk set NAME skills {' '.join(sorted(known))} | languages en es | capacity 20"
    raise Refusal("support.usage", usage=usage)


# -- the promises ------------------------------------------------------------------------------------------------------


def sla_show(turn: Turn, argument: str, member: Member) -> str:
    """Show the targets in working minutes, from when they bind, and how tickets are given out."""
    since = enforced_from(turn.work)
    lines = [
        f"{name}: response {said['response']}, resolution {said['resolution']}, escalated after {said['escalate']} "
        f"to {said['escalate_to']}"
        for name, said in reversed(targets_words(turn.work).items())
    ]
    zone = ZoneInfo(desk_now(turn.work).calendar.zone)
    bound = (
        f"They bind tickets opened from {since.astimezone(zone):%Y-%m-%d} on." if since else "They bind all tickets."
    )
    return "\n".join(["Working minutes:", *lines, bound, f"Tickets are given out by: {strategy(turn.work)}."])


def sla_set(turn: Turn, argument: str, member: Member) -> str:
    """Change a target, the day from which they bind, or how tickets are given out."""
    match argument.lower().split():
        case ["enforce_from", day]:
            said = _set(turn, member, "enforce_from", _day(turn, day).isoformat(), f"promises bind from {day} on")
        case ["assignment", name] if name in STRATEGIES:
            said = _set(turn, member, "assignment", name, f"tickets are given out by {name}")
        case [name, what, minutes] if name in targets.PRIORITIES and minutes.isdigit():
            said = _target(turn, member, name, what, int(minutes))
        case _:
            raise Refusal("support.usage", usage=_SLA_USAGE)
    return said


def _target(turn: Turn, member: Member, name: str, what: str, minutes: int) -> str:
    table = targets_words(turn.work)
    if what not in ("response", "resolution", "escalate"):
        raise Refusal("support.usage", usage="/sla set high response | resolution | escalate MINUTES")
    table[name] = {**table[name], what: minutes}
    try:
        targets.read(table)
    except ValueError as error:
        raise Refusal("support.bad_rule", why=str(error)) from error
    return _set(turn, member, "targets", json.dumps(table), f"{name} {what}: {minutes} working minutes, {_FROM_NOW}")


def _day(turn: Turn, text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Refusal("support.bad_rule", why="a day is written 2026-12-01") from error
    zone = ZoneInfo(desk_now(turn.work).calendar.zone)
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _set(turn: Turn, member: Member, kind: str, body: str, said: str) -> str:
    before = rules.in_force(turn.work, kind, turn.now)
    rules.add(turn.work, kind, body, actor=member.name)
    turn.audit(f"support.{kind}", f"support:{kind}", actor=member.name, before=before, after=body)
    return f"{said[0].upper()}{said[1:]}."


def sla_report(turn: Turn, argument: str, member: Member) -> str:
    """Tell what part of the targets was met in the last days (30), by whom and of what; with a CSV, and a picture."""
    how = [word for word in argument.casefold().split() if word in ("csv", "chart")]
    text = " ".join(word for word in argument.casefold().split() if word not in how).removesuffix("d") or "30"
    if not text.isdigit() or not 1 <= int(text) <= _MOST_DAYS:
        raise Refusal("support.usage", usage="/sla report DAYS [chart] (1 to 366)")
    days = int(text)
    table = report.table(turn.work, turn.now - timedelta(days=days))
    turn.audit("support.report", actor=member.name, days=days)
    blob = turn.work.new_id()
    report.keep(turn.work, blob, table)
    turn.show(blob, f"sla-{turn.now:%Y-%m-%d}-{days}d.csv")
    if "chart" in how and table and turn.person_id is not None:
        chart = DrawChart("Targets met", f"the last {days} days", report.bars(table))
        turn.call(chart, then=DRAWN, limit=_PATIENCE, typing=True)
    return report.words(table, days)


def sla_drawn(turn: Turn) -> None:
    """Send the picture after its words, which were told at once."""
    outcome, turn.purpose, turn.silent = outcome_of(turn), "reply", True
    if isinstance(outcome, Done) and isinstance(outcome.result, ChartDrawn):
        turn.show(outcome.result.blob, "sla.png", size=outcome.result.size)


# -- the calendar ------------------------------------------------------------------------------------------------------


def calendar_show(turn: Turn, argument: str, member: Member) -> str:
    """Show when the team works."""
    said = calendar_words(turn.work)
    week = [f"{DAYS[day]} {' '.join(said['week'].get(str(day), ())) or 'off'}" for day in range(7)]
    always = said.get("always", {}).get("priorities", [])
    lines = [f"Zone {said['zone']}, holidays {said['holidays']}", *week]
    lines += [f"closed: {', '.join(sorted(map(str, said.get('closed', ()))))}"] if said.get("closed") else []
    lines += [f"around the clock: {', '.join(always)}"] if always else []
    return "\n".join(lines)


def calendar_set(turn: Turn, argument: str, member: Member) -> str:
    """Change when the team works; a calendar in which no time passes is refused."""
    raw, parts = calendar_words(turn.work), argument.strip().split()
    changed = _changed(raw, parts)
    try:
        calendar.read(changed)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise Refusal("support.bad_rule", why=str(error)) from error
    return _set(turn, member, "calendar", json.dumps(changed), f"{' '.join(parts)}, {_FROM_NOW}")


def _changed(raw: dict[str, Any], parts: list[str]) -> dict[str, Any]:
    always, closed = raw.get("always", {}).get("priorities", []), set(map(str, raw.get("closed", ())))
    ways: dict[str, Callable[[list[str]], dict[str, Any]]] = {
        "zone": lambda rest: {"zone": rest[0]},
        "holidays": lambda rest: {"holidays": rest[0].lower()},
        "closed": lambda rest: {"closed": sorted(closed | set(rest))},
        "open": lambda rest: {"closed": sorted(closed - set(rest))},
        "always": lambda rest: {"always": {"priorities": [] if rest[0] == "none" else _known(rest, always)}},
    }
    head, rest = (parts[0].lower(), parts[1:]) if parts else ("", [])
    if head in DAYS and rest:
        spans = [] if rest[0].lower() == "off" else rest
        return {**raw, "week": {**raw["week"], str(DAYS.index(head)): spans}}
    if head in ways and rest:
        return {**raw, **ways[head](rest)}
    raise Refusal("support.usage", usage=_CALENDAR_USAGE)


def _known(names: list[str], before: list[str]) -> list[str]:
    if not set(names) <= set(targets.PRIORITIES):
        raise Refusal("support.no_priority", names=", ".join(targets.PRIORITIES))
    return sorted({*before, *names})
