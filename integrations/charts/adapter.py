"""Draws charts in a child process with bounded memory and time (rule CHA-1). Equal charts give equal bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from bot.core.calls import Again, Done, Outcome, Refused
from bot.core.calls.charts import ChartDrawn, DrawChart
from bot.core.ports import Attempt, LookUp, Perform
from integrations.child import Bounds, ChildFailed, run

MOST_BARS = 24
"""Two years of months; a phone shows no more without scrolling for long."""

_WORK = Path(__file__).with_name("drawing.py")
_BOUNDS = Bounds(memory=1_500_000_000, seconds=30)


class Charts:
    """Draws bars. Refuses `nothing_to_draw` and `too_many_bars`."""

    vendor = "charts"

    def __init__(self, bounds: Bounds = _BOUNDS) -> None:
        self.calls: Mapping[type, Perform] = {DrawChart: self.draw}
        self.look_ups: Mapping[type, LookUp] = {}
        self._bounds = bounds

    async def draw(self, call: DrawChart, attempt: Attempt) -> Outcome:
        """Make the picture."""
        if not call.bars:
            return Refused("nothing_to_draw")
        if len(call.bars) > MOST_BARS:
            return Refused("too_many_bars", str(len(call.bars)))
        try:
            head, (picture,) = await run(_WORK, "draw", (asdict(call), []), self._bounds)
        except ChildFailed as failure:
            return Again(f"drawing failed: {failure}", whole_vendor=False)
        blob = attempt.files.put(picture, "image/png")
        sha256 = hashlib.sha256(picture).hexdigest()
        return Done(ChartDrawn(blob, sha256, head["width"], head["height"], len(picture)))

    async def close(self) -> None:
        """Hold nothing open."""
