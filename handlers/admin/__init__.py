"""Staff: who they are, what their role allows, and the gate through which every command and button of theirs passes.

Commands work on Telegram in a private chat and in the terminal, by the same functions. Whoever is no member of staff
gets the answer of any unknown text. Services add rows of their own (`Registry.staff_command`); the gate runs them.
"""

from __future__ import annotations

from pathlib import Path

from bot.engine.registry import Registry
from handlers.admin import approvals, dead, gate, guards, reports, session, staffing, tfa
from handlers.admin.members import AdminSettings

COMMANDS = (
    "dead", "job", "case", "retry", "refund", "mail", "city", "stats", "status", "who", "audit", "coachusage",
    "coachtalk", "dispute", "user", "role", "staff", "gate",
)  # fmt: skip
"""What the terminal offers too; logging in, second factors and the tickets are for chats."""


def register(registry: Registry, *, demo: bool = False, models: tuple[tuple[str, str], ...] = ()) -> None:
    """Register the gate and its own commands; `demo` lets a single operator do alone what needs two, saying so.

    `models` are the settings that name a model, with the model; none where no key is set.
    """
    registry.settings[AdminSettings] = AdminSettings(demo=demo)
    registry.add_texts(Path(__file__).with_name("texts"))
    for part in (gate, session, tfa, approvals, staffing, guards, dead, reports):
        part.register(registry)
    registry.postpone(lambda: _register_users(registry, models))


def _register_users(registry: Registry, named: tuple[tuple[str, str], ...]) -> None:
    """Register what looks into the services' tables, which a start does without."""
    from handlers.admin import apikeys, disputes, finding, models, users

    for part in (users, finding, apikeys, disputes):
        part.register(registry)
    models.register(registry, named)


__all__ = ["COMMANDS", "AdminSettings", "register"]
