"""Print copies of the pictures that people send as proof, and of their signatures (rules GRD-4, LET-8).

Each original is decoded alone, in a child process with bounded memory and time, so a broken or hostile file costs
that file and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bot.core.calls import Done, Outcome
from bot.core.calls.workshop import PreparedPicture, PreparedPictures, PreparePictures, PrepareSignature
from bot.core.ports import Attempt, LookUp, Perform
from integrations.child import Bounds
from integrations.pictures.copies import BOUNDS, copies


class Pictures:
    """Makes print copies; each original has its own `trouble`: unreadable, too_large, unsupported, gone.

    A signature may also end with `no_signature`: nothing on the picture looks like ink on paper.
    """

    vendor = "pictures"

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self.calls: Mapping[type, Perform] = {PreparePictures: self.prepare, PrepareSignature: self.cut_out}
        self.look_ups: Mapping[type, LookUp] = {}
        self._bounds = bounds

    async def prepare(self, call: PreparePictures, attempt: Attempt) -> Outcome:
        """Prepare every original, one after the other."""
        return Done(PreparedPictures([await self._prepared(blob, attempt, "decode") for blob in call.blobs]))

    async def cut_out(self, call: PrepareSignature, attempt: Attempt) -> Outcome:
        """Cut a hand signature out of its photo."""
        return Done(await self._prepared(call.blob, attempt, "signature"))

    async def _prepared(self, blob: int, attempt: Attempt, work: Literal["decode", "signature"]) -> PreparedPicture:
        try:
            data = await attempt.files.get(blob)
        except KeyError:
            return PreparedPicture(blob, "", trouble="gone")
        made = await copies(data, work, self._bounds)
        prints = [attempt.files.put(copy, "image/jpeg") for copy in made.pictures]
        return PreparedPicture(blob, made.sha256, prints, taken_at=made.taken_at, trouble=made.trouble)

    async def close(self) -> None:
        """Hold nothing open."""
