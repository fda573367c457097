"""ID-6: what both bought stays bought, and what both were offered can still be paid, once two persons are one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.events import Event
from handlers.people import merging
from storage.accounts import merges
from storage.accounts.joining import part
from storage.accounts.own import after
from storage.billing import grants, orders
from storage.people import person
from storage.work import Work
from tests.databases import prepared_database
from tests.handlers.billing.orders.shop import Shop, open_shop
from tests.handlers.billing.orders.test_packs import bought

ORDERS = sa.select(orders.order.c.id, orders.order.c.person_id, orders.order.c.state).order_by(orders.order.c.id)


async def merged(shop: Shop) -> tuple[int, int]:
    """Let the younger person become part of the older one; return both."""
    older, younger = (row[0] for row in await shop.rows(sa.select(person.c.id).order_by(person.c.id)))
    if f"timer:{merging.JOIN}" not in shop.harness.dispatcher.registry.handlers:
        merging.register(shop.harness.dispatcher.registry)
    payload = {"beside": younger, "actor": "operator:boss"}
    await shop.harness.happen(Event("timer", "900", merging.JOIN, payload, person_id=older))
    return older, younger


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_id_6_packs_that_both_bought_count_and_both_orders_stay(kind: str, tmp_path: Path) -> None:
    with prepared_database(kind, tmp_path) as url:
        async with open_shop(url) as shop:
            first, second = shop.phone, shop.harness.phone("sms", "+14155550999")
            paid, open_ones = [await bought(shop, intent="pi_1")], list[int]()
            shop.phone = second
            await shop.say("hello")
            paid.append(await bought(shop, intent="pi_2"))
            for phone in (first, second):
                shop.phone = phone
                await shop.say("pack 2")
                open_ones.append(await shop.newest())
            before = await shop.rows(ORDERS)
            older, younger = await merged(shop)
            assert await shop.rows(ORDERS) == [(one, older, state) for one, _, state in before]

            def given(work: Work) -> list[list[int | None]]:
                rows = [orders.load(work, one) for one in paid]
                found = [grants.of_source(work, older, "pack", row.reference) for row in rows if row is not None]
                return [[one.amount for one in of if one.expires_at > work.now + timedelta(days=300)] for of in found]

            assert await shop.harness.writers.run(given) == [[100], [100]]
            for number, one in enumerate(open_ones):
                session = await shop.tap(one)
                assert session is not None
                await shop.pay(session, f"pi_open{number}")
            assert [state for _, _, state in await shop.rows(ORDERS)] == ["paid"] * 4
            assert await shop.state(await bought(shop, intent="pi_3")) == "paid"

            def back(work: Work) -> None:
                row = merges.of_absorbed(work, younger)
                manifest = merges.manifest_of(work, row) if row is not None else None
                assert row is not None
                assert manifest is not None
                part(work, survivor=older, absorbed=younger, manifest=manifest, after=[after])

            await shop.harness.writers.run(back)
            owners = {one: owner for one, owner, _ in await shop.rows(ORDERS)}
            assert [owners[one] for one in (*paid, *open_ones)] == [older, younger, older, younger]
