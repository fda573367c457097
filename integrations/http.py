"""The HTTP client that all hand-written adapters share.

One `Wire` talks to one vendor: its own connections, no cookies, no proxies from the environment, no redirects, no
retries, and a time limit of ours around everything (rules VEN-2, VEN-3, VEN-7). It never raises for the network's
trouble: what did not come back is a `Lost`, which knows whether the request may have reached the vendor. Nothing that a
person wrote, no address and no key is ever logged or put into a reason (VEN-10, VEN-11).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver

from bot.core.calls.outcome import Again, Unknown
from bot.core.ports import note_request
from integrations.authorities import tls_for

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
"""How long a connection may take to open (vendors.md 1)."""

_REQUEST_IDS = ("Request-Id", "Twilio-Request-Id", "X-Request-Id")


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON, or None when it is not JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    def record(self) -> dict[str, Any]:
        """Return the body as a JSON object, empty when it is anything else."""
        value = self.json()
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Lost:
    """No complete answer came; `sent` is False only when the request certainly never left."""

    reason: str
    sent: bool


class Wire:
    """Connections to one vendor."""

    def __init__(
        self,
        vendor: str,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        connections: int = 50,
        connect_seconds: float = CONNECT_SECONDS,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self.vendor, self.base_url = vendor, base_url.rstrip("/")
        self._headers = {"User-Agent": "parley", **(headers or {})}
        self._connections, self._resolver = connections, resolver
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_seconds)
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        """Return the session, opened on first use inside the running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, resolver=self._resolver, ssl=tls_for(self.base_url)
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                timeout=self._timeout,
                trust_env=False,
            )
        return self._session

    async def ask(self, method: str, path: str, *, operation: str, seconds: float, **request: Any) -> Reply | Lost:
        """Send one request to `path` below the base URL and wait at most `seconds` for the whole answer.

        `request` takes aiohttp's own arguments (params, data, headers); `operation` names the call in the log.
        """
        started = time.perf_counter()
        answer = await self._ask(method, self.base_url + path, seconds, request)
        if isinstance(answer, Reply):
            note_request(next((answer.headers[n] for n in _REQUEST_IDS if n in answer.headers), None))
        if log.isEnabledFor(logging.DEBUG):
            took = round((time.perf_counter() - started) * 1000)
            if isinstance(answer, Reply):
                request_id = next((answer.headers[n] for n in _REQUEST_IDS if n in answer.headers), "-")
                log.debug("%s %s: %d in %d ms, request %s", self.vendor, operation, answer.status, took, request_id)
            else:
                log.debug("%s %s: %s after %d ms", self.vendor, operation, answer.reason, took)
        return answer

    async def _ask(self, method: str, url: str, seconds: float, request: dict[str, Any]) -> Reply | Lost:
        try:
            async with (
                asyncio.timeout(seconds),
                self.session().request(method, url, allow_redirects=False, **request) as response,
            ):
                return Reply(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return lost(error)

    async def download(self, path: str, *, operation: str, seconds: float, max_bytes: int) -> Reply | Lost:
        """Get a file; reading stops soon after `max_bytes`, so that a longer body shows by its length."""
        try:
            async with (
                asyncio.timeout(seconds),
                self.session().get(self.base_url + path, allow_redirects=False) as response,
            ):
                answer = Reply(response.status, response.headers, await read_up_to(response, max_bytes))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return lost(error)
        log.debug("%s %s: %d, %d bytes", self.vendor, operation, answer.status, len(answer.body))
        return answer

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def read_up_to(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """Read a body until it ends or has exceeded `max_bytes`."""
    data = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        data += chunk
        if len(data) > max_bytes:
            break
    return bytes(data)


def lost(error: BaseException) -> Lost:
    """Name a transport error by its class alone: its text would hold addresses."""
    unsent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    return Lost(type(error).__name__, sent=not unsent)


def unfinished(answer: Lost, *, harmless: bool = False) -> Again | Unknown:
    """Judge a lost request: `harmless` ones (reads, repeatable edits) may simply be sent again."""
    return Again(answer.reason) if harmless or not answer.sent else Unknown(answer.reason)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Read a `Retry-After` given in seconds or as a moment; None when it is absent, negative or neither.

    A moment is measured from the answer's own `Date`: the two clocks need not agree with ours.
    """
    value = _header(headers, "Retry-After")
    wait = seconds_or_none(value)
    until, now = _http_date(value), _http_date(_header(headers, "Date"))
    if wait is None and until is not None and now is not None:
        return seconds_or_none(max((until - now).total_seconds(), 0.0))
    return wait


def _header(headers: Mapping[str, str], name: str) -> str:
    found = headers.get(name)
    if found is None:
        found = next((value for key, value in headers.items() if key.lower() == name.lower()), "")
    return found


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def seconds_or_none(value: object) -> timedelta | None:
    """Read a vendor's number of seconds; None when it is no sensible one."""
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return timedelta(seconds=seconds) if 0 <= seconds <= 7 * 86_400 else None


async def reaches(url: str, seconds: float = CONNECT_SECONDS) -> bool:
    """Tell whether somebody listens at an address (with TLS where it says so); nothing is asked of them."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    opening = asyncio.open_connection(parts.hostname, parts.port or (443 if secure else 80), ssl=secure or None)
    try:
        _, writer = await asyncio.wait_for(opening, seconds)
    except (OSError, TimeoutError, ValueError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def basic_auth(user: str, password: str) -> dict[str, str]:
    """Return the Authorization header for a user and password."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
