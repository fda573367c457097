"""The operators' minimum: who they are, and the few commands that keep the business running.

Commands work on Telegram in a private chat and in the terminal, by the same functions. Whoever is no operator gets the
answer of any unknown text. Every act is audited in its own commit.
"""

from __future__ import annotations

from pathlib import Path

from bot.engine.registry import Registry
from handlers.admin import cases, cities, coaching, dead, mail, money, reports, session, tickets
from handlers.admin.gate import AdminSettings

COMMANDS = ("dead", "case", "retry", "mail", "city", "stats", "status", "who", "audit", "coachusage", "coachtalk")
"""What the terminal offers too; `login`, `logout` and the tickets are for chats."""


def register(registry: Registry, *, demo: bool = False) -> None:
    """Register the operators' commands; `demo` lets a single operator resume mail alone, saying so."""
    registry.settings[AdminSettings] = AdminSettings(demo=demo)
    registry.add_texts(Path(__file__).with_name("texts"))
    for part in (session, dead, cases, mail, money, cities, reports, coaching, tickets):
        part.register(registry)


__all__ = ["COMMANDS", "AdminSettings", "register"]
