"""Calls and results to JSON and back, by the name of their class.

Classes register with `@wire`. Field types may be str, int, bool, None, lists, tuples, dicts and other wired classes;
pydantic checks the values on the way in, so a row written by an older release fails loudly, not strangely.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypedDict, TypeVar

from pydantic import TypeAdapter

from bot.core.errors import Permanent

_classes: dict[str, type] = {}
T = TypeVar("T")


class Packed(TypedDict):
    """A stored call or result."""

    type: str
    fields: Any


def wire(cls: type[T]) -> type[T]:
    """Make a dataclass packable under its class name."""
    if cls.__name__ in _classes:
        raise TypeError(f"two wired classes are called {cls.__name__}")
    _classes[cls.__name__] = cls
    return cls


@cache
def _adapter(cls: type) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def pack(value: Any) -> Packed:
    """Wrap a wired dataclass with its name; orjson writes the dataclass itself, which is several times faster."""
    name = type(value).__name__
    if _classes.get(name) is not type(value):
        raise TypeError(f"{name} is not wired")
    return {"type": name, "fields": value}


def unpack(packed: Packed) -> Any:
    """Turn a stored object back into its dataclass; raise Permanent when this release does not know it."""
    cls = _classes.get(packed["type"])
    if cls is None:
        raise Permanent(f"no class is called {packed['type']}")
    return _adapter(cls).validate_python(packed["fields"])
