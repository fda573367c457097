"""What the fake model sees on a picture: what it was taught to see on a picture that looks alike, and nothing else.

Clients scale and re-encode a picture on its way here, so it is known by a small grey copy, not by its bytes.
"""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from integrations.fakes.kit.book import Shelf

_SIDE = 160
_ALIKE = 4.0  # levels of grey by which two copies of one picture differ on average at most


def small_copy(picture: bytes) -> bytes | None:
    """Return the grey levels of a picture, made small; None for what is no picture."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(picture)) as image:
            return image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX).tobytes()
    except (UnidentifiedImageError, OSError):
        return None


def _apart(one: bytes, other: bytes) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


class Sight:
    """Remembers pictures with the lines on them, and the fields of what they show."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def teach(self, picture: bytes, lines: Sequence[str], found: Iterable[Mapping[str, str]] = ()) -> None:
        """Keep what a picture shows; raise ValueError for what is no picture."""
        copy = small_copy(picture)
        if copy is None:
            raise ValueError("that is no picture")
        kept = base64.b64encode(zlib.compress(copy)).decode("ascii")
        value = {"copy": kept, "lines": list(lines), "found": [dict(entry) for entry in found]}
        self._shelf.put(str(len(self._shelf)), value)

    def see(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the lines and the fields on a request's pictures, None when it has none."""
        pictures = list(_pictures(body))
        if not pictures:
            return None
        seen = [shown for picture in pictures if (shown := self._known(picture))]
        found: list[dict[str, str]] = []
        for entry in (entry for shown in seen for entry in shown["found"]):
            if entry not in found:
                found.append(entry)
        return {"lines": [line for shown in seen for line in shown["lines"]], "found": found}

    def _known(self, picture: bytes) -> dict[str, Any] | None:
        looks = small_copy(picture)
        if looks is None:
            return None
        apart = [(_apart(looks, zlib.decompress(base64.b64decode(shown["copy"]))), shown) for shown in self._shelf]
        nearest, shown = min(apart, key=lambda one: one[0], default=(_ALIKE, {}))
        return shown if nearest < _ALIKE else None


def _pictures(body: Mapping[str, Any]) -> Iterable[bytes]:
    for message in body["messages"]:
        content = message["content"]
        for block in content if isinstance(content, list) else []:
            source = block.get("source") or {}
            if block.get("type") == "image" and source.get("type") == "base64":
                yield base64.b64decode(source["data"])


def filled(schema: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer that fits a schema of lines and entries: what was not seen is null, false, 0 or empty."""
    return {name: _part(part, name, shown) for name, part in schema.get("properties", {}).items()}


def _part(part: Mapping[str, Any], name: str, shown: Mapping[str, Any]) -> Any:
    items = part.get("items") or {}
    if part.get("type") == "array" and items.get("type") == "object":
        return [_entry(items, entry) for entry in shown["found"]]
    if part.get("type") == "array":
        return shown["lines"] if items.get("type") == "string" else []
    if part.get("type") == "object":
        return _entry(part, next(iter(shown["found"]), {}))
    return _value(part, None)


def _entry(schema: Mapping[str, Any], entry: Mapping[str, str]) -> dict[str, Any]:
    return {name: _value(part, entry.get(name)) for name, part in schema.get("properties", {}).items()}


def _value(part: Mapping[str, Any], known: str | None) -> Any:
    kinds = part.get("type")
    allowed = set(kinds if isinstance(kinds, list) else [kinds]) | {one.get("type") for one in part.get("anyOf", ())}
    if known is not None and "string" in allowed:
        return known
    if "null" in allowed:
        return None
    return {"boolean": False, "integer": 0, "number": 0, "array": []}.get(next(iter(allowed), ""), "")
