"""The mail server's door and Gmail's pages, on a running demo (EML-1, EML-8, EML-10 to EML-12, RA-12, SEC-R8)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sa

from bot.assembly.demo import Demo
from bot.web.doors.door import FloodGate
from integrations.gmail import SCOPE
from integrations.signatures import mail_signature
from storage import audit, blobs, inbox, people
from storage.receipts.mail.consents import mail_consent
from storage.receipts.mail.mailboxes import mailbox
from storage.receipts.receipts import receipt
from tests.bot.assembly.conftest import MORNING, settings_for
from tests.handlers.receipts.mail.letters import RECEIPT, letter

pytestmark = pytest.mark.asyncio(loop_scope="module")
USERS = count(500_000_201)
LUNA = "Luna Books <noreply@luna.example>"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """One demo for all, for it takes seconds to start; each test has a person of its own."""
    tmp_path: Path = tmp_path_factory.mktemp("demo")
    offset = (MORNING - datetime.now(UTC)).total_seconds()
    (tmp_path / "clock.json").write_text(json.dumps({"offset_seconds": offset}))
    async with Demo.open(settings_for(tmp_path, appeals_enabled=False, billing_enabled=False)) as running:
        yield running


class Chat:
    """A phone in the simulator, a browser beside it, and the rows behind them."""

    def __init__(self, demo: Demo, http: aiohttp.ClientSession) -> None:
        self.demo, self.http = demo, http
        self.user = next(USERS)
        self.phone = f"/demo/phone/telegram/{self.user}"

    async def say(self, text: str) -> str:
        seen = len(await self.messages())
        await self.http.post(f"{self.phone}/say", json={"text": text})
        await self.demo.app.ticker.settle()
        return "\n".join(str(message) for message in (await self.messages())[seen:])

    async def hears(self, words: str) -> str:
        """Let the world come to rest until these words were said; return all that was said."""
        for _ in range(100):
            await self.demo.app.ticker.settle()
            said = "\n".join(str(message["text"]) for message in await self.messages())
            if words in said:
                return said
        raise AssertionError(f"{words!r} was not said:\n{said}")

    async def messages(self) -> list[Any]:
        async with self.http.get(f"{self.phone}/chat?after=0") as answer:
            return [message for message in (await answer.json())["messages"] if message["from"] == "bot"]

    async def address(self) -> str:
        found = re.search(r"[a-z]+\.[a-z2-9]{10}@in\.parley\.example", await self.say("EMAIL"))
        assert found
        return found[0]

    async def rows(self, table: sa.Table) -> list[Any]:
        """Return the person's own rows of a table."""
        digest = self.demo.app.seal.digest("address", f"telegram:{self._bot}:{self.user}")
        mine = sa.select(people.address.c.person_id).where(people.address.c.hash == digest).scalar_subquery()
        own = sa.select(table).where(table.c.person_id == mine).order_by(*table.primary_key.columns)
        return await self.demo.app.database.read(lambda c: list(c.execute(own)))

    @property
    def _bot(self) -> str:
        return self.demo.settings.telegram_bot_token.partition(":")[0]

    async def post(self, body: bytes, to: str, *, secret: str = "", at: int | None = None, **changed: str) -> int:
        """Post a mail to the door as its mail server would; return the status."""
        moment = int(self.demo.clock.now().timestamp()) if at is None else at
        signature = mail_signature(body, to, secret or self.demo.settings.inbound_mail_secret, moment)
        headers = {"Mail-Timestamp": str(moment), "Mail-Recipients": to, "Mail-Signature": signature}
        headers |= {name.replace("_", "-"): value for name, value in changed.items()}
        async with self.http.post("/webhooks/mail", data=body, headers=headers) as answer:
            return answer.status

    async def link(self) -> str:
        """Say CONNECT GMAIL and return the path of the link."""
        found = re.findall(r"/g/[\w-]{22}", await self.say("CONNECT GMAIL"))
        assert found
        return str(found[-1])

    async def go(self, url: str, session: aiohttp.ClientSession | None = None) -> tuple[int, str]:
        """Open a page without following where it leads."""
        async with (session or self.http).get(url, allow_redirects=False) as answer:
            await answer.read()
            return answer.status, answer.headers.get("Location", "")

    async def consent(self) -> str:
        """Open the link, agree at Google, and return where Google sends the browser."""
        status, google = await self.go(await self.link())
        assert status == 303
        status, back = await self.go(google)
        assert status == 302
        return back

    async def audited(self) -> list[str]:
        refused = sa.select(audit.audit).where(audit.audit.c.action == "receipts.mailbox.refused")
        rows = await self.demo.app.database.read(lambda c: list(c.execute(refused.order_by(audit.audit.c.id))))
        return [json.loads(row.details)["why"] for row in rows]


