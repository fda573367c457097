"""Mail over its own protocols, against real servers on loopback: IMAP, SMTP; and Gmail's adapter against its fake."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import orjson
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

from bot.core.calls import Again, Done, Refused
from bot.core.calls.mail import (
    GmailExchange,
    GmailLinked,
    Mail,
    MailboxRead,
    MailOpened,
    OpenMail,
    ReadGmail,
    ReadImap,
    RevokeGmail,
    SendMail,
)
from bot.core.clock import FixedClock
from bot.core.errors import Misconfigured
from bot.core.ports import Attempt
from handlers.receipts.mail import Way, is_receipt
from handlers.receipts.mail.opening import open_mail
from integrations.fakes.gmail import GmailFake
from integrations.gmail import GmailAdapter, authorise_url
from integrations.mail import ImapAdapter, MailOpener, SmtpAdapter
from tests.handlers.receipts.mail.letters import AUTHSERV, PDF, RECEIPT, letter
from tests.integrations.door import Shelf
from tests.integrations.imap_server import Mailbox, serve

NOW = datetime(2026, 3, 18, 19, 0, tzinfo=UTC)
REDIRECT = "https://parley.example/oauth/gmail"
VERIFIER = "v" * 43
PASSWORD = Mailbox().password


def opener() -> MailOpener:
    def read(raw: bytes, today: date) -> Any:
        return open_mail(raw, authserv=AUTHSERV, today=today)

    def wanted(mail: Mail, names: Sequence[str]) -> bool:
        return is_receipt(mail, names, Way.FOUND)

    return MailOpener(read, wanted)


def attempt(files: Shelf, now: datetime = NOW) -> Attempt:
    return Attempt("row-1", 1, now, now, files)


# -- opening ---------------------------------------------------------------------------------------------------------


async def test_a_mail_is_opened_into_small_news_and_files() -> None:
    files = Shelf()
    blob = files.put(letter(text="see", files=[("r.pdf", "application/pdf", PDF)]).as_bytes(), "message/rfc822")
    done = await opener().calls[OpenMail](OpenMail(blob), attempt(files))
    assert isinstance(done, Done)
    assert isinstance(done.result, MailOpened)
    [part] = done.result.parts
    assert files.kept[part.blob] == (PDF, "application/pdf")
    assert (part.size, part.sha256) == (len(PDF), hashlib.sha256(PDF).hexdigest())
    assert await opener().calls[OpenMail](OpenMail(999), attempt(Gone())) == Refused("gone")


class Gone(Shelf):
    """Files that were deleted."""

    async def get(self, blob_id: int) -> bytes:
        raise KeyError(blob_id)


# -- IMAP ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
def port(box: Mailbox) -> Iterator[int]:
    with serve(box) as port:
        yield port


async def imap(port: int, files: Shelf, cursor: str = "", *, password: str = PASSWORD, most: int = 50) -> Any:
    account = {"host": "127.0.0.1", "port": port, "user": "ann@x.example", "password": password}
    secret = files.put(orjson.dumps(account), "application/json")
    call = ReadImap(secret, cursor, "2026-02-16", ["receipt", "invoice", "order"], most)
    return await ImapAdapter(opener(), local=True).calls[ReadImap](call, attempt(files))


def receipt(number: int, **more: Any) -> bytes:
    return letter(text=RECEIPT, key=f"{number}@luna.example", **more).as_bytes()


async def test_eml_9_receipts_of_a_mailbox_are_found_without_a_trace(box: Mailbox, port: int) -> None:
    box.add(receipt(1))
    box.add(letter(subject="Lunch?", text="no receipt of mine").as_bytes())
    box.add(receipt(3).replace(b"18 Mar 2026", b"01 Jan 2026"))
    files = Shelf()
    done = await imap(port, files)
    assert isinstance(done.result, MailboxRead)
    assert ([found.key for found in done.result.mails], done.result.cursor) == (["1"], "7:2")
    assert [data for data, kind in files.kept.values() if kind == "message/rfc822"] == [receipt(1)]
    sent = " ".join(box.commands)
    assert "EXAMINE" in sent
    assert not any(word in sent for word in ("SELECT", "STORE", "EXPUNGE", "BODY["))
    assert "BODY.PEEK[]" in sent


async def test_eml_9_the_next_run_begins_behind_the_last_mail(box: Mailbox, port: int) -> None:
    for number in range(1, 4):
        box.add(receipt(number))
    first = (await imap(port, Shelf())).result
    assert (await imap(port, Shelf(), first.cursor)).result.mails == []
    box.add(receipt(4))
    assert [found.key for found in (await imap(port, Shelf(), first.cursor)).result.mails] == ["4"]


async def test_eml_9_a_renumbered_mailbox_is_read_from_the_first_day(box: Mailbox, port: int) -> None:
    box.add(receipt(1))
    cursor = (await imap(port, Shelf())).result.cursor
    box.validity = 8
    again = (await imap(port, Shelf(), cursor)).result
    assert ([found.key for found in again.mails], again.cursor) == (["1"], "8:1")


async def test_eml_9_a_run_looks_at_fifty_mails_and_the_next_goes_on(box: Mailbox, port: int) -> None:
    for number in range(1, 8):
        box.add(receipt(number))
    first = (await imap(port, Shelf(), most=5)).result
    assert (len(first.mails), first.more, first.cursor) == (5, True, "7:5")
    rest = (await imap(port, Shelf(), first.cursor, most=5)).result
    assert ([found.key for found in rest.mails], rest.more) == (["6", "7"], False)


async def test_eml_9_a_wrong_password_is_final_and_a_cut_line_is_not(box: Mailbox, port: int) -> None:
    assert await imap(port, Shelf(), password="wrong") == Refused("login")
    box.add(receipt(1))
    box.cut_at = "PEEK"
    assert isinstance(await imap(port, Shelf()), Again)
    assert isinstance(await imap(1, Shelf()), Again)
    assert await imap(1, Shelf(), most=0) == Refused("no_answer")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.8", "169.254.169.254", "::1"])
async def test_med_7_a_mailbox_is_never_looked_for_in_our_own_network(host: str) -> None:
    files = Shelf()
    account = {"host": host, "port": 993, "user": "a@x.example", "password": "p"}
    call = ReadImap(files.put(orjson.dumps(account), "application/json"), "", "2026-02-16", [], 0)
    assert await ImapAdapter(opener()).calls[ReadImap](call, attempt(files)) == Refused("no_answer")


# -- SMTP ------------------------------------------------------------------------------------------------------------


class Letters:
    """What an SMTP server took, and how it answers."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], Message]] = []
        self.answer = "250 OK"
        self.recipient = "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if self.recipient.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return self.answer


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def smtp(letters: Letters) -> Iterator[int]:
    controller = Controller(
        letters, hostname="127.0.0.1", port=0, auth_require_tls=False,
        authenticator=lambda s, session, e, kind, data: AuthResult(success=data.password == b"right", handled=False),
    )  # fmt: skip
    controller.port = _free()
    controller.start()
    yield int(controller.port)
    controller.stop()


