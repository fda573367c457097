"""Roles: which permissions and limits each carries, from `data/roles.toml`, checked when it is read (section 11)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.core.errors import Misconfigured
from bot.core.money import Money
from storage.operators import ROLES

FILE = Path(__file__).with_name("data") / "roles.toml"
OWN = "self"
"""What every member of staff may do: log in and out, look at themselves, keep their own second factor."""
OWNER, FIRST = "owner", "support_viewer"
"""The role that guards the others, and the one that new staff get."""


@dataclass(frozen=True, slots=True)
class Role:
    """One role with all that it carries."""

    name: str
    permissions: frozenset[str]
    limits: Mapping[str, int]
    includes: tuple[str, ...] = ()
    """The roles whose permissions come with it."""


@dataclass(frozen=True, slots=True)
class Roles:
    """All roles by name."""

    by_name: Mapping[str, Role]

    def role(self, name: str) -> Role:
        """Return a role; raise KeyError for an unknown one."""
        return self.by_name[name]

    @property
    def permissions(self) -> frozenset[str]:
        """Every permission that there is."""
        return frozenset().union(*(role.permissions for role in self.by_name.values()))


@cache
def packaged() -> Roles:
    """Return the roles of this release."""
    return read(tomllib.loads(FILE.read_text("utf-8")))


def limits_told(limits: Mapping[str, int]) -> str:
    """Return limits in words: "refunds of $500.00, 1000 codes in a batch"."""
    return ", ".join(_TOLD[name](most) if name in _TOLD else f"{name} {most}" for name, most in sorted(limits.items()))


_TOLD: Mapping[str, Callable[[int], str]] = {
    "coupon_batch": lambda most: f"{most} codes in a batch",
    "coupon_bps": lambda most: f"coupons of {most / 100:g}%",
    "coupon_days": lambda most: f"coupons for {most} days",
    "coupon_uses": lambda most: f"{most} uses of a coupon",
    "goodwill_coach_messages": lambda most: f"{most} coach messages given",
    "goodwill_letters": lambda most: "1 letter given" if most == 1 else f"{most} letters given",
    "goodwill_receipts": lambda most: f"{most} receipts given",
    "override_days": lambda most: f"grants of {most} days",
    "refund_minor": lambda most: f"refunds of {Money(most, 'USD')}",
}


def read(table: Mapping[str, Any]) -> Roles:
    """Check a table of roles; raise Misconfigured for anything that is not as it should be."""
    if sorted(table) != sorted(ROLES):
        raise _wrong(f"the roles must be {', '.join(ROLES)}")
    for name, entry in table.items():
        unknown = set(entry) - {"includes", "permissions", "limits"}
        if unknown:
            raise _wrong(f"{name} has {', '.join(sorted(unknown))}")
        if any(type(most) is not int or most < 0 for most in entry.get("limits", {}).values()):
            raise _wrong(f"{name} has a limit that is no whole number")
    roles = {
        name: Role(
            name,
            _permissions(table, name, ()) | {OWN},
            dict(entry.get("limits", {})),
            tuple(entry.get("includes", ())),
        )
        for name, entry in table.items()
    }
    owner = roles[OWNER].permissions
    for role in roles.values():
        if not role.permissions <= owner:
            raise _wrong(f"an owner lacks what {role.name} may do")
    return Roles(roles)


def _permissions(table: Mapping[str, Any], name: str, seen: tuple[str, ...]) -> frozenset[str]:
    if name not in table or name in seen:
        raise _wrong(f"{(*seen, name)[0]} includes {name}")
    entry = table[name]
    inherited = (_permissions(table, other, (*seen, name)) for other in entry.get("includes", ()))
    return frozenset(entry["permissions"]).union(*inherited)


def _wrong(what: str) -> Misconfigured:
    return Misconfigured("roles.toml", what)
