"""Asks Claude for a coach's turn: the reply as a stream, the facts beside it, each within its own time (rule CT-5).

A reply has 25 seconds, 8 of them to its first text; facts have 8. Nothing here waits for long, because a person does:
what fails at once is tried a second time, what is slow or broke off is not, and a vendor that asks for minutes is not
waited for. Whatever comes of it, the result tells each request that was made and what it used (rules LI-2, LI-5).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from bot.core.calls.coach import (
    AskCoach,
    CoachSaid,
    Ending,
    FactsWanted,
    ModelTry,
    SummariseTalk,
    TalkSummarised,
    WordsWanted,
)
from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.model_prices import Tokens
from bot.core.ports import Attempt, LookUp, Perform
from integrations.claude.client import Client, expected_errors, is_count, json_object, text_of, tokens_of, trouble
from integrations.claude.coach import requests
from integrations.claude.coach.events import EventOfError, events
from integrations.claude.coach.heard import Heard
from integrations.claude.shape import fits
from integrations.http import CONNECT_SECONDS

FIRST_TEXT_SECONDS, FACTS_SECONDS = 8.0, 8.0
TRIES = 2
LONGEST_WAIT = timedelta(seconds=2)
"""A vendor that asks for more before a second try is not asked again (rule MC-6)."""
_LEAST_SECONDS = 5.0
"""What must be left of a reply's time when the SDK is there at last."""
Purpose = Literal["reply", "extract", "summary"]


