"""Honest token counts: what a request weighs, what comes out of the cache, what an answer cost.

Real tokenisers differ; four bytes to a token, and width x height / 750 for pictures, keeps the proportions.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from datetime import datetime, timedelta
from typing import Any

from bot.core.clock import Clock

_CACHEABLE = 1024
_LIFE = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1)}


def count(text: str) -> int:
    """Return the tokens of a text; an empty one still costs one."""
    return max(1, (len(text.encode()) + 3) // 4)


def count_request(body: dict[str, Any]) -> int:
    """Return the input tokens of a request: system, messages, tools, schema, pictures."""
    total = 3 + sum(4 + _weight(message["content"]) for message in body["messages"])
    total += _weight(body["system"]) if body.get("system") else 0
    for name in ("tools", "output_config"):
        if body.get(name):
            total += count(json.dumps(body[name]))
    return total


def _weight(content: Any) -> int:
    if isinstance(content, str):
        return count(content)
    return sum(_block_weight(block) for block in content)


def _block_weight(block: dict[str, Any]) -> int:
    source = block.get("source") or {}
    if block.get("type") == "image" and source.get("type") == "base64":
        return _picture_weight(base64.b64decode(source["data"]))
    if block.get("type") == "text":
        return count(block["text"])
    return count(json.dumps(block))


def _picture_weight(data: bytes) -> int:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError):
        return count("x" * len(data))
    scale = min(1.0, 1568 / max(width, height), (1_150_000 / (width * height)) ** 0.5)
    return max(1, int(width * scale * height * scale / 750))


class PromptCache:
    """Remembers the marked prefixes of requests for five minutes or an hour."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._until = clock, dict[str, datetime]()

    def usage(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the input side of `usage`, split into fresh, written and read tokens."""
        total, now = count_request(body), self._clock.now()
        prefix, life = _marked_prefix(body)
        size = count(prefix) if prefix else 0
        written = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}
        read = 0
        if size >= _CACHEABLE:
            key = hashlib.sha256(f"{body['model']}|{prefix}".encode()).hexdigest()
            if self._until.get(key, now) > now:
                read = size
            else:
                written[f"ephemeral_{life}_input_tokens"] = size
            self._until[key] = now + _LIFE[life]
        return {
            "input_tokens": total - read - sum(written.values()),
            "cache_creation_input_tokens": sum(written.values()),
            "cache_read_input_tokens": read,
            "cache_creation": written,
        }


def _marked_prefix(body: dict[str, Any]) -> tuple[str, str]:
    """Return the text up to the last cache mark, and how long it is to live."""
    parts: list[str] = [json.dumps(body["tools"])] if body.get("tools") else []
    blocks: list[Any] = [body.get("system") or [], *(message["content"] for message in body["messages"])]
    end, life = 0, "5m"
    for content in blocks:
        whole: list[dict[str, Any]] = [{"text": content}] if isinstance(content, str) else content
        for block in whole:
            parts.append(str(block.get("text") or json.dumps(block.get("source") or {})))
            if block.get("cache_control"):
                end, life = len(parts), block["cache_control"].get("ttl", "5m")
    return "".join(parts[:end]), life if life in _LIFE else "5m"
