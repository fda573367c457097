"""Connections to addresses that persons gave us (rule MED-7): https, the public net, no redirects, bounded answers.

`bot.core.outside_urls` judged the address as it is written; here the name is resolved, and refused when any of its
addresses lies inside. An address that the operator has set is connected to as it is.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.core.outside_urls import acceptable, is_public
from integrations.http import CONNECT_SECONDS, Lost, Reply, Wire, lost, read_up_to

MOST_BYTES = 2_000_000


class NotAllowed(OSError):
    """A name that leads to an address inside a private network."""


class Outside:
    """Requests to other people's servers; `known` addresses are the operator's, `private` allows all."""

    def __init__(
        self, vendor: str, *, known: tuple[str, ...] = (), private: bool = False, seconds: float = 30.0,
        resolver: AbstractResolver | None = None,
    ) -> None:  # fmt: skip
        self._known, self._private, self._seconds = known, private, seconds
        self._open = Wire(vendor, "", connect_seconds=CONNECT_SECONDS)
        self._guarded = Wire(vendor, "", connect_seconds=CONNECT_SECONDS, resolver=_PublicOnly(resolver))

    async def ask(
        self, base_url: str, method: str, path: str, *, headers: Mapping[str, str], **request: Any
    ) -> Reply | Lost | None:
        """Send one request below a base address; None when we do not go there."""
        base = acceptable(base_url, known=self._known, private=self._private)
        if base is None:
            return None
        wire = self._open if self._private or base in self._known else self._guarded
        try:
            async with (
                asyncio.timeout(self._seconds),
                wire.session().request(
                    method, base + path, headers=dict(headers), allow_redirects=False, **request
                ) as response,
            ):
                return Reply(response.status, response.headers, await read_up_to(response, MOST_BYTES))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return None if _is_refusal(error) else lost(error)

    async def close(self) -> None:
        """Release connections."""
        await self._open.close()
        await self._guarded.close()


def _is_refusal(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, NotAllowed):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


class _PublicOnly(AbstractResolver):
    """Resolves names and refuses those that lead inside."""

    def __init__(self, inner: AbstractResolver | None) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self._inner = self._inner or aiohttp.ThreadedResolver()
        found = await self._inner.resolve(host, port, family)
        if not found or not all(is_public(one["host"]) for one in found):
            raise NotAllowed("the name leads to a private address")
        return found

    async def close(self) -> None:
        if self._inner is not None:
            await self._inner.close()
