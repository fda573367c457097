"""Asks Claude for one JSON object, or to read pictures, and says what it cost.

Only a complete answer that fits the schema is a result; a refusal, a cut answer or broken JSON is `no_result`, and the
caller falls back to what works without a model (rules LLM-2 to LLM-4). A question has no side effect, so a lost answer
may be asked for again. The SDK takes seconds to import and is imported in a thread, at the first question (VEN-12).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.calls.reading import ReadReceipt, ReceiptRead
from bot.core.calls.workshop import AskModel, ModelAnswer, ReadText, TextFound
from bot.core.model_prices import PriceTable, Tokens
from bot.core.ports import Attempt, Files, LookUp, Perform
from integrations.claude import question, reading, receipts
from integrations.claude.client import Client, expected_errors, json_object, text_of, tokens_of, trouble
from integrations.claude.shape import fits
from integrations.http import CONNECT_SECONDS
from integrations.pictures import copies

MODELS = MappingProxyType(
    {"letters": "claude-sonnet-5-5", "classify": "claude-haiku-5-5", "vision": "claude-haiku-5-5"}
)
SECONDS = MappingProxyType({"letters": 90.0, "classify": 25.0, "vision": 20.0})
_OTHER_ROLES_SECONDS = 25.0
_EFFORT = {"classify": "low"}


@dataclass(frozen=True, slots=True)
class _Said:
    """A complete answer that fits its schema, with what it took."""

    value: dict[str, Any]
    model: str
    used: Tokens
    cost_e4: int | None
    took_ms: int


class ClaudeAdapter:
    """The Messages API; `models` and `seconds` are by role (`letters`, `classify`, `vision`).

    Pictures that nobody could read refuse a reading with what is wrong with them (unreadable, too_large, unsupported,
    gone); when some can be opened, those are read.
    """

    vendor = "claude"

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = "https://api.anthropic.com",
        models: Mapping[str, str] = MODELS,
        seconds: Mapping[str, float] = SECONDS,
        prices: PriceTable | None = None,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._models, self._seconds = {**MODELS, **models}, {**SECONDS, **seconds}
        self._prices = prices or PriceTable.load()
        longest = max(self._seconds.values())
        self._client = Client(api_key, base_url=base_url, seconds=longest, connect_seconds=connect_seconds)
        self.calls: Mapping[type, Perform] = {
            AskModel: self._ask,
            ReadText: self._read,
            ReadReceipt: self._read_receipt,
        }
        self.look_ups: Mapping[type, LookUp] = {}

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()

    async def _ask(self, call: AskModel, attempt: Attempt) -> Outcome:
        model = self._models.get(call.role, self._models["letters"])
        said = await self._send(question.request(call, model, _EFFORT.get(call.role)), call.role, call.schema, attempt)
        if not isinstance(said, _Said):
            return said
        return Done(
            ModelAnswer(
                said.value,
                model=said.model,
                input_tokens=said.used.prompt,
                output_tokens=said.used.output,
                cost_e4=said.cost_e4,
                duration_ms=said.took_ms,
                input_sha256=question.input_sha256(call),
            )
        )

    async def _read(self, call: ReadText, attempt: Attempt) -> Outcome:
        pictures, trouble = await _views(call.blobs, attempt.files)
        if not pictures:
            return Refused(trouble or "gone", "no picture could be opened")
        asked = reading.request(call, self._models["vision"], pictures)
        said = await self._send(asked, "vision", reading.schema(list(call.fields)), attempt)
        if not isinstance(said, _Said):
            return said
        return Done(
            TextFound(
                reading.lines(said.value),
                reading.found(said.value),
                model=said.model,
                input_tokens=said.used.prompt,
                output_tokens=said.used.output,
                cost_e4=said.cost_e4,
                duration_ms=said.took_ms,
                input_sha256=reading.input_sha256(call, pictures),
            )
        )

    async def _read_receipt(self, call: ReadReceipt, attempt: Attempt) -> Outcome:
        pictures, trouble = await _views(call.blobs, attempt.files)
        if not pictures:
            return Refused(trouble or "gone", "no picture could be opened")
        asked = receipts.request(call, self._models["vision"], pictures)
        said = await self._send(asked, "vision", receipts.schema(), attempt)
        if not isinstance(said, _Said):
            return said
        return Done(
            ReceiptRead(
                receipts.fields(said.value),
                receipts.lines(said.value),
                model=said.model,
                input_tokens=said.used.prompt,
                output_tokens=said.used.output,
                cost_e4=said.cost_e4,
                duration_ms=said.took_ms,
                input_sha256=receipts.input_sha256(call, pictures),
            )
        )

    async def _send(
        self, asked: dict[str, Any], role: str, schema: dict[str, Any], attempt: Attempt
    ) -> _Said | Outcome:
        sdk = await self._client.sdk()
        started = time.perf_counter()
        expected = expected_errors()
        try:
            async with asyncio.timeout(self._seconds.get(role, _OTHER_ROLES_SECONDS)):
                answer = await sdk.messages.create(**asked)
        except TimeoutError:
            return Again("timeout")
        except expected as error:
            return trouble(error)
        return self._judge(answer, schema, round((time.perf_counter() - started) * 1000), attempt.now.date())

    def _judge(self, answer: Any, schema: dict[str, Any], took_ms: int, on: date) -> _Said | Outcome:
        if getattr(answer, "usage", None) is None or getattr(answer, "content", None) is None:
            return Refused("no_result", "no_message")
        used, model = tokens_of(answer.usage), str(getattr(answer, "model", ""))
        cost = self._prices.cost_e4(model, used, on)
        spent = {"model": model, "input_tokens": used.prompt, "output_tokens": used.output, "cost_e4": cost}
        stop = getattr(answer, "stop_reason", None)
        if stop not in ("end_turn", "stop_sequence"):
            return Refused("no_result", str(stop), spent)
        value = json_object(text_of(answer.content))
        if value is None or not fits(value, schema):
            return Refused("no_result", "unparsable" if value is None else "wrong_schema", spent)
        return _Said(value, model, used, cost, took_ms)


async def _views(blobs: Sequence[int], files: Files) -> tuple[list[bytes], str | None]:
    """Return the pictures as the vendor takes them, and what is wrong with the last one that cannot be opened."""
    pictures: list[bytes] = []
    trouble = None
    for blob in blobs[: reading.MOST_PICTURES]:
        try:
            data = await files.get(blob)
        except KeyError:
            trouble = trouble or "gone"
            continue
        made = await copies(data, "view", side=reading.LONG_SIDE, pixels=reading.PIXELS)
        pictures += [picture for picture in made.pictures if len(picture) <= reading.BYTES]
        trouble = made.trouble or trouble
    return pictures[: reading.MOST_PICTURES], trouble
