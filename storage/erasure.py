"""What goes when a person deletes their data (rules UX-14, PRIV-7): words, files, parked drafts, what waits to be sent.

What stays holds nothing of them: the suppression of a number (its hash), consent as it was given, the audit, and the
ledger of money and mail, each for its time. Their addresses are made nobody's: whoever writes from one is new.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage import addresses
from storage.accounts import codes, merges
from storage.blobs import blob
from storage.inbox import inbox
from storage.links import link
from storage.outbox import outbox
from storage.passes import erase as erase_passes
from storage.people import address, consent, person
from storage.schema import word
from storage.timers import timer
from storage.transcript import transcript
from storage.work import Work


def erase(work: Work, person_id: int) -> None:
    """Empty all rows of a person that hold their words, and cut their addresses off; the conversation is the turn's."""
    for row in work.rows(sa.select(address.c.id).where(address.c.person_id == person_id)):
        _unsend(work, row.id)
        addresses.cut_off(work, row.id)
    erase_passes(work, person_id)
    codes.erase(work, person_id)
    merges.erase(work, person_id)
    files = sa.select(blob.c.id).where(blob.c.person_id == person_id)
    work.write(link.delete().where(link.c.kind == "d", link.c.target.in_(files)))
    work.write(blob.delete().where(blob.c.person_id == person_id))
    work.write(transcript.update().where(transcript.c.person_id == person_id).values(body=None))
    waits = timer.c.state == word("set")
    work.write(timer.update().where(timer.c.person_id == person_id, waits).values(state="cancelled", body=None))
    dead = inbox.c.state == word("dead")
    work.write(inbox.update().where(inbox.c.person_id == person_id, dead).values(state="dropped", body=None))
    ends = consent.update().where(addresses.given_by(person_id), consent.c.ended_at.is_(None))
    work.write(ends.values(ended_at=work.now))
    work.write(person.update().where(person.c.id == person_id).values(zone=None, place=None))


def _unsend(work: Work, address_id: int) -> None:
    """Cancel the messages that wait, and empty those that left; a call to a vendor still has to be made."""
    mine = outbox.c.address_id == address_id
    work.write(
        outbox.update().where(mine, outbox.c.kind == "message", outbox.c.state == "ready").values(state="cancelled")
    )
    work.write(outbox.update().where(mine, outbox.c.state.not_in(("ready", "sending"))).values(body=None))
