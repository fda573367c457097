"""The words of the recogniser, English and Spanish, read once from the data files beside the code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).with_name("data")


@cache
def data(name: str) -> Mapping[str, Any]:
    """Return one data file of this package."""
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))


def listed(text: str) -> list[str]:
    """Split a list at its commas; commas inside a group part its branches, those of a count stay."""
    entries, entry, depth, counts = [], "", 0, False
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        counts = character == "{" or (counts and character != "}")
        if character == "," and not counts and not depth:
            entries.append(entry)
            entry = ""
        else:
            entry += "|" if character == "," and not counts else character
    entries.append(entry)
    return [re.sub(r"\|\s+", "|", " ".join(entry.split())) for entry in entries if entry.strip()]


def alternatives(sources: Iterable[str]) -> str:
    """Return a group of regular expressions as whole words, longest first."""
    ordered = sorted(set(sources), key=lambda source: (-len(source), source))
    return r"(?:(?<![a-z0-9])(?:" + "|".join(ordered) + r")(?![a-z0-9]))"


@cache
def any_of(name: str, *keys: str) -> str:
    """Return the source of any phrase of a list: `any_of("stance", "hedges")`.

    A phrase may hold the expression parts `( ) | ? [ ] \\w`; a space stands for any space.
    """
    found: Any = data(name)
    for key in keys:
        found = found[key]
    return alternatives(phrase.replace(" ", r"\s") for phrase in listed(found))


@cache
def finder(name: str, *keys: str) -> re.Pattern[str]:
    """Return the compiled matcher of a list."""
    return re.compile(any_of(name, *keys))
