"""Many patterns against one text, fast: each is tried only where the words occur without which it cannot match.

`CueReader` reads those words off a pattern, `Index` finds patterns by the words of a text.
"""

from __future__ import annotations

from bot.engine.patterns.cues import CueReader, Cues
from bot.engine.patterns.index import Entry, Index

__all__ = ["CueReader", "Cues", "Entry", "Index"]
