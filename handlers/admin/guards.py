"""`/gate show`, `/gate set`: the gate's own times, which can be shortened and never go beyond the rules (CM-6)."""

from __future__ import annotations

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.admin import periods


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    registry.staff_command(StaffCommand("gate show", Risk.COUNTERS, "report.ops", "/gate show", show, "gate"))
    registry.staff_command(
        StaffCommand("gate set", Risk.GUARDED, "gate.set", "/gate set NAME MINUTES", set_, "gate", foresee=set_ahead)
    )


def show(turn: Turn, argument: str, member: Member) -> str:
    """Show every setting, how far it may go, and what it is."""
    found = periods.in_force(turn.work)
    return "\n".join(
        f"{name}: {found[name]} min ({one.least} to {one.most}); {one.says}" for name, one in periods.settings().items()
    )


def _wanted(argument: str) -> tuple[str, int]:
    name, _, minutes = argument.strip().lower().partition(" ")
    known = periods.settings().get(name)
    if known is None or not minutes.isdigit() or not known.least <= int(minutes[:6]) <= known.most:
        raise Refusal("admin.usage_gate", names=", ".join(periods.settings()))
    return name, int(minutes)


def set_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell a setting before and after."""
    name, minutes = _wanted(argument)
    now = periods.in_force(turn.work)[name]
    return Effect(f"GATE {name}: {now} -> {minutes} minutes.", f"gate set {name}", f"{name}:{now}")


def set_(turn: Turn, argument: str, member: Member) -> str:
    """Change a setting."""
    name, minutes = _wanted(argument)
    before = periods.in_force(turn.work)[name]
    periods.change(turn.work, name, minutes, actor=member.name)
    turn.audit("gate.set", f"gate:{name}", actor=member.name, before=before, after=minutes, outcome="ok")
    return f"{name} is {minutes} minutes now."
