"""Charts as pictures, for a phone."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class ChartBar:
    """One bar: its words, its value as printed, its length in thousandths of the whole track.

    `mark` is where a limit stands on the track, in thousandths; a bar past it is hatched, so that nothing is told by
    colour alone. `tone` is a number in the palette; -1 is quiet, for what is left over.
    """

    label: str
    value: str
    length: int
    tone: int = 0
    mark: int | None = None


@wire
@dataclass(frozen=True, slots=True)
class DrawChart:
    """Draw bars below each other under a title and a line of explanation."""

    title: str
    note: str
    bars: list[ChartBar]
    dark: bool = False


@wire
@dataclass(frozen=True, slots=True)
class ChartDrawn:
    """The picture (PNG): blob id, hex SHA-256, pixels, bytes."""

    blob: int
    sha256: str
    width: int
    height: int
    size: int = 0
