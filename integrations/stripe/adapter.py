"""Opens, reads and expires checkout sessions, refunds payments, lists events; `plans` adds what renews.

Each creating call carries the outbox row's key, which Stripe honours for at least 24 hours: within 23 hours of the
first attempt the same call with the same key is safe, later the object is looked for before anything is sent again
(vendors.md 2). Every call has our own time limit around the SDK's, and the SDK never retries.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import aiohttp

from bot.core.calls.outcome import Again, Done, Outcome, Refused, Unknown
from bot.core.calls.promotions import MakePromotion
from bot.core.calls.stripe import (
    Checkouts,
    ExpireCheckout,
    FindCheckouts,
    FindRefunds,
    ListStripeEvents,
    OpenCheckout,
    ReadCheckout,
    RefundPayment,
    Refunds,
    StripeEvents,
)
from bot.core.ports import Attempt, LookUp, Perform, note_request
from integrations.authorities import tls_for
from integrations.http import CONNECT_SECONDS
from integrations.sdk import load
from integrations.stripe import errors, objects, promotions
from integrations.stripe.plans import PlanCalls, key_lives

_OTHER_CLIENTS = ("requests", "httpx", "anyio")
_PAGE = 100
_MAX_PAGES = 100
_SKEW_SECONDS = 300


class StripeAdapter:
    """One Stripe account."""

    vendor = "stripe"

    def __init__(
        self,
        secret_key: str,
        *,
        base_url: str = "https://api.stripe.com",
        seconds: float = 10.0,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._key, self._seconds = secret_key, seconds
        self._base_url = base_url.rstrip("/").removesuffix("/v1")
        self._connect_seconds = connect_seconds
        self._session: aiohttp.ClientSession | None = None
        self._sdk: Any = None
        plans = PlanCalls(self)
        self.calls: Mapping[type, Perform] = {
            **plans.calls,
            OpenCheckout: self._open,
            ReadCheckout: self._read,
            ExpireCheckout: self._expire,
            FindCheckouts: self._find_checkouts,
            RefundPayment: self._refund,
            FindRefunds: self._find_refunds,
            ListStripeEvents: self._list_events,
            MakePromotion: self._promote,
        }
        self.look_ups: Mapping[type, LookUp] = {
            **plans.look_ups,
            OpenCheckout: self._look_up_checkout,
            RefundPayment: self._look_up_refund,
        }

    async def close(self) -> None:
        """Release connections."""
        if self._session is not None:
            await self._session.close()
            self._session = self._sdk = None

    async def _open(self, call: OpenCheckout, attempt: Attempt) -> Outcome:
        return await self.once(
            attempt,
            search=lambda: self.search_checkout(call.reference, attempt),
            create=lambda key, sdk: sdk.v1.checkout.sessions.create_async(
                objects.session_parameters(call), {"idempotency_key": key}
            ),
            read=objects.checkout,
        )

    async def _refund(self, call: RefundPayment, attempt: Attempt) -> Outcome:
        return await self.once(
            attempt,
            search=lambda: self._search_refund(call),
            create=lambda key, sdk: sdk.v1.refunds.create_async(
                objects.refund_parameters(call), {"idempotency_key": key}
            ),
            read=objects.refund,
        )

    async def _promote(self, call: MakePromotion, attempt: Attempt) -> Outcome:
        """Make the coupon, then its code; a coupon that is there already was made by an earlier try."""
        coupon = promotions.coupon_parameters(call)
        made = await self.one(
            lambda sdk: sdk.v1.coupons.create_async(coupon, {"idempotency_key": f"{attempt.key}:coupon"}),
            lambda raw: None,
            harmless=True,
        )
        if not isinstance(made, Done) and "already_exists" not in str(getattr(made, "code", "")):
            return made
        code = promotions.code_parameters(call)
        return await self.one(
            lambda sdk: sdk.v1.promotion_codes.create_async(code, {"idempotency_key": f"{attempt.key}:code"}),
            promotions.promotion,
            harmless=True,
        )

    async def once(
        self,
        attempt: Attempt,
        *,
        search: Callable[[], Awaitable[Outcome | None]],
        create: Callable[[str, Any], Awaitable[Any]],
        read: Callable[[dict[str, Any]], Any],
    ) -> Outcome:
        """Create an object exactly once: when its key may be forgotten, nothing is sent before a look.

        A key whose stored answer is a failure would repeat it for a day. That answer is final, so after a look that
        found nothing the object is created under a second key.
        """
        if attempt.number > 1 and not key_lives(attempt):
            found = await search()
            if found is not None:
                return found
        outcome = await self.one(partial(create, attempt.key), read, harmless=False)
        if outcome != Unknown(errors.REPLAYED):
            return outcome
        found = await search()
        if found is not None:
            return found
        return await self.one(partial(create, f"{attempt.key}:again"), read, harmless=False)

    async def _look_up_checkout(self, call: OpenCheckout, attempt: Attempt) -> Outcome | None:
        return None if key_lives(attempt) else await self.search_checkout(call.reference, attempt)

    async def search_checkout(self, reference: str, attempt: Attempt) -> Outcome | None:
        """Return the session of one of our references as an outcome, None when there clearly is none."""
        since = int(attempt.first_at.timestamp()) - _SKEW_SECONDS
        async for session in self._sessions(since):
            if not isinstance(session, dict):
                return session
            if session.get("client_reference_id") == reference:
                return Done(objects.checkout(session))
        return None

    async def _look_up_refund(self, call: RefundPayment, attempt: Attempt) -> Outcome | None:
        return None if key_lives(attempt) else await self._search_refund(call)

    async def _search_refund(self, call: RefundPayment) -> Outcome | None:
        async for found in self._refunds(call.payment_intent):
            if not isinstance(found, dict):
                return found
            if found.get("metadata") == call.metadata and found.get("amount") == call.amount_minor:
                return Done(objects.refund(found))
        return None

    async def _read(self, call: ReadCheckout, attempt: Attempt) -> Outcome:
        return await self.one(
            lambda sdk: sdk.v1.checkout.sessions.retrieve_async(call.session_id, {"expand": [objects.CHARGE]}),
            objects.checkout,
            harmless=True,
        )

    async def _expire(self, call: ExpireCheckout, attempt: Attempt) -> Outcome:
        options = {"idempotency_key": f"{attempt.key}:{attempt.number}"}
        expired = await self.one(
            lambda sdk: sdk.v1.checkout.sessions.expire_async(call.session_id, options=options),
            objects.checkout,
            harmless=True,
        )
        if not isinstance(expired, Refused):
            return expired
        # Refused because it is no longer open: paid a moment ago, or expired already. Its state is the answer.
        return await self._read(ReadCheckout(call.session_id), attempt)

    async def _find_checkouts(self, call: FindCheckouts, attempt: Attempt) -> Outcome:
        found = []
        async for session in self._sessions(call.created_from):
            if not isinstance(session, dict):
                return session
            if call.reference is None or session.get("client_reference_id") == call.reference:
                found.append(objects.checkout(session))
        return Done(Checkouts(found[::-1]))

    async def _find_refunds(self, call: FindRefunds, attempt: Attempt) -> Outcome:
        found = []
        async for one in self._refunds(call.payment_intent):
            if not isinstance(one, dict):
                return one
            read = objects.refund(one)
            if read.payment_intent in (None, call.payment_intent):
                found.append(read)
        return Done(Refunds(found[::-1]))

    async def _list_events(self, call: ListStripeEvents, attempt: Attempt) -> Outcome:
        query = {"created": {"gte": call.created_from}, "types": call.types}
        found = []
        async for event in self.each(lambda sdk, more: sdk.v1.events.list_async({**query, **more})):
            if not isinstance(event, dict):
                return event
            found.append(event)
        return Done(StripeEvents(found[::-1]))

    def _sessions(self, created_from: int) -> AsyncIterator[dict[str, Any] | Outcome]:
        query = {"created": {"gte": created_from}}
        return self.each(lambda sdk, more: sdk.v1.checkout.sessions.list_async({**query, **more}))

    def _refunds(self, payment_intent: str) -> AsyncIterator[dict[str, Any] | Outcome]:
        query = {"payment_intent": payment_intent}
        return self.each(lambda sdk, more: sdk.v1.refunds.list_async({**query, **more}))

    async def each(
        self, ask: Callable[[Any, dict[str, Any]], Awaitable[Any]]
    ) -> AsyncIterator[dict[str, Any] | Outcome]:
        """Yield every object of a list, newest first, or one outcome when a page cannot be had."""
        more: dict[str, Any] = {"limit": _PAGE}
        for _ in range(_MAX_PAGES):
            page = await self.ask(partial(_swapped, ask, more))
            if not isinstance(page, dict):
                yield page
                return
            rows = page.get("data")
            if not isinstance(rows, list):
                yield Again("broken_list")
                return
            for row in rows:
                if isinstance(row, dict) and isinstance(row.get("id"), str):
                    yield row
            if not page.get("has_more") or not rows:
                return
            more = {"limit": _PAGE, "starting_after": rows[-1]["id"]}
        yield Again("too_many_pages", whole_vendor=False)

    async def one(
        self, ask: Callable[[Any], Awaitable[Any]], read: Callable[[dict[str, Any]], Any], *, harmless: bool
    ) -> Outcome:
        """Make a call that answers with one object, and read it."""
        answer = await self.ask(ask, harmless=harmless)
        if not isinstance(answer, dict):
            return answer
        if not isinstance(answer.get("id"), str):
            return Again("broken_answer") if harmless else Unknown("broken_answer")
        return Done(read(answer))

    async def ask(self, ask: Callable[[Any], Awaitable[Any]], *, harmless: bool = True) -> dict[str, Any] | Outcome:
        """Make one call through the SDK; return the answer's JSON as Stripe sent it, or how the call ended."""
        sdk = await self._client()
        expected = errors.expected()
        try:
            async with asyncio.timeout(self._seconds):
                answer = await ask(sdk)
        except expected as error:
            note_request(getattr(error, "request_id", None))
            return errors.outcome_of(error, harmless=harmless)
        note_request(answer.last_response.request_id)
        data = answer.last_response.data
        return data if isinstance(data, dict) else {}

    async def _client(self) -> Any:
        if self._sdk is None:
            stripe: Any = await load("stripe", without=_OTHER_CLIENTS)
        if self._sdk is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=tls_for(self._base_url)),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=self._seconds, sock_connect=self._connect_seconds),
                trust_env=False,
            )
            self._sdk = stripe.StripeClient(
                self._key,
                http_client=stripe.AIOHTTPClient(timeout=self._session.timeout, session=self._session),
                base_addresses={"api": self._base_url},
                max_network_retries=0,
            )
        return self._sdk


def _swapped(ask: Callable[[Any, dict[str, Any]], Awaitable[Any]], more: dict[str, Any], sdk: Any) -> Awaitable[Any]:
    return ask(sdk, more)
