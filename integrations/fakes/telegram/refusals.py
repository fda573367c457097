"""How the Bot API says no: a code, a sentence and sometimes parameters.

The sentences are the server's own; clients recognise causes by them, so a fake that reworded them would prove nothing.
"""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A call that the Bot API does not perform."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters or {}

    def answer(self) -> dict[str, Any]:
        """Return the JSON body."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        return body | ({"parameters": self.parameters} if self.parameters else {})


def refuse(code: int, description: str, parameters: dict[str, Any] | None = None) -> Refused:
    """Make a refusal to raise."""
    return Refused(code, description, parameters)


def bad(description: str) -> Refused:
    """Make the commonest refusal, 400 Bad Request."""
    return Refused(400, f"Bad Request: {description}")


def too_many(seconds: int) -> Refused:
    """Make a 429 that names the wait."""
    return Refused(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
