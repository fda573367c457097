"""Mailboxes over IMAP, read without leaving a trace: EXAMINE only, PEEK only (rule EML-9).

A mail is known by UIDVALIDITY and UID; when the server renumbers, the mailbox is read from the first day again and
mails that came before are known by their Message-ID. The standard library's client runs in a thread: it is kept by
Python itself, and a mailbox is read twice an hour, so nothing waits for it.
"""

from __future__ import annotations

import asyncio
import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from bot.core.calls.mail import FoundMail, MailboxRead, ReadImap
from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.outside_urls import is_public
from bot.core.ports import Attempt, LookUp, Perform
from integrations.mail.opener import MailOpener

CONNECT_SECONDS, SECONDS, TLS_PORT = 10.0, 300.0, 993
LARGEST, LARGEST_RUN = 20 * 1024 * 1024, 60 * 1024 * 1024
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class _Refused(Exception):
    """The mailbox will not open; the text is a word of ours."""


@dataclass(frozen=True, slots=True)
class _Account:
    host: str
    port: int
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What one run brought: raw mails by uid, and how far it got."""

    mails: list[tuple[int, bytes]]
    cursor: str
    more: bool


class ImapAdapter:
    """Reads mailboxes. `local` allows hosts on this machine without TLS, for tests and the demo."""

    vendor = "imap"

    def __init__(self, opener: MailOpener, *, local: bool = False) -> None:
        self._opener, self._local = opener, local
        self.calls: Mapping[type, Perform] = {ReadImap: self._read}
        self.look_ups: Mapping[type, LookUp] = {}

    async def _read(self, call: ReadImap, attempt: Attempt) -> Outcome:
        try:
            account = _Account(**orjson.loads(await attempt.files.get(call.secret)))
        except (KeyError, TypeError, orjson.JSONDecodeError):
            return Refused("gone")
        try:
            async with asyncio.timeout(SECONDS):
                fetched = await asyncio.to_thread(self._fetch, account, call)
        except _Refused as error:
            return Refused(str(error))
        except (imaplib.IMAP4.error, OSError, TimeoutError, ValueError) as error:
            if not call.most:  # somebody waits for the answer: is it the right server?
                return Refused("no_answer")
            return Again(type(error).__name__, whole_vendor=False)
        return Done(await self._sorted(fetched, attempt))

    async def _sorted(self, fetched: _Fetched, attempt: Attempt) -> MailboxRead:
        found = []
        for uid, raw in fetched.mails:
            if await self._opener.is_wanted(raw, attempt.now.date()):
                found.append(FoundMail(str(uid), attempt.files.put(raw, "message/rfc822")))
        return MailboxRead(found, fetched.cursor, more=fetched.more, looked_at=len(fetched.mails))

    # -- in the thread -----------------------------------------------------------------------------------------------

    def _fetch(self, account: _Account, call: ReadImap) -> _Fetched:
        client = self._connect(account)
        try:
            try:
                client.login(account.user, account.password)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                raise _Refused("login") from error
            ok, _ = client.select("INBOX", readonly=True)
            if ok != "OK":
                raise _Refused("no_inbox")
            return self._run(client, call)
        finally:
            _leave(client)

    def _run(self, client: imaplib.IMAP4, call: ReadImap) -> _Fetched:
        validity = _number(client.response("UIDVALIDITY")[1])
        told, _, last = call.cursor.partition(":")
        seen = int(last) if last.isdigit() and told == str(validity) else 0
        if not call.most:
            return _Fetched([], f"{validity}:{seen}", more=False)
        uids = sorted(uid for uid in set(_searched(client, call, seen)) if uid > seen)
        mails, size = list[tuple[int, bytes]](), 0
        for uid in uids[: call.most]:
            raw = _raw(client, uid)
            size += len(raw or b"")
            if mails and size > LARGEST_RUN:
                break
            seen = uid
            if raw:
                mails.append((uid, raw))
        return _Fetched(mails, f"{validity}:{seen}", more=bool(uids) and seen < uids[-1])

    def _connect(self, account: _Account) -> imaplib.IMAP4:
        address = self._public(account)
        if self._local and account.port != TLS_PORT:
            return imaplib.IMAP4(address, account.port, timeout=CONNECT_SECONDS)
        return _Pinned(account.host, account.port, address)

    def _public(self, account: _Account) -> str:
        """Return the address of a host; raise for one that lies in our own network (rule MED-7)."""
        found = socket.getaddrinfo(account.host, account.port, type=socket.SOCK_STREAM)
        address = str(found[0][4][0])
        if not self._local and not is_public(address):
            raise _Refused("no_answer")
        return address

    async def close(self) -> None:
        """Nothing stays open between calls."""


class _Pinned(imaplib.IMAP4_SSL):
    """A connection with TLS to an address that was judged already, under the name that was asked for."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self._address = address
        super().__init__(host, port, ssl_context=ssl.create_default_context(), timeout=CONNECT_SECONDS)

    def _create_socket(self, timeout: float | None) -> Any:
        plain = socket.create_connection((self._address, self.port), timeout)
        return self.ssl_context.wrap_socket(plain, server_hostname=self.host)


def _searched(client: imaplib.IMAP4, call: ReadImap, seen: int) -> Iterator[int]:
    """Yield the uids of mails with one of the words in their subject or text, from where the last run ended."""
    span = ["UID", f"{seen + 1}:*"] if seen else ["SINCE", _day(call.since)]
    for word in call.words or [""]:
        terms = ["OR", "SUBJECT", f'"{word}"', "TEXT", f'"{word}"'] if word else []
        ok, data = client.uid("SEARCH", *span, *terms)
        if ok == "OK" and data and data[0]:
            yield from (int(one) for one in data[0].split())


def _raw(client: imaplib.IMAP4, uid: int) -> bytes | None:
    """Return a mail's bytes, None for one that is gone or too large."""
    ok, data = client.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(one for one in _lines(data))) if ok == "OK" else None
    if size is None or int(size[1]) > LARGEST:
        return None
    ok, data = client.uid("FETCH", str(uid), "(BODY.PEEK[])")
    return next((one[1] for one in data or () if isinstance(one, tuple)), None) if ok == "OK" else None


def _lines(data: Any) -> Iterator[bytes]:
    for one in data or ():
        yield one[0] if isinstance(one, tuple) else one or b""


def _number(data: Any) -> int:
    text = next((one for one in data or () if one), b"0")
    return int(text) if text.isdigit() else 0


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"


def _leave(client: imaplib.IMAP4) -> None:
    leave: Callable[[], object] = client.logout
    try:
        leave()
    except (imaplib.IMAP4.error, OSError):
        client.shutdown()
