"""Who we are, as documents show it: every change is a version, and a document keeps the version of its day (OR-1)."""

from __future__ import annotations

import re
from dataclasses import asdict, fields, replace
from zoneinfo import ZoneInfo

from bot.core.errors import Refusal
from bot.engine.house import version
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from storage import organisation
from storage.organisation import Organisation

ELSEWHERE = {
    "brand": "the texts",
    "currency": "BILLING_CATALOGUE and QUOTES_FILE",
    "staff_group": "TELEGRAM_STAFF_GROUP",
    "tax": "BILLING_TAX and QUOTES_FILE",
}
"""What more than documents depends on is shown here with the place where it is set."""
NOBODY = {"owners_channel": "- (each owner's own chat)"}
FIELDS = tuple(field.name for field in fields(Organisation) if field.name not in ELSEWHERE)
LONGEST = 300
_CHAT = re.compile(r"-?[1-9]\d{4,18}")
"""The number of a Telegram group or channel in which the bot may write; nothing goes back to each owner's own chat."""


def register(registry: Registry) -> None:
    """Register the rows."""
    registry.staff_command(StaffCommand("org show", Risk.COUNTERS, "org.set", "/org show", show, "organisation"))
    usage = "/org set legal 12 Mill Road; Reg. 4711"
    registry.staff_command(StaffCommand("org set", Risk.GRAVE, "org.set", usage, change, "organisation", foresee))


def show(turn: Turn, argument: str, member: Member) -> str:
    """Show all fields of the newest version."""
    number, found = version(turn)
    lines = [f"{name}: {value or NOBODY.get(name, '-')}{_where(name)}" for name, value in _shown(turn, found).items()]
    return "\n".join([f"Version {number}", *lines])


def _shown(turn: Turn, found: Organisation) -> dict[str, str]:
    return asdict(found) | {name: getattr(turn.registry.house, name) for name in ELSEWHERE}


def _where(name: str) -> str:
    return f" ({ELSEWHERE[name]})" if name in ELSEWHERE else ""


def _asked(argument: str) -> tuple[str, str]:
    """Return the field and its value; raise Refusal for what does not fit."""
    name, _, value = argument.strip().partition(" ")
    value = " ".join(value.split())
    if name in ELSEWHERE:
        raise Refusal("campaigns.org_elsewhere", name=name, where=ELSEWHERE[name])
    if name not in FIELDS or len(value) > LONGEST or not _fits(name, value):
        raise Refusal("campaigns.how_org", fields=", ".join(FIELDS))
    return name, value


def foresee(turn: Turn, argument: str, member: Member) -> Effect:
    """Say what every document from now on would show."""
    name, value = _asked(argument)
    number, found = version(turn)
    says = f"ORGANISATION {name}: {asdict(found)[name] or '-'} -> {value or '-'}, on every document from now on."
    return Effect(says, f"org set {name}", f"{number}")


def change(turn: Turn, argument: str, member: Member) -> str:
    """Change one field, as a new version."""
    name, value = _asked(argument)
    number, found = version(turn)
    before = asdict(found)[name]
    if not organisation.amend(turn.work, number, replace(found, **{name: value}), actor=member.name):
        raise Refusal("campaigns.org_changed")
    turn.audit("org.set", f"organisation:{number + 1}", actor=member.name, field=name, before=before, after=value)
    return f"Version {number + 1}: {name} is {value or '-'}. Documents that were made keep version {number}."


def _fits(name: str, value: str) -> bool:
    match name:
        case "zone":
            return _is_zone(value)
        case "name":
            return bool(value)
        case "owners_channel":
            return not value or _CHAT.fullmatch(value) is not None
        case _:
            return True


def _is_zone(value: str) -> bool:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        return False
    return bool(value)
