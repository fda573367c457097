"""A small IMAP server for tests, in a thread: LOGIN, EXAMINE, UID SEARCH and UID FETCH, and a book of commands.

It knows SELECT, STORE and BODY[] too, so that a client which leaves traces is seen doing it.
"""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime


class Mailbox:
    """What the server holds: mails by uid, and what was asked of it."""

    def __init__(self) -> None:
        self.password, self.validity = "app-pass", 7
        self.mails: dict[int, bytes] = {}
        self.commands: list[str] = []
        self.seen: set[int] = set()
        self.cut_at = ""

    def add(self, raw: bytes) -> int:
        uid = max(self.mails, default=0) + 1
        self.mails[uid] = raw
        return uid


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True
    box: Mailbox


class _Session(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode("latin-1").strip().partition(" ")
            self.server.box.commands.append(re.sub(r"(?<=LOGIN ).*", "...", rest))
            verb = rest.split(" ")[0].upper()
            if self.server.box.cut_at and self.server.box.cut_at in rest:
                return
            if not getattr(self, f"do_{verb.lower()}", self.do_other)(tag, rest):
                return

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode("latin-1") + b"\r\n")

    def _ok(self, tag: str) -> bool:
        self._say(f"{tag} OK done")
        return True

    def do_other(self, tag: str, rest: str) -> bool:
        self._say(f"{tag} BAD what")
        return True

    def do_capability(self, tag: str, rest: str) -> bool:
        self._say("* CAPABILITY IMAP4rev1")
        return self._ok(tag)

    def do_login(self, tag: str, rest: str) -> bool:
        if rest.endswith(f'"{self.server.box.password}"'):
            return self._ok(tag)
        self._say(f"{tag} NO [AUTHENTICATIONFAILED] no")
        return True

    def do_examine(self, tag: str, rest: str) -> bool:
        self._say(f"* {len(self.server.box.mails)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self.server.box.validity}] here")
        self._say(f"{tag} OK [READ-ONLY] done")
        return True

    def do_select(self, tag: str, rest: str) -> bool:
        self._say(f"* {len(self.server.box.mails)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self.server.box.validity}] here")
        self._say(f"{tag} OK [READ-WRITE] done")
        return True

    def do_logout(self, tag: str, rest: str) -> bool:
        self._say("* BYE")
        self._ok(tag)
        return False

    def do_uid(self, tag: str, rest: str) -> bool:
        _, verb, *_ = rest.split(" ")
        if verb.upper() == "SEARCH":
            known = self.server.box.seen if "UNSEEN" in rest else set[int]()
            found = [uid for uid, raw in self.server.box.mails.items() if uid not in known and _matches(uid, raw, rest)]
            self._say("* SEARCH " + " ".join(map(str, found)))
            return self._ok(tag)
        uid = int(rest.split(" ")[2])
        if verb.upper() == "STORE":
            self.server.box.seen.add(uid)
            return self._ok(tag)
        raw = self.server.box.mails.get(uid)
        if raw is not None and "SIZE" in rest:
            self._say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(raw)})")
        elif raw is not None:
            self._say(f"* {uid} FETCH (UID {uid} BODY[] {{{len(raw)}}}")
            self.wfile.write(raw + b")\r\n")
        return self._ok(tag)


def _matches(uid: int, raw: bytes, query: str) -> bool:
    words = re.findall(r'TEXT "([^"]*)"', query)
    if words and words[0].encode() not in raw.lower():
        return False
    if since := re.search(r"SINCE (\S+)", query):
        first = datetime.strptime(since[1], "%d-%b-%Y").date()  # noqa: DTZ007 - a day
        return parsedate_to_datetime(str(message_from_bytes(raw)["Date"])).date() >= first
    span = re.search(r"UID (\d+):\*", query)
    return span is None or True  # a server answers `n:*` with the last mail at least


@contextmanager
def serve(box: Mailbox) -> Iterator[int]:
    """Serve a mailbox on a free loopback port and yield it."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.box = box
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
