"""What carriers ask before they let a sender through, from the same texts that people get (rule SMS-29).

The service is described as what it is: letters prepared and mailed, receipts kept, a project coached. It never reduces
or settles a debt, and says so nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.engine.registry import Registry, about_services

LETTERS = (
    "Customer care for people who write to us first about their own parking ticket: questions and answers by which "
    "they prepare a letter in their own words, the link to pay for printing and postage, and news of that letter."
)
RECEIPTS = (
    "Customer care for people who write to us first with their own receipts and purchases: what was read, the question "
    "whether it is right, and the sums they ask for."
)
COACHING = (
    "Customer care for people who write to us first about a project of their own: their plan, its next step, what they "
    "decided, and the check-ins that they ask for."
)
OPT_IN = (
    "People text our number first; that is consent to replies and to news of their own case and receipts. Reminders "
    "are sent only after the word REMIND, which is noted with number, time and wording. We never text first."
)
Sample = tuple[str, dict[str, str]]
LETTER_SAMPLES: tuple[Sample, ...] = (
    ("appeals.remind.idle", {"code": "A-7KQ2M", "city": "San Francisco"}),
    ("appeals.post.delivered", {"when": "Mar 18", "city": "San Francisco", "days": "30"}),
)
RECEIPT_SAMPLES: tuple[Sample, ...] = (
    ("receipts.later.waits_notice", {"name": "Trader Joe's $26.23", "day": "Apr 17"}),
    ("receipts.later.waits_nudge", {"name": "Trader Joe's $26.23"}),
)
COACHING_SAMPLES: tuple[Sample, ...] = (
    ("coaching.later.checkin", {"promise": "", "step": "Next is task 1.3, the list of benefits."}),
    ("coaching.later.promised", {"words": "write the welcome post"}),
)
"""Keys of messages that we send, with arguments that a person might see."""

SERVICES = {
    "appeal": (LETTERS, LETTER_SAMPLES),
    "receipts": (RECEIPTS, RECEIPT_SAMPLES),
    "coach": (COACHING, COACHING_SAMPLES),
}
"""What is said of each service, by its entry in the menu."""
SAMPLES = 2
"""How many messages carriers want to see."""


def material(registry: Registry, public_url: str) -> Iterator[tuple[str, str]]:
    """Yield each question of a registration form with its answer."""
    about = f"{public_url.rstrip('/')}/about"

    def text(key: str, **args: str) -> str:
        return registry.catalogue.text(key, "en", "sms", **args)

    offered = [SERVICES[value] for value, *_ in registry.menu if value in SERVICES]
    samples = [sample for _, of_service in offered for sample in of_service][:SAMPLES]
    yield "Brand", "Parley"
    yield "Use case", " ".join(use_case for use_case, _ in offered)
    yield "Opt-in", OPT_IN
    for number, (key, args) in enumerate(samples, 1):
        yield f"Sample message {number}", f"Parley: {text(key, **args)}"
    yield "First message", text(about_services(registry, "engine.intro"))
    yield "Opt-in confirmation", text("engine.opt_in")
    yield "HELP reply", text(about_services(registry, "engine.help"), url=public_url.rstrip("/"))
    yield "STOP reply", text("engine.stopped")
    yield "START reply", text("engine.started")
    yield "Privacy and terms", about
    yield "Messages a month", "About 10"
    yield (
        "Links",
        f"On {public_url.rstrip('/')} only; phone numbers in messages: none; age-gated content: none; loans: no",
    )
