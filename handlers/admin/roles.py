"""Roles: which permissions and limits each carries, from `data/roles.toml`, checked when it is read (section 11)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.core.errors import Misconfigured
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
        name: Role(name, _permissions(table, name, ()) | {OWN}, dict(entry.get("limits", {})))
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
