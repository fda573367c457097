"""Money between a person's own accounts, from the bank to the books and back again (BNK-4, MAT-4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from storage.receipts.bank_items import bank_item
from storage.receipts.ledger import transaction
from tests.simulation.bank_town import BankTown, bank_town

SHOP: dict[str, Any] = {"merchant_name": "Trader Joe's", "personal_finance_category": {
    "primary": "FOOD_AND_DRINK", "detailed": "FOOD_AND_DRINK_GROCERIES"}}  # fmt: skip


async def kinds(town: BankTown) -> list[tuple[str, int]]:
    """Return the living ledger rows as (kind, amount)."""
    rows = await town.app.database.read(lambda c: list(c.execute(sa.select(transaction))))
    return sorted((row.kind, row.amount_minor) for row in rows if row.state != "void")


async def moved(town: BankTown) -> str:
    """Let the vendor's categories miss a payment of the card, and return the line that came in."""
    item = await town.link()
    town.plaid.bank.spend(item, "300.00", "WEB PMT 88123", told=False)
    came = town.plaid.bank.spend(item, "-300.00", "CREDIT RECEIVED", account=1, told=False)
    town.plaid.bank.spend(item, "26.23", "TRADER JOES 123", **SHOP)
    await town.rest()
    return came


async def test_bnk_4_what_moves_between_own_accounts_is_neither_spent_nor_earned(tmp_path: Path) -> None:
    async with bank_town(tmp_path) as town:
        await moved(town)
        assert await kinds(town) == [("expense", 2623), ("transfer", -30000), ("transfer", 30000)]
        assert await town.judge() == []
        (told,) = await town.say("transfers")
        assert "1 Nov 20 $300.00 Demo Checking ..0042 to Demo Card ..4421" in told
        (missing,) = await town.say("missing")
        assert "$300.00" not in missing
        assert "$26.23" in missing


async def test_mat_4_a_movement_is_taken_apart_and_joined_by_its_persons_word_for_good(tmp_path: Path) -> None:
    async with bank_town(tmp_path) as town:
        came = await moved(town)
        (apart,) = await town.say("transfers drop 1")
        assert apart == "Apart: the $300.00 of Nov 20 counts on both accounts. TRANSFERS JOIN 1 undoes it."
        counted = [("expense", 2623), ("expense", 30000), ("refund", -30000)]
        assert await kinds(town) == counted
        town.plaid.bank.modify(came, name="CREDIT RECEIVED 2")
        await town.rest()
        assert await kinds(town) == counted, "no later sync decides that pair again"
        assert "TRANSFERS JOIN" in (await town.say("transfers"))[0]
        (joined,) = await town.say("TRANSFERS JOIN 1")
        assert joined.startswith("Joined: the $300.00 of Nov 20")
        assert await kinds(town) == [("expense", 2623), ("transfer", -30000), ("transfer", 30000)]
        assert await town.judge() == []


async def test_bnk_3_a_movement_whose_line_goes_or_changes_counts_again(tmp_path: Path) -> None:
    async with bank_town(tmp_path) as town:
        came = await moved(town)
        town.plaid.bank.modify(came, amount="-250.00")
        await town.rest()
        assert await kinds(town) == [("expense", 2623), ("expense", 30000), ("refund", -25000)]
        town.plaid.bank.modify(came, amount="-300.00")
        await town.rest()
        assert await kinds(town) == [("expense", 2623), ("transfer", -30000), ("transfer", 30000)]
        town.plaid.bank.remove(came)
        await town.rest()
        assert await kinds(town) == [("expense", 2623), ("expense", 30000)]
        assert await town.judge() == []


async def test_bnk_4_two_equal_amounts_are_asked_about_and_nothing_is_guessed(tmp_path: Path) -> None:
    async with bank_town(tmp_path) as town:
        item = await town.link()
        for account, amount in ((0, "50.00"), (1, "-50.00"), (1, "-50.00")):
            town.plaid.bank.spend(item, amount, "MOVE", account=account, told=amount == "-50.00")
        await town.rest()
        assert await kinds(town) == [("expense", 5000), ("refund", -5000), ("refund", -5000)]
        (told,) = await town.say("transfers")
        assert told.startswith("Counted, but maybe between your own accounts: 1 Nov 20 $50.00")
        await town.say("transfers join 1")
        assert await kinds(town) == [("refund", -5000), ("transfer", -5000), ("transfer", 5000)]
        assert "2 Nov 20" not in (await town.say("transfers"))[0]


async def test_the_word_is_nobodys_who_linked_no_bank(tmp_path: Path) -> None:
    async with bank_town(tmp_path) as town:
        heard = await town.say("transfers")
        assert not any("own accounts" in text for text in heard)
        assert await town.app.database.read(lambda c: c.execute(sa.select(bank_item)).first()) is None
