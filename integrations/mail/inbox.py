"""The operator's own mailbox, into which all persons' addresses are delivered, read over IMAP (setting `IMAP_URL`).

`imaps://user:password@host:993/FOLDER`, or `imap://` with STARTTLS; without TLS on this machine only. A mail is marked
seen after it was taken, never before: what a process took and did not mark comes again under the same UID.
"""

from __future__ import annotations

import asyncio
import imaplib
import re
import ssl
from collections.abc import Awaitable, Callable
from email import message_from_bytes, policy
from email.utils import getaddresses
from urllib.parse import unquote, urlsplit

from bot.core.errors import Misconfigured

SECONDS, CONNECT_SECONDS, MOST = 300.0, 10.0, 50
LARGEST = 25 * 1024 * 1024
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
_ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_SHOWN = ("To", "Cc", "Resent-To")
Take = Callable[[list[str], bytes, str], Awaitable[object]]
"""Takes a mail in by its recipients, its bytes, and the key by which it is known when it comes again."""


class InboundMailbox:
    """One mailbox of the operator's."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
            raise Misconfigured("IMAP_URL", "must be imaps://user:password@host:993/FOLDER")
        self._host, self._tls = parts.hostname, parts.scheme == "imaps"
        self._port = parts.port or (993 if self._tls else 143)
        self._user, self._password = unquote(parts.username), unquote(parts.password or "")
        self._folder = unquote(parts.path.strip("/")) or "INBOX"

    async def read(self, take: Take) -> int:
        """Take the mails that nobody has seen, at most `MOST`, oldest first; return how many.

        Raise OSError or imaplib's error when the mailbox cannot be read; what was taken by then stays taken.
        """
        async with asyncio.timeout(SECONDS):
            client = await asyncio.to_thread(self._open)
            try:
                return await self._run(client, take)
            finally:
                await asyncio.to_thread(_leave, client)

    async def look(self) -> None:
        """Open and leave the mailbox; raise what is wrong with it."""
        async with asyncio.timeout(SECONDS):
            await asyncio.to_thread(_leave, await asyncio.to_thread(self._open))

    async def _run(self, client: imaplib.IMAP4, take: Take) -> int:
        validity = _number(client.response("UIDVALIDITY")[1])
        uids = await asyncio.to_thread(_unseen, client)
        for uid in uids[:MOST]:
            raw = await asyncio.to_thread(_fetch, client, uid)
            if raw is not None:
                await take(recipients_of(raw), raw, f"imap:{validity}:{uid}")
            await asyncio.to_thread(client.uid, "STORE", str(uid), "+FLAGS.SILENT", "(\\Seen)")
        return len(uids[:MOST])

    def _open(self) -> imaplib.IMAP4:
        context = ssl.create_default_context()
        client: imaplib.IMAP4
        if self._tls:
            client = imaplib.IMAP4_SSL(self._host, self._port, ssl_context=context, timeout=CONNECT_SECONDS)
        else:
            client = imaplib.IMAP4(self._host, self._port, timeout=CONNECT_SECONDS)
        try:
            if not self._tls and self._host not in _LOCAL:
                client.starttls(context)
            client.login(self._user, self._password)
            ok, _ = client.select(f'"{self._folder}"')
            if ok != "OK":
                raise imaplib.IMAP4.error("no such folder")
        except BaseException:
            _leave(client)
            raise
        return client


def recipients_of(raw: bytes) -> list[str]:
    """Return the addresses a mail was delivered to, as the receiving hop wrote them, and those that it shows."""
    head = message_from_bytes(raw.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0] + b"\n\n", policy=policy.compat32)
    told = [str(value) for name in (*_ENVELOPE, *_SHOWN) for value in head.get_all(name) or ()]
    return list(dict.fromkeys(address.lower() for _, address in getaddresses(told) if "@" in address))


def _unseen(client: imaplib.IMAP4) -> list[int]:
    ok, data = client.uid("SEARCH", "UNSEEN")
    return sorted(int(one) for one in data[0].split()) if ok == "OK" and data and data[0] else []


def _fetch(client: imaplib.IMAP4, uid: int) -> bytes | None:
    """Return a mail's bytes; None for one that is gone or too large."""
    ok, data = client.uid("FETCH", str(uid), "(RFC822.SIZE)")
    told = b" ".join(one[0] if isinstance(one, tuple) else one or b"" for one in data or ())
    size = re.search(rb"RFC822\.SIZE (\d+)", told) if ok == "OK" else None
    if size is None or int(size[1]) > LARGEST:
        return None
    ok, data = client.uid("FETCH", str(uid), "(BODY.PEEK[])")
    return next((one[1] for one in data or () if isinstance(one, tuple)), None) if ok == "OK" else None


def _number(data: list[bytes | None] | None) -> int:
    text = next((one for one in data or () if one), b"0")
    return int(text) if text.isdigit() else 0


def _leave(client: imaplib.IMAP4) -> None:
    try:
        client.logout()
    except (imaplib.IMAP4.error, OSError):
        client.shutdown()
