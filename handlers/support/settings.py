"""What the installation says of support: the staff's groups on Telegram, and whether a model may draft answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.errors import Misconfigured
from handlers.support.words import GENERAL, words

_SETTING = "TELEGRAM_STAFF_GROUPS"


@dataclass(frozen=True, slots=True)
class SupportSettings:
    """`group` is the id of the forum supergroup of the staff, 0 for none; `bot` is our own id on Telegram.

    `groups` names other groups by category (TB-6); all else goes to `group`.
    """

    group: int = 0
    bot: str = ""
    drafts: bool = False
    groups: Mapping[str, int] = field(default_factory=dict)


def groups_of(text: str) -> dict[str, int]:
    """Read `billing_payment:-1001, privacy:-1002`; raise Misconfigured for anything else."""
    found: dict[str, int] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        category, _, group = part.partition(":")
        if not (group.startswith("-") and group[1:].isdecimal()):
            raise Misconfigured(
                _SETTING, "write CATEGORY:GROUP, with commas between, like billing_payment:-1001234567890"
            )
        if category not in {*words().categories, GENERAL}:
            raise Misconfigured(_SETTING, f"there is no category {category}")
        found[category] = int(group)
    return found
