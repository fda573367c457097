"""The beginning of an export: one of a kind at a time is claimed, and a call makes it (rule 10 of the receipts)."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from bot.core.calls.books import MakeExport
from bot.engine.turn import Turn
from handlers.receipts.exports import connecting, export_rights
from handlers.receipts.exports.export_kind import ExportKind
from handlers.receipts.owner import DEFAULT_ZONE, owner_of
from storage.receipts import connections, exports
from storage.receipts.exports import Wanted
from storage.receipts.ledger import transaction
from storage.work import Work

ASK_ABOVE = 200
"""With more entries the person hears counts and sums first, and says whether the file is wanted."""
THEN, SLOW_TIMER = "receipts.exported", "receipts.export.slow"
SLOW = timedelta(seconds=20)
LIMIT = timedelta(minutes=20)
SENT_ON = frozenset({ExportKind.FIREFLY, ExportKind.ACTUAL})
"""Kinds that another program takes from us, when the person connected it."""


def today(turn: Turn) -> date:
    """Return the date where the person is."""
    try:
        return owner_of(turn.work, turn.person.id).today
    except LookupError:  # a person's first message: the row is on its way
        return turn.today(DEFAULT_ZONE)


def has_books(work: Work, person_id: int) -> bool:
    """Tell whether a person has anything to export."""
    return work.row(sa.select(transaction.c.id).where(transaction.c.person_id == person_id).limit(1)) is not None


def start(turn: Turn, wanted: Wanted, *, confirmed: bool = False) -> None:
    """Claim an export and have it made; say so when one of the kind is under way."""
    kind, person_id = ExportKind(wanted.kind), turn.person.id
    connected = kind in SENT_ON and connections.load(turn.work, person_id, kind.value) is not None
    if kind is ExportKind.FIREFLY and not connected:
        connecting.begin(turn, kind)
        return
    if export_rights.is_day_spent(turn):
        turn.say("receipts.export.day_spent")
        return
    export_id = exports.begin(turn.work, person_id, wanted)
    if export_id is None:
        turn.say("receipts.export.busy", kind=kind_name(turn, wanted.kind))
        return
    if not export_rights.reserve(turn, export_id):
        exports.end(turn.work, person_id, export_id, state="ended")
        turn.say("receipts.export.used_up", told=export_rights.told(turn))
        return
    call = MakeExport(
        export_id, person_id, wanted.kind,
        start=wanted.start.isoformat() if wanted.start else None,
        end=wanted.end.isoformat() if wanted.end else None,
        fresh=wanted.fresh, mark_blob=exports.mark_of(turn.work, person_id, wanted.kind).blob_id,
        ask_above=None if confirmed else ASK_ABOVE, sends=connected,
    )  # fmt: skip
    turn.call(call, then=THEN, context={"export": export_id, "confirmed": confirmed}, limit=LIMIT, typing=True)
    turn.timer(SLOW_TIMER, f"{SLOW_TIMER}:{export_id}", turn.now + SLOW, export=export_id)
    turn.silent = True


def kind_name(turn: Turn, kind: str) -> str:
    """Return what a kind is called."""
    return turn.text(f"receipts.export.kind_{kind}")
