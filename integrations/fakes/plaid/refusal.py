"""How Plaid says no: `{"error_type", "error_code", "error_message", "display_message", "request_id"}`."""

from __future__ import annotations

from typing import Any


class PlaidRefusal(Exception):
    """An error answer."""

    def __init__(self, kind: str, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(code)
        self.kind, self.code, self.message, self.status = kind, code, message, status

    def body(self) -> dict[str, Any]:
        """Return the answer's body."""
        return {
            "error_type": self.kind,
            "error_code": self.code,
            "error_message": self.message or self.code.lower().replace("_", " "),
            "display_message": None,
            "request_id": "req_fake",
        }
