"""What the installation says of support: the staff group on Telegram, and whether a model may draft answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SupportSettings:
    """`group` is the id of the forum supergroup of the staff, 0 for none; `bot` is our own id on Telegram."""

    group: int = 0
    bot: str = ""
    drafts: bool = False
