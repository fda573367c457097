"""How long an unlocked period, a dry run and an approval last: the rules' minutes, which owners may only shorten.

What an owner set stands in `storage/switches`, so all processes obey it at once (`/gate show`, `/gate set`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from bot.core.errors import Misconfigured
from storage.switches import switch, turn_switch
from storage.work import Work

FILE = Path(__file__).with_name("data") / "gate.toml"
PREFIX = "gate."


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, in minutes."""

    usual: int
    least: int
    most: int
    says: str


@cache
def settings() -> Mapping[str, Setting]:
    """Return what may be set; raise Misconfigured for a file that makes no sense."""
    found = {name: Setting(**entry) for name, entry in tomllib.loads(FILE.read_text("utf-8")).items()}
    for name, one in found.items():
        if not 1 <= one.least <= one.usual <= one.most:
            raise Misconfigured("gate.toml", f"{name} is out of bounds")
    return found


def in_force(work: Work) -> dict[str, int]:
    """Return all settings as they stand."""
    names = [PREFIX + name for name in settings()]
    rows = work.rows(sa.select(switch.c.name, switch.c.value).where(switch.c.name.in_(names)))
    set_ = {row.name.removeprefix(PREFIX): int(row.value) for row in rows}
    return {name: min(max(set_.get(name, one.usual), one.least), one.most) for name, one in settings().items()}


def period(work: Work, name: str) -> timedelta:
    """Return one of them as a time."""
    return timedelta(minutes=work.once("gate settings", lambda: in_force(work))[name])


def change(work: Work, name: str, minutes: int, *, actor: str) -> None:
    """Set one."""
    turn_switch(work, PREFIX + name, str(minutes), actor=actor)
    work.forget("gate settings")
