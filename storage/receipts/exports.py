"""Exports that were asked for, their files for a day, and what each kind has sent so far (receipts rules 10, MED-8).

An export is claimed before anything is made: one of a kind at a time. Its files are blobs with a date of deletion. What
was sent is one sealed blob per kind, named by `ledger_export_mark`; it changes in the turn that hands the files over,
and only from the revision that the export began with.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.blobs import blob
from storage.receipts.columns import key, note, owner
from storage.schema import Moment, metadata, one_of, partial_index
from storage.upsert import upsert
from storage.work import Work

LIFE = timedelta(hours=24)
"""How long files are kept and links lead to them (rule SEC-R7)."""
LOST_AFTER = timedelta(minutes=30)
"""An export that nobody has heard of for so long stands in nobody's way."""
TRIES = 5
"""Wrong codes before the link leads nowhere."""

export = sa.Table(
    "ledger_export",
    metadata,
    key(),
    owner(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("start", sa.Date),
    sa.Column("end", sa.Date),
    sa.Column("fresh", sa.Boolean, nullable=False),
    sa.Column("mark_revision", sa.Integer, nullable=False),
    sa.Column("code", sa.LargeBinary),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sent", sa.LargeBinary),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_ledger_export_person", "person_id", "id"),
    partial_index("uq_ledger_export_open", "person_id", "kind", unique=True, where="state = 'making'"),
    one_of("state", "making", "made", "ended", "locked"),
)

