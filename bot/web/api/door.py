"""`/api/v1`: from a request to the reading pool or the writer, and from what came of it to an answer.

A question runs on a reader's connection and never waits for a turn. A change is a deed: one job of the writer, in the
person's own queue, that checks the token once more, does what is asked, keeps the answer under the caller's key and
commits. What goes wrong is JSON with a code and the request id, never a trace.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
import sqlalchemy as sa
from aiohttp import web

from bot.core.clock import Clock
from bot.core.errors import Problem
from bot.core.events import Event
from bot.core.ids import Ids
from bot.core.seal import Seal
from bot.engine.api import Call, Reply, Route
from bot.engine.api.deeds import Deed, Done
from bot.engine.dispatch import Dispatcher, Sent
from bot.engine.turn import Turn
from bot.web.api import asked, headers
from bot.web.api.openapi import describe
from bot.web.api.rates import Rates
from bot.web.doors.door import FloodGate
from bot.web.source import Sources
from storage import audit
from storage.billing import usage
from storage.database import Database, Writers
from storage.look import look
from storage.receipts import replies, tokens
from storage.receipts.rates import Drawn, draw
from storage.receipts.tokens import Token
from storage.work import Work

ROOT = "/api/v1"
PARTS = web.RequestKey("parts", Mapping[str, str])
"""Where a request keeps what stands in the braces of its path."""
BEAR_ONE = "Send a valid token: Authorization: Bearer plt_..."
UPLOADS = 8
"""So many files are in memory at once; the next caller waits."""
log = logging.getLogger("parley.api")
Respond = Callable[[web.Request], Any]
Permits = Callable[[Work, int, str], bool]
"""Tells whether a person's plan has a feature."""
FEATURE = "data.api"
Timed = Callable[[str, Respond], Respond]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent: status, headers of this answer, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that may be served: its route, whose token it bears, and what it says."""

    route: Route
    token: Token
    request_id: str
    target: str
    path: Mapping[str, str]
    query: Any
    raw: bytes
    body: Any
    matches: int | None
    key: str | None

    def call(self, work: Work, turn: Turn | None = None) -> Call:
        """Return what the route's function takes."""
        return Call(
            self.token.person_id, work, self.path, self.query, self.body, self.matches, self.request_id, turn
        )  # fmt: skip


