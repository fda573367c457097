"""Stars from end to end: the real App and adapter at the fake Telegram, over HTTP (TS-1 to TS-5, A56 to A58)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.assembly.app import App
from bot.assembly.jobs_list import periodic_jobs
from bot.core.calls import Done
from bot.core.calls.channels import Button, SendTelegram
from bot.core.calls.stars import (
    AnswerCheckout,
    EditStarSubscription,
    InvoiceLink,
    ListStars,
    MakeInvoiceLink,
    RefundStars,
    StarTransactions,
)
from bot.core.clock import FixedClock
from bot.core.ports import Attempt
from integrations.fakes.telegram import TelegramFake
from integrations.telegram import Poller, TelegramAdapter, TelegramUpdate
from jobs.files import StoredFiles
from storage.billing.charges import charge
from storage.billing.grants import grant
from storage.billing.orders import order
from tests.bot.assembly.town import NOW, TOKEN, settings_for


class Stall:
    """An app with billing, a fake Telegram, and one person."""

    def __init__(self, app: App, fake: TelegramFake, clock: FixedClock) -> None:
        self.app, self.fake, self.clock = app, fake, clock
        self.ann = fake.person(5001, "Ann")
        self.adapter = next(one for one in app.adapters if isinstance(one, TelegramAdapter))
        self.poller = Poller(self.adapter, self._accept, wait_seconds=0, pause_seconds=0)

    async def _accept(self, update: TelegramUpdate) -> None:
        await self.app.telegram.take(update)

    async def round(self) -> None:
        """Let the app hear what the person did, and do all that follows."""
        await self.poller.round()
        await self.app.ticker.settle()
        while self.app._background:
            for task in list(self.app._background):
                await task

    async def say(self, text: str) -> None:
        await self.ann.say(text)
        await self.round()

    async def adapter_link(self) -> str:
        """Return a link to an invoice of a plan."""
        attempt = Attempt("", 1, NOW, NOW, StoredFiles(self.app.database, self.app.seal, self.app.ids))
        outcome = await self.adapter.calls[MakeInvoiceLink](MakeInvoiceLink("Basic", "A plan", "42", 700), attempt)
        assert isinstance(outcome, Done)
        return str(outcome.result.url)

    def invoice(self) -> int:
        """Return the number of the newest invoice in the chat."""
        return max(int(one["message_id"]) for one in self.fake.chats.of_chat(self.ann.id) if "invoice" in one)

    async def rows(self, *columns: sa.ColumnElement[object]) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await self.app.writers.run(lambda work: work.rows(sa.select(*columns)))]


def _linked(chat_id: int, url: str) -> SendTelegram:
    return SendTelegram(chat_id, "A plan", buttons=[[Button("Pay", url=url)]])


@asynccontextmanager
async def open_stall(folder: Path) -> AsyncIterator[Stall]:
    clock = FixedClock(NOW)
    async with TelegramFake(clock, token=TOKEN) as fake:
        assert isinstance(fake, TelegramFake)
        settings = settings_for(
            folder, billing_enabled=True, telegram_api_base=fake.url, receipts_enabled=False, coaching_enabled=False
        )
        app = App.build(settings, clock=clock)
        app.writers.start()
        try:
            yield Stall(app, fake, clock)
        finally:
            await app.stop()


async def test_a56_a57_a58_a_pack_is_bought_in_the_chat_confirmed_beside_the_queue_and_given_once(
    tmp_path: Path,
) -> None:
    async with open_stall(tmp_path) as stall:
        await stall.say("pack 1")
        first = stall.invoice()
        query = await stall.ann.pay(first)
        await stall.round()
        assert stall.fake.stars.state(query) == "paid"
        await stall.round()
        assert await stall.rows(grant.c.source, grant.c.amount) == [("pack", 100)]
        again = await stall.ann.pay(first)
        await stall.round()
        assert stall.fake.stars.state(again) == "declined"
        assert "ended" in str(stall.fake.stars._checkouts[again]["error"])
        await stall.app.ticker.settle()
        assert await stall.rows(order.c.state, order.c.currency, order.c.charged_minor) == [("paid", "XTR", 400)]


async def test_a57_an_expired_order_is_declined_with_a_reason_and_nothing_is_charged(tmp_path: Path) -> None:
    async with open_stall(tmp_path) as stall:
        await stall.say("pack 1")
        stall.clock.advance(timedelta(days=8))
        query = await stall.ann.pay(stall.invoice())
        await stall.round()
        assert stall.fake.stars.state(query) == "declined"
        assert await stall.rows(charge.c.charge) == []


async def test_a57_a_question_that_cannot_be_judged_is_declined(tmp_path: Path) -> None:
    async with open_stall(tmp_path) as stall:
        await stall.say("pack 1")

        def broken(*args: object) -> str:
            raise RuntimeError("no")

        stall.app.registry.checkout = broken
        query = await stall.ann.pay(stall.invoice())
        await stall.round()
        assert stall.fake.stars.state(query) == "declined"


async def test_ts_5_the_daily_list_brings_a_payment_whose_message_was_lost(tmp_path: Path) -> None:
    async with open_stall(tmp_path) as stall:
        await stall.say("pack 1")
        query = await stall.ann.pay(stall.invoice())
        await stall.round()
        assert stall.fake.stars.state(query) == "paid"
        stall.fake.updates.clear()
        job = next(one for one in periodic_jobs(stall.app) if one.kind == "reconcile_stars")
        for _ in range(2):
            await job.run()
            await stall.app.ticker.settle()
        assert await stall.rows(grant.c.source, grant.c.amount) == [("pack", 100)]


async def test_ts_4_the_fake_renews_ends_and_refunds_as_the_adapter_asks(tmp_path: Path) -> None:
    """What the adapter says of subscriptions is understood on the other side, and the list tells of all of it."""
    async with open_stall(tmp_path) as stall:
        attempt = Attempt("", 1, NOW, NOW, StoredFiles(stall.app.database, stall.app.seal, stall.app.ids))

        async def ask(call: object) -> object:
            outcome = await stall.adapter.calls[type(call)](call, attempt)
            assert isinstance(outcome, Done), outcome
            return outcome.result

        await stall.ann.start()
        link = await ask(MakeInvoiceLink("Basic", "Basic plan", "42", 700))
        assert isinstance(link, InvoiceLink)
        query = await stall.ann.pay_link(link.url)
        await ask(AnswerCheckout(query))
        stall.clock.advance(timedelta(days=30))
        await stall.fake.due()
        listed = await ask(ListStars(0))
        assert isinstance(listed, StarTransactions)
        assert [(one.amount, one.payload, one.is_refund) for one in listed.items] == [(700, "42", False)] * 2
        first = listed.items[0].charge_id
        await ask(EditStarSubscription(5001, first, is_canceled=True))
        stall.clock.advance(timedelta(days=30))
        await stall.fake.due()
        for _ in range(2):
            await ask(RefundStars(5001, first))
        again = await ask(ListStars(0))
        assert isinstance(again, StarTransactions)
        assert [one.is_refund for one in again.items] == [False, False, True]
        paid = [one["successful_payment"] for one in stall.fake.chats.of_chat(5001) if "successful_payment" in one]
        assert [one.get("is_first_recurring") for one in paid] == [True, None]
        assert paid[1]["subscription_expiration_date"] - paid[0]["subscription_expiration_date"] == 2_592_000


async def test_the_phone_shows_an_invoice_with_a_pay_button_and_a_link_to_one_is_pressed_like_it(
    tmp_path: Path,
) -> None:
    async with open_stall(tmp_path) as stall:
        await stall.say("pack 1")
        shown = stall.ann.chat.last
        assert shown.text.startswith("100 more receipts to read\n")
        assert shown.labels == ["Pay 400 Stars"]
        query = await stall.ann.tap("Pay 400 Stars")
        await stall.round()
        assert stall.fake.stars.state(query) == "paid"
        assert "You paid 400 Stars." in [message.text for message in stall.ann.chat.messages]
        await stall.app._perform(_linked(stall.ann.id, await stall.adapter_link()))
        (button,) = stall.ann.chat.last.buttons[0]
        assert (button.label, button.url) == ("Pay", None)
        assert stall.fake.stars.state(await stall.ann.tap("Pay")) == "asked"
