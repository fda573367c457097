"""Persons, their addresses, what they consented to, and the numbers that must not be texted.

A person owns many addresses (`telegram:<bot>:<user>`, `sms:+1415...`). The handle is sealed and looked up by keyed
hash. A suppression holds only the hash, and outlives the person (rule SMS-6).
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.hot import Hot
from storage.schema import Id, Moment, metadata, one_of, partial_index
from storage.upsert import upsert

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("zone", sa.Text),
    sa.Column("place", sa.Text),
    sa.Column("quiet_from", sa.Integer),
    sa.Column("quiet_to", sa.Integer),
    sa.Column("staffed_until", sa.BigInteger),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("merged_into", sa.BigInteger),
    partial_index("ix_person_merged_into", "merged_into", where="merged_into IS NOT NULL"),
)
"""`merged_into` is the person in whom this one was absorbed, never one who was absorbed in turn (rule ID-6)."""

address = sa.Table(
    "address",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("handle", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("last_in_at", sa.BigInteger),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("hash"),
    sa.Index("ix_address_person", "person_id", "id"),
    one_of("state", "active", "opted_out", "frozen", "unreachable"),
    one_of("channel", "telegram", "sms"),
)

suppression = sa.Table(
    "suppression",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("wording", sa.LargeBinary),
    sa.Column("at", Moment, nullable=False),
    sa.Column("lifted_at", Moment),
)

consent = sa.Table(
    "consent",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id"), nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("wording", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Index("ix_consent_person", "person_id", "kind"),
    partial_index("ix_consent_offers", "person_id", "hash", where="kind = 'offers' AND ended_at IS NULL"),
    one_of("kind", "conversation", "nudges", "offers"),
)

usage = sa.Table(
    "usage",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("period", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("used", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)


def _insert(table: sa.Table) -> sa.Insert:
    return table.insert()


ADD_PERSON = Hot(
    "add person", _insert(person), keys=["id", "locale", "zone", "place", "staffed_until", "created_at"], rank=10
)
CLAIM_ADDRESS = Hot(
    "claim address",
    upsert(address).on_conflict_do_nothing(),
    keys=["id", "person_id", "channel", "hash", "handle", "state", "created_at"],
    claims=address.c.id,
)
"""Claims a handle for a new person, whose own row follows in the flush (the foreign key is checked at the commit)."""

SUPPRESSED = Hot(
    "suppressed",
    sa.select(suppression.c.hash).where(suppression.c.hash == sa.bindparam("hash"), suppression.c.lifted_at.is_(None)),
)
ADD_CONSENT = Hot(
    "add consent",
    consent.insert().values(at=sa.bindparam("at", type_=sa.BigInteger)),
    keys=["id", "person_id", "hash", "kind", "wording", "source"],
    rank=40,
)

TOUCH_ADDRESS = Hot(
    "touch address",
    address.update().where(address.c.id == sa.bindparam("address_id")).values(last_in_at=sa.bindparam("at")),
    rank=30,
)
