"""Where each person's conversation stands: one sealed row per person, and the read that starts every turn.

`newest` is the largest id that the person's turns have used. The next turn's ids follow it, so that a person's events
and messages keep their order although another process, whose clock is behind, goes on with them.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.hot import Hot
from storage.inbox import inbox
from storage.outbox import outbox
from storage.people import address, person
from storage.schema import Id, metadata
from storage.upsert import upsert

conversation = sa.Table(
    "conversation",
    metadata,
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), primary_key=True, autoincrement=False),
    sa.Column("address_id", sa.BigInteger, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("newest", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)

_waits = (
    sa.select(sa.literal_column("1"))
    .where(inbox.c.person_id == person.c.id, inbox.c.state == sa.literal_column("'waiting'"))
    .exists()
)
_queued = (
    sa.select(sa.literal_column("1"))
    .where(
        outbox.c.lane == address.c.id,
        outbox.c.state.in_([sa.literal_column("'ready'"), sa.literal_column("'sending'")]),
    )
    .exists()
)
_asked = sa.bindparam("person_id", type_=sa.BigInteger)
_known = sa.select(person.c.merged_into).where(person.c.id == _asked).scalar_subquery()
_columns = (
    person.c.id,
    address.c.id,
    address.c.channel,
    address.c.state,
    address.c.last_in_at,
    person.c.locale,
    person.c.zone,
    person.c.staffed_until,
    conversation.c.state,
    conversation.c.newest,
    _waits,
    _queued,
    address.c.handle,
)
_joined = address.join(person, person.c.id == address.c.person_id).outerjoin(
    conversation, conversation.c.person_id == person.c.id
)

BY_ADDRESS = Hot(
    "snapshot by address", sa.select(*_columns).select_from(_joined).where(address.c.hash == sa.bindparam("hash"))
)
BY_PERSON = Hot(
    "snapshot by person",
    sa.select(*_columns)
    .select_from(_joined)
    .where(person.c.id == sa.func.coalesce(_known, _asked))
    .order_by(
        (address.c.state == sa.literal_column("'active'")).desc(),
        (address.c.id == sa.func.coalesce(conversation.c.address_id, sa.literal_column("0"))).desc(),
        address.c.id,
    ),
)
"""An id that was absorbed by a merge leads to its survivor (A06). The first row's address is the one that is told of
it: where the person wrote last if it can be reached, else their oldest that can (ID-11)."""

_save = upsert(conversation)
SAVE = Hot(
    "save conversation",
    _save.on_conflict_do_update(
        index_elements=["person_id"],
        set_={name: _save.excluded[name] for name in ("address_id", "state", "newest", "at")},
    ),
    keys=["person_id", "address_id", "state", "newest", "at"],
    rank=40,
)