@pytest_asyncio.fixture(loop_scope="module")
async def chat(demo: Demo) -> AsyncIterator[Chat]:
    google: Any = demo.fakes["gmail"]
    google.deny, google.scope = False, SCOPE
    google.end_grants()  # of the persons of other tests
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(demo.url, cookie_jar=jar) as session:
        yield Chat(demo, session)


# -- the door --------------------------------------------------------------------------------------------------------


async def test_eml_1_a_mail_to_the_own_address_reaches_the_chat(chat: Chat) -> None:
    address = await chat.address()
    await chat.say("EMAIL ADD noreply@luna.example")
    raw = letter(sender=LUNA, text=RECEIPT, results=None).as_bytes()
    async with chat.http.post("/demo/mail", params={"to": address}, data=raw) as answer:
        assert answer.status == 200
    await chat.hears("Luna Books $13.05")
    [row] = await chat.rows(receipt)
    assert row.total_minor == 1305
    [kept] = [one for one in await chat.rows(blobs.blob) if one.media_type == "message/rfc822"]
    assert kept.delete_after - chat.demo.clock.now() > timedelta(days=29)
    assert b"Tea Atlas" not in kept.data


async def test_sec_r8_the_mail_door_takes_signed_mails_only(chat: Chat) -> None:
    address, body = await chat.address(), letter(sender=LUNA, text=RECEIPT).as_bytes()
    now = int(chat.demo.clock.now().timestamp())
    assert await chat.post(body, address, secret="another") == 403
    assert await chat.post(body, address, at=now - 400) == 403
    assert await chat.post(body, address, at=now + 400) == 403
    assert await chat.post(body, address, Mail_Recipients="other@in.parley.example") == 403
    assert await chat.post(body, address, Mail_Signature="") == 403
    assert await chat.post(body, address, Mail_Timestamp="soon") == 403
    assert [row for row in await chat.rows(inbox.inbox) if row.source == "mail"] == []
    assert await chat.post(body, address) == 200
    assert len([row for row in await chat.rows(inbox.inbox) if row.source == "mail"]) == 1


async def test_eml_4_a_mail_that_is_handed_over_twice_is_one_event(chat: Chat) -> None:
    address, body = await chat.address(), letter(sender=LUNA, text=RECEIPT).as_bytes()
    assert [await chat.post(body, address) for _ in range(2)] == [200, 200]
    assert len([row for row in await chat.rows(inbox.inbox) if row.source == "mail"]) == 1


async def test_mail_to_nobody_is_answered_alike_and_not_kept(chat: Chat) -> None:
    address, body = await chat.address(), letter(sender=LUNA, text=RECEIPT).as_bytes()
    await chat.say("EMAIL NEW")
    for to in (address, "a@in.parley.example", "x", "", ",,,", "a@other.example"):
        assert await chat.post(body, to) == 200
    assert await chat.rows(blobs.blob) == []


async def test_eml_8_a_mail_beyond_the_cap_is_refused_before_it_is_read(chat: Chat) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", chat.demo.app.port)
    writer.write(b"POST /webhooks/mail HTTP/1.1\r\nHost: x\r\nContent-Length: 26214401\r\n\r\n")
    assert b"413" in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_ra_11_any_bytes_at_the_door_are_harmless(chat: Chat) -> None:
    address = await chat.address()
    for body in (b"", b"\0" * 500, bytes(range(256)) * 4, b"From: " + b"x" * 5000):
        assert await chat.post(body, address) == 200
    await chat.demo.app.ticker.settle()
    assert [row.state for row in await chat.rows(inbox.inbox)].count("dead") == 0


# -- Gmail -----------------------------------------------------------------------------------------------------------


def fake(chat: Chat) -> Any:
    return chat.demo.fakes["gmail"]


async def test_ra_12_gmail_is_connected_read_refreshed_and_revoked(chat: Chat) -> None:
    google, raw = fake(chat), letter(sender=LUNA, text=RECEIPT, results=None).as_bytes()
    grants, start = google.live_grants, google._newest()
    google.deliver(raw.replace(b"18 Mar 2026", b"08 Mar 2027"))
    google.deliver(letter(subject="Lunch?", text="at noon. receipt of thanks", key="two@x.example").as_bytes())
    assert (await chat.go(await chat.consent()))[0] == 200
    assert "Gmail ann@gmail.example is connected" in await chat.hears("Luna Books $13.05")
    [box] = await chat.rows(mailbox)
    assert (box.state, box.cursor) == ("good", str(start + 2))
    await _second_round(chat, raw)
    await chat.say("DISCONNECT")
    await chat.demo.app.ticker.settle()
    assert google.live_grants == grants
    [box] = await chat.rows(mailbox)
    assert (box.state, box.secret_blob) == ("revoked", None)


def _another(raw: bytes, total: bytes, key: bytes) -> bytes:
    return (
        raw.replace(b"13.05", total)
        .replace(b"one@luna", key + b"@luna")
        .replace(b"LB-20031", b"LB-" + total[:2] + b"000")
    )


