"""An answer as far as it came: text blocks by type and place, why it stopped, what it used (rules MC-4, MC-5).

Thinking is not kept. Events that this release does not know are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.core.model_prices import Tokens
from integrations.claude.client import tokens_of

WHOLE = ("end_turn", "stop_sequence", "max_tokens")


@dataclass(slots=True)
class Heard:
    """Takes the events of one stream."""

    stop_reason: str = ""
    ended: bool = False
    opened: Tokens | None = None
    output: int | None = None
    _texts: dict[int, str] = field(default_factory=dict)

    def take(self, event: Any) -> bool:
        """Take an event; tell whether the text grew."""
        match getattr(event, "type", None):
            case "message_start":
                usage = getattr(event.message, "usage", None)
                self.opened = tokens_of(usage) if usage is not None else None
            case "content_block_start" if getattr(event.content_block, "type", None) == "text":
                self._texts[event.index] = str(getattr(event.content_block, "text", None) or "")
                return bool(self._texts[event.index])
            case "content_block_delta" if getattr(event.delta, "type", None) == "text_delta":
                self._texts[event.index] = self._texts.get(event.index, "") + str(event.delta.text or "")
                return bool(event.delta.text)
            case "message_delta":
                self.stop_reason = str(getattr(event.delta, "stop_reason", None) or self.stop_reason)
                self.output = getattr(getattr(event, "usage", None), "output_tokens", None) or self.output
            case "message_stop":
                self.ended = True
        return False

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._texts[index] for index in sorted(self._texts))

    @property
    def is_whole(self) -> bool:
        """Whether it ended as an answer ends, also one that was cut at max_tokens."""
        return self.stop_reason in WHOLE and bool(self.text.strip())

    @property
    def tokens(self) -> Tokens | None:
        """What it used; None when that was not told."""
        if self.opened is None or self.output is None or not self.stop_reason:
            return None
        opened = self.opened
        return Tokens(opened.input, self.output, opened.cache_read, opened.cache_write_5m, opened.cache_write_1h)

    def estimate(self, weight: int) -> Tokens:
        """Return about what it used when it broke off: what it opened with, and the text that came (rule LI-2)."""
        opened = self.opened or Tokens(weight, 0)
        output = max(len(self.text) // 3 + 1 if self.text else 0, self.output or 0)
        return Tokens(opened.input, output, opened.cache_read, opened.cache_write_5m, opened.cache_write_1h)
