"""Copies of notices by mail: for whoever asked for them, at a proven address, over a real SMTP server (ID-11)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from bot.core.calls import Done
from bot.core.calls.mail import SendMail
from bot.core.ports import Attempt
from bot.engine.copies import mail_copy
from bot.engine.turn import Turn
from integrations.mail import SmtpAdapter
from storage.receipts.mail.senders import mail_sender
from tests.handlers.receipts.mail.post import Post
from tests.handlers.receipts.mail.test_letters import ANN, open_post, prove, sent
from tests.integrations.door import Shelf
from tests.integrations.test_mail import Letters, _free

KINDS = {
    "paid": {"total": "$9.00", "what": "your appeal letter, R-7Q4MKX", "day": "Mar 2, 2026"},
    "posted": {"arrival": "Mar 9", "tracking": "USPS 9407"},
    "login": {"name": "ann", "when": "2026-03-02 17:00 UTC"},
}


def copying(post: Post) -> None:
    """Let words cause what a payment, a letter or a login would."""

    def heard(turn: Turn, text: str) -> bool:
        if not text.startswith("copy "):
            return False
        kind = text.removeprefix("copy ")
        turn.lines.append(f"sent {mail_copy(turn, kind, **KINDS[kind])}")
        return True

    post.harness.registry.words["text"].insert(0, heard)


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("paid", "$9.00 for your appeal letter, R-7Q4MKX, on Mar 2, 2026."),
        ("posted", "Mar 9. USPS 9407"),
        ("login", "ann logged in at 2026-03-02"),
    ],
)
async def test_id_11_copies_go_to_who_asked_and_to_nobody_else(tmp_path: Path, kind: str, part: str) -> None:
    async with open_post(tmp_path) as post:
        copying(post)
        await post.phone.say("EMAIL COPIES")
        post.phone.expect("no proven address")
        await prove(post)
        before = len(sent(post))
        await post.phone.say(f"copy {kind}")
        post.phone.expect("sent False")
        assert len(sent(post)) == before, "a proven address alone is no wish"
        await post.phone.say("email copies on")
        await post.phone.say(f"copy {kind}")
        [copy] = sent(post)[before:]
        assert (copy.to, part in copy.text) == (ANN, True)
        for word in ("email copies off", "email off"):
            await post.phone.say("email on")
            await post.phone.say("email copies")
            await post.phone.say(word)
            await post.phone.say(f"copy {kind}")
            assert len(sent(post)) == before + 1


async def test_id_11_copies_off_leaves_other_mails_on(tmp_path: Path) -> None:
    async with open_post(tmp_path) as post:
        await prove(post)
        await post.phone.say("email copies")
        await post.phone.say("email copies off")
        post.phone.expect("No more copies by mail.")
        [row] = await post.rows(mail_sender)
        assert (row.copies_at, row.muted_at) == (None, None)
        await post.phone.say("menu")
        assert not any("unsubscribed" in message.text for message in post.phone.messages)


async def test_a_kind_has_its_number_a_day(tmp_path: Path) -> None:
    async with open_post(tmp_path) as post:
        copying(post)
        await prove(post)
        await post.phone.say("email copies")
        before = len(sent(post))
        for _ in range(12):
            await post.phone.say("copy paid")
        assert len(sent(post)) - before == 10


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def port(letters: Letters) -> Iterator[int]:
    controller = Controller(letters, hostname="127.0.0.1", port=_free())
    controller.start()
    yield int(controller.port)
    controller.stop()


async def test_id_11_a_copy_arrives_at_the_server_as_text_and_html(tmp_path: Path, letters: Letters, port: int) -> None:
    async with open_post(tmp_path) as post:
        copying(post)
        await prove(post)
        await post.phone.say("email copies")
        await post.phone.say("copy paid")
        call = sent(post)[-1]
        adapter = SmtpAdapter(f"smtp://127.0.0.1:{port}", "Parley <hello@parley.example>")
        now = post.harness.clock.now()
        assert await adapter.calls[SendMail](call, Attempt("k", 1, now, now, Shelf())) == Done()
        [(to, mail)] = letters.taken
        assert (to, mail["Subject"]) == ([ANN], "Your receipt: $9.00")
        assert "$9.00 for your appeal letter" in mail.as_string()
