"""Fetches and deletes the media that people sent by MMS (rule TWI-8).

The first request goes to Twilio's API host only, with our credentials; it answers with a redirect to a signed storage
address, which is followed without them, to listed hosts only. Live, that is https and public addresses only, checked
after the name was resolved. When the API base itself is a loopback address (demo, tests), loopback is allowed, and an
address that names Twilio's own host, or this machine otherwise, is asked for at the base.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.core.outside_urls import is_public
from integrations.http import CONNECT_SECONDS, Lost, Reply, Wire, basic_auth, lost, read_up_to

STORAGE_HOSTS = (".twiliocdn.com", "s3-external-1.amazonaws.com", "s3.amazonaws.com")
"""Where Twilio keeps media; a leading dot stands for all subdomains."""

_API_HOST = "api.twilio.com"
_MAX_REDIRECTS = 3
_REDIRECTS = {301, 302, 303, 307, 308}


class NotAllowed(OSError):
    """A media address that we do not go to."""


class TwilioMedia:
    """The media of one account."""

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        base_url: str = "https://api.twilio.com",
        storage_hosts: tuple[str, ...] = STORAGE_HOSTS,
        seconds: float = 30.0,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        base_url = base_url.rstrip("/").removesuffix("/2010-04-01")
        self._base, self._seconds, self._storage_hosts = urlsplit(base_url), seconds, storage_hosts
        self._auth = basic_auth(account_sid, auth_token)
        account, self._prefix = re.escape(f"/2010-04-01/Accounts/{account_sid}"), self._base.path
        self._path = re.compile(rf"{account}/Messages/[A-Za-z0-9]+/Media/[A-Za-z0-9]+(\.[a-z0-9]+)?")
        self._local = _is_loopback(self._base.hostname or "")
        resolver = None if self._local else PublicOnly()
        self._wire = Wire("twilio", base_url, connect_seconds=connect_seconds, resolver=resolver)

    async def fetch(self, url: str, max_bytes: int) -> Reply | Lost | None:
        """Return the media's bytes, at most `max_bytes` + 1 of them; None when the address is not allowed."""
        path = self._path_of(url)
        if path is None:
            return None
        try:
            async with asyncio.timeout(self._seconds):
                query = urlsplit(url).query
                return await self._follow(f"{self._wire.base_url}{path}{'?' if query else ''}{query}", max_bytes)
        except (NotAllowed, ValueError):
            return None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return None if isinstance(error.__cause__, NotAllowed) else lost(error)

    async def delete(self, url: str) -> Reply | Lost | None:
        """Delete Twilio's copy; None when the address is not allowed."""
        path = self._path_of(url)
        if path is None:
            return None
        resource = path.rpartition("/")[0] + "/" + path.rpartition("/")[2].partition(".")[0] + ".json"
        return await self._wire.ask(
            "DELETE", resource, operation="delete_media", seconds=self._seconds, headers=self._auth
        )

    async def close(self) -> None:
        """Release connections."""
        await self._wire.close()

    async def _follow(self, url: str, max_bytes: int) -> Reply:
        headers = self._auth
        for _ in range(_MAX_REDIRECTS + 1):
            async with self._wire.session().get(url, headers=headers, allow_redirects=False) as response:
                if response.status not in _REDIRECTS:
                    return Reply(response.status, response.headers, await read_up_to(response, max_bytes))
                target = urljoin(url, response.headers.get("Location", ""))
            path = self._path_of(target)
            headers = self._auth if path is not None else {}
            if path is None and not self._is_storage(target):
                raise NotAllowed("redirected to a host that is not listed")
            url = target if path is None else self._wire.base_url + path
        raise NotAllowed("too many redirects")

    def _path_of(self, url: str) -> str | None:
        """Return where below the base an address of our account's media lies; None when it is none."""
        try:
            parts = urlsplit(url)
            at_base = self._is_at_base(parts)
        except ValueError:
            return None
        path = parts.path.removeprefix(self._prefix)
        return path if at_base and parts.username is None and self._path.fullmatch(path) else None

    def _is_at_base(self, parts: SplitResult) -> bool:
        base = self._base
        if (parts.scheme, parts.hostname, parts.port) == (base.scheme, base.hostname, base.port):
            return parts.scheme == "https" or self._local
        if not self._local:
            return False
        same_port = _is_loopback(parts.hostname or "") and parts.port == base.port
        return same_port or parts.hostname == _API_HOST

    def _is_storage(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            port = parts.port
        except ValueError:
            return False
        if self._local and _is_loopback(host):
            return parts.scheme in ("http", "https")
        listed = any(host.endswith(one) if one.startswith(".") else host == one for one in self._storage_hosts)
        return listed and parts.scheme == "https" and port in (None, 443) and parts.username is None


class PublicOnly(AbstractResolver):
    """Resolves names and refuses those that lead to an address inside a private network."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve `host`; raise OSError when any of its addresses is not public."""
        self._inner = self._inner or aiohttp.ThreadedResolver()
        found = await self._inner.resolve(host, port, family)
        if not all(is_public(one["host"]) for one in found):
            raise NotAllowed("the name leads to a private address")
        return found

    async def close(self) -> None:
        """Release the inner resolver."""
        if self._inner is not None:
            await self._inner.close()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
