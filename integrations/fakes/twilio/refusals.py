"""How Twilio says no: an HTTP status, a number that clients act on, and a sentence."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A call that Twilio does not perform."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def answer(self) -> dict[str, Any]:
        """Return the JSON body."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def not_found(path: str) -> Refused:
    """Make the refusal for anything that is not there."""
    return Refused(404, 20404, f"The requested resource {path} was not found")
