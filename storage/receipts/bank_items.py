"""A person's banks: how a link comes about, and how each bank is synced (rules BNK-1, BNK-2, BNK-5, BNK-6).

A link is asked for by one person, known by the hash of the vendor's token, and good once and for a while: a callback of
a foreign, used or old one finds nobody (SEC-R8). The access token of an item is a sealed blob: calls name the blob, so
the token stands in no outbox or inbox row, and deleting the blob deletes it.

A sync runs under a lease. What it brings is taken only from the holder of the lease and only at the cursor where it
began; a sync that is wanted meanwhile is noted and follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.seal import Seal
from storage.blobs import blob
from storage.links import follow_link
from storage.receipts.columns import key, note, owner
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

STATES = ("good", "needs_login", "revoked", "disabled")
SYNCED = ("good",)
LINK_STATES = ("asked", "open", "exchanging", "linked", "failed")
LINK_NAME = "bank"
"""What links of our own to such a page are called."""

LEASE = timedelta(minutes=30)
"""How long a sync may take; the delivery worker repeats the call of a dead process within it."""

bank_reference = sa.Table(
    "bank_reference",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    owner(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("target", sa.BigInteger, nullable=False),
    sa.Index("ix_bank_reference_target", "person_id", "target"),
    one_of("kind", "link", "item"),
)
"""Whose a vendor's id is; a webhook names nothing else."""

