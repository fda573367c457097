"""What keeps a person safe: danger, age, scope, abuse, and their words as data in prompts (rules SF-1 to SF-9)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry
    from bot.engine.turn import Turn


COACH = "coach"
"""The entry of the menu, before which a child is refused."""


def register(registry: Registry) -> None:
    """Hear danger and age before every other service, whatever was registered earlier."""
    from bot.engine.ages import CHILD, MINOR
    from handlers.coaching.safety import ages, crisis, guard

    registry.add_texts(Path(__file__).with_name("texts"))
    for locale in crisis.LOCALES:
        crisis.words_of(locale)  # compiled now, not in the first turn
    registry.words.setdefault("text", []).insert(0, guard.first)
    registry.word(CHILD)(guard.drop)
    registry.word(MINOR)(guard.mind)
    registry.word(COACH)(ages.refused)


def register_last(registry: Registry) -> None:
    """Ask for what lies outside when no other service knew the words; right before the coach."""
    from handlers.coaching.flow.record import heard_id, with_reply
    from handlers.coaching.flow.seen import see, zone
    from handlers.coaching.later.wording import step_told
    from handlers.coaching.safety import guard

    def aside(turn: Turn, text: str) -> bool:
        seen = see(turn) if turn.conversation.top is None and guard.is_coached(turn) else None
        answer = guard.aside(turn, text, zone=zone(turn)) if seen is not None else None
        if seen is None or answer is None:
            return False

        def say() -> None:
            turn.say(answer)
            if answer != guard.IDENTITY:
                turn.lines.append(step_told(turn, seen))

        heard_id(turn, seen, text)
        with_reply(turn, seen, say)
        return True

    registry.word("text")(aside)
