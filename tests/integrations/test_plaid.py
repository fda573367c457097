"""Plaid: its signature, its adapter at the fake with faults, and the fake itself (BNK-2, HOOK-*, PLD-*, VEN-9)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.calls.plaid import (
    BankAccess,
    BankKey,
    BankLinkEnd,
    BankNews,
    ExchangeBankToken,
    OpenBankLink,
    ReadBankKey,
    ReadBankLink,
    RemoveBank,
    SyncBank,
)
from bot.core.clock import FixedClock
from bot.core.errors import Misconfigured
from bot.core.settings import Settings
from integrations.fakes.plaid import PlaidFake
from integrations.plaid import KeyRing, PlaidAdapter, key_id_of, verify_plaid
from integrations.plaid.keys import KEEP_SECONDS, MOST_A_MINUTE
from tests.integrations.door import Answer, Shelf, attempt, open_door
from tests.integrations.test_adapters_at_fakes import check_requests

VECTORS = Path(__file__).parents[2] / "../shared/contracts/signature-vectors.json"
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
BODY = b'{"webhook_type": "ITEM"}'
needs_vectors = pytest.mark.skipif(not VECTORS.exists(), reason="the specification folder is not beside this checkout")


# -- the signature -----------------------------------------------------------------------------------------------------


def vectors() -> list[Any]:
    if not VECTORS.exists():
        return []
    return [one for one in json.loads(VECTORS.read_text())["vectors"] if one["provider"] == "plaid"]


def key_of(jwk: dict[str, Any]) -> BankKey:
    return BankKey(jwk["kid"], jwk["alg"], jwk["x"], jwk["y"], jwk["expired_at"] is not None)


@needs_vectors
@pytest.mark.parametrize("vector", vectors(), ids=lambda one: str(one.get("note", "plain")).replace(" ", "_"))
def test_con_5_hook_1_vector(vector: dict[str, Any]) -> None:
    header, body = vector["headers"]["Plaid-Verification"], vector["body"].encode()
    known = key_of(vector["jwk"]) if key_id_of(header) == vector["jwk"]["kid"] else None
    claims = verify_plaid(body, header, known, vector["now"])
    assert (claims is not None) is bool(vector["valid"])
    assert verify_plaid(body, header, replace(key_of(vector["jwk"]), has_ended=True), vector["now"]) is None


@pytest.fixture(scope="module")
def fake_key() -> tuple[PlaidFake, BankKey]:
    fake = PlaidFake(FixedClock(NOW))
    public = fake.signer.public(fake.signer.newest["kid"])
    assert public is not None
    return fake, key_of(public)


def test_hook_1_pyjwt_reads_what_the_fake_signs_and_we_what_pyjwt_signs(fake_key: tuple[PlaidFake, BankKey]) -> None:
    fake, key = fake_key
    public = fake.signer.public(key.key_id) or {}
    token = fake.signer.token(BODY, NOW)
    read = jwt.decode(token, jwt.PyJWK(public).key, algorithms=["ES256"], options={"verify_iat": False})
    ours = verify_plaid(BODY, token, key, NOW.timestamp())
    assert ours is not None
    assert (read["request_body_sha256"], read["iat"]) == (ours.body_sha256, ours.issued_at)
    private = ec.derive_private_key(int(fake.signer.newest["number"], 16), ec.SECP256R1())
    foreign = jwt.encode(read, private, algorithm="ES256", headers={"kid": key.key_id})
    assert verify_plaid(BODY, foreign, key, NOW.timestamp()) is not None


@pytest.mark.parametrize(("age", "valid"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)])
def test_hook_1_five_minutes(fake_key: tuple[PlaidFake, BankKey], age: int, valid: bool) -> None:
    fake, key = fake_key
    token = fake.signer.token(BODY, NOW)
    assert (verify_plaid(BODY, token, key, NOW.timestamp() + age) is not None) is valid


def test_hook_2_no_other_algorithm_key_or_spelling(fake_key: tuple[PlaidFake, BankKey]) -> None:
    fake, key = fake_key
    token, now = fake.signer.token(BODY, NOW), NOW.timestamp()
    claims = {"iat": int(now), "request_body_sha256": "0" * 64}
    none = jwt.encode(claims, "", algorithm="none", headers={"kid": key.key_id})
    shared = jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": key.key_id})
    assert key_id_of(none) is None
    assert key_id_of(shared) is None
    for header in ("", "a", "a.b", "..", none, shared, token + "=", token[:-1], token + ".x", token.replace(".", "..")):
        assert verify_plaid(BODY, header, key, now) is None
    assert verify_plaid(BODY, token, None, now) is None
    assert verify_plaid(BODY, token, replace(key, algorithm="RS256"), now) is None
    assert verify_plaid(BODY, token, replace(key, x=key.y), now) is None
    assert verify_plaid(BODY + b" ", token, key, now) is None


@given(header=st.text(max_size=200), body=st.binary(max_size=50))
def test_hook_3_any_header_is_refused_without_an_error(
    fake_key: tuple[PlaidFake, BankKey], header: str, body: bytes
) -> None:
    assert verify_plaid(body, header, fake_key[1], NOW.timestamp()) is None


async def test_hook_2_keys_are_asked_once_and_strangers_cannot_make_us_ask(
    fake_key: tuple[PlaidFake, BankKey],
) -> None:
    asked = []

    async def fetch(key_id: str) -> BankKey | None:
        asked.append(key_id)
        return fake_key[1] if key_id == fake_key[1].key_id else None

    ring, good = KeyRing(fetch), fake_key[1].key_id
    assert await ring.get(good, 0.0) == fake_key[1]
    assert await ring.get(good, KEEP_SECONDS - 1) == fake_key[1]
    assert asked == [good]
    assert await ring.get(good, KEEP_SECONDS + 1) == fake_key[1]
    assert asked == [good, good], "a day later it is asked whether the key has ended"
    for n in range(50):
        assert await ring.get(f"unknown-{n:08}", KEEP_SECONDS + 2) is None
    assert len(asked) <= MOST_A_MINUTE + 2
    assert await ring.get("../../etc", 10**9) is None
    assert "../../etc" not in asked


# -- the adapter at the fake -------------------------------------------------------------------------------------------


class Bank:
    """The fake and the adapter, with a linked item."""

    def __init__(self, fake: PlaidFake) -> None:
        self.fake, self.shelf = fake, Shelf()
        self.adapter = PlaidAdapter("client", "secret", base_url=fake.url, seconds=0.3)

    async def perform(self, call: Any) -> Outcome:
        return await self.adapter.calls[type(call)](call, attempt(files=self.shelf))

    async def done(self, call: Any) -> Any:
        outcome = await self.perform(call)
        assert isinstance(outcome, Done), outcome
        return outcome.result

    async def link(self) -> BankAccess:
        page = await self.done(OpenBankLink("k", f"{self.fake.url}/nowhere", f"{self.fake.url}/_desk", 90, 1800))
        assert await self.done(ReadBankLink(page.link_token)) == BankLinkEnd(False)
        [token] = self.fake.finish(page.link_token)["public_tokens"]
        assert await self.done(ReadBankLink(page.link_token)) == BankLinkEnd(True, [token])
        access: BankAccess = await self.done(ExchangeBankToken(token))
        return access


@asynccontextmanager
async def bank(clock: FixedClock, path: Path | None = None, **options: Any) -> AsyncIterator[Bank]:
    fake = PlaidFake(clock, path, client_id="client", secret="secret", **options)
    async with fake:
        made = Bank(fake)
        yield made
        await made.adapter.close()
        check_requests(fake)


async def test_bnk_1_a_link_from_page_to_token(clock: FixedClock) -> None:
    async with bank(clock) as made:
        access = await made.link()
        assert access.institution == "Demo Bank"
        assert [(one.name, one.last4) for one in access.accounts] == [("Demo Checking", "0042"), ("Demo Card", "4421")]
        assert (await made.shelf.get(access.token)).decode().startswith("access-demo-")
        assert isinstance(await made.perform(ExchangeBankToken("public-demo-unknown")), Refused)


async def test_bnk_2_all_pages_of_a_loop_and_only_news_after_it(clock: FixedClock) -> None:
    async with bank(clock, page_size=3) as made:
        access = await made.link()
        first: BankNews = await made.done(SyncBank(access.token))
        assert (len(first.stated), first.removed, first.is_ready) == (8, [], True)
        assert made.fake.calls["transactions_sync"] == 3
        assert {one.amount for one in first.stated} >= {"26.23", "-2400.0", "41.77"}, (
            "PLD-2: digits, no binary fractions"
        )
        item = made.fake.bank.items[access.item_id]["item_id"]
        new = made.fake.bank.spend(item, "0.07", "GUM")
        made.fake.bank.remove(first.stated[0].transaction_id)
        then: BankNews = await made.done(SyncBank(access.token, first.cursor))
        assert [(one.transaction_id, one.amount) for one in then.stated] == [(new, "0.07")]
        assert then.removed == [first.stated[0].transaction_id]
        again: BankNews = await made.done(SyncBank(access.token, first.cursor))
        assert again == then, "the same cursor gives the same answer"


async def test_bnk_2_a_loop_that_never_comes_to_rest_is_left_for_later(clock: FixedClock) -> None:
    async with bank(clock, page_size=3) as made:
        access = await made.link()
        sync = made.fake.bank.sync

        def restless(item: Any, cursor: str, count: int) -> Any:
            page = sync(item, cursor, count)
            made.fake.bank.spend(item["item_id"], "1.00", "SHOP", told=False)
            return page

        made.fake.bank.sync = restless  # type: ignore[method-assign]
        outcome = await made.perform(SyncBank(access.token))
        assert isinstance(outcome, Again)
        assert not outcome.whole_vendor


@pytest.mark.parametrize(
    "fault",
    ["status_before", "status_after", "timeout_after", "reset_before", "reset_during", "truncate", "rate_limit"],
)
async def test_fake_1_a_sync_that_was_lost_is_made_again(clock: FixedClock, fault: str) -> None:
    async with bank(clock, page_size=3) as made:
        access = await made.link()
        made.fake.faults.add(fault, "transactions_sync", skip=1)
        assert isinstance(await made.perform(SyncBank(access.token)), Again)
        assert len((await made.done(SyncBank(access.token))).stated) == 8


async def test_bnk_6_logins_and_removal(clock: FixedClock) -> None:
    async with bank(clock) as made:
        access = await made.link()
        made.fake.bank.require_login(access.item_id)
        outcome = await made.perform(SyncBank(access.token))
        assert isinstance(outcome, Refused)
        assert outcome.code == "ITEM_LOGIN_REQUIRED"
        page = await made.done(
            OpenBankLink("k", f"{made.fake.url}/x", f"{made.fake.url}/x", 90, 1800, token=access.token)
        )
        made.fake.finish(page.link_token)
        assert len((await made.done(SyncBank(access.token))).stated) == 8
        for _ in range(2):
            assert await made.done(RemoveBank(access.token)) is None, "removing what is gone is done too"
        assert isinstance(await made.perform(SyncBank(access.token)), Refused)
        assert await made.perform(SyncBank(12345)) == Refused("token_gone", "the bank was disconnected meanwhile")


async def test_hook_2_a_key_of_the_fake_and_an_unknown_one(clock: FixedClock) -> None:
    async with bank(clock) as made:
        old = made.fake.signer.newest["kid"]
        assert not (await made.done(ReadBankKey(old))).has_ended
        made.fake.signer.rotate()
        assert (await made.done(ReadBankKey(old))).has_ended
        assert isinstance(await made.perform(ReadBankKey("unknown-key")), Refused)


async def test_ven_7_wrong_keys_are_refused_as_such(clock: FixedClock) -> None:
    async with bank(clock) as made:
        wrong = PlaidAdapter("client", "other", base_url=made.fake.url)
        outcome = await wrong.calls[ReadBankKey](ReadBankKey("some-key-id"), attempt())
        await wrong.close()
        assert outcome == Refused("unauthorized", "client_id or secret is not accepted")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"added": 5}', b'{"next_cursor": "c", "added": [{"amount": true}, 7]}'])
async def test_hook_3_a_broken_answer_is_no_news(body: bytes) -> None:
    async with open_door("storage") as door:
        shelf = Shelf()
        token = shelf.put(b"access", "application/x-bank-token")
        door.always = Answer(200, body)
        adapter = PlaidAdapter("client", "secret", base_url=door.url)
        outcome = await adapter.calls[SyncBank](SyncBank(token), attempt(files=shelf))
        await adapter.close()
    assert isinstance(outcome, Again) or outcome == Done(BankNews("c"))


# -- the fake ----------------------------------------------------------------------------------------------------------


async def test_the_fake_goes_on_with_its_book_after_a_restart(clock: FixedClock, tmp_path: Path) -> None:
    path = tmp_path / "plaid.jsonl"
    async with bank(clock, path) as made:
        access = await made.link()
        token = (await made.shelf.get(access.token)).decode()
        kid = made.fake.signer.newest["kid"]
    again = PlaidFake(clock, path)
    assert again.signer.newest["kid"] == kid
    assert len(again.bank.sync(again.bank.by_token(token), "", 500)["added"]) == 8


async def test_the_hosted_page_and_the_counter(clock: FixedClock) -> None:
    async with bank(clock) as made, aiohttp.ClientSession() as session:
        page = await made.done(OpenBankLink("k", f"{made.fake.url}/x", f"{made.fake.url}/_desk", 90, 1800))
        async with session.get(page.url) as shown:
            assert "Demo Bank" in await shown.text()
        async with session.post(page.url, data={"choice": "yes"}) as chosen:
            desk = await chosen.json()
        async with session.post(page.url, data={"choice": "yes"}) as again:
            assert again.status == 410
        item = desk["items"][0]["item_id"]
        wish = {"item_id": item, "amount": "5.50", "name": "LUNA CAFE"}
        async with session.post(f"{made.fake.url}/_desk/spend", json=wish) as spent:
            assert (await spent.json())["done"].startswith("tx_")
        late = await made.done(OpenBankLink("k", f"{made.fake.url}/x", f"{made.fake.url}/x", 90, 60))
        clock.advance(timedelta(seconds=61))
        async with session.post(late.url, data={"choice": "yes"}) as ended:
            assert ended.status == 410


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "base", "good"),
    [
        ("live", "", True), ("live", "https://production.plaid.com", True),
        ("live", "https://sandbox.plaid.com", False),
        ("demo", "https://sandbox.plaid.com", True), ("demo", "https://production.plaid.com", False),
    ],
)  # fmt: skip
def test_ven_9_the_banks_environment_belongs_to_the_mode(mode: str, base: str, good: bool) -> None:
    settings = Settings(_env_file=None, parley_mode=mode, plaid_api_base=base)
    if good:
        settings.check_modes()
    else:
        with pytest.raises(Misconfigured, match="PLAID_API_BASE"):
            settings.check_modes()
