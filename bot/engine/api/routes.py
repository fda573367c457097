"""A resource of the HTTP API as data: where it is, what it takes, what it answers, and the function that does it.

The models check what comes in and describe themselves in the OpenAPI document, so that the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from storage.work import Work

if TYPE_CHECKING:
    from bot.engine.turn import Turn


class Nothing(BaseModel):
    """No query, no body: whatever is given is one too many."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file: what it is by its own bytes, the hex SHA-256 of it as it came, and what is kept of it (MED-1, MED-5)."""

    media_type: str
    sha256: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was let in: whose it is, and what it says, checked. `turn` is there when the route writes.

    `matches` is the revision that `If-Match` names, None for any.
    """

    person_id: int
    work: Work
    path: Mapping[str, str]
    query: Any
    body: Any
    matches: int | None
    request_id: str
    acting: Turn | None = None

    @property
    def turn(self) -> Turn:
        """The turn of a route that writes; raise LookupError in one that reads."""
        if self.acting is None:
            raise LookupError("a reading route has no turn")
        return self.acting


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: a model for JSON, or bytes with their media type; a revision becomes the ETag."""

    model: BaseModel | None = None
    status: int = 200
    revision: int | None = None
    location: str | None = None
    data: bytes | None = field(default=None, repr=False)
    media_type: str = "application/json"
    filename: str | None = None

    def body(self) -> bytes:
        """Return what is sent."""
        if self.data is not None:
            return self.data
        return b"" if self.model is None else self.model.model_dump_json().encode()

    def headers(self) -> dict[str, str]:
        """Return the headers of this answer alone."""
        named = {
            "ETag": None if self.revision is None else f'"{self.revision}"',
            "Location": self.location,
            "Content-Type": self.media_type if self.body() else None,
        }
        return {name: value for name, value in named.items() if value is not None}


Handle = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path below `/api/v1`; `{name}` in the path is a part of it.

    `takes` are media types of a body that is no JSON. `versioned` says that `If-Match` must be given. A token
    opens it whose `scope` it has (`storage.receipts.tokens.SCOPES`), and whose person's plan has the `feature` too.
    """

    method: str
    path: str
    handle: Handle = field(repr=False)
    summary: str
    answers: type[BaseModel] | None = None
    status: int = 200
    query: type[BaseModel] = Nothing
    body: type[BaseModel] | None = None
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    writes: bool = False
    versioned: bool = False
    scope: str = "receipts"
    feature: str = ""
