"""How Lob says no: `{"error": {"message", "status_code", "code"}}`."""

from __future__ import annotations

from typing import Any


class LobRefusal(Exception):
    """An error answer; 422 means: fix the data."""

    def __init__(self, message: str, code: str = "invalid", status: int = 422) -> None:
        super().__init__(message)
        self.message, self.code, self.status = message, code, status

    def body(self) -> dict[str, Any]:
        """Return the answer's body."""
        return {"error": {"message": self.message, "status_code": self.status, "code": self.code}}
