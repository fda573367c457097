"""What makes two recorded requests alike to whoever checks them against a contract.

Names count as they are; of values only what a contract may say something about: their type, short lower-case words
(they may be one of a closed set), the sorts of characters, and on which side of the usual limits their size lies.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_LENGTHS = (0, 1, 15, 32, 40, 64, 128, 160, 200, 255, 256, 500, 512, 1024, 1600, 4096)
_NUMBERS = (-1, 0, 1, 50, 100, 500, 1000, 36_000, 1_000_000)
_WORD = re.compile(r"[a-z][a-z_.]{0,30}")
_SORTS = ((re.compile(r"[^\W\d_]+"), "a"), (re.compile(r"\d+"), "9"), (re.compile(r"\s+"), " "))
_CHECKED_HEADERS = ("authorization", "content-type", "idempotency-key", "stripe-version", "anthropic-version")
_FORM = "application/x-www-form-urlencoded"


def shape(row: Mapping[str, Any]) -> str:
    """Return a text that is equal for recorded requests alike in everything that a contract may judge."""
    parts = urlsplit(row["url"])
    headers = {name.lower(): value for name, value in row["headers"].items()}
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    told = [(name, _text(headers[name].partition(";")[0])) for name in _CHECKED_HEADERS if name in headers]
    path = [part if part.islower() else _text(part) for part in parts.path.split("/")]
    query = _pairs(parse_qsl(parts.query, keep_blank_values=True))
    return json.dumps([row.get("provider"), row["method"], path, query, told, _of_body(kind, row.get("body"))])


def _of_body(kind: str, body: Any) -> Any:
    if isinstance(body, Mapping):
        return _value(body)
    if kind == _FORM:
        return _pairs(parse_qsl(body or "", keep_blank_values=True))
    try:
        return _value(json.loads(body)) if body else None
    except ValueError:
        return _text(str(body))


def _pairs(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted((name, _text(value)) for name, value in pairs)


def _value(value: Any) -> Any:
    match value:
        case bool() | None:
            return value
        case int() | float():
            return [type(value).__name__, bisect_left(_NUMBERS, value)]
        case str():
            return _text(value)
        case Mapping():
            return {name: _value(one) for name, one in sorted(value.items())}
        case _:
            kinds = {json.dumps(_value(one)) for one in value}
            return [bisect_left(_NUMBERS, len(value)), *sorted(kinds)]


def _text(text: str) -> str:
    if _WORD.fullmatch(text):
        return text
    sorts = text[:5000]
    for pattern, sort in _SORTS:
        sorts = pattern.sub(sort, sorts)
    return f"{bisect_left(_LENGTHS, len(text))}{''.join(sorted(set(sorts)))}"
