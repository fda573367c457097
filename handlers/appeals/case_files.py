"""The sealed papers of a case: facts and addresses to bytes and back, and the person's own row."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.calls.people import PostalAddress
from bot.engine.turn import Turn
from handlers.appeals.facts import Facts
from storage.appeals import cases
from storage.work import Work


def own_case(turn: Turn, case_id: int) -> sa.Row[Any]:
    """Return a case of this person; raise LookupError for anybody else's (rule DATA-4)."""
    row = cases.load(turn.work, case_id)
    if row is None or row.person_id != turn.person_id:
        raise LookupError("no such case")
    return row


def case_row(turn: Turn, case_id: int) -> sa.Row[Any]:
    """Return any case, for events that name it by our own ids; raise LookupError when it is gone."""
    row = cases.load(turn.work, case_id)
    if row is None:
        raise LookupError("no such case")
    return row


def facts_of(work: Work, row: sa.Row[Any]) -> Facts:
    """Return the facts of a case or of a draft version."""
    return Facts.model_validate_json(work.seal.open(row.facts))


def sealed(work: Work, facts: Facts) -> bytes:
    """Return facts as they are stored."""
    return work.seal.seal(facts.model_dump_json().encode())


def sealed_address(work: Work, address: PostalAddress) -> bytes:
    """Return an address as it is stored."""
    return work.seal.seal(orjson.dumps(asdict(address)))


def address_of(work: Work, stored: bytes) -> PostalAddress:
    """Return a stored address."""
    return PostalAddress(**orjson.loads(work.seal.open(stored)))
