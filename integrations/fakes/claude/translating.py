"""Puts Spanish into English, sentence by sentence, as far as a small phrasebook goes."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

from integrations.fakes.claude.tidying import tidy

_SENTENCES = re.compile(r"[^.!?\n]+[.!?]*|\n+")


def asks_for_english(system: str) -> bool:
    """Tell whether a system prompt asks for an English version of Spanish material."""
    return "Spanish" in system and "English version" in system


def translate(text: str) -> str:
    """Return the English of the sentences that are known; the others stay as they are."""
    parts = [part.strip() for part in _SENTENCES.findall(text) if part.strip()]
    return tidy(" ".join(_book().get(_key(part), part) for part in parts))


def _key(sentence: str) -> str:
    plain = unicodedata.normalize("NFKD", sentence.casefold())
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c))))


@cache
def _book() -> dict[str, str]:
    book = tomllib.loads(Path(__file__).with_name("phrasebook.toml").read_text("utf-8"))
    return {_key(spanish): english for spanish, english in book["sentences"].items()}
