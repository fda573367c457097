"""The manner of conversation that the engine itself keeps (UX-4, UX-7, UX-24, CHN-2, ADR-6)."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.core.calls import Again
from bot.core.calls.channels import FindSms, SendSms, SendTelegram
from bot.core.clock import FixedClock
from bot.core.prompts import Answer, Ask
from bot.engine.flow import Call, Flow, Goto, Next
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from bot.engine.render.sms import render_sms
from bot.engine.render.telegram import render_telegram
from bot.engine.turn import Turn
from bot.web.doors.twilio import inbound_event
from tests.bot.engine.talk import Draft, register


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_ux_4_the_repair_ladder_rephrases_offers_a_person_and_then_keeps_quiet(
    channel: str, tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone(channel)
        await p.say("talk")
        replies: list[str] = []
        for _ in range(6):
            clock.advance(timedelta(minutes=5))
            replies += [message.text for message in await p.say("bad")]
        assert "that will not do" in replies[0]
        assert "OPTIONS" in replies[1]
        assert "AGENT" in replies[2]
        assert all(one != other for one, other in pairwise(replies)), replies
        assert len(replies) < 6, "then it is quiet, but for a line an hour"


@pytest.mark.parametrize("text", ["hi", "thanks", "lol", "\N{THUMBS UP SIGN}", "thank you!", "ok thanks"])
async def test_ux_7_small_talk_neither_advances_nor_breaks_a_flow(text: str, tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(register, tmp_path, clock) as h:
        p = h.phone("sms")
        await p.say("talk")
        await p.say("choose")
        (reply,) = await p.say(text)
        assert "picked" not in reply.text
        assert "red or blue?" in reply.text
        await p.say("1")
        p.expect("picked red")


slow_flow = Flow("slow", Draft, version=1, first="ask", entry=("slow",))


@slow_flow.ask("ask")
def _ask(turn: Turn) -> Ask:
    return Ask("talk.ask")


@slow_flow.take("ask")
def _take(turn: Turn, answer: Answer) -> Next:
    return Call(FindSms("+14155550123", "x", 0), then="found")


@slow_flow.result("found")
def _found(turn: Turn, outcome: object) -> Next:
    return Goto("ask")


def with_slow(registry: Registry) -> None:
    """Register a flow that waits for a vendor."""
    register(registry)
    registry.add_flow(slow_flow)


async def test_ux_24_a_long_silence_is_told_once_and_no_minutes_are_promised(tmp_path: Path, clock: FixedClock) -> None:
    world: dict[type, Any] = {FindSms: lambda call, h: Again("busy", timedelta(seconds=7))}
    async with Harness.open(with_slow, tmp_path, clock, world) as h:
        p = h.phone("sms")
        await p.say("slow")
        assert await p.say("go") == []
        assert await h.wait(timedelta(seconds=19), p) == []
        told = await h.wait(timedelta(minutes=5), p)
        assert [message.text.partition("\n")[0] for message in told] == ["Working on it, I will text you."]
        assert "minute" not in told[0].text


def test_chn_2_a_file_is_a_link_on_sms_and_a_file_on_telegram() -> None:
    page = "https://parley.example/d/abc"
    sms = render_sms("+14155550123", "here", labels=[], link=None, pages=[page], brand=False, purpose="reply")
    assert isinstance(sms, SendSms)
    assert sms.body.splitlines()[-1] == page
    assert sms.media_urls == []
    shown = list(render_telegram(5, "here", labels=[], datas=[], link=None, files=[(7, "a.pdf"), (8, "b.png")]))
    assert all(isinstance(one, SendTelegram) for one in shown)
    assert [(one.document, one.photo) for one in shown] == [(7, None), (None, 8), (None, None)]


def test_chn_2_choices_are_numbered_lines_on_sms_and_buttons_on_telegram() -> None:
    labels = ["Pay", "Change", "Menu"]
    sms = render_sms("+14155550123", "ready?", labels=labels, link=None, pages=[], brand=False, purpose="reply")
    assert sms.body.splitlines() == ["ready?", "1 Pay", "2 Change", "3 Menu"]
    (shown,) = render_telegram(
        5, "ready?", labels=labels, datas=[f"p:{n}" for n in range(len(labels))], link=None, files=[]
    )
    assert [button.label for row in shown.buttons for button in row] == labels
    assert shown.text == "ready?"


@pytest.mark.parametrize(
    ("sender", "taken"), [("+14155550123", True), ("4155550123", False), ("12345", False), ("", False)]
)
def test_adr_6_a_number_is_taken_in_its_international_form_alone(sender: str, taken: bool) -> None:
    assert (inbound_event({"MessageSid": "SM1", "From": sender, "Body": "x"}) is not None) is taken