def _free() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


LETTER = SendMail("ann@x.example", "Grüße", "Plain & simple", "<p>Plain &amp; simple</p>", "2a.welcome")


async def send(port: int, mail: SendMail = LETTER, user: str = "") -> Any:
    adapter = SmtpAdapter(f"smtp://{user}127.0.0.1:{port}", "Parley <hello@parley.example>")
    return await adapter.calls[SendMail](mail, attempt(Shelf()))


async def test_eml_14_a_mail_leaves_as_text_and_html_with_a_stable_id(letters: Letters, smtp: int) -> None:
    assert [await send(smtp), await send(smtp, user="me:right@")] == [Done(), Done()]
    (to, mail), (_, again) = letters.taken
    assert to == ["ann@x.example"]
    assert mail["Message-ID"] == again["Message-ID"] == "<2a.welcome@parley.example>"
    assert (mail["Auto-Submitted"], mail["List-Unsubscribe"]) == ("auto-generated", None)
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


async def test_eml_14_what_the_server_says_decides_what_is_tried_again(letters: Letters, smtp: int) -> None:
    letters.recipient = "550 no such user"
    assert await send(smtp) == Refused("recipient")
    letters.recipient, letters.answer = "250 OK", "451 busy"
    assert isinstance(await send(smtp), Again)
    letters.answer = "554 spam"
    assert await send(smtp) == Refused("refused", "554")
    assert isinstance(await send(smtp, user="me:wrong@"), Again)
    assert isinstance(await send(1), Again)


async def test_ven_6_a_one_time_link_that_may_have_left_is_not_sent_again() -> None:
    adapter = SmtpAdapter("smtp://127.0.0.1:1", "hello@parley.example")
    assert await adapter.look_ups[SendMail](LETTER, attempt(Shelf())) == Refused("unknown")


@pytest.mark.parametrize(("url", "sender"), [("http://x", "a@b.example"), ("smtp://", "a@b.example"), ("smtp://h", "")])
def test_settings_of_mail_are_checked_at_the_start(url: str, sender: str) -> None:
    with pytest.raises(Misconfigured):
        SmtpAdapter(url, sender)


# -- Gmail -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def google(clock: FixedClock, tmp_path: Path) -> AsyncIterator[GmailFake]:
    fake = GmailFake(clock, tmp_path / "gmail.jsonl")
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def adapter(google: GmailFake) -> AsyncIterator[GmailAdapter]:
    made = GmailAdapter(opener(), google.client_id, google.client_secret, oauth_base=google.url, api_base=google.url)
    yield made
    await made.close()


