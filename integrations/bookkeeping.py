"""What Parley has in common with every bookkeeping program of a person: orders kept as a blob, answers judged alike.

A program stands at an address that the person gave; what it refuses is the person's to mend, so no trouble with one of
them counts against the vendor as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import orjson

from bot.core.calls.outcome import Again, Outcome, Refused
from bot.core.ports import Attempt, LookUp, Perform
from integrations.http import Lost, Reply, retry_after
from integrations.outside import Outside

GONE = Refused("gone", "the orders are not kept any more")


class BookkeepingProgram:
    """Any person's program of one make; `takes` is the call that sends orders there."""

    vendor: str
    takes: ClassVar[type]

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self.calls: Mapping[type, Perform] = {self.takes: self._perform}
        self.look_ups: Mapping[type, LookUp] = {}

    async def close(self) -> None:
        """Release connections."""
        await self._outside.close()

    async def _perform(self, call: Any, attempt: Attempt) -> Outcome:
        try:
            orders = orjson.loads(await attempt.files.get(call.orders))
        except KeyError:
            return GONE
        return await self.send(call, orders, attempt)

    async def send(self, call: Any, orders: dict[str, Any], attempt: Attempt) -> Outcome:
        """Send the orders; what is sent again is changed there, not doubled."""
        raise NotImplementedError


def trouble(answer: Reply | Lost | None) -> Outcome:
    """Judge an answer that is no success; all that was asked may be asked again."""
    if answer is None:
        return Refused("not_allowed")
    if isinstance(answer, Lost):
        return Again(answer.reason, whole_vendor=False)
    reason = f"status_{answer.status}"
    if answer.status in (401, 403):
        return Refused("unauthorized", reason)
    if answer.status == 429 or answer.status >= 500 or answer.status in (408, 409):
        return Again(reason, retry_after(answer.headers), whole_vendor=False)
    return Refused("not_found", reason)
