"""Changing the state of an address, and the suppressions behind it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage import outbox
from storage.people import ADD_CONSENT, address, consent, suppression
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
            consent.c.person_id == owner,
            consent.c.kind.in_(("nudges", "offers")),
            consent.c.hash == work.seal.digest("address", handle),
            consent.c.ended_at.is_(None),
        )
        .values(ended_at=work.now)
    )


def has_consent(work: Work, *, person_id: int, kind: str, handle: str) -> bool:
    """Tell whether a person agreed to a kind of message at a handle."""
    found = work.row(
        sa.select(consent.c.id).where(
            consent.c.person_id == person_id,
            consent.c.kind == kind,
            consent.c.hash == work.seal.digest("address", handle),
            consent.c.ended_at.is_(None),
        )
    )
    return found is not None


def of_person(work: Work, person_id: int) -> list[sa.Row[Any]]:
    """Return a person's addresses, oldest first."""
    return work.rows(sa.select(address).where(address.c.person_id == person_id).order_by(address.c.id))
