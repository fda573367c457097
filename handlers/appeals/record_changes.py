"""What a changed city record does to the cases that rest on it (REG-4, ST-6, FUL-3).

Approvals of unpaid cases are void: ready ones go back to the check, open links are closed at Stripe first. Paid and
unmailed orders meet the change at their gates; one that waits between two tries is held back for that.
"""

from __future__ import annotations

import orjson

from bot.engine.turn import Turn
from handlers.appeals import checkouts, fulfilment, records
from handlers.appeals.approvals import back_to_review
from handlers.appeals.case_files import case_row
from storage import timers
from storage.appeals import cases, city_records, drafts, letters, payments


def change_due(turn: Turn) -> None:
    """Put a change into force whose 24 hours are over and that nobody dropped, and let its cases know."""
    change = city_records.load_change(turn.work, int(turn.event.payload["change"]))
    if change is not None and change.state == "pending":
        records.take_effect(turn, change.id, approved_by=None)
        spread(turn, change.city_id)


def approve_change(turn: Turn, change_id: int, *, actor: str) -> str:
    """Let a second operator put a change into force; return the city's id."""
    city = records.approve_change(turn, change_id, actor=actor)
    spread(turn, city.city_id)
    return city.city_id


def spread(turn: Turn, city_id: str) -> None:
    """Give every unpaid approved case and every unmailed order of a city a turn of its own."""
    for row in cases.of_city(turn.work, city_id, ("ready", "awaiting_payment", "paid")):
        timers.set_timer(
            turn.work,
            kind="appeals.record_changed",
            key=f"record_changed:{row.id}",
            due=turn.now,
            person_id=row.person_id,
            body=orjson.dumps({"case": row.id}),
        )


def case_due(turn: Turn) -> None:
    """Compare one case with the record in force, and take back what no longer fits."""
    row = case_row(turn, int(turn.event.payload["case"]))
    city, newest = records.city_of(turn.work, row.city_id), drafts.newest(turn.work, row.id)
    if newest is None or newest.approved_at is None:
        return
    if city is not None and city.mailing_version == newest.mailing_version:
        return
    if row.stage == "paid":
        for letter in letters.of_case(turn.work, row.id):
            payment = payments.load(turn.work, letter.payment_id)
            if payment is not None and fulfilment.hold_back(turn, letter):
                fulfilment.fulfil(turn, payment)
    elif payments.of_case(turn.work, row.id, payments.OPEN):
        checkouts.close(turn, row.id, why="record")
    elif row.stage == "ready":
        back_to_review(turn, row.id, trigger="engine", reason="record")
        turn.notify("appeals.pay.closed_record")
