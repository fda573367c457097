"""Who we are: one organisation, in versions; what a document shows of it is a version's, for ever (OR-1).

There is no second one in a database: another organisation is another database and another process.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import orjson
import sqlalchemy as sa

from storage.schema import Moment, metadata
from storage.work import Work

organisation = sa.Table(
    "organisation",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Organisation:
    """The fields of a version; `legal` is the block under the name, its lines divided by `; `."""

    name: str = "Parley"
    brand: str = "Parley"
    legal: str = ""
    zone: str = "America/Los_Angeles"
    currency: str = "USD"
    staff_group: str = ""
    owners_channel: str = ""
    tax: str = "none"

    @property
    def block(self) -> list[str]:
        """How documents name it, line by line."""
        return [self.name, *filter(None, (line.strip() for line in self.legal.split(";")))]


def current(work: Work, first: Organisation | None = None, *, at: datetime | None = None) -> tuple[int, Organisation]:
    """Return the newest version with its number, or that of a moment; before any was set, 0 and `first`."""
    versions = sa.select(organisation).order_by(organisation.c.version.desc()).limit(1)
    row = work.row(versions if at is None else versions.where(organisation.c.at <= at))
    if row is None:
        return 0, first or Organisation()
    return int(row.version), Organisation(**orjson.loads(work.seal.open(row.body)))


def amend(work: Work, following: int, made: Organisation, *, actor: str) -> bool:
    """Store the version after the one of that number; False when somebody else was faster."""
    newest = work.row(sa.select(sa.func.max(organisation.c.version)))
    if newest is not None and (newest[0] or 0) != following:
        return False
    body = work.seal.seal(orjson.dumps(asdict(made)))
    work.claim(organisation.insert().values(version=following + 1, body=body, actor=actor, at=work.now))
    return True
