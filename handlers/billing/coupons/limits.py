"""The limits on coupons: guesses, and what each role may make; one checked data file."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.core.errors import Misconfigured

FILE = Path(__file__).parents[1] / "data" / "coupons.toml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Guessing(_Strict):
    """So many wrong codes within so many minutes, then none is heard."""

    failures: int = Field(ge=1)
    minutes: int = Field(ge=1)

    @property
    def window(self) -> timedelta:
        """How long a wrong code counts."""
        return timedelta(minutes=self.minutes)


class Role(_Strict):
    """What somebody of a role may make; what is stated is required of every code of theirs (CP-1)."""

    most_codes: int = Field(ge=1, le=1000)
    most_bps: int | None = Field(None, ge=1, le=10_000)
    most_uses: int | None = Field(None, ge=1)
    most_days: int | None = Field(None, ge=1)


class Limits(_Strict):
    """The checked file."""

    guessing: Guessing
    roles: dict[str, Role]

    def of(self, role: str) -> Role:
        """Return a role's limits; the strictest for one that the file does not know."""
        return self.roles.get(role) or min(self.roles.values(), key=lambda one: one.most_codes)


@cache
def limits() -> Limits:
    """Return the limits; raise Misconfigured for a broken file."""
    try:
        return Limits.model_validate(tomllib.loads(FILE.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise Misconfigured(FILE.name, str(error)) from error
