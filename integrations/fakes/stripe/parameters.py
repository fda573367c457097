"""Kinds of parameters and how Stripe refuses what does not fit them.

A table is a mapping of names to kinds; `read_parameters` turns the nested text of a form into typed values and refuses
unknown names, wrong types, missing and empty values with Stripe's codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from integrations.fakes.stripe.refusal import StripeRefusal


class Kind(Protocol):
    """Reads one parameter."""

    def read(self, value: Any, name: str) -> Any:
        """Return the typed value or raise StripeRefusal."""
        ...


Table = Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `pattern` must match wholly, `clearable` allows the empty string that unsets."""

    limit: int = 5000
    pattern: str = ""
    clearable: bool = False
    code: str | None = None

    def read(self, value: Any, name: str) -> str:
        """Read it."""
        if not isinstance(value, str):
            raise StripeRefusal(f"Invalid string: {value}", param=name)
        if not value and not self.clearable:
            raise _empty(name)
        if len(value) > self.limit:
            message = f"Invalid string: {value[:8]}...; must be at most {self.limit} characters"
            raise StripeRefusal(message, param=name, code="parameter_invalid_string")
        if value and self.pattern and not re.fullmatch(self.pattern, value):
            raise StripeRefusal(f"Invalid value for {name}: {value}", param=name, code=self.code)
        return value


@dataclass(frozen=True, slots=True)
class Url:
    """An absolute http(s) address."""

    def read(self, value: Any, name: str) -> str:
        """Read it."""
        text = Text().read(value, name)
        if not re.match(r"https?://[^\s/]+", text):
            raise StripeRefusal("Not a valid URL", param=name, code="url_invalid")
        return text


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer within bounds."""

    least: int | None = None
    most: int | None = None

    def read(self, value: Any, name: str) -> int:
        """Read it."""
        if value == "":
            raise _empty(name)
        if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,18}", value):
            raise StripeRefusal(f"Invalid integer: {value}", param=name, code="parameter_invalid_integer")
        number = int(value)
        if self.least is not None and number < self.least:
            message = f"This value must be greater than or equal to {self.least}."
            raise StripeRefusal(message, param=name, code="parameter_invalid_integer")
        if self.most is not None and number > self.most:
            message = f"This value must be less than or equal to {self.most}."
            raise StripeRefusal(message, param=name, code="parameter_invalid_integer")
        return number


@dataclass(frozen=True, slots=True)
class Instant:
    """Unix seconds, a word that stands for some, or the empty string that unsets."""

    words: tuple[str, ...] = ()

    def read(self, value: Any, name: str) -> int | str:
        """Read it."""
        return str(value) if value == "" or value in self.words else Whole(0).read(value, name)


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    def read(self, value: Any, name: str) -> bool:
        """Read it."""
        if value not in ("true", "false"):
            raise StripeRefusal(f"Invalid boolean: {value}", param=name)
        return bool(value == "true")


@dataclass(frozen=True, slots=True)
class Word:
    """One of a closed set."""

    words: tuple[str, ...]

    def read(self, value: Any, name: str) -> str:
        """Read it."""
        if value not in self.words:
            allowed = ", ".join(self.words[:-1]) + (" or " if len(self.words) > 1 else "") + self.words[-1]
            raise StripeRefusal(f"Invalid {name}: must be one of {allowed}", param=name)
        return str(value)


@dataclass(frozen=True, slots=True)
class Metadata:
    """At most 50 pairs, keys to 40 characters without brackets, values to 500."""

    def read(self, value: Any, name: str) -> dict[str, str]:
        """Read it."""
        if value == "":
            return {}
        pairs = dict(enumerate(value)) if isinstance(value, list) else value
        if not isinstance(pairs, dict):
            raise StripeRefusal("Invalid object", param=name)
        if len(pairs) > 50:
            raise StripeRefusal("Metadata can have up to 50 keys", param=name)
        for key, text in pairs.items():
            if len(str(key)) > 40:
                raise StripeRefusal("Metadata keys can be up to 40 characters long", param=f"{name}[{key}]")
            Text(500, clearable=True).read(text, f"{name}[{key}]")
        return {str(key): text for key, text in pairs.items()}


@dataclass(frozen=True, slots=True)
class Group:
    """A nested object with its own table."""

    table: Table
    required: tuple[str, ...] = ()

    def read(self, value: Any, name: str) -> dict[str, Any]:
        """Read it."""
        if not isinstance(value, dict):
            raise StripeRefusal("Invalid object", param=name)
        return read_parameters(value, self.table, required=self.required, within=name)


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of one kind."""

    kind: Kind
    most: int = 100

    def read(self, value: Any, name: str) -> list[Any]:
        """Read it."""
        if not isinstance(value, list):
            raise StripeRefusal("Invalid array", param=name)
        if len(value) > self.most:
            raise StripeRefusal(f"Array {name} is too long: at most {self.most}", param=name)
        return [self.kind.read(item, f"{name}[{n}]") for n, item in enumerate(value)]


@dataclass(frozen=True, slots=True)
class Span:
    """A moment or a range of moments (`created`, `created[gte]`); reads to the four bounds."""

    def read(self, value: Any, name: str) -> dict[str, int]:
        """Read it."""
        if isinstance(value, str):
            moment = Whole().read(value, name)
            return {"gte": moment, "lte": moment}
        return Group({bound: Whole() for bound in ("gt", "gte", "lt", "lte")}).read(value, name)


@dataclass(frozen=True, slots=True)
class Loose:
    """A known parameter whose inside this fake neither models nor checks."""

    note: str = field(default="")

    def read(self, value: Any, name: str) -> Any:
        """Read it."""
        return value


def read_parameters(
    values: Mapping[str, Any], table: Table, *, required: tuple[str, ...] = (), within: str = ""
) -> dict[str, Any]:
    """Check the values against a table and return them typed; raise StripeRefusal at the first that does not fit."""
    for key in values:
        if key not in table:
            name = _full(within, key)
            raise StripeRefusal(f"Received unknown parameter: {name}", param=name, code="parameter_unknown")
    for key in required:
        if key not in values:
            name = _full(within, key)
            raise StripeRefusal(f"Missing required param: {name}.", param=name, code="parameter_missing")
    return {key: table[key].read(value, _full(within, key)) for key, value in values.items()}


def _full(within: str, key: str) -> str:
    return f"{within}[{key}]" if within else key


def _empty(name: str) -> StripeRefusal:
    message = (
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
        f"however '{name}' cannot be unset."
    )
    return StripeRefusal(message, param=name, code="parameter_invalid_empty")