@dataclass(slots=True)
class _Log:
    """The tries of one question."""

    purpose: Purpose
    model: str
    asked_at: int
    weight: int
    tries: list[ModelTry] = field(default_factory=list)
    began: float = 0.0

    def note(self, outcome: Ending, used: Tokens | None, *, stop: str = "", known: bool = True) -> None:
        """Note how a try ended; nothing was used when nothing is said of it."""
        used = used or Tokens(0, 0)
        self.tries.append(
            ModelTry(
                purpose=self.purpose,
                attempt=len(self.tries) + 1,
                model=self.model,
                outcome=outcome,
                asked_at=self.asked_at,
                latency_ms=round((time.perf_counter() - self.began) * 1000) if self.began else 0,
                stop_reason=stop,
                input_tokens=used.input,
                output_tokens=used.output,
                cache_read_tokens=used.cache_read,
                cache_write_5m_tokens=used.cache_write_5m,
                cache_write_1h_tokens=used.cache_write_1h,
                usage_known=known,
            )
        )

    def lost(self, times: int, most_output: int) -> None:
        """Note tries of a process that died: nobody knows what they used, so the most that they can have (CT-6)."""
        for _ in range(times):
            self.note("failed", Tokens(self.weight, most_output), stop="", known=False)


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why no answer came; `whole_vendor` as in `Refused`, `pause` before a second try, None when there is none."""

    reason: str
    whole_vendor: bool = True
    pause: float | None = None


class CoachAdapter:
    """The Messages API for the coach. It holds a circuit of its own, and refuses rather than waits (rule MC-8)."""

    vendor = "coach"
    window = pause = timedelta(seconds=60)

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = "https://api.anthropic.com",
        first_text_seconds: float = FIRST_TEXT_SECONDS,
        facts_seconds: float = FACTS_SECONDS,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._client = Client(api_key, base_url=base_url, seconds=30.0, connect_seconds=connect_seconds)
        self._first_text, self._facts_seconds = first_text_seconds, facts_seconds
        self._rng = random.Random()
        self.calls: Mapping[type, Perform] = {AskCoach: self._turn, SummariseTalk: self._summarise}
        self.look_ups: Mapping[type, LookUp] = {}

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()

    async def _turn(self, call: AskCoach, attempt: Attempt) -> Outcome:
        started = time.monotonic()
        if not await self._loaded(max(call.seconds - _LEAST_SECONDS, call.seconds / 2)):
            return Refused("no_reply", "the SDK is still being loaded")
        left = call.seconds - (time.monotonic() - started)
        reply = self._log("reply", call.reply, call.person, attempt)
        async with asyncio.TaskGroup() as group:
            said = group.create_task(self._say(call.reply, call.person, reply, left, attempt.show))
            found = group.create_task(self._find(call.facts, call.person, attempt)) if call.facts else None
        facts, extract = found.result() if found else (None, [])
        tries, heard = [*reply.tries, *extract], said.result()
        if isinstance(heard, Heard):
            return Done(CoachSaid(heard.text.strip(), heard.stop_reason, tries, facts))
        return Refused("no_reply", heard.reason, {"tries": tries}, whole_vendor=heard.whole_vendor)

    async def _loaded(self, seconds: float) -> bool:
        """Wait for the SDK, which a busy machine may take long to import; it goes on in its thread without us."""
        try:
            async with asyncio.timeout(seconds):
                await self._client.sdk()
        except TimeoutError:
            return False
        return True

    async def _summarise(self, call: SummariseTalk, attempt: Attempt) -> Outcome:
        log = self._log("summary", call.words, call.person, attempt)
        heard = await self._say(call.words, call.person, log, call.seconds, None)
        if isinstance(heard, Heard) and heard.stop_reason != "refusal":
            return Done(TalkSummarised(heard.text.strip(), log.tries))
        reason = heard.reason if isinstance(heard, _Trouble) else heard.stop_reason
        broken = isinstance(heard, _Trouble) and heard.whole_vendor
        return Refused("no_summary", reason, {"tries": log.tries}, whole_vendor=broken)

    def _log(self, purpose: Purpose, wanted: WordsWanted | FactsWanted, person: str, attempt: Attempt) -> _Log:
        asked = (
            requests.facts(wanted, person)
            if isinstance(wanted, FactsWanted)
            else requests.words(wanted, wanted.lines, person)
        )
        log = _Log(purpose, wanted.model, round(attempt.now.timestamp() * 1_000_000), requests.weight(asked))
        log.lost(attempt.number - 1, wanted.max_tokens)
        return log

    # -- words -----------------------------------------------------------------------------------------------------

    async def _say(
        self, wanted: WordsWanted, person: str, log: _Log, seconds: float, show: Callable[[str], None] | None
    ) -> Heard | _Trouble:
        """Ask for words until they came or the time is over; the model's own refusal is an answer, too."""
        lines, ends = list(wanted.lines), asyncio.get_running_loop().time() + seconds
        ended: Heard | _Trouble = _Trouble("timeout")
        for number in range(1, TRIES + 1):
            asked = requests.words(wanted, lines, person)
            ended = await self._hear(asked, log, ends, show)
            if isinstance(ended, Heard):
                if ended.stop_reason != "model_context_window_exceeded":
                    return ended
                lines = requests.halved(lines)
                ended = _Trouble("model_context_window_exceeded", whole_vendor=False)
            elif number == TRIES or not await _paused(ended.pause, ends):
                break
        return ended

    async def _hear(
        self, asked: dict[str, Any], log: _Log, ends: float, show: Callable[[str], None] | None
    ) -> Heard | _Trouble:
        sdk, heard = await self._client.sdk(), Heard()
        expected: tuple[type[Exception], ...] = (*expected_errors(), EventOfError)
        loop, log.began = asyncio.get_running_loop(), time.perf_counter()
        try:
            async with asyncio.timeout_at(min(ends, loop.time() + self._first_text)) as limit:
                stream = await sdk.messages.create(**asked, stream=True)
                async with stream:
                    async for event in events(stream):
                        if heard.take(event):
                            limit.reschedule(ends)
                            if show is not None:
                                show(heard.text)
                        if heard.ended:
                            break
        except TimeoutError:
            log.note("timeout", heard.estimate(log.weight), known=False)
            return _Trouble("timeout")
        except expected as error:
            if not heard.stop_reason:
                return self._broke(error, heard, log)
        return _judged(heard, log)

    def _broke(self, error: Exception, heard: Heard, log: _Log) -> _Trouble:
        """Judge a request that failed: before it was taken, it cost nothing; later, about what had come."""
        judged = _in_stream(error) or trouble(error)
        begun = heard.opened is not None
        if begun:
            log.note("cut", heard.estimate(log.weight), known=False)
        elif _never_left(error):
            log.note("network_refused", None)
        elif isinstance(getattr(error, "status_code", None), int):
            log.note("failed", None, stop=getattr(judged, "reason", ""))
        else:
            log.note("cut", heard.estimate(log.weight), known=False)
        return self._after(judged, again=not heard.text)

    def _after(self, judged: Outcome, *, again: bool) -> _Trouble:
        if not isinstance(judged, Again):
            return _Trouble(getattr(judged, "reason", ""), whole_vendor=False)
        wish = judged.retry_after or timedelta()
        pause = max(wish.total_seconds(), 0.2 + 0.3 * self._rng.random()) if again and wish <= LONGEST_WAIT else None
        return _Trouble(judged.reason, judged.whole_vendor, pause)

    # -- facts -----------------------------------------------------------------------------------------------------

    async def _find(
        self, wanted: FactsWanted, person: str, attempt: Attempt
    ) -> tuple[dict[str, Any] | None, list[ModelTry]]:
        """Ask for facts; None when none came in time or they do not fit the schema (a deterministic reader is next)."""
        log = self._log("extract", wanted, person, attempt)
        ends = asyncio.get_running_loop().time() + self._facts_seconds
        asked = requests.facts(wanted, person)
        for _ in range(TRIES):
            found = await self._look(asked, wanted, log, ends)
            if not isinstance(found, _Trouble):
                return found, log.tries
            if not await _paused(found.pause, ends):
                break
        return None, log.tries

    async def _look(
        self, asked: dict[str, Any], wanted: FactsWanted, log: _Log, ends: float
    ) -> dict[str, Any] | _Trouble | None:
        sdk, expected = await self._client.sdk(), expected_errors()
        log.began = time.perf_counter()
        try:
            async with asyncio.timeout_at(ends):
                answer = await sdk.messages.create(**asked)
        except TimeoutError:
            log.note("timeout", Tokens(log.weight, 0), known=False)
            return _Trouble("timeout")
        except expected as error:
            return self._broke(error, Heard(), log)
        usage, stop = getattr(answer, "usage", None), getattr(answer, "stop_reason", None) or ""
        told = getattr(usage, "input_tokens", 0), getattr(usage, "output_tokens", 0)
        if (
            getattr(answer, "content", None) is None
            or not isinstance(stop, str)
            or not all(map(is_count, told))
            or usage is None
        ):
            log.note("failed", Tokens(log.weight, 0), stop="no_message", known=False)
            return None
        log.note("refused" if stop == "refusal" else "answered", tokens_of(usage), stop=stop)
        value = json_object(text_of(answer.content))
        return value if stop in ("end_turn", "stop_sequence") and value and fits(value, wanted.schema) else None


