"""The state machine: every allowed transition, and the refusal of every other (ST-1 to ST-31)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from handlers.appeals.stages import TRANSITIONS, ForbiddenTransition, move
from storage.appeals import cases, status_log
from tests.handlers.appeals.order_kit import Shop, facts

ALLOWED = """
ST-2 intake informed; ST-2 review informed; ST-2 ready informed; ST-3 intake review; ST-4 review intake;
ST-5 review ready; ST-6 ready review; ST-8 ready awaiting_payment; ST-9 awaiting_payment ready;
ST-10 awaiting_payment paid; ST-11 paid paid_blocked; ST-12 paid_blocked paid; ST-13 paid refunded;
ST-13 paid_blocked refunded; ST-14 paid submitted; ST-15 submitted paid_blocked; ST-16 submitted returned;
ST-17 returned submitted; ST-18 returned refunded; ST-19 submitted decided; ST-19 returned decided;
ST-20 submitted closed; ST-21 decided closed; ST-23 intake abandoned; ST-23 review abandoned; ST-23 ready abandoned;
ST-24 intake withdrawn; ST-24 review withdrawn; ST-24 ready withdrawn; ST-24 awaiting_payment withdrawn;
ST-25 informed intake; ST-26 closed decided; ST-27 abandoned intake
"""
ROWS = [tuple(row.split()) for row in ALLOWED.split(";")]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


async def _in_stage(shop: Shop, stage: str) -> int:
    def run(turn: Any) -> int:
        from handlers.appeals.opening import open_case

        case_id = open_case(turn, facts()).case_id
        turn.work.claim(cases.case.update().where(cases.case.c.id == case_id).values(stage=stage))
        return case_id

    found: int = await shop.act(run)
    return found


@pytest.mark.parametrize(("rule", "was", "to"), [pytest.param(*row, id=f"{row[0]}-{row[1]}-{row[2]}") for row in ROWS])
async def test_allowed_transition_is_logged_in_the_same_commit(shop: Shop, rule: str, was: str, to: str) -> None:
    case_id = await _in_stage(shop, was)
    await shop.act(lambda turn: move(turn, case_id, to, trigger="engine", reason="because"))
    assert (await shop.case(case_id)).stage == to
    last = (await shop.read(lambda work: status_log.of_case(work, case_id)))[-1]
    assert (last.rule, last.was, last.now, last.reason, last.actor) == (rule, was, to, "because", "engine")


async def test_st_7_free_route_is_told_apart_from_a_refusal(shop: Shop) -> None:
    case_id = await _in_stage(shop, "ready")
    await shop.act(lambda turn: move(turn, case_id, "informed", trigger="user", reason="free_route"))
    assert (await shop.read(lambda work: status_log.of_case(work, case_id)))[-1].rule == "ST-7"


async def test_st_30_every_other_transition_is_refused(shop: Shop) -> None:
    allowed = {(was, to) for _, was, to in ROWS}
    assert set(TRANSITIONS) == allowed
    case_id = await _in_stage(shop, "intake")

    def attempt(turn: Any) -> list[tuple[str, str]]:
        wrong = []
        for was, to in product(cases.STAGES, cases.STAGES):
            if (was, to) in allowed:
                continue
            turn.work.claim(cases.case.update().where(cases.case.c.id == case_id).values(stage=was))
            try:
                move(turn, case_id, to, trigger="engine")
            except ForbiddenTransition:
                continue
            wrong.append((was, to))
        return wrong

    assert await shop.act(attempt) == []


async def test_st_26_only_an_unknown_outcome_reopens(shop: Shop) -> None:
    case_id = await _in_stage(shop, "closed")

    def attempt(turn: Any) -> bool:
        cases.change(turn.work, case_id, outcome="won")
        try:
            move(turn, case_id, "decided", trigger="user")
        except ForbiddenTransition:
            return False
        return True

    assert not await shop.act(attempt)


async def test_st_31_a_turn_that_raises_moves_nothing(shop: Shop) -> None:
    case_id = await _in_stage(shop, "intake")

    def fail(turn: Any) -> None:
        move(turn, case_id, "review", trigger="user")
        raise RuntimeError("after the move")

    with pytest.raises(AssertionError, match="RuntimeError"):
        await shop.act(fail)
    assert (await shop.case(case_id)).stage == "intake"
    assert len(await shop.read(lambda work: status_log.of_case(work, case_id))) == 1
