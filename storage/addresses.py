"""Changing the state of an address, and the suppressions behind it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage import outbox
from storage.billing import subscriptions
from storage.people import ADD_CONSENT, address, consent, person, suppression
from storage.upsert import upsert
from storage.work import Work


def set_state(work: Work, address_id: int, state: str) -> None:
    """Set an address's state."""
    work.write(address.update().where(address.c.id == address_id).values(state=state, failures=0))


def suppression_hash(work: Work, handle: str) -> bytes:
    """Return the name under which the ledger of opt-outs knows a handle."""
    return work.seal.digest("suppression", handle)


def opt_out(work: Work, *, address_id: int, handle: str, source: str, wording: str) -> None:
    """Stop all messages to a handle: the suppression, the state and the cancelled queue are one transaction (SMS-3)."""
    insert = upsert(suppression)
    work.write(
        insert.values(
            hash=suppression_hash(work, handle),
            source=source,
            wording=work.seal.seal(wording.encode()),
            at=work.now,
            lifted_at=None,
        ).on_conflict_do_update(
            index_elements=["hash"], set_={k: insert.excluded[k] for k in ("source", "wording", "at", "lifted_at")}
        )
    )
    set_state(work, address_id, "opted_out")
    end_consent(work, address_id=address_id, handle=handle)
    outbox.cancel(work, address_id=address_id)


def opt_in(work: Work, *, address_id: int, handle: str) -> None:
    """Lift the suppression of a handle; only the person's own word does this."""
    known = suppression.c.hash == suppression_hash(work, handle)
    work.write(suppression.update().where(known).values(lifted_at=work.now))
    set_state(work, address_id, "active")


def consent_to(work: Work, *, person_id: int, handle: str, kind: str, wording: str, source: str) -> None:
    """Note what a person agreed to, in which words, and where (SMS-11)."""
    work.put(
        ADD_CONSENT,
        {
            "id": work.new_id(),
            "person_id": person_id,
            "hash": work.seal.digest("address", handle),
            "kind": kind,
            "wording": wording,
            "source": source,
            "at": work.now_us,
        },
    )


def end_consent(work: Work, *, address_id: int, handle: str) -> None:
    """End what was agreed to beyond replies and news of the own case: a later START does not bring it back (SMS-27)."""
    owner = sa.select(address.c.person_id).where(address.c.id == address_id).scalar_subquery()
    work.write(
        consent.update()
        .where(
            given_by(owner),
            consent.c.kind.in_(("nudges", "offers")),
            consent.c.hash == work.seal.digest("address", handle),
            consent.c.ended_at.is_(None),
        )
        .values(ended_at=work.now)
    )


def end_one(work: Work, *, person_id: int, kind: str, handle: str) -> None:
    """End one kind of consent at a handle; the others stand."""
    mine = (consent.c.person_id == person_id, consent.c.kind == kind, consent.c.ended_at.is_(None))
    here = consent.c.hash == work.seal.digest("address", handle)
    work.write(consent.update().where(*mine, here).values(ended_at=work.now))


def has_consent(work: Work, *, person_id: int, kind: str, handle: str) -> bool:
    """Tell whether a person agreed to a kind of message at a handle."""
    found = work.row(
        sa.select(consent.c.id).where(
            given_by(person_id),
            consent.c.kind == kind,
            consent.c.hash == work.seal.digest("address", handle),
            consent.c.ended_at.is_(None),
        )
    )
    return found is not None


def person_at(work: Work, handle: str) -> int | None:
    """Return whose address a handle is, `telegram:<bot>:<user>` for one."""
    row = work.row(sa.select(address.c.person_id).where(address.c.hash == work.seal.digest("address", handle)))
    return None if row is None else int(row.person_id)


def given_by(person_id: int | sa.ScalarSelect[Any]) -> sa.ColumnElement[bool]:
    """A consent is a person's own, or that of one whom they absorbed: its row keeps the id it was given under."""
    both = sa.select(person.c.id).where(sa.or_(person.c.id == person_id, person.c.merged_into == person_id))
    return consent.c.person_id.in_(both)


def of_person(work: Work, person_id: int) -> list[sa.Row[Any]]:
    """Return a person's addresses, oldest first."""
    return work.rows(sa.select(address).where(address.c.person_id == person_id).order_by(address.c.id))


NOBODY = "0:0"
"""The handle of an address that was made nobody's; nothing is sent there."""


def cut_off(work: Work, address_id: int) -> None:
    """Make an address nobody's: its hash and handle lead to no one, and whoever writes from it is new.

    A trial that its person had stays spent for it (SB-12).
    """
    row = work.row(sa.select(address.c.person_id).where(address.c.id == address_id))
    if row is not None:
        subscriptions.keep_trial(work, row.person_id)
    gone = {
        "hash": work.seal.digest("erased address", str(address_id)),
        "handle": work.seal.seal(NOBODY.encode()),
        "state": "unreachable",
    }
    work.write(address.update().where(address.c.id == address_id).values(gone))
