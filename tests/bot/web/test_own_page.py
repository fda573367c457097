"""One-time links and the page that they open, on a running demo (API-1, EML-14, MED-8, SEC-R8)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.assembly.demo import Demo
from storage import blobs, passes
from storage.passes import entry_pass
from storage.people import address
from storage.receipts import exports
from storage.receipts.exports import File, Wanted
from storage.receipts.mail import senders
from storage.receipts.mail.senders import mail_sender
from storage.work import Work
from tests.bot.web.test_mail_door import Chat, demo

__all__ = ["demo"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
ANN = "ann@work.example"


@pytest_asyncio.fixture(loop_scope="module")
async def chat(demo: Demo) -> AsyncIterator[Chat]:
    async with aiohttp.ClientSession(demo.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Chat(demo, session)


async def link(chat: Chat) -> str:
    """Ask for a link and return its path."""
    found = re.findall(r"/s/[\w-]{22}", await chat.say("SIGN IN"))
    assert found
    return str(found[-1])


async def post(chat: Chat, path: str, **form: str) -> tuple[int, str, bytes]:
    async with chat.http.post(path, data=form, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.read()


async def see(chat: Chat) -> tuple[int, str]:
    async with chat.http.get("/me") as answer:
        return answer.status, await answer.text()


async def person(chat: Chat) -> int:
    return int((await chat.rows(address))[0].person_id)


async def write(chat: Chat, job: Any) -> Any:
    return await chat.demo.app.writers.run(job)


async def test_api_1_a_sign_in_link_opens_the_own_page_once(chat: Chat) -> None:
    assert (await see(chat))[0] == 403
    path = await link(chat)
    for _ in range(2):  # a chat that looks at the link uses nothing up
        assert (await chat.go(path))[0] == 200
    assert (await post(chat, path))[:2] == (303, "/me")
    status, shown = await see(chat)
    assert (status, "Your page" in shown) == (200, True)
    assert (await post(chat, path))[0] == 410
    assert (await chat.go(path))[0] == 410
    async with aiohttp.ClientSession(chat.demo.url) as stranger, stranger.get("/me") as answer:
        assert answer.status == 403
    assert (await post(chat, "/me/out"))[0] == 200
    assert (await see(chat))[0] == 403


async def test_api_1_a_link_and_a_session_are_short(chat: Chat) -> None:
    old = await link(chat)
    chat.demo.clock.advance(timedelta(minutes=15))
    assert (await post(chat, old))[0] == 410
    await post(chat, await link(chat))
    assert (await see(chat))[0] == 200
    chat.demo.clock.advance(timedelta(minutes=30))
    assert (await see(chat))[0] == 403


async def test_sec_r8_a_pass_of_another_kind_opens_nothing(chat: Chat) -> None:
    await chat.say("SIGN IN")
    mine = await person(chat)
    token = await write(chat, lambda work: passes.issue(work, mine, "mails_off"))
    assert (await post(chat, f"/s/{token}"))[0] == 410
    chat.http.cookie_jar.update_cookies({"parley_session": token})
    assert (await see(chat))[0] == 403
    stored = await chat.rows(entry_pass)
    assert not any(token.encode() in bytes(row.hash) for row in stored)


async def test_med_8_a_file_is_taken_by_its_person_with_the_code(chat: Chat) -> None:
    await post(chat, await link(chat))
    mine = await person(chat)

    def make(work: Work) -> int:
        export_id = exports.begin(work, mine, Wanted("csv"))
        assert export_id is not None
        blob_id = work.new_id()
        blobs.keep(work, blob_id=blob_id, data=b"id,date\r\n", media_type="text/csv", person_id=mine)
        exports.made(work, mine, export_id, [File(blob_id, "books.csv", "text/csv", 9)], mark_blob=None)
        exports.lock(work, mine, export_id, "123456")
        return export_id

    export_id = str(await write(chat, make))
    assert "Take books.csv" in (await see(chat))[1]
    other = Chat(chat.demo, chat.http)
    assert (await post(chat, "/me/files", export=export_id, file="0", code="000000"))[0] == 403
    async with aiohttp.ClientSession(chat.demo.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        other = Chat(chat.demo, session)
        await post(other, await link(other))
        assert "books.csv" not in (await see(other))[1]
        assert (await post(other, "/me/files", export=export_id, file="0", code="123456"))[0] == 404
    status, _, data = await post(chat, "/me/files", export=export_id, file="0", code="123456")
    assert (status, data) == (200, b"id,date\r\n")
    assert (await post(chat, "/me/files", export=export_id, file="0", code="123456"))[0] == 404
    for odd in ("", "x", "9" * 30):
        assert (await post(chat, "/me/files", export=odd))[0] == 404


async def test_eml_10_gmail_and_a_bank_are_begun_from_the_own_page(chat: Chat) -> None:
    assert (await post(chat, "/me/gmail"))[0] == 403
    await post(chat, await link(chat))
    status, where, _ = await post(chat, "/me/gmail")
    assert (status, where.startswith("/g/")) == (303, True)
    assert (await chat.go(where))[0] == 303
    assert (await post(chat, "/me/bank"))[0] == 200
    assert "/p/" in await chat.hears("/p/")
    status, where, _ = await post(chat, "/me/bank")
    assert (status, "/p/" in where) == (303, True)


async def test_eml_14_the_link_in_a_mail_proves_the_address_and_another_ends_the_mails(chat: Chat) -> None:
    await chat.say(f"EMAIL ADD {ANN}")
    mine = await person(chat)

    def ask(work: Work) -> str:
        return passes.issue(work, mine, "verify", about=senders.address_hash(work, mine, ANN))

    token = await write(chat, ask)
    assert (await chat.go(f"/v/{token}"))[0] == 200
    assert [row.verified_at for row in await chat.rows(mail_sender)] == [None]
    assert (await post(chat, f"/v/{token}"))[0] == 200
    await chat.hears(f"{ANN} is yours")
    assert (await post(chat, f"/v/{token}"))[0] == 410
    off = await write(chat, lambda work: passes.issue(work, mine, "mails_off"))
    assert (await post(chat, f"/u/{off}", **{"List-Unsubscribe": "One-Click"}))[0] == 200
    assert [row.muted_at is None for row in await chat.rows(mail_sender)] == [False]
