"""PY-10: what a plan is paid by is mirrored as Stripe tells it, sealed, and changed through the portal alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.core.calls.subscriptions import GatewayMethod
from integrations.stripe import plan_objects
from storage.billing import privacy
from tests.handlers.billing.plan_world import Shop, open_shop
from tests.handlers.billing.test_plan_changes import staff, who


def card_of(shop: Shop) -> str:
    """Return the last four digits of the card that the fake's plan is paid by."""
    (one,) = list(shop.fake.subscriptions.shelf)
    return str(shop.fake.expand(dict(one), ["default_payment_method"])["default_payment_method"]["card"]["last4"])


async def test_py_10_brand_digits_and_expiry_are_told_to_the_person_and_to_staff_and_kept_sealed(
    tmp_path: Path,
) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        digits = card_of(shop)
        assert digits.encode() not in (await shop.row()).method
        said = "\n".join(await shop.say("paymethod"))
        assert f"Your plan is paid by visa ...{digits}, good until 04/2031." in said
        assert f"paid by visa ...{digits} 04/2031" in await staff(shop, "sub show", str(await who(shop)))


async def test_py_10_a_card_that_was_changed_at_the_portal_is_mirrored_whichever_event_tells(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        (one,) = list(shop.fake.subscriptions.shelf)
        before = card_of(shop)
        for number, kind in enumerate(("payment_method.attached", "customer.updated")):
            shop.fake.subscriptions.shelf.patch(one["id"], {"default_payment_method": f"pm_1new{number}"})
            thing: dict[str, Any] = {"object": "payment_method", "id": "pm_1new", "customer": shop.customer}
            if kind == "customer.updated":
                thing = {"object": "customer", "id": shop.customer}
            await shop.h.vendor("stripe", kind, thing)
            assert card_of(shop) != before
            before = card_of(shop)
            assert f"visa ...{before}" in "\n".join(await shop.say("paymethod"))
        await shop.h.vendor("stripe", "payment_method.updated", {"object": "payment_method", "customer": "cus_else"})
        assert f"visa ...{before}" in "\n".join(await shop.say("paymethod")), "another customer's changes nothing"


async def test_py_10_it_goes_with_the_rest_when_a_person_deletes_their_data(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        me = await who(shop)
        await shop.h.writers.run(lambda work: privacy.erase(work, me))
        assert (await shop.row()).method is None


def test_py_10_cards_banks_and_wallets_are_read_and_what_is_strange_is_none() -> None:
    def read(method: object) -> object:
        return plan_objects.subscription({"id": "sub_1", "default_payment_method": method}, 0).method

    bank = read({"type": "us_bank_account", "us_bank_account": {"bank_name": "STRIPE TEST BANK", "last4": "6789"}})
    assert bank == GatewayMethod("us_bank_account", "STRIPE TEST BANK", "6789")
    assert read({"type": "link", "link": {"email": "a@b.example"}}) == GatewayMethod("link")
    assert [read(one) for one in (None, "pm_1", {}, {"type": 7})] == [None] * 4
