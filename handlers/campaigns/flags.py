"""Flags of operators: set, listed, retired; one that outlived its kind is told every night (OR-3).

> /flag off coaching kill_switch
< coaching is off for everybody.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Member, Risk, StaffCommand
from bot.engine.turn import Turn
from storage import timers
from storage.campaigns import flags
from storage.campaigns.flags import LIVES

_NAME = re.compile(r"[a-z][a-z0-9_.]{1,60}")
_NIGHT, _TIMER = timedelta(days=1), "campaigns.flag"


def register(registry: Registry) -> None:
    """Register the rows, and the nightly look."""
    for name, usage, act in (
        ("flag on", "/flag on NAME [release|operational|kill_switch]", on),
        (
            "flag off",
            "/flag off NAME [release|operational|kill_switch]: a kill_switch names a feature or category",
            off,
        ),
        ("flag drop", "/flag drop NAME: retire it", drop),
    ):
        registry.staff_command(StaffCommand(name, Risk.REVERSIBLE, "flag.set", usage, act, "flag"))
    usage = "/flag list"
    registry.staff_command(StaffCommand("flag list", Risk.COUNTERS, "flag.set", usage, everything, "flag"))
    registry.on(f"timer:{_TIMER}")(look)


def on(turn: Turn, argument: str, member: Member) -> str:
    """Set a flag on."""
    return _set(turn, argument, member, "on")


def off(turn: Turn, argument: str, member: Member) -> str:
    """Set a flag off."""
    return _set(turn, argument, member, "off")


def _set(turn: Turn, argument: str, member: Member, value: str) -> str:
    name, _, kind = argument.strip().partition(" ")
    known = flags.load(turn.work, name)
    kind = kind.strip() or (known.kind if known else "operational")
    if not _NAME.fullmatch(name) or kind not in LIVES or (known is not None and known.kind != kind):
        raise Refusal("campaigns.how_flag")
    if kind == "kill_switch" and name not in turn.registry.features:
        categories = sorted({one.partition(".")[0] for one in turn.registry.features})
        raise Refusal("campaigns.no_feature", name=name, names=", ".join(categories) or "-")
    before = known.value if known else None
    flags.put(turn.work, name, kind, value, actor=member.name)
    turn.audit("flag.set", f"flag:{name}", actor=member.name, kind=kind, before=before, after=value)
    life = LIVES[kind]
    if known is None and life is not None:
        timers.set_timer(turn.work, kind=_TIMER, key="flags:overdue:" + name, due=turn.now + life, body=_body(name))
    return f"{name} is {value}."


def _body(name: str) -> bytes:
    return b'{"flag": "%s"}' % name.encode()


def drop(turn: Turn, argument: str, member: Member) -> str:
    """Retire a flag."""
    known = flags.load(turn.work, argument.strip())
    if known is None:
        raise Refusal("campaigns.no_flag")
    flags.drop(turn.work, known.name, known.kind, actor=member.name)
    turn.audit("flag.drop", f"flag:{known.name}", actor=member.name, before=known.value)
    return f"{known.name} is retired."


def everything(turn: Turn, argument: str, member: Member) -> str:
    """List all flags, those that outlived their kind marked."""
    return "\n".join(_line(turn, row) for row in flags.everything(turn.work)) or "No flags."


def _line(turn: Turn, row: sa.Row[Any]) -> str:
    ends = flags.ends_at(row)
    until = "stays" if ends is None else f"until {ends:%Y-%m-%d}"
    late = " OVERDUE" if ends is not None and turn.now >= ends else ""
    return f"{row.name} {row.value}, {row.kind}, {until}{late}, by {row.actor}"


def look(turn: Turn) -> None:
    """Tell of a flag that outlived its kind, and look again the next night until it is retired."""
    turn.silent = True
    name = str(turn.event.payload["flag"])
    row = flags.load(turn.work, name)
    ends = flags.ends_at(row) if row is not None else None
    if row is None or ends is None:
        return
    if turn.now >= ends:
        since = f"{row.since:%Y-%m-%d}"
        turn.alert("flag_overdue", key=f"flag:{name}:{turn.now.date()}", flag=name, life=row.kind, since=since)
    due = max(ends, turn.now + _NIGHT)
    timers.set_timer(turn.work, kind=_TIMER, key="flags:overdue:" + name, due=due, body=_body(name))
