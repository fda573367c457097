"""Message catalogues: every word that a person reads, by key and locale.

A catalogue is a TOML file of flat dotted keys. `key.sms` and `key.telegram` override `key` on that channel. Values are
format strings; arguments are inserted as plain text and never interpreted (rule UX-26).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path


def _flatten(table: dict[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, str(value).strip("\n")


def read(path: Path) -> dict[str, str]:
    """Return the texts of one file by their dotted keys."""
    return dict(_flatten(tomllib.loads(path.read_text("utf-8"))))


class Catalogue:
    """All texts of all services, by locale; English is the fallback."""

    def __init__(self) -> None:
        self._texts: dict[str, dict[str, str]] = {}
        self._found: dict[tuple[str, str, str], str] = {}

    def add_folder(self, folder: Path) -> None:
        """Add every `<locale>.toml` of a folder; raise ValueError when a key is given twice."""
        self._found.clear()
        for path in sorted(folder.glob("*.toml")):
            texts = self._texts.setdefault(path.stem, {})
            for key, text in read(path).items():
                if key in texts:
                    raise ValueError(f"text {key} is given twice for {path.stem}")
                texts[key] = text

    def add(self, locale: str, texts: dict[str, str]) -> None:
        """Add texts by hand (tests, plug-ins)."""
        self._found.clear()
        self._texts.setdefault(locale, {}).update(texts)

    def text(self, key: str, locale: str = "en", channel: str = "telegram", /, **args: object) -> str:
        """Return a text with its arguments; raise KeyError when the key or an argument is missing."""
        template = self._found.get((key, locale, channel)) or self._find(key, locale, channel)
        return template.format_map({k: str(v) for k, v in args.items()}) if args else template.format()

    def _find(self, key: str, locale: str, channel: str) -> str:
        for texts in (self._texts.get(locale, {}), self._texts["en"]):
            for name in (f"{key}.{channel}", key):
                if name in texts:
                    self._found[key, locale, channel] = texts[name]
                    return texts[name]
        raise KeyError(f"no text {key}")

    def speaks(self, locale: str) -> bool:
        """Tell whether there are texts in a locale."""
        return bool(self._texts.get(locale))

    def has(self, key: str) -> bool:
        """Tell whether English has this key."""
        return key in self._texts.get("en", {})

    def entries(self, locale: str = "en") -> dict[str, str]:
        """Return all texts of a locale, for the lints."""
        return dict(self._texts.get(locale, {}))
