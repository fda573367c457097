"""Costs of cloud readings are reserved within two caps, and settled to what was spent (SEC-R6)."""

from __future__ import annotations

import sqlalchemy as sa

from storage.people import usage
from storage.receipts import cloud_costs
from storage.work import Work
from tests.storage.receipts.kit import ANN, BOB


def _used(work: Work, person_id: int) -> int:
    mine = (usage.c.person_id == person_id, usage.c.kind == cloud_costs.KIND)
    row = work.row(sa.select(usage.c.used).where(*mine))
    return 0 if row is None else int(row.used)


def test_sec_r6_a_reservation_beyond_a_cap_takes_nothing(work: Work) -> None:
    caps = {"person_cap": 100, "house_cap": 150}
    assert cloud_costs.reserve(work, ANN, 60, **caps)
    assert not cloud_costs.reserve(work, ANN, 60, **caps)
    assert cloud_costs.reserve(work, BOB, 60, **caps)
    assert not cloud_costs.reserve(work, BOB, 40, **caps)
    assert [_used(work, one) for one in (ANN, BOB, cloud_costs.HOUSE)] == [60, 60, 120]
    assert not cloud_costs.reserve(work, ANN, 101, **caps)


def test_sec_r6_what_was_not_spent_is_given_back(work: Work) -> None:
    day = cloud_costs.today(work)
    assert cloud_costs.reserve(work, ANN, 100, person_cap=100, house_cap=100)
    cloud_costs.settle(work, ANN, day, reserved=100, cost=30)
    assert (_used(work, ANN), _used(work, cloud_costs.HOUSE)) == (30, 30)
    assert cloud_costs.reserve(work, ANN, 70, person_cap=100, house_cap=100)
