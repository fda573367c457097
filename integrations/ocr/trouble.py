"""Why a file is not read."""

from __future__ import annotations


class Trouble(Exception):
    """The file's own trouble; `code` is unreadable, too_large, encrypted, or no_reader (models are not installed)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
