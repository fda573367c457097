"""Consents under way at Google: who began one, from where, and what the callback must bring (rules EML-10, SEC-R8).

The link that a person gets in the chat and the `state` that Google brings back are random and kept as hashes, like the
cookie that ties the browser which began to the one that comes back. The verifier of PKCE is sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from storage import audit
from storage.receipts.columns import key, note, owner
from storage.schema import Moment, metadata
from storage.work import Work

LIFE = timedelta(minutes=10)

mail_consent = sa.Table(
    "mail_consent",
    metadata,
    key(),
    owner(),
    sa.Column("address_id", sa.BigInteger, nullable=False),
    sa.Column("link_hash", sa.LargeBinary, nullable=False),
    sa.Column("state_hash", sa.LargeBinary),
    sa.Column("cookie_hash", sa.LargeBinary),
    sa.Column("verifier", sa.LargeBinary),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("used_at", Moment),
    sa.UniqueConstraint("link_hash"),
    sa.UniqueConstraint("state_hash"),
    sa.Index("ix_mail_consent_person", "person_id", "expires_at"),
)


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A consent that came back as it should: whose it is, the chat that began it, and the verifier."""

    id: int
    person_id: int
    address_id: int
    verifier: str


def begin(work: Work, person_id: int, *, address_id: int, link: str) -> None:
    """Note that a person wants to give a consent; earlier ones that were not used are void."""
    work.claim(mail_consent.delete().where(mail_consent.c.person_id == person_id, mail_consent.c.used_at.is_(None)))
    work.claim(
        mail_consent.insert().values(
            id=work.new_id(), person_id=person_id, address_id=address_id, link_hash=_hash(work, "link", link),
            expires_at=work.now + LIFE,
        )
    )  # fmt: skip
    note(work, person_id, "mailbox.consent", f"person:{person_id}")


def open_link(work: Work, link: str, *, state: str, cookie: str, verifier: str) -> bool:
    """Arm the consent of a link with fresh secrets; False for a link that is unknown, used or too old.

    Chats fetch links to show a preview, so a link may be opened again until its consent is used; the last opening wins.
    """
    armed = work.claim(
        mail_consent.update()
        .where(
            mail_consent.c.link_hash == _hash(work, "link", link),
            mail_consent.c.used_at.is_(None),
            mail_consent.c.expires_at > work.now,
        )
        .values(
            state_hash=_hash(work, "state", state), cookie_hash=_hash(work, "cookie", cookie),
            verifier=work.seal.seal(verifier.encode()),
        )
    )  # fmt: skip
    return armed.rowcount == 1


def redeem(work: Work, state: str, cookie: str) -> Redeemed | None:
    """Use up the consent of a state, once; a stolen, old, used or unknown one is refused and audited."""
    hashed = _hash(work, "state", state)
    row = work.claim(
        mail_consent.update()
        .where(
            mail_consent.c.state_hash == hashed,
            mail_consent.c.cookie_hash == _hash(work, "cookie", cookie),
            mail_consent.c.used_at.is_(None),
            mail_consent.c.expires_at > work.now,
        )
        .values(used_at=work.now)
        .returning(*mail_consent.c)
    ).first()
    if row is not None and row.verifier is not None:
        note(work, row.person_id, "mailbox.consented", f"consent:{row.id}")
        return Redeemed(row.id, row.person_id, row.address_id, work.seal.open(row.verifier).decode())
    _refused(work, work.row(sa.select(mail_consent).where(mail_consent.c.state_hash == hashed)))
    return None


def _refused(work: Work, row: sa.Row[Any] | None) -> None:
    if row is None:
        why = "unknown"
    elif row.used_at is not None:
        why = "used"
    else:
        why = "old" if row.expires_at <= work.now else "foreign"
    obj = f"consent:{row.id}" if row is not None else None
    audit.record(work, actor="web:oauth", action="receipts.mailbox.refused", obj=obj, why=why)


def _hash(work: Work, kind: str, text: str) -> bytes:
    return work.seal.digest(f"mail consent {kind}", text)