bank_link = sa.Table(
    "bank_link",
    metadata,
    key(),
    owner(),
    sa.Column("item_id", sa.BigInteger),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("token", sa.LargeBinary),
    sa.Column("url", sa.LargeBinary),
    sa.Column("page", sa.LargeBinary),
    sa.Column("at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Index("ix_bank_link_state", "person_id", "state", "id"),
    one_of("state", *LINK_STATES),
)

bank_item = sa.Table(
    "bank_item",
    metadata,
    key(),
    owner(),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("institution", sa.LargeBinary, nullable=False),
    sa.Column("token_blob", sa.BigInteger),
    sa.Column("cursor", sa.LargeBinary),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("linked_on", sa.Date, nullable=False),
    sa.Column("consent", sa.Text, nullable=False),
    sa.Column("consent_at", Moment, nullable=False),
    sa.Column("lease", sa.BigInteger),
    sa.Column("lease_until", Moment),
    sa.Column("is_wanted", sa.Boolean, nullable=False),
    sa.Column("synced_at", Moment),
    sa.Column("asked_at", Moment),
    sa.Index("ix_bank_item_state", "person_id", "state"),
    one_of("state", *STATES),
)

bank_account = sa.Table(
    "bank_account",
    metadata,
    owner(primary_key=True),
    sa.Column("vendor_hash", sa.LargeBinary, primary_key=True),
    sa.Column("item_id", sa.BigInteger, nullable=False),
    sa.Column("account_id", sa.BigInteger, nullable=False),
    sa.Index("ix_bank_account_item", "person_id", "item_id"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """A linked bank; `token_blob` is None once the token was deleted."""

    id: int
    state: str
    institution: str
    token_blob: int | None
    cursor: str | None
    days: int
    linked_on: date
    linked_at: datetime
    lease: int | None
    lease_until: datetime | None
    is_wanted: bool
    synced_at: datetime | None
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Link:
    """One try to link a bank, or to log in again at `item_id`; `url` is the vendor's page, `page` is ours."""

    id: int
    item_id: int | None
    days: int
    state: str
    token: str | None
    url: str | None
    page: str | None
    expires_at: datetime


# -- whose a vendor's id is --------------------------------------------------------------------------------------------


def _reference(work: Work, kind: str, vendor_id: str) -> bytes:
    return work.seal.digest(f"bank {kind}", vendor_id)


def refer(work: Work, person_id: int, *, kind: str, vendor_id: str, target: int) -> bool:
    """Remember whose a vendor's id is; False when it is somebody's already."""
    values = {"hash": _reference(work, kind, vendor_id), "person_id": person_id, "kind": kind, "target": target}
    insert = upsert(bank_reference).values(**values).on_conflict_do_nothing().returning(bank_reference.c.hash)
    return work.claim(insert).first() is not None


def whose(work: Work, *, kind: str, vendor_id: str) -> sa.Row[Any] | None:
    """Return (person_id, target) of a vendor's id, None for an unknown one."""
    found = bank_reference.c.hash == _reference(work, kind, vendor_id)
    return work.row(
        sa.select(bank_reference.c.person_id, bank_reference.c.target).where(found, bank_reference.c.kind == kind)
    )


# -- links -------------------------------------------------------------------------------------------------------------


def ask_link(work: Work, person_id: int, *, days: int, expires: datetime, item_id: int | None = None) -> int:
    """Note that a person wants to link a bank; return the id. An earlier link that is still open ends."""
    open_ones = (bank_link.c.person_id == person_id, bank_link.c.state.in_(("asked", "open")))
    work.claim(bank_link.update().where(*open_ones).values(state="failed", token=None, url=None))
    link_id = work.new_id()
    work.claim(
        bank_link.insert().values(
            id=link_id, person_id=person_id, item_id=item_id, days=days, state="asked", at=work.now, expires_at=expires
        )
    )
    note(work, person_id, "bank.link.asked", f"bank_link:{link_id}", item=item_id, days=days)
    return link_id


def show_link(work: Work, person_id: int, link_id: int, *, token: str, url: str, page: str) -> bool:
    """Keep the vendor's page of a link; False when the person has begun another one since."""
    changed = work.claim(
        bank_link.update()
        .where(bank_link.c.person_id == person_id, bank_link.c.id == link_id, bank_link.c.state == "asked")
        .values(
            state="open", token=work.seal.seal(token.encode()), url=work.seal.seal(url.encode()),
            page=work.seal.seal(page.encode()),
        )
    )  # fmt: skip
    if changed.rowcount != 1:
        return False
    return refer(work, person_id, kind="link", vendor_id=token, target=link_id)


def move_link(work: Work, person_id: int, link_id: int, *, was: tuple[str, ...], to: str) -> bool:
    """Change a link's state if it still is one of `was` (SEC-R8: each is used once); tell whether it happened."""
    ended = {"token": None, "url": None} if to in ("linked", "failed") else {}
    moved = work.claim(
        bank_link.update()
        .where(bank_link.c.person_id == person_id, bank_link.c.id == link_id, bank_link.c.state.in_(was))
        .values(state=to, **ended)
    )
    if moved.rowcount == 1:
        note(work, person_id, f"bank.link.{to}", f"bank_link:{link_id}")
    return moved.rowcount == 1


def load_link(work: Work, person_id: int, link_id: int) -> Link | None:
    """Return a link of this person."""
    row = work.row(sa.select(bank_link).where(bank_link.c.person_id == person_id, bank_link.c.id == link_id))
    return None if row is None else _link(work, row)


def open_link(work: Work, person_id: int) -> Link | None:
    """Return the link that a person may still follow."""
    row = work.row(
        sa.select(bank_link)
        .where(bank_link.c.person_id == person_id, bank_link.c.state == "open", bank_link.c.expires_at > work.now)
        .order_by(bank_link.c.id.desc())
        .limit(1)
    )
    return None if row is None else _link(work, row)


def page_behind(connection: sa.Connection, seal: Seal, token: str, now: datetime) -> tuple[str, int] | None:
    """Return (vendor's page, days of history) of a token in our address while its link is open, else None."""
    found = follow_link(connection, seal, kind="p", token=token, now=now)
    if found is None or found.name != LINK_NAME or found.person_id is None:
        return None
    mine = (bank_link.c.person_id == found.person_id, bank_link.c.id == found.target)
    still = (bank_link.c.state == "open", bank_link.c.expires_at > now)
    row = connection.execute(sa.select(bank_link.c.url, bank_link.c.days).where(*mine, *still)).first()
    return None if row is None else (seal.open(row.url).decode(), row.days)


def _link(work: Work, row: sa.Row[Any]) -> Link:
    opened = {
        name: work.seal.open(row._mapping[name]).decode() if row._mapping[name] is not None else None
        for name in ("token", "url", "page")
    }
    return Link(row.id, row.item_id, row.days, row.state, **opened, expires_at=row.expires_at)


# -- items -------------------------------------------------------------------------------------------------------------


def add(
    work: Work,
    person_id: int,
    *,
    vendor_id: str,
    institution: str,
    token_blob: int,
    days: int,
    today: date,
    consent: str,
) -> int | None:
    """Keep a bank that was just linked and return its id; None when that item is somebody's already."""  # fmt: skip
    item_id = work.new_id()
    if not refer(work, person_id, kind="item", vendor_id=vendor_id, target=item_id):
        return None
    work.claim(
        bank_item.insert().values(
            id=item_id, person_id=person_id, state="good", institution=work.seal.seal(institution.encode()),
            token_blob=token_blob, days=days, linked_on=today, consent=consent, consent_at=work.now, is_wanted=False,
        )
    )  # fmt: skip
    note(work, person_id, "bank.link", f"bank_item:{item_id}", consent=consent)
    return item_id


def load(work: Work, person_id: int, item_id: int) -> Item | None:
    """Return a bank of this person."""
    row = work.row(sa.select(bank_item).where(bank_item.c.person_id == person_id, bank_item.c.id == item_id))
    return None if row is None else _item(work, row)


def of_person(work: Work, person_id: int, states: tuple[str, ...] = ("good", "needs_login")) -> list[Item]:
    """Return a person's banks in these states, oldest first."""
    mine = (bank_item.c.person_id == person_id, bank_item.c.state.in_(states))
    return [_item(work, row) for row in work.rows(sa.select(bank_item).where(*mine).order_by(bank_item.c.id))]


def has_any(work: Work, person_id: int) -> bool:
    """Tell whether a person ever linked a bank."""
    mine = sa.select(bank_item.c.id).where(bank_item.c.person_id == person_id).limit(1)
    return work.row(mine) is not None


def with_token(work: Work, person_id: int) -> list[Item]:
    """Return the banks whose token still exists: the vendor holds them until they are removed there."""
    mine = (bank_item.c.person_id == person_id, bank_item.c.token_blob.is_not(None))
    return [_item(work, row) for row in work.rows(sa.select(bank_item).where(*mine).order_by(bank_item.c.id))]


def _item(work: Work, row: sa.Row[Any]) -> Item:
    cursor = None if row.cursor is None else work.seal.open(row.cursor).decode()
    return Item(
        row.id, row.state, work.seal.open(row.institution).decode(), row.token_blob, cursor, row.days, row.linked_on,
        row.consent_at, row.lease, row.lease_until, row.is_wanted, row.synced_at, row.asked_at,
    )  # fmt: skip


def _change(work: Work, person_id: int, item_id: int, *conditions: sa.ColumnElement[bool], **values: Any) -> bool:
    mine = (bank_item.c.person_id == person_id, bank_item.c.id == item_id)
    return work.claim(bank_item.update().where(*mine, *conditions).values(**values)).rowcount == 1


def move(work: Work, person_id: int, item_id: int, *, was: tuple[str, ...], to: str) -> bool:
    """Change the state if it still is one of `was`; tell whether it happened."""
    moved = _change(work, person_id, item_id, bank_item.c.state.in_(was), state=to)
    if moved:
        note(work, person_id, f"bank.{to}", f"bank_item:{item_id}")
    return moved


def name(work: Work, person_id: int, item_id: int, institution: str) -> bool:
    """Keep an institution's name that became known later; tell whether the bank is theirs."""
    return _change(work, person_id, item_id, institution=work.seal.seal(institution.encode()))


def forget_token(work: Work, person_id: int, item_id: int) -> bool:
    """Delete the token of a bank that was removed at the vendor, and end its lease; tell whether there was one."""
    item = load(work, person_id, item_id)
    if item is None or item.token_blob is None:
        return False
    work.claim(blob.delete().where(blob.c.person_id == person_id, blob.c.id == item.token_blob))
    note(work, person_id, "bank.token.deleted", f"bank_item:{item_id}")
    empty = dict.fromkeys(("token_blob", "cursor", "lease", "lease_until"))
    return _change(work, person_id, item_id, **empty, is_wanted=False)


# -- syncing -----------------------------------------------------------------------------------------------------------


def take_lease(work: Work, person_id: int, item_id: int, lease: int) -> bool:
    """Take the right to sync a bank; False while somebody holds it: then another sync is noted as wanted."""
    free = sa.or_(bank_item.c.lease.is_(None), bank_item.c.lease_until <= work.now)
    taken = _change(
        work, person_id, item_id, free, bank_item.c.state.in_(SYNCED), bank_item.c.token_blob.is_not(None),
        lease=lease, lease_until=work.now + LEASE, is_wanted=False,
    )  # fmt: skip
    if not taken:
        _change(work, person_id, item_id, bank_item.c.state.in_(SYNCED), is_wanted=True)
    return taken


def end_lease(work: Work, person_id: int, item_id: int, lease: int) -> bool:
    """Give the lease back; False when it is no longer ours, and then nothing that was fetched under it counts."""
    return _change(work, person_id, item_id, bank_item.c.lease == lease, lease=None, lease_until=None)


def keep_cursor(work: Work, person_id: int, item_id: int, cursor: str) -> bool:
    """Keep how far a loop came; called in the transaction of its rows (PLD-1)."""
    return _change(work, person_id, item_id, cursor=work.seal.seal(cursor.encode()), synced_at=work.now)


def note_asked(work: Work, person_id: int, item_id: int) -> None:
    """Note that the person asked for a sync (`SYNC`)."""
    _change(work, person_id, item_id, asked_at=work.now)


# -- accounts ----------------------------------------------------------------------------------------------------------


def know_account(work: Work, person_id: int, *, item_id: int, vendor_id: str, account_id: int) -> None:
    """Remember which account of the ledger a vendor's account id means."""
    hashed = work.seal.digest("bank account", f"{person_id}\0{vendor_id}")
    work.claim(
        upsert(bank_account)
        .values(person_id=person_id, vendor_hash=hashed, item_id=item_id, account_id=account_id)
        .on_conflict_do_nothing()
    )


def accounts_of(work: Work, person_id: int, vendor_ids: list[str]) -> dict[str, int]:
    """Return the ledger's account ids of vendor's account ids."""
    hashes = {work.seal.digest("bank account", f"{person_id}\0{one}"): one for one in vendor_ids}
    mine = (bank_account.c.person_id == person_id, bank_account.c.vendor_hash.in_(list(hashes)))
    rows = work.rows(sa.select(bank_account.c.vendor_hash, bank_account.c.account_id).where(*mine))
    return {hashes[row.vendor_hash]: row.account_id for row in rows}


def ledger_accounts(work: Work, person_id: int, item_id: int) -> list[int]:
    """Return the ledger's accounts of a bank."""
    mine = (bank_account.c.person_id == person_id, bank_account.c.item_id == item_id)
    return [row.account_id for row in work.rows(sa.select(bank_account.c.account_id).where(*mine))]
