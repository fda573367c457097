"""City records in force: the packaged registry with the versions that operators stored (rules REG-3, REG-4).

One operator may re-verify an unchanged record. A change of an address, the policy or a deadline waits for a second
operator, or for 24 hours with notice to all of them. Nothing but these functions writes a record.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.core.errors import Refusal
from handlers.appeals.city import City, Verification
from handlers.appeals.registry import Registry, packaged_registry
from storage.appeals import city_records
from storage.audit import record
from storage.work import Work

if TYPE_CHECKING:
    from bot.engine.turn import Turn

CHANGE_DELAY = timedelta(hours=24)
CLOSED = "city_closed"


def city_of(work: Work, city_id: str | None) -> City | None:
    """Return a city's record in force; a stored version that does not load means no record (it fails closed).

    It is read once in a turn: the gates, the dates and the words of one question ask for it a dozen times.
    """
    return None if city_id is None else work.once(("city", city_id), lambda: _in_force(work, city_id))


def _in_force(work: Work, city_id: str) -> City | None:
    stored = city_records.newest(work, city_id)
    if stored is None:
        return packaged_registry().get(city_id)
    try:
        return City.model_validate_json(stored.body)
    except ValueError:
        return None


def registry_of(work: Work) -> Registry:
    """Return the registry in force."""
    stored = [city_of(work, row.city_id) for row in city_records.all_newest(work)]
    records = [city for city in stored if city is not None]
    return packaged_registry().with_records(records) if records else packaged_registry()


def _keep(work: Work, city: City, *, actor: str, why: str) -> None:
    city_records.add(work, city_id=city.city_id, body=city.model_dump_json(), made_by=actor, why=why)
    work.forget(("city", city.city_id))
    record(work, actor=actor, action=f"city.{why}", obj=f"city:{city.city_id}", version=city.version)


def _needed(work: Work, city_id: str) -> City:
    city = city_of(work, city_id)
    if city is None:
        raise Refusal("appeals.operator.no_city")
    return city


def verify_record(
    turn: Turn, city_id: str, *, actor: str, method: str, answered_by: str, verified_on: date, words: str
) -> City:
    """Note that a person checked an unchanged record, which reopens a city closed by returned mail (REG-3, REG-7)."""
    work = turn.work
    city = _needed(work, city_id)
    if not (answered_by.strip() and words.strip()) or verified_on > turn.today(city.timezone):
        raise Refusal("appeals.operator.verification_incomplete")
    city_records.add_verification(
        work, city_id=city_id, verified_on=verified_on, verified_by=actor, method=method, answered_by=answered_by,
        words=words,
    )  # fmt: skip
    checked = Verification(
        verified_at=verified_on, verified_by=actor, method=method, evidence=None,
        valid_days=city.mail.verification.valid_days,
    )  # fmt: skip
    fresh = city.model_copy(update={"mail": city.mail.model_copy(update={"verification": checked}), "closed": False})
    _keep(work, fresh, actor=actor, why="verified")
    expiry = turn.now + timedelta(days=checked.valid_days)
    for days in (14, 3):
        turn.timer(
            "appeals.verification",
            f"verification:{city_id}:{days}",
            expiry - timedelta(days=days),
            city=city_id,
            days=days,
        )
    return fresh


def propose_change(turn: Turn, city_id: str, body: str, *, actor: str, why: str) -> int:
    """Store a changed record; one that leaves address, policy and deadlines alone takes effect at once.

    Returns the id of the change. Raises Refusal when the record would not load (rule REG-6).
    """
    work, city = turn.work, _needed(turn.work, city_id)
    try:
        changed = City.model_validate_json(body)
    except ValueError as error:
        raise Refusal("appeals.operator.record_invalid") from error
    if changed.city_id != city_id:
        raise Refusal("appeals.operator.record_invalid")
    if changed.mailing_version != city.mailing_version:
        unverified = changed.mail.model_copy(update={"verification": Verification()})
        changed = changed.model_copy(update={"mail": unverified})
    due = turn.now + CHANGE_DELAY
    change_id = city_records.propose(
        work, city_id=city_id, body=changed.model_dump_json(), why=why, proposed_by=actor, takes_effect_at=due
    )
    record(work, actor=actor, action="city.proposed", obj=f"city:{city_id}", change=change_id)
    if changed.mailing_version == city.mailing_version:
        take_effect(turn, change_id, approved_by=None)
        return change_id
    turn.alert("city_change", key=f"city_change:{change_id}", city=city_id, change=change_id, by=actor)
    turn.timer("appeals.city_change", f"city_change:{change_id}", due, change=change_id)
    return change_id


def approve_change(turn: Turn, change_id: int, *, actor: str) -> City:
    """Let a second operator put a change into force; the one who proposed it cannot (AC-29)."""
    row = city_records.load_change(turn.work, change_id)
    if row is None or row.state != "pending":
        raise Refusal("appeals.operator.no_change")
    if row.proposed_by == actor:
        raise Refusal("appeals.operator.second_needed")
    return take_effect(turn, change_id, approved_by=actor)


def drop_change(turn: Turn, change_id: int, *, actor: str) -> None:
    """Take a waiting change back; any operator may."""
    if not city_records.settle(turn.work, change_id, state="dropped", approved_by=actor):
        raise Refusal("appeals.operator.no_change")
    record(turn.work, actor=actor, action="city.dropped", obj=f"change:{change_id}")


def take_effect(turn: Turn, change_id: int, *, approved_by: str | None) -> City:
    """Put a waiting change into force; raise Refusal when it no longer waits."""
    row = city_records.load_change(turn.work, change_id)
    if row is None or not city_records.settle(turn.work, change_id, state="effective", approved_by=approved_by):
        raise Refusal("appeals.operator.no_change")
    city = City.model_validate_json(row.body)
    _keep(turn.work, city, actor=approved_by or row.proposed_by, why="changed")
    return city


def close_city(turn: Turn, city_id: str, *, actor: str, why: str) -> None:
    """Close a city for new pay links until somebody verifies its record again (rule REG-7)."""
    city = city_of(turn.work, city_id)
    if city is not None and not city.closed:
        _keep(turn.work, city.model_copy(update={"closed": True}), actor=actor, why="closed")
    turn.alert(CLOSED, key=f"{CLOSED}:{city_id}:{turn.now:%Y-%m-%d}", city=city_id, why=why)


def verification_due(turn: Turn) -> None:
    """Remind the operators that a verification runs out, unless it was renewed meanwhile (REM-9)."""
    city_id, days = str(turn.event.payload["city"]), int(turn.event.payload["days"])
    turn.alert(
        "verification_expires", key=f"verification:{city_id}:{days}:{turn.now:%Y-%m-%d}", city=city_id, days=days
    )
