"""A business run from a phone, from a fresh folder on (judging point 5 of the business layer).

The owner logs in, invites an agent by a link, and makes a code; a person pays a letter with it and asks for help; the
agent answers within the promise; the owner gives money back and reads a report with its picture. The host is needed
once, for who may agree: `main.py admin enroll`.
"""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp

from bot.assembly.demo import Demo
from bot.assembly.operator_shell import Shell
from tests.docs.pages import README, code, rows
from tests.e2e.journey import SmsPerson, TelegramPerson, demo, link_in, pay, text_to_payment

TYPED = "you type"
"""The column of the README that names what is typed here."""
_VARIES = (
    (re.compile(r"\b\d{6}\b"), "CODE"),
    (re.compile(r"\b([AR])-\w+"), r"\1-"),
    (re.compile(r"^(/reply T-\d+ ).*"), r"\1WORDS"),
)


def _plain(text: str) -> str:
    for pattern, instead in _VARIES:
        text = pattern.sub(instead, text)
    return text


class Staff(TelegramPerson):
    """Somebody of the staff with a phone and an authenticator app."""

    def __init__(self, running: Demo, user_id: int, secret: str = "") -> None:
        super().__init__(running)
        fake: Any = running.fakes["telegram"]
        self.person = fake.person(user_id)
        self.secret = secret
        self.typed: set[str] = set()

    async def say(self, text: str, *parts: str) -> str:
        """Write something, and expect parts of the answer."""
        self.typed.add(_plain(text))
        return await super().say(text, *parts)

    async def code(self) -> str:
        """Wait for a code that was not used yet."""
        await self.demo.time.advance(timedelta(seconds=31))
        return pyotp.TOTP(self.secret).at(self.demo.clock.now())

    async def confirm(self, words: str, *parts: str) -> str:
        """Type what a dry run asks for, with a fresh code."""
        return await self.say(f"{words} {await self.code()}", *parts)

    async def log_in(self, invite: str = "") -> None:
        """Open an unlocked period."""
        await self.say(f"/login {await self.code()} {invite}".strip(), "Logged in as")

    def found(self, pattern: str) -> str:
        """Return the newest thing of a shape that was shown."""
        return str(re.findall(pattern, "\n".join(self.texts()))[-1])

    @property
    def pictures(self) -> list[bytes]:
        """What pictures stand in the chat."""
        return [one.picture for one in self.person.chat.messages if one.from_bot and one.picture]


async def _owner(running: Demo) -> Staff:
    owner = Staff(running, 500_000_001, running.state["operator_secret"])
    await owner.log_in()
    await owner.say("/whoami", "operator:demo, owner", "/coupon", "/refund", "/staff", "/stats", "/tickets")
    await owner.say("/staff", "/staff invite NAME")
    return owner


async def _agent(running: Demo, owner: Staff) -> Staff:
    """Invite somebody by a link; what they scan makes them an agent, and goes from the chat (TF-1, TF-4)."""
    await owner.say("/staff invite carol", "INVITE carol", "Somebody else has to agree", "staff invite carol CODE")
    await owner.confirm("staff invite carol", "you may agree with yourself", "t.me/")
    agent = Staff(running, 500_000_002)
    await agent.person.start(owner.found(r"start=(staff_\S+)"))
    await agent.expect("Welcome, carol", "/tfa setup")
    await agent.say("/tickets", "Set up your second factor first")
    await agent.say("/tfa setup", "Scan the picture")
    assert len(agent.pictures) == 1
    agent.secret = agent.found(r"secret there: (\S+)")
    await agent.say(f"/tfa setup {await agent.code()}", "you are logged in")
    assert agent.pictures == []
    return agent


