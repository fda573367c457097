"""The language of a print, told by its script or by the words that tills print."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from handlers.receipts.merchants import folded
from handlers.receipts.reading.labels import plain_words
from handlers.receipts.reading.rows import Row

_DATA = Path(__file__).parents[1] / "data" / "languages.toml"
_SCRIPTS = (
    ("ja", re.compile(r"[\u3041-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("th", re.compile(r"[\u0e01-\u0e5b]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
)
_FEWEST_SIGNS, _FEWEST_WORDS = 6, 2
_ENGLISH = frozenset({"US", "GB", "IE", "AU", "NZ", "CA"})
_OF_COUNTRY = {
    "DE": "de", "AT": "de", "FR": "fr", "ES": "es", "MX": "es", "IT": "it", "NL": "nl", "PT": "pt", "BR": "pt",
    "MY": "ms", "ID": "id", "SE": "sv", "DK": "da", "NO": "no", "PL": "pl", "TR": "tr",
}  # fmt: skip


@cache
def _words() -> dict[str, frozenset[str]]:
    listed = tomllib.loads(_DATA.read_text("utf-8"))["words"]
    return {language: frozenset(words.split()) for language, words in listed.items()}


def language_of(rows: Sequence[Row], country: str | None) -> str | None:
    """Return the ISO 639-1 code of the language, or None when too little tells it.

    Neighbours share words (Malay and Indonesian, Danish and Norwegian): of equals the country's own language is taken.
    """
    text = "\n".join(row.text for row in rows)
    for language, script in _SCRIPTS:
        if len(script.findall(text)) >= _FEWEST_SIGNS:
            return language
    seen = set(re.findall(r"[^\W_]+", f"{folded(text)}\n{plain_words(text)}"))
    found = Counter({language: len(words & seen) for language, words in _words().items()})
    most = max(found.values())
    if most < _FEWEST_WORDS:
        return "en" if country in _ENGLISH and found["en"] == most else None
    leaders = [language for language, count in found.items() if count == most]
    return _OF_COUNTRY[country] if country and _OF_COUNTRY.get(country) in leaders else leaders[0]
