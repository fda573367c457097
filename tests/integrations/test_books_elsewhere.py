"""Firefly III and Actual: sent once, then changed, pictures last; addresses that we do not go to (EXP-9, EXP-10)."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.core.calls.books import BooksSent, SendToActual, SendToFirefly
from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.clock import FixedClock
from bot.core.outside_urls import acceptable
from handlers.receipts.exports.export_kind import ExportKind
from handlers.receipts.exports.ledger import Ledger, Picture
from handlers.receipts.exports.orders import order_files
from handlers.receipts.exports.stored import Books
from integrations.actual import ActualAdapter
from integrations.fakes.actual import ActualFake
from integrations.fakes.firefly import FireflyFake
from integrations.firefly import FireflyAdapter
from integrations.http import Lost
from integrations.outside import Outside
from tests.handlers.receipts.exports.ledgers import ledger_of, shop, small_ledger
from tests.integrations.door import Shelf, attempt


@pytest.fixture
async def firefly(clock: FixedClock) -> AsyncIterator[FireflyFake]:
    async with FireflyFake(clock) as fake:
        yield fake  # type: ignore[misc]


@pytest.fixture
async def actual(clock: FixedClock) -> AsyncIterator[ActualFake]:
    async with ActualFake(clock, accounts=("Visa", "Cash", "Chequing", "Visa JPY")) as fake:
        yield fake  # type: ignore[misc]


async def send(fake: FireflyFake, ledger: Ledger, shelf: Shelf, skip: int = 0, token: str = "") -> Outcome:
    blobs = {picture.id: 7 for entry in ledger.entries for picture in entry.pictures}
    (orders,) = order_files(ExportKind.FIREFLY, Books(ledger, blobs))
    call = SendToFirefly(fake.url, token or fake.token, shelf.put(orders.content, "application/json"), skip)
    adapter = FireflyAdapter(Outside("firefly", known=(fake.url,)))
    try:
        return await adapter.calls[SendToFirefly](call, attempt(files=shelf))
    finally:
        await adapter.close()


def pictured(**changes: Any) -> Ledger:
    return ledger_of(shop(pictures=(Picture("p1", "image/jpeg", size_bytes=4),), **changes))


def shelf_with_picture() -> Shelf:
    shelf = Shelf()
    while shelf.put(b"jpeg", "image/jpeg") != 7:
        pass
    return shelf


def parts_of(fake: FireflyFake) -> list[list[dict[str, Any]]]:
    return [group["parts"] for group in fake.groups]


async def test_exp_9_entries_are_stored_then_changed(firefly: FireflyFake) -> None:
    ledger = small_ledger().with_entries(replace(one, pictures=()) for one in small_ledger().entries)
    shelf = Shelf()
    first = await send(firefly, ledger, shelf)
    assert isinstance(first, Done)
    count = len(firefly.groups)
    assert first.result == BooksSent(-1, count, 0)
    assert await send(firefly, ledger, shelf) == Done(BooksSent(-1, 0, count))
    assert len(firefly.groups) == count
    changed = ledger.with_entries(
        replace(one, merchant="Other", splits=one.splits[:0]) for one in ledger.entries if one.splits
    )
    await send(firefly, changed, shelf)
    assert [part["destination_name"] for parts in parts_of(firefly) for part in parts].count("Other") == 1
    assert len(firefly.groups) == count


async def test_exp_9_a_picture_goes_in_two_calls_and_once(firefly: FireflyFake) -> None:
    shelf = shelf_with_picture()
    assert await send(firefly, pictured(), shelf) == Done(BooksSent(-1, 1, 0))
    assert await send(firefly, pictured(note="more"), shelf) == Done(BooksSent(-1, 0, 1))
    assert [(one["filename"], one["size"]) for one in firefly.files] == [("2026-04-02_millers-market_Q4M8.jpg", 4)]


@pytest.mark.parametrize("operation", ["announce", "upload"])
async def test_exp_9_a_picture_that_fails_repeats_no_transaction(firefly: FireflyFake, operation: str) -> None:
    firefly.faults.add("status_before", operation)
    assert await send(firefly, pictured(), shelf_with_picture()) == Done(BooksSent(-1, 1, 0, [], 1))
    assert firefly.calls["store"] == 1
    assert await send(firefly, pictured(), shelf_with_picture()) == Done(BooksSent(-1, 0, 1))
    assert [one["size"] for one in firefly.files if one["size"]] == [4]


async def test_exp_9_a_time_out_after_success_doubles_nothing(firefly: FireflyFake) -> None:
    firefly.faults.add("reset_during", "store")
    ledger = ledger_of(shop())
    assert isinstance(await send(firefly, ledger, Shelf()), Again)
    assert await send(firefly, ledger, Shelf()) == Done(BooksSent(-1, 0, 1))
    assert len(firefly.groups) == 1


async def test_what_was_done_before_trouble_stays_done(firefly: FireflyFake) -> None:
    ledger = ledger_of(shop(id="a"), shop(id="b", note="x"))
    firefly.faults.add("status_before", "store", skip=1)
    assert await send(firefly, ledger, Shelf()) == Done(BooksSent(1, 1, 0))
    assert await send(firefly, ledger, Shelf(), skip=1) == Done(BooksSent(-1, 1, 0))


async def test_a_wrong_token_is_told(firefly: FireflyFake, actual: ActualFake) -> None:
    outcome = await send(firefly, ledger_of(shop()), Shelf(), token="other")
    assert isinstance(outcome, Refused)
    assert outcome.code == "unauthorized"
    outcome = await send_lists(actual, ledger_of(shop()), token="other")
    assert isinstance(outcome, Refused)
    assert outcome.code == "unauthorized"


async def send_lists(fake: ActualFake, ledger: Ledger, token: str = "") -> Outcome:
    shelf = Shelf()
    (orders,) = order_files(ExportKind.ACTUAL, Books(ledger, {}))
    call = SendToActual(fake.url, token or fake.key, fake.budget, shelf.put(orders.content, "application/json"))
    adapter = ActualAdapter(Outside("actual", known=(fake.url,)))
    try:
        return await adapter.calls[SendToActual](call, attempt(files=shelf))
    finally:
        await adapter.close()


async def test_exp_10_lists_go_to_accounts_of_their_names(actual: ActualFake) -> None:
    ledger = ledger_of(shop(id="a"), shop(id="b", account_id="a2"), shop(id="c", account_id=None))
    expected = BooksSent(-1, 2, 0, ["c"], 0, ["Unassigned USD"])
    assert await send_lists(actual, ledger) == Done(expected)
    assert await send_lists(actual, ledger) == Done(replace(expected, made=0, changed=2))
    assert sorted(one["imported_id"] for one in actual.transactions) == ["a", "b"]
    assert {one["amount"] for one in actual.transactions} == {-2_623}


async def test_exp_10_without_any_account_nothing_is_sent(actual: ActualFake) -> None:
    assert await send_lists(actual, ledger_of(shop(account_id=None))) == Refused("no_account")


# -- where we do not go (MED-7) ------------------------------------------------------------------------------------

_INSIDE = [
    "http://money.example.org", "https://127.0.0.1", "https://localhost", "https://localhost.:444", "https://10.0.0.8",
    "https://192.168.1.4/firefly", "https://172.16.3.3", "https://169.254.169.254/latest", "https://[::1]",
    "https://[::ffff:10.0.0.1]", "https://[fe80::1%25eth0]", "https://2130706433", "https://0x7f000001",
    "https://0177.0.0.1", "https://100.64.0.1", "https://user:pass@money.example.org", "https://money",
    "https://nas.local", "https://metadata.google.internal", "https://money.example.org?x=1", "ftp://money.example.org",
    "https://", "https://money.example.org:port", "https://0.0.0.0", "https://224.0.0.1", "https://mönch.example",
    "https://[2002:7f00:1::]", "javascript:alert(1)", "https://a b.example.org", "",
]  # fmt: skip


@pytest.mark.parametrize("url", _INSIDE)
def test_med_7_addresses_inside_are_refused(url: str) -> None:
    assert acceptable(url) is None


@pytest.mark.parametrize(
    "url", ["https://money.example.org", "https://money.example.org:8443/firefly/", "https://8.8.8.8"]
)
def test_addresses_of_the_public_net_are_taken(url: str) -> None:
    assert acceptable(url) == url.rstrip("/")


def test_what_the_operator_set_or_allows_is_taken() -> None:
    assert acceptable("http://127.0.0.1:9", known=("http://127.0.0.1:9/",)) == "http://127.0.0.1:9"
    assert acceptable("https://10.0.0.8", private=True) == "https://10.0.0.8"
    assert acceptable("http://10.0.0.8", private=True) is None


class _Names(AbstractResolver):
    def __init__(self, host: str) -> None:
        self._host = host

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = {"hostname": host, "host": self._host, "port": port, "family": family, "proto": 0, "flags": 0}
        return [found]  # type: ignore[list-item]

    async def close(self) -> None:
        return


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1"])
async def test_med_7_a_name_that_leads_inside_is_refused(inside: str) -> None:
    outside = Outside("firefly", resolver=_Names(inside))
    answer = await outside.ask("https://money.example.org", "GET", "/", headers={})
    await outside.close()
    assert answer is None


async def test_a_redirect_is_not_followed(firefly: FireflyFake) -> None:
    outside = Outside("firefly", known=(firefly.url,))
    answer = await outside.ask(firefly.url, "GET", "/api/v1/none", headers={})
    await outside.close()
    assert answer is not None
    assert not isinstance(answer, Lost)
    assert answer.status == 404
