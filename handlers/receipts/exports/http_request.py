"""A request that an export to another program consists of, as a value: the job that sends it knows host and token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from handlers.receipts.exports.ledger import Picture


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """Method, path below the base URL, query, and a JSON body or a picture's bytes."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, object] | None = None
    picture: Picture | None = None
