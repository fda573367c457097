"""What the house tells many, and switches for all: broadcasts, a banner, flags, who we are (section 14).

`drafting` writes a broadcast, `sending` brings it to everybody, `offers` takes the consent to it; `banner` tells of an
incident once, `flags` and `organisation` keep switches and the block of our name.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry


def register(registry: Registry) -> None:
    """Add the words of consent, the commands of staff, and what falls due."""
    from handlers.campaigns import banner, drafting, flags, offers, organisation, sending
    from storage.campaigns import privacy

    registry.add_texts(Path(__file__).with_name("texts"))
    for part in (offers, drafting, sending, banner, flags, organisation):
        part.register(registry)
    registry.erasers.append(privacy.erase)
