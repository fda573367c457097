"""A person's mail address here: a word to know it by, and a token that nobody guesses (rule EML-1)."""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.receipts.mail.settings import settings_of
from storage.receipts.mail import addresses
from storage.work import Work

TOKEN_LETTERS = 10
"""Of 31 that cannot be mistaken for one another: 49 bits."""
_WORDS = (
    "amber", "apple", "arrow", "aspen", "autumn", "bamboo", "beacon", "birch", "breeze", "brook", "canyon",
    "cedar", "chalk", "cherry", "clover", "coral", "cotton", "daisy", "delta", "ember", "fable", "fern", "field",
    "flint", "forest", "garden", "ginger", "harbor", "hazel", "heron", "honey", "indigo", "island", "ivory",
    "jade", "juniper", "kettle", "lagoon", "lemon", "lilac", "linen", "lotus", "maple", "marble", "meadow", "mint",
    "morning", "north", "oak", "ocean", "olive", "orchid", "otter", "pebble", "pepper", "pine", "plum", "poppy",
    "quartz", "river", "robin", "saffron", "sage", "sunny", "tulip", "velvet", "violet", "walnut", "willow",
    "winter",
)  # fmt: skip


def own_address(turn: Turn) -> str | None:
    """Return the person's address, made at its first mention; None where there is no domain."""
    domain = settings_of(turn).domain
    if not domain:
        return None
    local = addresses.of_person(turn.work, turn.person.id) or _give(turn.work, turn.person.id)
    return f"{local}@{domain}"


def new_address(turn: Turn) -> str | None:
    """Give the person another address; mail to the old one is nobody's from now on."""
    domain = settings_of(turn).domain
    return f"{_give(turn.work, turn.person.id)}@{domain}" if domain else None


def _give(work: Work, person_id: int) -> str:
    word = _WORDS[sum(ord(c) * 31**n for n, c in enumerate(work.ids.code(4))) % len(_WORDS)]
    local = f"{word}.{work.ids.code(TOKEN_LETTERS).lower()}"
    addresses.put(work, person_id, local)
    return local