async def code(google: GmailFake, verifier: str = VERIFIER) -> str:
    """Agree in a browser and return the code that Google sends along."""
    url = authorise_url(
        base=google.url, client_id=google.client_id, redirect_uri=REDIRECT, state="s" * 43, verifier=verifier
    )
    async with aiohttp.ClientSession() as browser, browser.get(url, allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


async def link(google: GmailFake, adapter: GmailAdapter, files: Shelf) -> GmailLinked:
    call = GmailExchange(await code(google), VERIFIER, REDIRECT)
    done = await adapter.calls[GmailExchange](call, attempt(files, google.clock.now()))
    assert isinstance(done, Done), done
    assert isinstance(done.result, GmailLinked)
    return done.result


async def read(google: GmailFake, adapter: GmailAdapter, files: Shelf, secret: int, cursor: str = "") -> Any:
    call = ReadGmail(secret, cursor, 'after:2026/02/16 ("receipt" OR "order")')
    return await adapter.calls[ReadGmail](call, attempt(files, google.clock.now()))


async def test_eml_10_a_code_is_good_once_with_its_verifier(google: GmailFake, adapter: GmailAdapter) -> None:
    files, given = Shelf(), await code(google)
    for call in (
        GmailExchange(given, "w" * 43, REDIRECT),
        GmailExchange(given, VERIFIER, "https://other.example/"),
        GmailExchange("made-up", VERIFIER, REDIRECT),
    ):
        assert isinstance(await adapter.calls[GmailExchange](call, attempt(files)), Refused)
    assert files.kept == {}
    good = GmailExchange(given, VERIFIER, REDIRECT)
    assert isinstance(await adapter.calls[GmailExchange](good, attempt(files)), Done)
    assert await adapter.calls[GmailExchange](good, attempt(files)) == Refused("invalid_grant")


async def test_eml_12_new_mail_comes_by_history_and_by_query_when_history_is_gone(
    google: GmailFake, adapter: GmailAdapter
) -> None:
    files = Shelf()
    linked = await link(google, adapter, files)
    google.deliver(receipt(1))
    google.deliver(letter(subject="Lunch?", text="no receipt").as_bytes())
    first = (await read(google, adapter, files, linked.secret)).result
    assert (len(first.mails), first.cursor, first.looked_at) == (1, "1002", 2)
    google.deliver(receipt(3))
    second = (await read(google, adapter, files, linked.secret, first.cursor)).result
    assert (len(second.mails), second.looked_at) == (1, 1)
    google.deliver(receipt(4))
    google.forget_history()
    third = (await read(google, adapter, files, linked.secret, first.cursor)).result
    assert (third.looked_at, third.cursor) == (4, "1004")


async def test_ra_12_a_refreshed_token_comes_back_and_an_ended_consent_is_final(
    google: GmailFake, adapter: GmailAdapter, clock: FixedClock
) -> None:
    files = Shelf()
    linked = await link(google, adapter, files)
    assert (await read(google, adapter, files, linked.secret)).result.secret is None
    clock.advance(timedelta(hours=1))
    fresh = (await read(google, adapter, files, linked.secret)).result.secret
    assert fresh is not None
    assert google.calls["token"] == 2
    assert (await read(google, adapter, files, fresh)).result.secret is None
    google.end_grants()
    assert await read(google, adapter, files, fresh) == Refused("login")
    clock.advance(timedelta(hours=1))
    assert await read(google, adapter, files, fresh) == Refused("invalid_grant")


async def test_ra_12_a_consent_is_revoked_at_google_once(google: GmailFake, adapter: GmailAdapter) -> None:
    files = Shelf()
    linked = await link(google, adapter, files)
    for _ in range(2):
        assert await adapter.calls[RevokeGmail](RevokeGmail(linked.secret), attempt(files)) == Done()
    assert google.live_grants == 0


@pytest.mark.parametrize("operation", ["token", "profile", "list", "get"])
@pytest.mark.parametrize("fault", ["status_before", "rate_limit", "reset_before", "truncate", "reset_during"])
async def test_fake_1_trouble_at_google_is_tried_again(
    google: GmailFake, adapter: GmailAdapter, clock: FixedClock, operation: str, fault: str
) -> None:
    files = Shelf()
    linked = await link(google, adapter, files)
    google.deliver(receipt(1))
    clock.advance(timedelta(hours=1))
    google.faults.add(fault, operation, retry_after=7.0)
    outcome = await read(google, adapter, files, linked.secret)
    if fault == "reset_before" and isinstance(outcome, Done):  # the client asks again by itself on a kept connection
        assert len(outcome.result.mails) == 1
    else:
        assert isinstance(outcome, Again), outcome
    assert len((await read(google, adapter, files, linked.secret)).result.mails) == 1


async def test_ven_10_no_token_and_no_mail_stands_in_a_result(google: GmailFake, adapter: GmailAdapter) -> None:
    files = Shelf()
    linked = await link(google, adapter, files)
    google.deliver(receipt(1))
    shown = repr(linked) + repr(await read(google, adapter, files, linked.secret))
    assert "ya29" not in shown
    assert "1//0" not in shown
    assert base64.urlsafe_b64encode(b"Tea Atlas").decode() not in shown