class Api:
    """Serves the routes that services registered."""

    def __init__(
        self,
        routes: list[Route],
        *,
        database: Database,
        writers: Writers,
        dispatcher: Dispatcher,
        offer: Callable[[Sent], None],
        clock: Clock,
        ids: Ids,
        seal: Seal,
        origins: str = "",
        rates: Rates | None = None,
        permits: Permits = lambda work, person_id, feature: True,
        timed: Timed = lambda path, respond: respond,
        sources: Sources | None = None,
    ) -> None:
        self._database, self._writers, self._dispatcher, self._offer = database, writers, dispatcher, offer
        self._clock, self._ids, self._seal = clock, ids, seal
        self._origins, self._permits = headers.origins(origins), permits
        self._rates, self._flood = rates or Rates(clock, self._draw), FloodGate()
        self._sources = sources or Sources()
        self._uploads = asyncio.Semaphore(UPLOADS)
        self._calls: Counter[int] = Counter()
        self._all, self._description = routes, b""
        self._router = web.UrlDispatcher()
        self._route(timed)

    def _route(self, timed: Timed) -> None:
        """Know all paths; fixed ones before those with a part to fill in, so that neither hides the other."""
        routes: dict[str, dict[str, Route]] = {}
        for route in self._all:
            routes.setdefault(route.path, {})[route.method] = route
        for path in sorted(routes, key=lambda one: (one.count("{"), one)):
            self._router.add_route("*", ROOT + path, timed(ROOT + path, self._serving(routes[path])))
        self._router.add_route("*", f"{ROOT}/openapi.json", timed(f"{ROOT}/openapi.json", self._describing()))
        self._router.add_route("*", ROOT + "/{tail:.*}", timed(f"{ROOT}/*", self._serving({})))

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for anything below the root."""
        match = await self._router.resolve(request)
        request[PARTS] = dict(match)
        return await match.handler(request)

    # -- answering ---------------------------------------------------------------------------------------------------

    def _serving(self, routes: Mapping[str, Route]) -> Respond:
        async def respond(request: web.Request) -> web.Response:
            request_id = headers.request_id(request.headers.get("X-Request-Id"), self._ids.token())
            try:
                answer = self._preflight(request, routes) or await self._answer(request, routes, request_id)
            except Problem as problem:
                answer = _refusal(problem, request_id)
            except sa.exc.OperationalError:
                log.exception("database trouble", extra={"request_id": request_id})
                answer = _refusal(Problem(503, "busy", "Try again in a moment.", retry_after=5), request_id)
            except Exception:
                log.exception("request failed", extra={"request_id": request_id})
                answer = _refusal(Problem(500, "internal", "Something of ours failed; it is noted."), request_id)
            return self._response(request, answer, request_id)

        return respond

    def _describing(self) -> Respond:
        async def respond(request: web.Request) -> web.Response:
            request_id = headers.request_id(request.headers.get("X-Request-Id"), self._ids.token())
            if request.method in ("GET", "HEAD"):
                self._description = self._description or orjson.dumps(describe(self._all))
                answer = Answer(200, {"Content-Type": "application/json"}, self._description)
            else:
                answer = _refusal(Problem(405, "method_not_allowed", "Only GET is served here."), request_id)
            return self._response(request, answer, request_id)

        return respond

    def _response(self, request: web.Request, answer: Answer, request_id: str) -> web.Response:
        shown = headers.cross_origin(request.headers.get("Origin"), self._origins)
        all_headers = {**headers.SECURITY, "X-Request-Id": request_id, **shown, **answer.headers}
        return web.Response(status=answer.status, body=answer.body, headers=all_headers)

    def _preflight(self, request: web.Request, routes: Mapping[str, Route]) -> Answer | None:
        origin = request.headers.get("Origin")
        if request.method != "OPTIONS" or origin not in self._origins or not routes:
            return None
        return Answer(204, headers.preflight(routes))

    async def _answer(self, request: web.Request, routes: Mapping[str, Route], request_id: str) -> Answer:
        if not routes:
            raise Problem(404, "not_found", "There is nothing here.")
        route = routes.get("GET" if request.method == "HEAD" else request.method)
        if route is None:
            raise Problem(405, "method_not_allowed", f"Served here: {', '.join(sorted(routes))}.")
        token = await self._let_in(request, route)
        if not route.takes:
            return await self._run(await self._read(request, route, token, request_id))
        async with self._uploads:
            return await self._run(await self._read(request, route, token, request_id))

    async def _run(self, wanted: Asked) -> Answer:
        return await (self._write(wanted) if wanted.route.writes else self._look_up(wanted))

    # -- who may -----------------------------------------------------------------------------------------------------

    async def _let_in(self, request: web.Request, route: Route) -> Token:
        """Return the token that a request bears; raise Problem unless it is good, in time, and allows this."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        known = scheme.lower() == "bearer" and len(secret) == tokens.LENGTH and secret.isascii()
        token: Token | None = None
        lacks = ""
        if known:
            token, lacks = await self._look(lambda work: self._holder(work, secret, route))
        if token is None:
            raise self._strange(request)
        if not token.takes(self._sources.of(request)):
            raise Problem(403, "network", "This token is not taken from your address.")
        await self._check_rate(route, token)
        self._note_use(token)
        if lacks:
            named = "The API" if lacks == FEATURE else f"{lacks}, which this needs,"
            raise Problem(403, "plan", f"{named} is not part of this person's plan.")
        if route.scope not in token.scopes:
            raise Problem(403, "scope", f"This token does not open {route.scope}.")
        if route.writes and not token.writes:
            raise Problem(403, "scope", "This token may only read.")
        return token

    def _holder(self, work: Work, secret: str, route: Route) -> tuple[Token | None, str]:
        """Return the token, and the first feature that this needs and its person's plan lacks, in one read."""
        token = tokens.holder(work, secret)
        needs = [one for one in (FEATURE, route.feature) if one] if token is not None else []
        return token, next((one for one in needs if token and not self._permits(work, token.person_id, one)), "")

    def _strange(self, request: web.Request) -> Problem:
        """Return what a request without a good token is told; one that goes on and on is told to wait."""
        source, now = self._sources.of(request), self._clock.now().timestamp()
        flooded = self._flood.is_flooded(source, now)
        self._flood.note(source, now)
        if flooded:
            return Problem(429, "too_many_requests", "Too many requests without a valid token.", retry_after=60)
        return Problem(401, "unauthorized", BEAR_ONE)

    async def _check_rate(self, route: Route, token: Token) -> None:
        """Hold a token to its rate; should the limiter itself fail, questions pass and changes do not (API-4)."""
        try:
            wait = await self._rates.take(token)
        except Exception as error:
            log.exception("the limiter failed")
            if route.writes:
                raise Problem(503, "busy", "Try again in a moment.", retry_after=5) from error
            return
        if wait:
            raise Problem(429, "too_many_requests", "60 requests a minute.", retry_after=wait)

    async def _draw(self, token: Token, a_minute: int) -> Drawn:
        """Draw from a token's bucket, which all processes share."""
        drawn: Drawn = await self._writers.run(
            lambda work: draw(work, token.person_id, token.id, a_minute=a_minute), key=token.person_id
        )
        return drawn

    def _note_use(self, token: Token) -> None:
        """Let the last use be written down, with the calls before it; nobody waits for it, and a kill loses some."""
        self._calls[token.id] += 1
        if token.used_at is not None and self._clock.now() - token.used_at < tokens.NOTED_EVERY:
            return
        with suppress(Exception):
            noted = self._writers.submit(partial(_noted, token, self._calls.pop(token.id)))
            noted.add_done_callback(lambda done: done.cancelled() or done.exception())

    # -- what is asked -----------------------------------------------------------------------------------------------

    async def _read(self, request: web.Request, route: Route, token: Token, request_id: str) -> Asked:
        query = asked.read_query(request, route.query)
        matches = asked.matched_revision(request.headers.get("If-Match"), needed=route.versioned)
        key = asked.idempotency_key(request.headers.get("Idempotency-Key")) if route.method == "POST" else None
        raw = b""
        body: Any = None
        if route.takes:
            raw = await asked.read_body(request, asked.LARGEST_FILE)
            body = asked.read_upload(raw, route)
        elif route.body is not None:
            raw = await asked.read_body(request, asked.LARGEST_JSON)
            body = asked.read_json(raw, route.body, request.content_type)
        return Asked(route, token, request_id, request.path_qs, request[PARTS], query, raw, body, matches, key)

    # -- doing it ----------------------------------------------------------------------------------------------------

    async def _look(self, function: Callable[[Work], Any]) -> Any:
        now = self._clock.now()
        return await self._database.read(lambda c: function(look(c, now, ids=self._ids, seal=self._seal)))

    async def _look_up(self, wanted: Asked) -> Answer:
        reply: Reply = await self._look(lambda work: wanted.route.handle(wanted.call(work)))
        return _answered(reply)

    async def _write(self, wanted: Asked) -> Answer:
        event = Event("api", wanted.request_id, "request", person_id=wanted.token.person_id)
        gone = Problem(401, "unauthorized", BEAR_ONE)
        deed = Deed(self._dispatcher, event, lambda turn: self._do(turn, wanted, gone), gone=gone)
        done: Done[Answer] = await self._writers.submit(deed, key=wanted.token.person_id)
        if done.sent.rows:
            self._offer(done.sent)
        if isinstance(done.result, Problem):
            raise done.result
        return done.result

    def _do(self, turn: Turn, wanted: Asked, gone: Problem) -> Answer:
        work, token, route = turn.work, wanted.token, wanted.route
        if not tokens.is_open(work, token.person_id, token.id):
            raise gone
        if wanted.key is None:
            return self._act(turn, wanted)
        fingerprint = replies.request_hash(route.method, wanted.target, wanted.raw)
        kept = replies.find(work, token.person_id, wanted.key)
        if kept is not None and kept.asked != fingerprint:
            raise Problem(422, "key_reused", "This key was used for another request.", field="Idempotency-Key")
        if kept is not None:
            return Answer(kept.status, {**kept.headers, "Idempotent-Replayed": "true"}, kept.body)
        answer = self._act(turn, wanted)
        fresh = replies.Kept(fingerprint, answer.status, answer.body, dict(answer.headers))
        replies.keep(work, token.person_id, wanted.key, fresh)
        return answer

    def _act(self, turn: Turn, wanted: Asked) -> Answer:
        answer = _answered(wanted.route.handle(wanted.call(turn.work, turn)))
        audit.record(
            turn.work, actor=f"person:{wanted.token.person_id}", action=f"api.{wanted.route.method.lower()}",
            obj=f"token:{wanted.token.id}", path=wanted.route.path, request=wanted.request_id,
        )  # fmt: skip
        return answer


def _noted(token: Token, calls: int, work: Work) -> None:
    """Write down when a token was used, and how often since it was written down last (LG-11)."""
    tokens.note_use(work, token.person_id, token.id)
    usage.count(work, token.person_id, "api_calls", calls, operation_id=f"token:{token.id}:{work.now_us}")


def _answered(reply: Reply) -> Answer:
    shown = reply.headers()
    if reply.filename is not None:
        shown["Content-Disposition"] = f'attachment; filename="{reply.filename}"'
    return Answer(reply.status, shown, reply.body())


def _refusal(problem: Problem, request_id: str) -> Answer:
    error = {"code": problem.code, "message": problem.message, "request_id": request_id}
    if problem.field is not None:
        error["field"] = problem.field
    shown = {"Content-Type": "application/json"}
    if problem.retry_after is not None:
        shown["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        shown["WWW-Authenticate"] = "Bearer"
    return Answer(problem.status, shown, orjson.dumps({"error": error}))
