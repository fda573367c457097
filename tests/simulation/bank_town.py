"""A town with a bank: the fakes, a person who links it, receipts, and the judge who holds the ledger to its book."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.settings import Settings
from bot.engine.registry import Registry
from handlers import billing
from handlers.receipts import drafts
from handlers.receipts.bank import BankSettings, matches
from handlers.receipts.fields import Fields, told
from handlers.receipts.owner import owner_of
from integrations.fakes.kit import FakeServer
from integrations.fakes.plaid import PlaidFake
from storage import people
from storage.receipts import bank_lines, history, receipts, transactions
from storage.receipts.ledger import transaction
from storage.work import Work
from tests.conftest import FRIDAY
from tests.databases import prepared_database
from tests.simulation.services import everything
from tests.simulation.world import Vendors, World, make_vendors

LINK = re.compile(r"https?://\S+/p/([\w-]+)")
NUMBER = "+14155550123"
KEYS = {"plaid_client_id": "client", "plaid_secret": "secret"}


@dataclass(slots=True)
class BankVendors(Vendors):
    """The fakes, with the bank."""

    plaid: PlaidFake

    @property
    def all(self) -> dict[str, FakeServer]:
        """Return them by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def bases(self) -> dict[str, str]:
        """Return the settings that point the adapters at them."""
        return {**Vendors.bases(self), "plaid_api_base": self.plaid.url}


def offers_banks(registry: Registry) -> None:
    """Register what a release with a bank vendor registers."""
    everything(registry)
    registry.settings[BankSettings] = BankSettings(is_offered=True)


def with_plans(registry: Registry) -> None:
    """Register the same, and plans that say how many banks one may have."""
    offers_banks(registry)
    billing.register(registry)


class BankTown(World):
    """A town in which banks can be linked."""

    PAGE_SIZE, SEEDS = 3, False

    @classmethod
    def vendors_for(cls, clock: FixedClock, url: str) -> Vendors:
        """Make the fakes; the bank's pages are small, so that loops have several."""
        four = make_vendors(clock, url)
        plaid = PlaidFake(
            clock, client_id=KEYS["plaid_client_id"], secret=KEYS["plaid_secret"], page_size=cls.PAGE_SIZE,
            seeds_history=cls.SEEDS,
        )  # fmt: skip
        return BankVendors(**{one.name: getattr(four, one.name) for one in fields(four)}, plaid=plaid)

    def settings(self) -> Settings:
        """Return the settings with the bank's keys."""
        return super().settings().model_copy(update=KEYS)

    @property
    def plaid(self) -> PlaidFake:
        """The bank's vendor."""
        found: PlaidFake = self.vendors.plaid  # type: ignore[attr-defined]
        return found

    # -- a person --------------------------------------------------------------------------------------------------

    async def say(self, words: str, number: str = NUMBER) -> list[str]:
        """Say something by text, and return what came back."""
        before = len(self.phone(number).texts)
        await self.phone(number).say(words)
        await self.rest()
        return self.phone(number).texts[before:]

    async def person_id(self) -> int:
        """Return the first person."""
        return await self.app.database.read(lambda c: c.execute(sa.select(people.person.c.id)).scalars().first() or 0)

    async def open_page(self, words: str = "bank", number: str = NUMBER) -> str:
        """Ask for a page, agree on ours, and return the vendor's token of it."""
        await self.say(words, number)
        links = [found[1] for text in self.phone(number).texts if (found := LINK.search(text))]
        status, text = await self.visit("POST", f"/p/{links[-1]}")
        assert status == 303, text
        return text.rpartition("/")[2]

    async def visit(self, method: str, path: str, **request: Any) -> tuple[int, str]:
        """Visit a page of ours; return the status, and where it leads or what it says."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, allow_redirects=False, **request) as answer,
        ):
            return answer.status, answer.headers.get("Location") or await answer.text()

    async def link(self) -> str:
        """Link the demo bank and return its item."""
        self.plaid.finish(await self.open_page())
        await self.rest()
        return self.item

    @property
    def item(self) -> str:
        """The newest item at the bank."""
        return str(list(self.plaid.bank.items)[-1]["item_id"])

    async def work(self, act: Callable[[Work], Any]) -> Any:
        """Do something in the writer of the process that lives."""
        return await self.app.writers.run(act)

    async def confirm(self, total: int, merchant: str, day: date, **values: Any) -> str:
        """Confirm a receipt as the flow does, and return its code."""
        person_id = await self.person_id()

        def act(work: Work) -> str:
            owner = owner_of(work, person_id)
            made = Fields(
                currency=told(values.pop("currency", "USD")), total=told(total), merchant=told(merchant),
                date=told(day), **values,
            )  # fmt: skip
            settled = drafts.settled(work, owner, made)
            row = drafts.open_draft(work, owner, settled)
            entry = drafts.entry_of(work, owner, settled, pictured=True)
            history.confirm(work, person_id, row.id, entry, cash_back=drafts.cash_back_of(owner, settled))
            matches.after_confirming(work, owner, row.id)
            return str(row.code)

        return str(await self.work(act))

    async def receipt(self, code: str) -> tuple[transactions.Transaction, Fields]:
        """Return a receipt's ledger row and its fields."""
        person_id = await self.person_id()

        def act(work: Work) -> Any:
            row = receipts.by_code(work, person_id, code)
            assert row is not None
            main = next(one for one in transactions.of_receipt(work, person_id, row.id) if one.kind != "transfer")
            return main, drafts.load(work, row)

        found: tuple[transactions.Transaction, Fields] = await self.work(act)
        return found

    # -- the judge -------------------------------------------------------------------------------------------------

    async def judge(self) -> list[str]:
        """Return where the ledger and the bank's book disagree: one row that counts for each line that stands."""
        person_id, alive = await self.person_id(), self.plaid.bank.alive()

        def act(work: Work) -> list[str]:
            known = bank_lines.find(work, person_id, [one["transaction_id"] for one in alive])
            rows = _counting(work, person_id)
            problems = []
            for one in alive:
                line = known.get(one["transaction_id"])
                mine = [row for row in rows if line is not None and row.bank_line_id == line.id]
                wanted = int(Decimal(one["amount"]) * 100)
                got = [row.amount_minor + (line.cash_back_minor if line else 0) for row in mine]
                if got != [wanted]:
                    problems.append(f"{one['name']}: {wanted} at the bank, {got} in the ledger")
            strangers = len([row for row in rows if row.bank_line_id]) - len(alive)
            return [*problems, *([f"{strangers} rows of no line"] if strangers else [])]

        found: list[str] = await self.work(act)
        return found


def _counting(work: Work, person_id: int) -> list[transactions.Transaction]:
    ids = work.rows(sa.select(transaction.c.id).where(transaction.c.person_id == person_id))
    return [one for one in transactions.load_all(work, person_id, [row.id for row in ids]) if one.state != "void"]


@asynccontextmanager
async def bank_town(
    folder: Path, *, seeds: bool = False, kind: str = "sqlite", plans: bool = False, **options: Any
) -> AsyncIterator[Any]:
    """Open a town with a bank, and with plans if they are wanted."""

    class Town(BankTown):
        SEEDS = seeds

    with prepared_database(kind, folder) as url:
        async with Town.open(with_plans if plans else offers_banks, url, FixedClock(FRIDAY), folder, **options) as town:
            yield town
