"""An answer as far as it came: text blocks by type and place, why it stopped, what it used (rules MC-4, MC-5).

Thinking is not kept. Events that this release does not know are passed over, and so is what is not of its type.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.core.model_prices import Tokens
from integrations.claude.client import is_count, text_of, tokens_of

LONGEST = 20_000
"""Characters after which nobody reads on: no reply of ours may be a third as long."""
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
                self._open(getattr(event, "message", None))
            case "message":
                return self._whole(event)
            case "content_block_start":
                block = getattr(event, "content_block", None)
                return getattr(block, "type", None) == "text" and self._add(event, getattr(block, "text", None), "")
            case "content_block_delta":
                delta = getattr(event, "delta", None)
                if getattr(delta, "type", None) == "text_delta":
                    return self._add(event, getattr(delta, "text", None), self._texts.get(_place(event), ""))
            case "message_delta":
                self._close(getattr(event, "delta", None), getattr(event, "usage", None))
            case "message_stop":
                self.ended = True
        return False

    def _open(self, message: Any) -> None:
        usage = getattr(message, "usage", None)
        self.opened = tokens_of(usage) if is_count(getattr(usage, "input_tokens", 0)) and usage else None

    def _close(self, delta: Any, usage: Any) -> None:
        stop, output = getattr(delta, "stop_reason", None), getattr(usage, "output_tokens", None)
        self.stop_reason = stop if isinstance(stop, str) and stop else self.stop_reason
        self.output = output if is_count(output) and output else self.output

    def _whole(self, message: Any) -> bool:
        """Take a message that came at once; it ends where a stream would have ended."""
        self._open(message)
        self._close(message, getattr(message, "usage", None))
        grew = self._add(None, text_of(getattr(message, "content", None)), "")
        self.ended = True
        return grew

    def _add(self, event: Any, text: Any, before: str) -> bool:
        """Put text to its block; a flood ends the answer as its limit would."""
        if not isinstance(text, str):
            return False
        self._texts[_place(event)] = before + text
        if sum(map(len, self._texts.values())) > LONGEST:
            self.stop_reason, self.ended = "max_tokens", True
        return bool(text)

    @property
    def text(self) -> str:
        """The text so far, without halves of characters and without what no database takes."""
        whole = "".join(self._texts[index] for index in sorted(self._texts)).replace("\0", "")
        return whole.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")

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


def _place(event: Any) -> int:
    """Return the place of an event's block; the first where none is told."""
    index = getattr(event, "index", None)
    return index if isinstance(index, int) else 0
