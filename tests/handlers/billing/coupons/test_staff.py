"""What staff do with codes, and which role may how much (CP-1, CP-9, CP-10, A62, A63, A72)."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.engine.staff import Effect, Risk
from storage import blobs
from storage.billing.coupons.codes import batch, coupon
from tests.handlers.billing.coupons.desk import Desk, open_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


async def file_of(desk: Desk) -> list[list[str]]:
    """Return the rows of the last file that was shown."""

    def load(work: object) -> bytes:
        row = work.row(sa.select(blobs.blob.c.data).order_by(blobs.blob.c.id.desc()))  # type: ignore[attr-defined]
        return bytes(work.seal.open(row.data))  # type: ignore[attr-defined]

    return list(csv.reader((await desk.read(load)).decode().splitlines()))


async def test_the_catalogue_has_the_rows_of_section_13(desk: Desk) -> None:
    rows = await desk.act(lambda turn: dict(turn.registry.staff), desk.clerk)
    classes = {name.removeprefix("coupon "): row.risk for name, row in rows.items() if name.startswith("coupon ")}
    assert classes == {
        "new": Risk(2), "show": Risk(0), "list": Risk(0), "off": Risk(2), "bulk": Risk(3), "assign": Risk(2),
        "stats": Risk(0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("argument", "role", "why"),
    [
        ("HUGE 101%", "admin", "a percentage is above 0 and at most 100"),
        ("SPRING21 20% uses=100", "marketing", "your role needs an end within 90 days"),
        ("spring-20 10%", "admin", "SPRING20 is taken"),
        ("abc 10%", "admin", "a code has 4 to 24 letters A-Z and digits"),
        ("HALF", "admin", "what does it give? 20%, 5.00USD or receipts.read+100"),
    ],
)
async def test_a62_a63_cp_1_what_may_not_be_made_is_refused(desk: Desk, argument: str, role: str, why: str) -> None:
    assert await desk.staff("coupon new", argument, role=role) == f"Not done: {why}."


async def test_a72_cp_9_a_batch_is_bounded_by_role_and_comes_as_a_file_of_unique_codes(desk: Desk) -> None:
    assert await desk.staff("coupon bulk", "SPRING 1001 20%") == "Not done: your role makes 1 to 1000 codes at once."
    many = "SPRING 101 20% days=30"
    refused = await desk.staff("coupon bulk", many, role="marketing")
    assert refused == "Not done: your role makes 1 to 100 codes at once."
    ahead = await desk.foresee("coupon bulk", "spring 100 20% days=30", role="marketing")
    assert isinstance(ahead, Effect)
    assert ahead.says.startswith("MAKE 100 codes SPRING????????: 20%, from 2026-11-17, to 2026-12-17, 1 uses")
    assert ahead.typed == "coupon bulk SPRING 100"
    told = await desk.staff("coupon bulk", "spring 100 20% days=30", role="marketing")
    assert told.startswith("Batch ")
    head, *rows = await file_of(desk)
    assert head == ["code", "gives", "starts", "ends", "uses"]
    assert len({row[0] for row in rows}) == 100
    assert {tuple(row[1:]) for row in rows} == {("20%", "2026-11-17", "2026-12-17", "1")}
    assert all(row[0].startswith("SPRING") and len(row[0]) == 14 for row in rows)
    code = rows[0][0]
    misread = code[:6] + code[6:].replace("0", "o").replace("1", "l")
    assert (await desk.tell(misread)).startswith(f"Code {code}: 20 percent off.")


async def test_cp_9_a_batch_is_a_grave_act_that_is_refused_in_its_dry_run_too(desk: Desk) -> None:
    told = await desk.foresee("coupon bulk", "SPRING 101 20% days=30", role="marketing")
    assert told == "Not done: your role makes 1 to 100 codes at once."


async def test_cp_9_codes_are_switched_off_by_code_prefix_and_batch(desk: Desk) -> None:
    await desk.staff("coupon bulk", "SPR 20 20%")
    await desk.staff("coupon bulk", "FALL 30 20%")
    number = (await desk.read(lambda work: work.row(sa.select(batch.c.id).where(batch.c.prefix == "FALL")))).id
    assert await desk.staff("coupon off", "spring20") == "Off: 1 code."
    assert await desk.staff("coupon off", "SPR*") == "Off: 20 codes."
    assert await desk.staff("coupon off", f"batch {number}") == "Off: 30 codes."
    assert await desk.staff("coupon off", "S*") == "Not done: a prefix has at least 3 letters and digits."
    assert await desk.staff("coupon off", "nosuch") == "Not done: no code NOSUCH."
    on = await desk.read(lambda work: work.rows(sa.select(coupon.c.id).where(coupon.c.status == "active")))
    assert on == []


async def test_cp_9_codes_of_a_batch_are_given_to_a_list_of_persons(desk: Desk) -> None:
    await desk.staff("coupon bulk", "VIP 3 20%")
    number = (await desk.read(lambda work: work.row(sa.select(batch.c.id)))).id
    other = desk.h.phone("telegram", "7:4242")
    persons = [await desk.act(lambda turn: turn.person_id, phone) for phone in (desk.me, other)]
    told = await desk.staff("coupon assign", f"batch {number} {persons[0]}, {persons[1]}")
    given = dict(line.split(": ") for line in told.splitlines())
    assert set(given) == {str(person) for person in persons}
    assert (await desk.tell(given[str(persons[1])], other)).startswith("Code VIP")
    assert await desk.tell(given[str(persons[1])]) == "This code does not work here."
    again = await desk.staff("coupon assign", f"batch {number} {persons[0]} {persons[1]}")
    assert again == "Not done: 1 free codes for 2 persons."
    assert await desk.staff("coupon assign", "SPRING20 12345") == "Not done: no person 12345."


async def test_cp_10_stats_are_told_per_currency_with_conversion_and_the_best(desk: Desk) -> None:
    await desk.staff("coupon bulk", "MAIL 4 50%")
    number = (await desk.read(lambda work: work.row(sa.select(batch.c.id)))).id
    code = (await file_of(desk))[1][0]
    await desk.tell(code)
    await desk.order()
    assert await desk.staff("coupon stats", f"batch {number}") == (
        "USD: 4 issued, 0 reserved, 1 redeemed, 0 released, conversion 25.0%, 1 persons, "
        "discount $9.98, net revenue $9.97"
    )
    assert (await desk.staff("coupon stats")).endswith(f"\n1. {code}: 1 redeemed, $9.98 off")
    assert await desk.staff("coupon stats", "SPRING20") == "0 issued, nothing reserved yet."


async def test_show_and_list_tell_the_terms(desk: Desk) -> None:
    words = "FALL25 25% days=30 uses=100 per=2 most=5 min=10 currency=USD for=letter plans=pro on=sms first"
    await desk.staff("coupon new", words)
    shown = await desk.staff("coupon show", "fall 25")
    assert shown == (
        "FALL25 active, 0 of 100 taken: 25%, from 2026-11-17, to 2026-12-17, 100 uses, 2 a person, at most $5.00 off, "
        "from $10.00, for letter, pro, on sms, first purchase only"
    )
    await desk.staff("coupon bulk", "MAIL 4 50%")
    listed = (await desk.staff("coupon list")).splitlines()
    assert listed[0] == shown
    assert listed[1].startswith("SPRING20 active, 0 of unlimited taken")
    assert listed[2].endswith("MAIL: 4 codes")
    assert "MAIL of 2026-11-17 by staff:7: 4 codes." in await desk.staff(
        "coupon show", listed[2].rpartition(" MAIL")[0]
    )