async def _second(running: Demo, owner: Staff) -> Staff:
    """Enrol an admin as the host does it in live mode, who agrees to the agent's role by a button."""
    shell = Shell(running.settings, running.app.registry, clock=running.clock)
    secret, _, invite = await asyncio.to_thread(shell.enroll, "bea", role="admin", telegram=None)
    bea = Staff(running, 500_000_003, secret)
    await bea.log_in(invite or "")
    await owner.log_in()
    await owner.say("/role grant carol support", "support_viewer -> support")
    await owner.confirm("role carol", "It waits for somebody else")
    await bea.expect("demo wants: ROLE of carol")
    await bea.tap("Approve", "Approved")
    await owner.expect("carol is support now.")
    return bea


async def _letter_with_a_code(running: Demo, owner: Staff) -> tuple[SmsPerson, str]:
    await owner.log_in()
    await owner.say("/coupon new SPRING20 20% uses=100", "SPRING20 is made: 20%")
    dana = SmsPerson(running)
    await text_to_payment(dana)
    await dana.say("coupon spring20", "Code SPRING20: -$3.99.", "less $3.99, tax $0.00, total $15.96")
    await pay(running, link_in(dana.texts()[-1:]))
    paid = await dana.expect("paid $15.96")
    return dana, str(re.search(r"receipt (R-\w+)", paid)[1])  # type: ignore[index]


async def _help_within_the_promise(dana: SmsPerson, owner: Staff, agent: Staff) -> None:
    await dana.say("agent", "T-1001", "What is it about?")
    await dana.say("will it arrive in time?", "T-1001: our staff have it and answer here by Tue Nov 17")
    await agent.expect("T-1001 is yours")
    await agent.log_in()
    await agent.say("/tickets", "T-1001 low open carol", "will it arrive in time?")
    await agent.say("/reply T-1001 Yes: it should be there by Wed Nov 25.", "T-1001: on its way by sms, 1 segment")
    await dana.expect("T-1001, our staff: Yes: it should be there by Wed Nov 25.")
    await agent.say("/close T-1001", "T-1001 is resolved")
    await dana.say("rate 5", "Thank you: noted for T-1001.")
    await dana.say("options", "MY PLAN, PLANS, USAGE", "QUOTE prices corrugated boxes")
    await dana.say("plan", "You are on the Free plan.")
    await owner.say("/sla report", "staff carol: first 100.0 % of 1")


async def _money_back(running: Demo, dana: SmsPerson, owner: Staff, receipt: str) -> None:
    await owner.log_in()
    await owner.say(
        f"/refund {receipt} 5.00 goodwill", "REFUND $5.00", "$15.96 -> $10.96 left", "Type within 2 minutes"
    )
    stripe: Any = running.fakes["stripe"]
    assert stripe.book.of("refund.created") == [], "a dry run moves nothing"
    await owner.confirm(owner.found(r"minutes: (refund A-\w+) CODE"), "$5.00")
    assert [one["amount"] for one in stripe.book.of("refund.created")] == [500]
    await dana.expect("$5.00")


async def test_the_business_is_run_from_a_phone_from_a_fresh_install(tmp_path: Path) -> None:
    async with demo(tmp_path) as running:
        owner = await _owner(running)
        agent = await _agent(running, owner)
        bea = await _second(running, owner)
        for one in (owner, bea):
            await one.say("/away on", "You get no new tickets")
        dana, receipt = await _letter_with_a_code(running, owner)
        await _help_within_the_promise(dana, owner, agent)
        await _money_back(running, dana, owner, receipt)
        await owner.say("/coupon stats SPRING20", "1 redeemed", "discount $3.99")
        await owner.say(
            "/stats revenue 7d chart", "The figures follow.", "USD: $10.96 = $15.96 of 1 payments - $5.00 back"
        )
        assert owner.pictures[-1][:4] == b"\x89PNG"
        await agent.say("/refund R-000000 all lost", "Your role does not allow that")
    told = {_plain(found) for row in rows(README, TYPED) for found in code(row[0])}
    assert told, "the README tells what to type"
    assert told <= owner.typed | agent.typed
