"""What carriers ask before they let a sender through, from the same texts that people get (rule SMS-29).

The service is described as what it is: letters prepared and mailed. It never reduces or settles a debt, and says so
nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.texts import Catalogue

USE_CASE = (
    "Customer care for people who write to us first about their own parking ticket: questions and answers by which "
    "they prepare a letter in their own words, the link to pay for printing and postage, and news of that letter."
)
OPT_IN = (
    "People text our number first; that is consent to replies and to news of their own case. Reminders are sent only "
    "after the word REMIND, which is noted with number, time and wording. We never text first."
)
SAMPLES: tuple[tuple[str, dict[str, str]], ...] = (
    ("appeals.remind.idle", {"code": "A-7KQ2M", "city": "San Francisco"}),
    ("appeals.post.delivered", {"when": "Mar 18", "city": "San Francisco", "days": "30"}),
)
"""Keys of two messages that we send, with arguments that a person might see."""


def material(catalogue: Catalogue, public_url: str) -> Iterator[tuple[str, str]]:
    """Yield each question of a registration form with its answer."""
    about = f"{public_url.rstrip('/')}/about"

    def text(key: str, **args: str) -> str:
        return catalogue.text(key, "en", "sms", **args)

    yield "Brand", "Parley"
    yield "Use case", USE_CASE
    yield "Opt-in", OPT_IN
    for number, (key, args) in enumerate(SAMPLES, 1):
        yield f"Sample message {number}", f"Parley: {text(key, **args)}"
    yield "First message", text("engine.intro")
    yield "Opt-in confirmation", text("engine.opt_in")
    yield "HELP reply", text("engine.help", url=public_url.rstrip("/"))
    yield "STOP reply", text("engine.stopped")
    yield "START reply", text("engine.started")
    yield "Privacy and terms", about
    yield "Messages a month", "About 10"
    yield (
        "Links",
        f"On {public_url.rstrip('/')} only; phone numbers in messages: none; age-gated content: none; loans: no",
    )
