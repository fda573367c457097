"""What staff may do, as rows: each names its risk, its permission and its words, and the gate alone runs it (CM-1).

A service registers rows with `Registry.staff_command`; who acts, whether they may, codes, dry runs, approvals and the
audit are the gate's. An act gets what follows its name and the member whom the gate found, and answers in plain words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.turn import Turn


TERMINAL = "terminal"
"""The source of what is typed on the host: no door makes it. There is no chat and no person there."""


def is_answered(turn: Turn) -> bool:
    """Tell whether what comes later finds whoever asked: in a chat of theirs, or at the terminal, which waits."""
    return turn.person_id is not None or turn.event.source == TERMINAL


class Risk(IntEnum):
    """The five classes of risk (business rules, section 12)."""

    COUNTERS = 0
    """Own tickets, team counters: the role is enough."""
    PERSONAL = 1
    """Data of one person: an unlocked period."""
    REVERSIBLE = 2
    """A change that can be undone: an unlocked period."""
    GRAVE = 3
    """Money, destruction, many people: a dry run, then a fresh code bound to this action."""
    GUARDED = 4
    """Roles, factors, guards: as grave, and somebody else approves."""


@dataclass(frozen=True, slots=True)
class Member:
    """Who acts, as the gate found them, never as the message says (SP-1). `name` is how the audit names them."""

    name: str
    role: str
    permissions: frozenset[str]
    operator_id: int | None = None
    person_id: int | None = None
    limits: Mapping[str, int] = field(default_factory=dict)

    def may(self, permission: str) -> bool:
        """Tell whether the role of this member carries a permission."""
        return permission in self.permissions

    def limit(self, name: str) -> int | None:
        """Return the most that the role may do alone of a thing that roles.toml counts; None: nothing is set."""
        return self.limits.get(name)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a grave act would do, told before it is done (CM-4).

    `says` is the dry run in words, `typed` what must be typed again before the code ("refund A-17"), `version` a
    fingerprint of the state it was computed from: another one at the time of the act refuses it with the new dry run.
    `needs_second` asks for somebody else's approval although the class does not.
    """

    says: str
    typed: str
    version: str
    needs_second: bool = False


Gate = Callable[["Turn", str], bool]
"""Takes a message that may be one of staff; False when it is like anybody's."""

Bar = Callable[["Turn", str], str | None]
"""Returns the text key that says why whoever sent an event may not run a command of the catalogue; None: they may.

For doors of staff that no typed command passes (a topic of their group, a draft's button); a refusal is audited."""

Act = Callable[["Turn", str, Member], str]
Foresee = Callable[["Turn", str, Member], Effect]
Weigh = Callable[["Turn", str, Member], bool]
"""Tells of one act of a reversible command whether it is as grave as class 3, by what was typed."""


@dataclass(frozen=True, slots=True)
class StaffCommand:
    """One row of the catalogue: `name` is the words after the slash ("coupon new"), `usage` the line that help shows.

    `target` names what the audit files the act under ("ticket", "payment"). `needs_code` asks for a fresh code below
    class 3 (exports). `is_grave` raises single acts to class 3 (a grant for more than thirty days).
    """

    name: str
    risk: Risk
    permission: str
    usage: str
    act: Act
    target: str
    foresee: Foresee | None = None
    needs_code: bool = False
    is_grave: Weigh | None = None

    @property
    def wants_words(self) -> bool:
        """Whether it does nothing alone: its usage goes on after the name, with what is not in brackets."""
        rest = self.usage.partition(f"/{self.name}")[2]
        return rest.startswith(" ") and not rest.lstrip().startswith("[")

    def check(self) -> None:
        """Raise ValueError for a grave command that cannot say beforehand what it would do."""
        if (self.risk >= Risk.GRAVE or self.is_grave is not None) and self.foresee is None:
            raise ValueError(f"/{self.name} is of class {self.risk.value} and has no dry run")