def _judged(heard: Heard, log: _Log) -> Heard | _Trouble:
    """Judge a stream that ended without an exception; one that just stopped coming was cut."""
    used, known = heard.tokens, True
    if used is None:
        used, known = heard.estimate(log.weight), False
    stop = heard.stop_reason
    if not stop:
        log.note("cut", used, known=False)
        return _Trouble("cut")
    if heard.is_whole or stop in ("refusal", "model_context_window_exceeded"):
        log.note("refused" if stop == "refusal" else "answered", used, stop=stop, known=known)
        return heard
    log.note("failed", used, stop=stop, known=known)
    return _Trouble(stop if heard.text.strip() else "empty", whole_vendor=False)


def _in_stream(error: Exception) -> Outcome | None:
    """Judge an error event of a stream, which has no status of its own (rule MC-6)."""
    if not isinstance(error, EventOfError):
        return None
    kind = error.kind
    if kind in ("invalid_request_error", "authentication_error", "permission_error", "not_found_error"):
        return Refused("bad_request", kind)
    return Again(kind or "error_event")


def _never_left(error: Exception) -> bool:
    """Tell whether a request certainly did not reach the vendor."""
    import httpx2

    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, httpx2.ConnectError | httpx2.ConnectTimeout):
            return True
        seen = seen.__cause__
    return False


async def _paused(pause: float | None, ends: float) -> bool:
    """Wait before a second try; False when there shall be none, or no time for it."""
    if pause is None or asyncio.get_running_loop().time() + pause + 1 > ends:
        return False
    await asyncio.sleep(pause)
    return True
