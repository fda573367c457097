"""Persons' commands of section 13: each is answered as a slash command on Telegram and by its word on SMS."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.assembly.services import register_services
from bot.core.clock import FixedClock
from bot.core.settings import Settings
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from tests.handlers.people.world import NOW

COMMANDS = {
    "/subscribe": "UPGRADE", "/billing": "BILLING", "/invoices": "BILLING", "/paymethod": "BILLING",
    "/cancelplan": "CANCEL PLAN", "/resumeplan": "KEEP PLAN", "/coupon SPRING20": "COUPON SPRING20",
    "/quote": "QUOTE", "/link": "LINK", "/unlink": "UNLINK", "/mydata": "MY DATA", "/deleteme": "DELETE ME",
    "/privacy": "PRIVACY", "/terms": "TERMS", "/paysupport": "AGENT", "/support": "AGENT", "/mytickets": "AGENT",
    "/human": "AGENT", "/usage": "USAGE", "/plans": "PLANS",
}  # fmt: skip
"""What is typed on Telegram, and the words on SMS."""
NONSENSE = "blorf quux zibble"


def register(registry: Registry) -> None:
    """Register a release with everything switched on."""
    on = {"billing_enabled": True, "support_enabled": True, "quotes_enabled": True, "campaigns_enabled": True}
    register_services(registry, Settings.model_validate({"parley_mode": "demo", **on}))
    registry.introduces = False


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_section_13_every_command_of_persons_is_answered(tmp_path: Path, channel: str) -> None:
    async with Harness.open(register, tmp_path, FixedClock(NOW)) as harness:
        stranger = harness.phone(channel, "+14155550177" if channel == "sms" else "7:9001")
        await stranger.say("hello")
        unknown = [one.text for one in await stranger.say(NONSENSE)]
        lost = []
        for number, (slash, word) in enumerate(COMMANDS.items()):
            handle = f"+1415555{1000 + number}" if channel == "sms" else f"7:{9100 + number}"
            phone = harness.phone(channel, handle)
            await phone.say("hello")
            said = word if channel == "sms" else slash
            answer = [one.text for one in await phone.say(said)]
            if not answer or answer == unknown:
                lost.append((said, answer))
        assert not lost


DOES = {
    "send me this": ["LINK", "link.", "Link please", "please link", "LINK MY TELEGRAM", "enlazar", "Vincular"],
    "only address": ["UNLINK", "unlink please", "un link", "Desvincular."],
    "kept of you": ["MY DATA", "MY DATA.", "mydata", "My data please", "give me my data", "Mis datos."],
    "after 24 hours": ["DELETE ME", "Delete me.", "delete me please", "deleteme", "Delete my account"],
    "0 of 15 receipts": ["USAGE", "usage please", "Uso", "MY PLAN", "what's my plan?", "Mi plan"],
    "For a payment": ["paysupport"],
    "Basic": ["PLANS", "Plans.", "UPGRADE", "upgrade please", "Planes", "mejorar mi plan"],
    "no paid plan": ["CANCEL PLAN", "cancel plan.", "cancelplan", "please cancel my plan", "cancelar plan"],
    "No end and no change": ["KEEP PLAN", "keepplan", "Keep plan please"],
    "does not work here": ["COUPON SPRING20", "coupon spring 20.", "cupon SPRING20", "Cupón: spring20"],
    "Nothing was paid yet": ["BILLING", "invoice", "Invoices please", "billing history", "Facturas"],
    "No card": ["paymethod", "pay method", "Payment method"],
    "ticket is T-": ["AGENT", "agent please", "Agente"],
    "We keep what your case needs": ["PRIVACY", "privacidad"],
}  # fmt: skip
"""What is said, and how people say it: with capitals, stops, courtesy, in Spanish, with a slash left out."""


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_section_13_a_word_does_what_its_row_says_however_it_is_typed(tmp_path: Path, channel: str) -> None:
    async with Harness.open(register, tmp_path, FixedClock(NOW)) as harness:
        wrong, number = [], 0
        for expected, ways in DOES.items():
            for way in ways:
                number += 1
                phone = harness.phone(channel, f"+1415556{1000 + number}" if channel == "sms" else f"7:{9500 + number}")
                await phone.say("hello")
                answer = " ".join(one.text for one in await phone.say(way))
                wrong += [] if expected in answer else [(way, answer[:80])]
        assert wrong == []