export_file = sa.Table(
    "ledger_export_file",
    metadata,
    owner(primary_key=True),
    sa.Column("export_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("blob_id", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("taken_at", Moment),
)

mark = sa.Table(
    "ledger_export_mark",
    metadata,
    owner(primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("blob_id", sa.BigInteger, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: a kind, a half-open range of dates (None: all of them), or what is new since the last one."""

    kind: str
    start: date | None = None
    end: date | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Where what was sent so far is kept; blob 0 is an empty one."""

    blob_id: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True)
class File:
    """A finished file: its blob, a safe name, its media type and size."""

    blob_id: int
    name: str
    media_type: str
    size: int
    seq: int = 0
    taken: bool = False


def begin(work: Work, person_id: int, wanted: Wanted) -> int | None:
    """Claim an export and return its id; None while another one of the kind is being made."""
    stale = (export.c.person_id == person_id, export.c.kind == wanted.kind, export.c.state == "making")
    work.claim(export.update().where(*stale, export.c.at < work.now - LOST_AFTER).values(state="ended"))
    row = work.claim(
        upsert(export)
        .values(
            id=work.new_id(), person_id=person_id, kind=wanted.kind, state="making", start=wanted.start,
            end=wanted.end, fresh=wanted.fresh, mark_revision=mark_of(work, person_id, wanted.kind).revision,
            code=None, tries=0, sent=None, at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(export.c.id)
    ).first()  # fmt: skip
    if row is None:
        return None
    note(work, person_id, "export.ask", f"export:{row.id}", kind=wanted.kind, fresh=wanted.fresh)
    return int(row.id)


def begun_since(work: Work, person_id: int, kinds: Collection[str], since: datetime) -> int:
    """Return how many exports of some kinds a person had since an instant; what came to nothing does not count."""
    mine = (export.c.person_id == person_id, export.c.kind.in_(kinds), export.c.state != "ended", export.c.at > since)
    row = work.row(sa.select(sa.func.count()).select_from(export).where(*mine))
    return int(row[0]) if row is not None else 0


def load(work: Work, person_id: int, export_id: int) -> sa.Row[Any] | None:
    """Return an export of this person."""
    return work.row(sa.select(export).where(export.c.person_id == person_id, export.c.id == export_id))


def end(work: Work, person_id: int, export_id: int, *, state: str) -> bool:
    """Leave the state `making`; tell whether it was in it."""
    mine = (export.c.person_id == person_id, export.c.id == export_id, export.c.state == "making")
    return work.claim(export.update().where(*mine).values(state=state)).rowcount == 1


def made(work: Work, person_id: int, export_id: int, files: Sequence[File], *, mark_blob: int | None) -> bool:
    """Take the files of an export and advance the mark of its kind; False when it was over already."""
    row = load(work, person_id, export_id)
    if row is None or not end(work, person_id, export_id, state="made"):
        return False
    for seq, one in enumerate(files):
        work.claim(
            export_file.insert().values(
                person_id=person_id, export_id=export_id, seq=seq, blob_id=one.blob_id, name=one.name,
                media_type=one.media_type, size=one.size,
            )
        )  # fmt: skip
    if mark_blob is not None:
        _advance(work, person_id, row.kind, mark_blob, was=row.mark_revision)
    note(work, person_id, "export.made", f"export:{export_id}", kind=row.kind, files=len(files))
    return True


def mark_of(work: Work, person_id: int, kind: str) -> Mark:
    """Return what a kind of export has sent so far."""
    row = work.row(sa.select(mark.c.blob_id, mark.c.revision).where(mark.c.person_id == person_id, mark.c.kind == kind))
    return Mark() if row is None else Mark(row.blob_id, row.revision)


def _advance(work: Work, person_id: int, kind: str, blob_id: int, *, was: int) -> bool:
    before = mark_of(work, person_id, kind)
    if before.revision != was:
        return False
    work.claim(
        upsert(mark)
        .values(person_id=person_id, kind=kind, blob_id=blob_id, revision=was + 1, at=work.now)
        .on_conflict_do_update(
            index_elements=["person_id", "kind"], set_={"blob_id": blob_id, "revision": was + 1, "at": work.now}
        )
    )
    mine = blob.c.person_id == person_id
    work.claim(blob.update().where(mine, blob.c.id == blob_id).values(delete_after=None))
    work.claim(blob.delete().where(mine, blob.c.id == before.blob_id))
    return True


def note_progress(work: Work, person_id: int, export_id: int, body: bytes) -> None:
    """Keep how far the sending to another program has come."""
    mine = (export.c.person_id == person_id, export.c.id == export_id)
    work.claim(export.update().where(*mine).values(sent=work.seal.seal(body), at=work.now))


def progress(work: Work, row: sa.Row[Any]) -> bytes | None:
    """Return how far the sending has come."""
    return None if row.sent is None else work.seal.open(row.sent)


# -- taking the files by a link ------------------------------------------------------------------------------------


def code_hash(work: Work, export_id: int, code: str) -> bytes:
    """Return the hash of the code that opens the page of an export."""
    return work.seal.digest("export code", f"{export_id}\0{code}")


def lock(work: Work, person_id: int, export_id: int, code: str) -> None:
    """Set the code that the page asks for."""
    mine = (export.c.person_id == person_id, export.c.id == export_id)
    work.claim(export.update().where(*mine).values(code=code_hash(work, export_id, code), tries=0))


def files(connection: sa.Connection, person_id: int, export_id: int) -> list[File]:
    """Return the files of an export of this person that is made and not locked."""
    rows = connection.execute(
        sa.select(export_file)
        .join(export, sa.and_(export.c.person_id == export_file.c.person_id, export.c.id == export_file.c.export_id))
        .where(
            export_file.c.person_id == person_id,
            export_file.c.export_id == export_id,
            export.c.state == "made",
            export.c.code.is_not(None),
        )
        .order_by(export_file.c.seq)
    )
    return [File(row.blob_id, row.name, row.media_type, row.size, row.seq, row.taken_at is not None) for row in rows]


def ready(connection: sa.Connection, person_id: int, now: datetime) -> list[sa.Row[Any]]:
    """Return (export_id, seq, name) of the files that this person may still take with a code, newest first."""
    made = (export.c.person_id == person_id, export.c.state == "made", export.c.code.is_not(None))
    return list(
        connection.execute(
            sa.select(export_file.c.export_id, export_file.c.seq, export_file.c.name)
            .join(
                export, sa.and_(export.c.person_id == export_file.c.person_id, export.c.id == export_file.c.export_id)
            )
            .where(
                export_file.c.person_id == person_id, *made, export.c.at > now - LIFE, export_file.c.taken_at.is_(None)
            )
            .order_by(export_file.c.export_id.desc(), export_file.c.seq)
        )
    )


def take(work: Work, person_id: int, export_id: int, seq: int, code: str) -> str:
    """Judge a code and take a file, once: `right`, `wrong`, `locked` (too many tries), or `gone`."""
    row = load(work, person_id, export_id)
    if row is None or row.code is None or row.state not in ("made", "locked"):
        return "gone"
    mine = (export.c.person_id == person_id, export.c.id == export_id)
    tried = work.claim(
        export.update().where(*mine, export.c.state == "made", export.c.tries < TRIES).values(tries=export.c.tries + 1)
    )
    if tried.rowcount != 1:
        return "locked"
    if not hmac.compare_digest(code_hash(work, export_id, code), row.code):
        if row.tries + 1 >= TRIES:
            work.claim(export.update().where(*mine).values(state="locked"))
            note(work, person_id, "export.locked", f"export:{export_id}")
            return "locked"
        return "wrong"
    work.claim(export.update().where(*mine).values(tries=row.tries))
    took = work.claim(
        export_file.update()
        .where(
            export_file.c.person_id == person_id, export_file.c.export_id == export_id, export_file.c.seq == seq,
            export_file.c.taken_at.is_(None),
        )
        .values(taken_at=work.now)
    )  # fmt: skip
    if took.rowcount != 1:
        return "gone"
    note(work, person_id, "export.taken", f"export:{export_id}", file=seq)
    return "right"
