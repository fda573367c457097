"""Mails that we write: to whom, when, how many, and never in answer to a machine (EML-14, SEC-R8, UX-14)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.core.calls import Done
from bot.core.calls.mail import SendMail
from bot.engine import own_data
from bot.engine.turn import Turn
from handlers.receipts.mail import letters
from handlers.receipts.mail.opening import open_mail
from storage.passes import entry_pass
from storage.receipts.mail.senders import mail_sender
from tests.handlers.receipts.mail.letters import AUTHSERV, RECEIPT, TODAY, letter
from tests.handlers.receipts.mail.post import Post
from tests.rows import each

ANN = "ann@work.example"
CHANNELS = pytest.mark.parametrize("channel", ["telegram", "sms"])


@asynccontextmanager
async def open_post(where: Path | str, channel: str = "telegram") -> AsyncIterator[Post]:
    async with Post.open(where, channel=channel, world={SendMail: lambda call, h: Done()}) as post:
        yield post


def sent(post: Post) -> list[SendMail]:
    return [call for call in post.harness.calls if isinstance(call, SendMail)]


async def prove(post: Post, address: str = ANN) -> None:
    """Add an address and open the link that came there."""
    await post.phone.say(f"EMAIL ADD {address}")
    found = re.search(r"/v/([\w-]{22})", sent(post)[-1].text)
    assert found
    await post.happen("pass", "verified", {"token": found[1]})


@CHANNELS
async def test_eml_14_an_own_address_is_proved_by_a_link_and_welcomed(database: str, channel: str) -> None:
    async with open_post(database, channel) as post:
        await post.phone.say(f"EMAIL ADD {ANN}")
        post.phone.expect("I sent a link to ann@work.example")
        [asked] = sent(post)
        assert (asked.to, asked.subject) == (ANN, "Is this your address?")
        assert [row.verified_at for row in await post.rows(mail_sender)] == [None]
        token = re.search(r"/v/([\w-]{22})", asked.text)
        assert token
        for _ in range(2):  # a second opening changes nothing
            await post.happen("pass", "verified", {"token": token[1]})
        post.phone.expect("ann@work.example is yours")
        welcome = sent(post)[1:]
        assert [(one.to, one.subject) for one in welcome] == [(ANN, "Welcome to Parley")]
        assert "@in.parley.example" in welcome[0].text
        assert token[1].encode() not in b"".join(row.hash for row in await post.rows(entry_pass))


async def test_sec_r8_the_link_of_another_person_or_of_yesterday_proves_nothing(database: str) -> None:
    async with open_post(database) as post:
        await post.phone.say(f"EMAIL ADD {ANN}")
        found = re.search(r"/v/([\w-]{22})", sent(post)[-1].text)
        assert found
        bob = post.harness.phone("telegram", "7:9")
        await bob.say("email")
        ann, post.person_id = post.person_id, post.person_id + 1
        await post.happen("pass", "verified", {"token": "A" * 22})
        post.person_id = ann
        post.harness.clock.advance(timedelta(minutes=15))
        await post.happen("pass", "verified", {"token": found[1]})
        assert [row.verified_at for row in await post.rows(mail_sender)] == [None]


async def test_eml_14_a_shop_that_was_added_is_not_written_to(database: str) -> None:
    async with open_post(database) as post:
        await post.phone.say("EMAIL ADD noreply@luna.example")
        assert sent(post) == []


@CHANNELS
async def test_eml_14_a_held_mail_is_told_at_the_proven_address_and_not_to_its_sender(
    database: str, channel: str
) -> None:
    async with open_post(database, channel) as post:
        await post.arrive(letter(text=RECEIPT, key="early@luna.example"))
        assert sent(post) == [], "nobody proved an address"
        await post.phone.say("keep")
        await prove(post)
        before = len(sent(post))
        await post.arrive(letter(text=RECEIPT))
        [told] = sent(post)[before:]
        assert (told.to, told.subject) == (ANN, "A mail waits for your word")
        assert "noreply@luna.example" in told.text


def machines() -> dict[str, EmailMessage]:
    found = {}
    for name, value in (
        ("Auto-Submitted", "auto-replied"), ("Auto-Submitted", "auto-generated"), ("Precedence", "bulk"),
        ("List-Id", "<x.luna.example>"), ("Return-Path", "<>"), ("X-Autoreply", "yes"),
    ):  # fmt: skip
        mail = letter(text=RECEIPT, key=f"{name}{value}@luna.example")
        mail[name] = value
        found[f"{name}: {value}"] = mail
    found["From: mailer-daemon"] = letter(sender="MAILER-DAEMON@luna.example", text=RECEIPT, key="m@luna.example")
    return found


async def test_eml_14_a_machines_mail_is_told_in_the_chat_and_causes_no_mail(database: str) -> None:
    async with open_post(database) as post:
        await prove(post)
        before = len(sent(post))
        for mail in machines().values():
            assert (await post.arrive(mail))[-1:] != []
        assert sent(post)[before:] == []


@each("name, mail", [*machines().items(), ("a person", letter()), ("no", letter())])
def test_rfc_3834_what_a_machine_sent_is_known(name: str, mail: EmailMessage) -> None:
    if name == "no":
        mail["Auto-Submitted"] = "no"
    opened, _ = open_mail(mail.as_bytes(), authserv=AUTHSERV, today=TODAY)
    assert opened.automatic == (name not in ("a person", "no"))


async def test_eml_14_each_kind_has_its_number_a_day(database: str) -> None:
    async with open_post(database) as post:
        for number in range(7):
            await post.phone.say(f"EMAIL ADD me{number}@work.example")
        assert len(sent(post)) == letters.A_DAY["verify"]
        assert "I sent a link" not in post.phone.last.text
        post.harness.clock.advance(timedelta(days=1))
        await post.phone.say("EMAIL ADD me9@work.example")
        assert len(sent(post)) == letters.A_DAY["verify"] + 1


@CHANNELS
async def test_eml_14_email_off_ends_our_mails_and_is_no_opt_out(database: str, channel: str) -> None:
    async with open_post(database, channel) as post:
        await post.phone.say("EMAIL OFF")
        post.phone.expect("There is no proven address")
        await prove(post)
        await post.phone.say("EMAIL OFF")
        post.phone.expect("I write no more mails.")
        before = len(sent(post))
        await post.arrive(letter(text=RECEIPT))
        assert sent(post)[before:] == []
        await post.phone.say("keep")
        await post.phone.say("EMAIL ON")
        await post.arrive(letter(text=RECEIPT, key="later@luna.example"))
        assert len(sent(post)) == before + 1
        await post.happen("pass", "mails_off", {"token": "x"})
        await post.arrive(letter(text=RECEIPT, key="last@luna.example"))
        assert len(sent(post)) == before + 1


@CHANNELS
async def test_api_1_sign_in_links_are_of_one_person_and_the_newest_alone_is_good(database: str, channel: str) -> None:
    async with open_post(database, channel) as post:
        await post.phone.say("SIGN IN")
        await post.phone.say("sign in")
        post.phone.expect("Open this within 15 minutes")
        rows = [row for row in await post.rows(entry_pass) if row.kind == "sign_in"]
        assert [row.person_id for row in rows] == [post.person_id]
        assert rows[0].expires_at - post.harness.clock.now() == timedelta(minutes=15)
        await post.phone.say("SIGN IN BY MAIL")
        post.phone.expect("There is no proven address")
        await prove(post)
        await post.phone.say("SIGN IN BY MAIL")
        post.phone.expect("I sent a sign-in link to ann@work.example")
        assert (sent(post)[-1].to, sent(post)[-1].subject) == (ANN, "Your sign-in link")
        assert re.search(r"https://parley\.example/s/[\w-]{22}", sent(post)[-1].text)


async def test_ux_14_deleting_sends_a_certificate_and_leaves_no_address(database: str) -> None:
    def register(post: Post) -> None:
        own_data.register(post.harness.registry)

    async with open_post(database) as post:
        register(post)
        await prove(post)
        await post.phone.say("DELETE MY DATA")
        await post.phone.say("delete")
        number = re.search(r"D-\w{5}", post.phone.last.text)
        assert number
        await post.harness.wait(timedelta(hours=25))
        assert sent(post)[-1].to == ANN
        assert number[0] in sent(post)[-1].text
        assert await post.rows(mail_sender) == []
        assert await post.rows(entry_pass) == []


async def test_eml_14_news_goes_to_the_proven_address_and_a_digest_can_be_ended_from_its_mail(database: str) -> None:
    async with open_post(database) as post:

        @post.harness.registry.on("test:news")
        def news(turn: Turn) -> None:
            turn.silent = True
            letters.tell(turn, "bank_login", bank="Demo <Bank>")
            letters.digest(turn, "Last 7 days: $12.50 (1). Food $12.50.\nFun $3.00.")

        await post.happen("test", "news", {})
        assert sent(post) == []
        await prove(post)
        before = len(sent(post))
        await post.happen("test", "news", {})
        bank, digest = sent(post)[before:]
        assert bank.subject == "Demo <Bank> asks you to sign in again"
        assert "Demo &lt;Bank&gt;" in bank.html
        assert (digest.subject, digest.to) == ("Your books: Last 7 days", ANN)
        assert "$12.50 (1). Food $12.50." in digest.text
        assert "DIGEST OFF" in digest.text, "who reads no headers finds the way out too"
        assert "Food $12.50.<br>Fun $3.00." in digest.html, "lines stay lines"
        assert re.fullmatch(r"https://parley\.example/u/[\w-]{22}", digest.unsubscribe)
        await post.happen("pass", "mails_off", {"token": digest.unsubscribe.rpartition("/")[2]})
        await post.happen("test", "news", {})
        assert len(sent(post)) == before + 2
