"""How Stripe says no."""

from __future__ import annotations

from typing import Any


class StripeRefusal(Exception):
    """An error answer in Stripe's shape; `stored` when it is the outcome of a call that began to run.

    Stripe keeps the answer of an idempotency key only then: refused parameters leave the key free.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        status: int = 400,
        type: str = "invalid_request_error",
        stored: bool = False,
    ) -> None:
        super().__init__(message)
        self.message, self.code, self.param, self.status, self.type = message, code, param, status, type
        self.stored = stored

    def body(self) -> dict[str, Any]:
        """Return the answer's body."""
        details = {"code": self.code, "message": self.message, "param": self.param, "type": self.type}
        return {"error": {name: value for name, value in details.items() if value is not None}}


def no_such(sort: str, id: str, param: str = "id") -> StripeRefusal:
    """Return the refusal for an unknown id: 404 when it stood in the path, 400 in a parameter."""
    in_path = param == "id"
    return StripeRefusal(
        f"No such {sort}: '{id}'",
        code="resource_missing",
        param=param,
        status=404 if in_path else 400,
        stored=not in_path,
    )
