"""Coaching: a plan of tasks and a few decisions, walked in chat with a coach that proposes and never decides.

`plan` holds the pure rules of a plan, `flow` the conversation, `talk` the turn with a language model. `register` adds
the service to the engine; the coach takes free words only after every other service, which is why `register_last`
stands behind them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry
    from handlers.coaching.talk import TalkSettings

MENU = "coach"


def register(registry: Registry, plans: Path | None = None, settings: TalkSettings | None = None) -> None:
    """Add the conversation, its texts, words and buttons; raise Misconfigured for a broken plan (C04).

    With `settings` that name a model, it answers free words in the place of the scripted coach.
    """
    from handlers.coaching import care_of, knowing, talk
    from handlers.coaching.flow import coach, commands, evidence, projects, scripted
    from handlers.coaching.flow.buttons import NAME
    from handlers.coaching.flow.profile import profile_flow
    from handlers.coaching.plan.template import shelf
    from handlers.coaching.settings import CoachSettings
    from storage.coaching import privacy

    care_of.register(registry)
    talk.register(registry, settings or talk.TalkSettings())
    answer = talk.answer if settings is not None and settings.has_model else scripted.answer
    registry.settings.setdefault(CoachSettings, CoachSettings(shelf(plans), answer))
    registry.add_texts(Path(__file__).with_name("texts"))
    registry.add_flow(profile_flow)
    registry.add_flow(projects.project_flow)
    registry.word(MENU)(commands.open_coach)
    registry.word("reads")(commands.reads)
    registry.word("provable")(knowing.has_proof)
    registry.word("proof")(knowing.shows)
    if settings is not None and settings.has_model:
        registry.word("privacy")(commands.privacy)
    registry.word("coach_profile_done")(commands.begin_project)
    registry.word("text")(coach.claims)
    registry.word("turns")(coach.turns)
    registry.photo_claims.append(evidence.claims)
    registry.word("undo")(coach.undo_newest)
    registry.button(NAME)(coach.pressed)
    registry.on(f"timer:{projects.RESUME}")(projects.rested_enough)
    registry.erasers.append(privacy.erase)
    registry.warmers.append(scripted.warm)


def register_last(registry: Registry) -> None:
    """Add what comes after all other services: the menu's entry, and the words that nobody else wanted."""
    from handlers.coaching import care_of
    from handlers.coaching.flow import coach

    care_of.register_last(registry)
    registry.menu.append((MENU, "coaching.menu", "coach coaching community launch"))
    registry.word("text")(coach.rest)
    registry.word("text")(coach.none)
    registry.word("undo")(coach.undo_any)
