"""A short service for tests of the demo: buttons, a pay link through the real checkout, a photo, a timer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel

import bot.engine
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import End, Flow, Goto, Next
from bot.engine.registry import Registry
from bot.engine.turn import Turn

TEXTS = {
    "standin.city": "Which city wrote the ticket?",
    "standin.city.sf": "San Francisco",
    "standin.city.ny": "New York",
    "standin.photo": "Send a photo of the ticket, or SKIP.",
    "standin.link": "Thank you. Your page: {link}",
    "standin.late": "A day has gone by. Still here?",
    "standin.menu": "Contest a parking ticket",
}


class Draft(BaseModel):
    """What was answered."""

    city: str = ""


flow = Flow("standin", Draft, version=1, first="city", entry=("ticket",))


@flow.ask("city")
def ask_city(turn: Turn) -> Ask:
    return Ask(
        "standin.city",
        choices=(Choice("sf", "standin.city.sf"), Choice("ny", "standin.city.ny")),
        expects=("choice",),
    )


@flow.take("city")
def take_city(turn: Turn, answer: Answer) -> Next:
    turn.draft.city = answer.choice or ""
    turn.timer("standin_late", f"standin:{turn.inbox_id}", turn.now + timedelta(days=1))
    return Goto("photo")


@flow.ask("photo")
def ask_photo(turn: Turn) -> Ask:
    return Ask("standin.photo", expects=("picture", "text"))


@flow.take("photo")
def take_photo(turn: Turn, answer: Answer) -> Next:
    turn.say("standin.link", link=f"{turn.registry.public_url}/about")
    return End()


def register(registry: Registry) -> None:
    """Register the service."""
    registry.catalogue.add("en", TEXTS)
    registry.introduces = False
    registry.add_flow(flow)
    registry.menu.append((flow.name, "standin.menu", "parking ticket"))

    @registry.on("timer:standin_late")
    def late(turn: Turn) -> None:
        turn.notify("standin.late")


def make_registry() -> Registry:
    """Return a registry with the engine's texts and this service."""
    registry = Registry()
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    register(registry)
    return registry
