"""How soon a ticket of each priority is answered and solved, and to whom it goes when it is not."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("data") / "targets.toml"
PRIORITIES = ("low", "medium", "high", "urgent")
"""Rising."""


@dataclass(frozen=True, slots=True)
class Target:
    """Working time until a response, until the solution, and until somebody else must look."""

    response: timedelta
    resolution: timedelta
    escalate: timedelta
    escalate_to: str


@cache
def targets() -> Mapping[str, Target]:
    """Return the targets by priority; raise KeyError when one is missing."""
    return read(tomllib.loads(DATA.read_text("utf-8")))


def read(raw: Mapping[str, Mapping[str, int | str]]) -> Mapping[str, Target]:
    """Return what a table of targets says; raise KeyError when a priority is missing, ValueError for no time."""
    return {name: _target(raw[name]) for name in PRIORITIES}


def _target(raw: Mapping[str, int | str]) -> Target:
    response, resolution, escalate = (
        timedelta(minutes=int(raw[name])) for name in ("response", "resolution", "escalate")
    )
    if not timedelta() < response <= resolution or not timedelta() < escalate:
        raise ValueError("a target is some minutes, and a response comes no later than the solution")
    return Target(response, resolution, escalate, str(raw["escalate_to"]))


def lifted(priority: str) -> str:
    """Return the priority one step higher, never urgent (rule SP-4)."""
    return (
        PRIORITIES[min(PRIORITIES.index(priority) + 1, PRIORITIES.index("high"))] if priority != "urgent" else priority
    )


def rises(before: str, after: str) -> bool:
    """Tell whether a change of priority is a raise."""
    return PRIORITIES.index(after) > PRIORITIES.index(before)