async def _second_round(chat: Chat, raw: bytes) -> None:
    """EML-11 and EML-12: after an hour the token is refreshed and saved, and only what is new is fetched."""
    google = fake(chat)
    [before] = await chat.rows(mailbox)
    fetched = google.calls["get"]
    google.deliver(_another(raw, b"23.05", b"three"))
    await chat.demo.time.advance(timedelta(hours=2))
    [after] = await chat.rows(mailbox)
    assert after.secret_blob != before.secret_blob
    secrets = [row.id for row in await chat.rows(blobs.blob) if row.media_type == "application/json"]
    assert secrets == [after.secret_blob]
    assert google.calls["get"] == fetched + 1
    assert sorted(row.total_minor for row in await chat.rows(receipt)) == [1305, 2305]
    google.deliver(_another(raw, b"33.05", b"four").replace(b"18 Mar 2026", b"09 Mar 2027"))
    google.deliver(_another(raw, b"43.05", b"five"))  # its Date is a year old
    google.forget_history()
    await chat.demo.time.advance(timedelta(hours=1))
    assert sorted(row.total_minor for row in await chat.rows(receipt)) == [1305, 2305, 3305]


async def test_ra_12_a_stolen_old_or_used_state_is_refused_and_audited(chat: Chat) -> None:
    known, asked = len(await chat.audited()), fake(chat).calls["token"]
    back = await chat.consent()
    async with aiohttp.ClientSession(chat.demo.url) as thief:
        assert (await chat.go(back, thief))[0] == 403
    assert (await chat.go(back))[0] == 200
    assert (await chat.go(back))[0] == 403
    assert (await chat.go("/oauth/gmail?state=made-up&code=x"))[0] == 403
    assert (await chat.go("/oauth/gmail"))[0] == 403
    late = await chat.consent()
    await chat.demo.time.advance(timedelta(minutes=11))
    assert (await chat.go(late))[0] == 403
    assert (await chat.audited())[known:] == ["foreign", "used", "unknown", "unknown", "old"]
    assert fake(chat).calls["token"] == asked + 1


async def test_eml_10_a_link_is_void_after_ten_minutes_after_use_and_after_a_newer_one(chat: Chat) -> None:
    first, second = await chat.link(), await chat.link()
    assert (await chat.go(first))[0] == 410
    assert (await chat.go(second))[0] == 303
    assert (await chat.go(second))[0] == 303, "a preview may have opened it before"
    await chat.demo.time.advance(timedelta(minutes=11))
    assert (await chat.go(second))[0] == 410


async def test_eml_10_what_google_is_asked_and_what_is_kept_of_it(chat: Chat) -> None:
    _, google = await chat.go(await chat.link())
    asked = {name: values[0] for name, values in parse_qs(urlsplit(google).query).items()}
    assert asked["scope"] == "https://www.googleapis.com/auth/gmail.readonly"
    assert (asked["access_type"], asked["prompt"], asked["code_challenge_method"]) == ("offline", "consent", "S256")
    assert len(asked["state"]) == 43
    [row] = await chat.rows(mail_consent)
    assert asked["state"].encode() not in b"".join(value for value in row if isinstance(value, bytes))


async def test_eml_10_a_person_who_does_not_agree_is_told_so(chat: Chat) -> None:
    fake(chat).deny = True
    assert (await chat.go(await chat.consent()))[0] == 200
    await chat.hears("you did not agree")


async def test_eml_10_less_than_was_asked_for_is_not_enough(chat: Chat) -> None:
    fake(chat).scope = "openid"
    await chat.go(await chat.consent())
    await chat.hears("did not let me in")
    assert await chat.rows(mailbox) == []


async def test_eml_11_a_consent_taken_back_at_google_is_told_once(chat: Chat) -> None:
    await chat.go(await chat.consent())
    await chat.hears("is connected")
    fake(chat).end_grants()
    asked = fake(chat).calls["token"]
    await chat.demo.time.advance(timedelta(hours=5))
    told = [message for message in await chat.messages() if "no longer lets me in" in str(message)]
    assert len(told) == 1
    assert fake(chat).calls["token"] <= asked + 3, "one try, whoever else is connected"
    [box] = await chat.rows(mailbox)
    assert (box.state, box.secret_blob) == ("needs_login", None)


async def test_hook_8_after_many_forged_mails_a_genuine_one_still_comes_in(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat.demo.app.intake, "flood", FloodGate())  # the other tests' forged mails are their own
    address, body = await chat.address(), letter(sender=LUNA, text=RECEIPT).as_bytes()
    forged = [await chat.post(body, address, secret="another") for _ in range(25)]
    assert forged[0] == 403
    assert forged[-1] == 429
    assert await chat.post(body, address) == 200
