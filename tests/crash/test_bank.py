"""Dying before and after every commit and every call while a bank is linked and synced (RA-10): the book agrees."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from storage.receipts.bank_items import bank_item
from tests.crash.gate import Gate
from tests.crash.lives import Life
from tests.simulation.bank_town import BankTown, bank_town

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
TODAY = date(2026, 11, 20)
Story = Callable[[BankTown, Life], Awaitable[None]]


async def play(folder: Path, story: Story, *deaths: int, kind: str = "sqlite") -> tuple[Gate, list[str]]:
    """Play a story in which the process dies at these instants; return the gate and what the judge found."""
    folder.mkdir()  # noqa: ASYNC240 - once, before anything runs
    gate = Gate(*deaths)
    async with bank_town(folder, kind=kind, on_start=gate.install) as town:
        life = Life(town, gate, "sms")
        await story(town, life)
        for step in (5, 65, 1900, 22_000):
            await life._through(lambda step=step: town.advance(timedelta(seconds=step)))  # type: ignore[misc]
        gate.armed = False
        return gate, await town.judge()


async def syncing(town: BankTown, life: Life) -> None:
    """Lines appear, settle, change and go, beside receipts that they match."""
    bank, item = town.plaid.bank, await town.link()
    await town.confirm(4177, "Shell", TODAY)
    await town.confirm(500, "Luna Cafe", TODAY)
    life.gate.armed = True
    hold = bank.spend(item, "1.00", "SHELL OIL 57442", pending=True, told=False)
    gone = bank.spend(item, "7.00", "MISTAKE", told=False)
    for n in range(2):
        bank.spend(item, f"{n}.50", f"SHOP {n}", told=False)
    bank.spend(item, "5.00", "LUNA CAFE")
    await life._through(town.rest)
    bank.post(hold, "41.77", told=False)
    bank.remove(gone)
    await life._through(town.rest)


async def linking(town: BankTown, life: Life) -> None:
    """The person comes back from the bank's page; who hears nothing asks for another page."""
    token = await town.open_page()
    life.gate.armed = True
    town.plaid.finish(token)
    await life._through(town.rest)
    await life._through(lambda: town.advance(timedelta(minutes=32)))
    life.gate.armed = False
    if not await town.app.database.read(lambda c: list(c.execute(bank_item.select()))):
        await town.link()
    town.plaid.bank.spend(town.item, "5.00", "LUNA CAFE")
    await town.rest()


async def every_instant(folder: Path, story: Story, *, step: int, kind: str = "sqlite") -> None:
    """Die at instants of a story, each in a run of its own; show those after which book and ledger differ."""
    undisturbed, problems = await play(folder / "undisturbed", story, kind=kind)
    assert problems == []
    broken = {}
    for at in range(1, len(undisturbed.trail), step):
        _, problems = await play(folder / f"death{at}", story, at, kind=kind)
        if problems:
            broken[f"{at}: {undisturbed.trail[at]}"] = problems
    assert broken == {}


@pytest.mark.parametrize("story", [syncing, linking])
async def test_ra_10_death_anywhere_leaves_the_ledger_equal_to_the_banks_book(tmp_path: Path, story: Story) -> None:
    """Every eleventh instant; with `step=1` every one was played when this was written."""
    await every_instant(tmp_path, story, step=11)
