"""From a message to the decisions and completions that it proposes: the order in which its parts are read."""

from __future__ import annotations

import re
from dataclasses import replace

from handlers.coaching.decisions.answers import chosen_option, counted_tiers
from handlers.coaching.decisions.completions import find_completions
from handlers.coaching.decisions.finding import KIND_OF
from handlers.coaching.decisions.mentions import Price
from handlers.coaching.decisions.proposal import joined, propose
from handlers.coaching.decisions.reading import Accepted, Reading
from handlers.coaching.decisions.text import Message, is_marked_forwarded, read_message
from handlers.coaching.decisions.values import Category, Certainty, Context, Decision, Recognition

_SPEECH = re.compile(r"\"[^\"\n]*\"|(?<![a-z0-9])'[^'\n]{12,}'(?![a-z])")


def recognise(text: str, context: Context) -> Recognition:
    """Return what one message of the person proposes; pure, never raises for any text."""
    message = read_message(text)
    if context.is_forwarded or is_marked_forwarded(message) or not message.flat.strip():
        return Recognition()
    message = _without_speech(message)
    reading = Reading(message, context)
    decisions = [d for category in Category if (d := propose(reading, category))]
    decisions = _with_tiers(decisions)
    if not decisions and (tiers := counted_tiers(message, context)):
        quote = message.original(0, len(message.plain))
        decisions = [Decision(Category.STRUCTURE, tiers, quote, Certainty.ANSWER)]
    if not decisions and (option := chosen_option(message, context)):
        decisions = _of_option(option, message, context)
    return Recognition(tuple(decisions), tuple(find_completions(message, context, {d.category for d in decisions})))


def _with_tiers(decisions: list[Decision]) -> list[Decision]:
    """Add the structure that several prices of one period imply ("$10 for basic and $25 for VIP")."""
    price = next((d for d in decisions if d.category is Category.PRICING), None)
    parts = price.value.split(" + ") if price else []
    if price is None or len(parts) < 2 or any(d.category is Category.STRUCTURE for d in decisions):
        return decisions
    if len({part.split("/")[1] for part in parts}) > 1:
        return decisions
    return [
        *decisions,
        replace(price, category=Category.STRUCTURE, value=f"multiple:{len(parts)}", assumed=(), discount_percent=None),
    ]


def _of_option(option: str, message: Message, context: Context) -> list[Decision]:
    """Return the decision that the text of a chosen button stands for."""
    for category in [context.pending] if context.pending else list(Category):
        value = read_value(option, category, replace(context, pending=category, options=()))
        if value:
            return [Decision(category, value, message.original(0, len(message.plain)), Certainty.ANSWER)]
    return []


def read_value(quote: str, category: Category, context: Context) -> str | None:
    """Return the value that a quote holds, however it is said; the second reading of a model's proposal (PP-1)."""
    reading = Reading(read_message(quote), replace(context, pending=category))
    accepted = [
        Accepted(mention, f"{mention.kind}{place}", 0, Certainty.BARE)
        for place, mention in enumerate(reading.skeleton.mentions)
        if mention.kind is KIND_OF[category] and not (isinstance(mention.value, Price) and mention.value.flaw)
    ]
    refused = set().union(*(stance.tokens for stance in reading.stances)) | reading.alternatives
    return joined(reading, category, [a for a in accepted if a.token not in refused])


def _without_speech(message: Message) -> Message:
    """Blank what stands in quotation marks and is longer than a name: it is somebody's speech."""

    def blank(match: re.Match[str]) -> str:
        return match[0] if len(match[0].split()) <= 3 else " " * len(match[0])

    return replace(message, flat=_SPEECH.sub(blank, message.flat))
