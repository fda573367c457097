"""Support: tickets that people open by words, staff who answer them in a private chat, and the clocks they keep.

`calendar`, `targets`, `clocks`, `states`, `scoring` and `words` are pure rules; `tickets` does what is done to a
ticket, `talk` holds the conversation with its person, `telling` what is told unasked. `staff` lists what staff may do:
`looking`, `acting` and `desk` do it, `assigning` gives tickets out, `bridge` mirrors them into topics of the staff's
group. Internal notes have a table and a type of their own, and only `looking` and the topics show them (rule SP-1).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry
    from handlers.support.settings import SupportSettings


def register(registry: Registry) -> None:
    """Add the conversation, what falls due, and what goes when a person leaves."""
    from handlers.support import calendar, talk, targets, telling
    from storage.support import privacy

    calendar.desk(), targets.targets()  # a broken calendar stops the start, not the first ticket
    registry.add_texts(Path(__file__).with_name("texts"))
    for part in (talk, telling):
        part.register(registry)
    registry.erasers.append(privacy.erase)


def register_staff(registry: Registry, settings: SupportSettings | None = None) -> None:
    """Add what staff may do, who gets which ticket, their topics and drafts; a process at rest does without."""
    from handlers.support import assigning, bridge, drafting, reply_mode, staff
    from handlers.support.settings import SupportSettings as Settings

    registry.settings[Settings] = settings or Settings()
    for part in (staff, assigning, drafting, reply_mode, bridge):
        part.register(registry)
