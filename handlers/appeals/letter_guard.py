"""Stop a letter that still shows its seams: placeholders, program residue, empty slots (rule LET-7).

Runs twice: on the composed document before approval, and again, with the hash of the file, before the letter is
claimed for printing. The person's own sentences may say anything; the frame and the filled slots may not.
"""

from __future__ import annotations

import hmac
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_WORDS = Path(__file__).with_name("data") / "letter_guard.toml"
_BRACKETED = re.compile(r"\[[^\[\]\n]*\]?|\{[^{}\n]*\}?|[\]}]|\[|\{")
_OWN_WORDS = ("statement", "exhibits.caption", "grounds.details.answer")
_NEEDED = ("contact", "date", "agency", "re", "opening", "grounds", "statement", "request", "closing", "citation",
    "signature.name", "signature.line")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seam:
    """One finding: `code` is bracket, residue, filler, demo_value, empty or changed_file; `where` is the slot."""

    code: str
    where: str
    text: str = ""


def check(document: Mapping[str, Any], user_words: Iterable[str]) -> list[Seam]:
    """Return what is wrong with a composed document; `user_words` are the raw texts that the person gave."""
    own = _plain(" \n ".join(user_words))
    return [*_empty(document), *(seam for where, text in _texts(document) for seam in _seams(where, text, own))]


def check_file(approved_sha256: str, sha256: str) -> list[Seam]:
    """Return a finding unless the file is, byte for byte, the one that was approved."""
    if approved_sha256 and hmac.compare_digest(approved_sha256, sha256):
        return []
    return [Seam("changed_file", "pdf")]


def check_text(text: str, user_words: Iterable[str]) -> list[Seam]:
    """Return brackets and braces in the text of a finished page that the person did not write."""
    own = _plain(" \n ".join(user_words))
    return list(_brackets("page", text, own))


@cache
def _lists() -> dict[str, list[str]]:
    return tomllib.loads(_WORDS.read_text("utf-8"))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _texts(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every printed text with the name of its slot."""
    for name, value in document.items():
        match name, value:
            case _, str():
                yield name, value
            case "grounds", list():
                for ground in value:
                    yield "grounds.title", ground["title"]
                    for label, answer in ground["details"]:
                        yield from (("grounds.details.label", label), ("grounds.details.answer", answer))
            case "fields", list():
                yield from ((f"fields.{i}", text) for i in (0, 1) for text in (pair[i] for pair in value))
            case "exhibits", list():
                yield from (("exhibits.caption", exhibit["caption"]) for exhibit in value)
            case "signature", dict():
                yield from ((f"signature.{part}", text) for part, text in value.items() if isinstance(text, str))
            case _, list():
                yield from ((name, text) for text in value)
            case _:
                pass


def _seams(where: str, text: str, own: str) -> Iterator[Seam]:
    yield from _brackets(where, text, own)
    if where in _OWN_WORDS:
        return
    lists, plain = _lists(), _plain(text)
    for word in lists["residue"]:
        if re.search(rf"(?<![\w/]){re.escape(word)}(?![\w/])", text) or plain == word.casefold():
            yield Seam("residue", where, word)
    for words in lists["filler"]:
        if words in plain:
            yield Seam("filler", where, words)
    for value in lists["demo"]:
        if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", plain) and value not in own:
            yield Seam("demo_value", where, value)


def _brackets(where: str, text: str, own: str) -> Iterator[Seam]:
    for match in _BRACKETED.finditer(text):
        if _plain(match[0]) not in own:
            yield Seam("bracket", where, match[0])


def _empty(document: Mapping[str, Any]) -> Iterator[Seam]:
    for slot in _NEEDED:
        value: Any = document
        for part in slot.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if not value or (isinstance(value, str) and not value.strip()) or _has_blank(value):
            yield Seam("empty", slot)


def _has_blank(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, str) and not item.strip() for item in value)
