"""What each operation takes: a small schema by hand, strict about names and types (rule CON-6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from integrations.fakes.plaid.refusal import PlaidRefusal

REQUIRED: Mapping[str, Mapping[str, type]] = {
    "link_token_create": {"client_name": str, "language": str, "country_codes": list, "user": dict},
    "link_token_get": {"link_token": str},
    "token_exchange": {"public_token": str},
    "accounts_get": {"access_token": str},
    "institution_get": {"institution_id": str, "country_codes": list},
    "transactions_sync": {"access_token": str},
    "item_remove": {"access_token": str},
    "webhook_key_get": {"key_id": str},
}
OPTIONAL: Mapping[str, Mapping[str, type]] = {
    "link_token_create": {
        "products": list, "transactions": dict, "webhook": str, "hosted_link": dict, "access_token": str,
    },
    "transactions_sync": {"cursor": str, "count": int},
}  # fmt: skip
MOST_DAYS, LONGEST_PAGE_SECONDS = 730, 21 * 86_400


def read(operation: str, raw: bytes, *, client_id: str | None, secret: str | None) -> dict[str, Any]:
    """Return the fields of a request; raise PlaidRefusal for wrong keys, names or types."""
    try:
        given = json.loads(raw)
    except ValueError:
        raise PlaidRefusal("INVALID_REQUEST", "INVALID_BODY") from None
    if not isinstance(given, dict):
        raise PlaidRefusal("INVALID_REQUEST", "INVALID_BODY")
    keys = (given.pop("client_id", None), given.pop("secret", None))
    if not all(keys) or (client_id and keys[0] != client_id) or (secret and keys[1] != secret):
        raise PlaidRefusal("INVALID_INPUT", "INVALID_API_KEYS")
    _check(operation, given)
    return given


def _check(operation: str, given: Mapping[str, Any]) -> None:
    required, optional = REQUIRED[operation], OPTIONAL.get(operation, {})
    missing = [name for name in required if name not in given]
    if missing:
        raise PlaidRefusal("INVALID_REQUEST", "MISSING_FIELDS", f"missing: {missing}")
    for name, value in given.items():
        wanted = required.get(name) or optional.get(name)
        if wanted is None:
            raise PlaidRefusal("INVALID_REQUEST", "UNKNOWN_FIELDS", f"unknown: {name}")
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise PlaidRefusal("INVALID_REQUEST", "INVALID_FIELD", f"{name} must be {wanted.__name__}")
    if operation == "link_token_create":
        _check_link(given)
    if not 1 <= given.get("count", 100) <= 500:
        raise PlaidRefusal("INVALID_REQUEST", "INVALID_FIELD", "count must be 1 to 500")


def _check_link(given: Mapping[str, Any]) -> None:
    if not given["user"].get("client_user_id"):
        raise PlaidRefusal("INVALID_REQUEST", "MISSING_FIELDS", "user.client_user_id")
    if ("products" in given) == ("access_token" in given):
        raise PlaidRefusal("INVALID_REQUEST", "INVALID_FIELD", "products for a new item, access_token for an old one")
    if given.get("transactions", {}).get("days_requested", 90) > MOST_DAYS:
        raise PlaidRefusal("INVALID_REQUEST", "INVALID_FIELD", "days_requested")
    if given.get("hosted_link", {}).get("url_lifetime_seconds", 1800) > LONGEST_PAGE_SECONDS:
        raise PlaidRefusal("INVALID_REQUEST", "INVALID_FIELD", "url_lifetime_seconds")
