"""What must never happen to an order (NEVER-1, NEVER-2, NEVER-7)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.core.calls import Again, Done, Outcome, Refused
from bot.core.calls.lob import CancelLetter, FindLetter, MailLetter, PostedLetter, PostedLetters
from bot.core.calls.stripe import OpenCheckout, RefundPayment
from handlers.appeals import operators, records
from storage.appeals import letters
from tests.handlers.appeals.order_kit import Shop

SF = "us-ca-san_francisco"
Act = Callable[[Shop], Awaitable[Any]]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


# -- NEVER-1: an address that may not be used --------------------------------------------------------------------------


async def _changed(shop: Shop, **mail: Any) -> None:
    def change(turn: Any) -> None:
        city = records.city_of(turn.work, SF)
        assert city is not None
        fresh = city.model_copy(update={"mail": city.mail.model_copy(update=mail)})
        change_id = records.propose_change(turn, SF, fresh.model_dump_json(), actor="admin:1", why="doubt")
        records.approve_change(turn, change_id, actor="admin:2")

    await shop.act(change)


async def unconfirmed(shop: Shop) -> None:
    await _changed(shop, status="unconfirmed")


async def without_address(shop: Shop) -> None:
    await _changed(shop, addresses=())


async def moved(shop: Shop) -> None:
    city = await shop.read(lambda work: records.city_of(work, SF))
    assert city is not None
    (address, *others) = city.mail.addresses
    fresh = address.model_copy(update={"address_line1": "1 Another Avenue"})
    await _changed(shop, addresses=(fresh, *others))


async def closed(shop: Shop) -> None:
    await shop.act(lambda turn: records.close_city(turn, SF, actor="engine", why="test"))


async def after_the_hold(shop: Shop) -> None:
    await shop.wait(hours=30)


async def by_retry(shop: Shop) -> None:
    await shop.wait(minutes=11)
    payment = await shop.payment()
    await shop.act(lambda turn: operators.retry_fulfilment(turn, payment.id, actor="admin:1"))
    await shop.wait(hours=2)


async def by_send_anyway(shop: Shop) -> None:
    await shop.wait(minutes=11)
    await shop.me.say("SEND ANYWAY")
    await shop.wait(hours=2)


async def after_a_pause(shop: Shop) -> None:
    await shop.act(lambda turn: operators.pause_mail(turn, actor="admin:1"))
    await shop.wait(minutes=20)
    for admin in ("admin:1", "admin:2"):
        await shop.act(partial(operators.resume_mail, actor=admin))
    await shop.wait(hours=2)


@pytest.mark.parametrize("act", [after_the_hold, by_retry, by_send_anyway, after_a_pause])
@pytest.mark.parametrize("damage", [unconfirmed, without_address, moved, closed])
async def test_never_1_a_record_that_is_not_usable_posts_nothing_on_any_way(shop: Shop, damage: Act, act: Act) -> None:
    await shop.order()
    await damage(shop)
    await act(shop)
    assert shop.calls(MailLetter) == []
    assert await shop.stage() in ("paid_blocked", "refunded")


@pytest.mark.parametrize("damage", [unconfirmed, without_address, moved, closed])
async def test_never_1_nor_by_a_vendors_retry_or_an_operators_re_mail(shop: Shop, damage: Act) -> None:
    await shop.mail()
    await shop.lob("returned_to_sender")
    await damage(shop)
    await shop.act(lambda turn: operators.remail(turn, shop.case_id, actor="admin:1"))
    assert len(shop.calls(MailLetter)) == 1


@pytest.mark.parametrize("damage", [unconfirmed, without_address, moved, closed])
async def test_never_1_nor_by_a_new_try_after_an_uncertain_one(shop: Shop, damage: Act) -> None:
    shop.vendors.answers[MailLetter] = lambda call: Refused("status_402")
    await shop.mail()
    await damage(shop)
    del shop.vendors.answers[MailLetter]
    payment = await shop.payment()
    await shop.act(lambda turn: operators.retry_fulfilment(turn, payment.id, actor="admin:1"))
    await shop.wait(hours=3)
    assert len(shop.calls(MailLetter)) == 1


@pytest.mark.parametrize("damage", [unconfirmed, without_address, moved, closed])
async def test_never_1_and_nothing_is_sold_for_it(shop: Shop, damage: Act) -> None:
    await shop.approve()
    await damage(shop)
    try:
        asked = await shop.request()
    except AssertionError:
        asked = None  # the approval is void already, and nothing can be asked for it
    assert asked is None or asked.refusal is not None
    assert shop.calls(OpenCheckout) == []


async def test_never_1_the_letter_goes_where_the_approved_draft_says(shop: Shop) -> None:
    await shop.mail()
    (call,) = shop.calls(MailLetter)
    city = await shop.read(lambda work: records.city_of(work, SF))
    assert city is not None
    usable = {(a.name, a.address_line1, a.zip) for a in city.mail.addresses if a.status == "confirmed"}
    assert (call.to.name, call.to.address_line1, call.to.zip) in usable


# -- NEVER-2: one letter or the money back -----------------------------------------------------------------------------


def _after_days(shop: Shop, days: int, end: Callable[[MailLetter], Outcome]) -> Callable[[MailLetter], Outcome]:
    began = shop.h.clock.now()

    def answer(call: MailLetter) -> Outcome:
        if shop.h.clock.now() - began < timedelta(days=days):
            return Again("status_500", timedelta(hours=1))
        return end(call)

    return answer


def _posted_and_lost(shop: Shop) -> Callable[[MailLetter], Outcome]:
    def answer(call: MailLetter) -> Outcome:
        shop.vendors.post(call)
        return Refused("gave_up")

    return answer


ENDS: dict[str, Callable[[Shop], Callable[[MailLetter], Outcome]]] = {
    "posted": lambda shop: shop.vendors.post,
    "posted, answer lost": _posted_and_lost,
    "late": lambda shop: _after_days(shop, 2, shop.vendors.post),
    "never": lambda shop: _after_days(shop, 8, lambda call: Refused("timed_out")),
    "refused": lambda shop: lambda call: Refused("invalid"),
    "no key": lambda shop: lambda call: Refused("not_configured"),
    "gave up": lambda shop: lambda call: Refused("gave_up"),
    "deleted": lambda shop: (
        lambda call: Done(PostedLetter("ltr_1", call.letter_id, None, None, None, test_mode=False, deleted=True))
    ),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("twice", [False, True])
async def test_never_2_every_charge_ends_in_one_letter_or_a_full_refund(shop: Shop, end: str, twice: bool) -> None:
    shop.vendors.answers[MailLetter] = ENDS[end](shop)
    await shop.order()
    if twice:
        shop.vendors.sessions["cs_9"] = shop.vendors.sessions["cs_1"]
        await shop.pay("cs_9")
        await shop.pay()
    await shop.wait(days=20)
    charged, back = 1995 * (1 + twice), sum(call.amount_minor for call in shop.vendors.refunded)
    assert (len(shop.vendors.posted), charged - back) in ((1, 1995), (0, 0)), (shop.vendors.posted, back)
    assert len(await shop.letters()) == 1


@pytest.mark.parametrize("minute", [0, 9, 11])
async def test_never_2_undo_gives_a_letter_or_the_money_never_both_nor_none(shop: Shop, minute: int) -> None:
    await shop.order()
    await shop.wait(minutes=minute)
    for _ in range(2):
        await shop.me.say("UNDO")
    await shop.wait(days=2)
    back = sum(call.amount_minor for call in shop.vendors.refunded)
    assert (len(shop.vendors.posted), back) in ((1, 0), (0, 1995))


async def test_never_2_a_cancelled_letter_is_refunded_once_and_not_posted_again(shop: Shop) -> None:
    await shop.mail()
    letter = await shop.letter()
    for _ in range(2):
        await shop.act(lambda turn: operators.cancel_letter(turn, letter.id, actor="admin:1"))
    assert shop.calls(CancelLetter)
    await shop.wait(days=2)
    assert [call.amount_minor for call in shop.vendors.refunded] == [1995]
    assert len(shop.calls(MailLetter)) == 1


async def test_never_2_an_order_of_one_payment_has_no_second_first_letter(shop: Shop) -> None:
    import sqlalchemy as sa

    await shop.order()
    letter = await shop.letter()
    copy = {c.name: getattr(letter, c.name) for c in letters.letter.c if c.name != "id"}
    with pytest.raises(sa.exc.IntegrityError):
        await shop.read(lambda work: work.claim(letters.letter.insert().values(id=work.ids.next(), **copy)))


# -- NEVER-7: what failed is not called done ---------------------------------------------------------------------------

FAILURES = ["not_configured", "gave_up", "timed_out", "invalid", "status_500"]


@pytest.mark.parametrize("code", FAILURES)
async def test_never_7_a_letter_that_was_not_posted_is_not_called_mailed(shop: Shop, code: str) -> None:
    shop.vendors.answers[MailLetter] = lambda call: Refused(code)
    shop.vendors.answers[FindLetter] = lambda call: Done(PostedLetters([]))
    await shop.mail()
    await shop.wait(days=3)
    await shop.me.say("status")
    assert not re.search(r"at the printer\.|on its way|Certified number|[Dd]elivered", shop.said)
    assert "was not mailed" in shop.said
    letter = await shop.letter()
    assert letter.lob_id is None
    assert letter.status not in letters.RANKS or letters.RANKS[letter.status] < letters.RANKS["accepted"]


@pytest.mark.parametrize("code", FAILURES)
async def test_never_7_a_refund_that_failed_is_not_called_done(shop: Shop, code: str) -> None:
    shop.vendors.answers[RefundPayment] = lambda call: Refused(code)
    await shop.order()
    await shop.me.say("undo")
    await shop.wait(hours=1)
    assert "has left us" not in shop.said
    assert "met a problem" in shop.said
    assert (await shop.payment()).refunded_minor == 0
    assert "refund_failed" in await shop.alerts()


@pytest.mark.parametrize("code", FAILURES)
async def test_never_7_a_link_that_was_not_made_is_not_sent(shop: Shop, code: str) -> None:
    shop.vendors.answers[OpenCheckout] = lambda call: Refused(code)
    await shop.approve()
    await shop.request()
    await shop.wait(hours=1)
    assert "/p/" not in shop.said
    assert "Nothing was charged" in shop.said
    assert await shop.stage() == "ready"


@pytest.mark.parametrize("code", FAILURES)
async def test_never_7_a_letter_that_could_not_be_cancelled_is_not_called_cancelled(shop: Shop, code: str) -> None:
    shop.vendors.answers[CancelLetter] = lambda call: Refused(code)
    await shop.mail()
    letter = await shop.letter()
    await shop.act(lambda turn: operators.cancel_letter(turn, letter.id, actor="admin:1"))
    assert "cannot be stopped" in shop.said
    assert not shop.vendors.refunded
    assert await shop.stage() == "submitted"


async def test_never_7_a_letter_of_a_test_key_is_shown_as_such(tmp_path: Path) -> None:
    async with Shop.open(tmp_path, at=datetime(2026, 11, 17, 18, tzinfo=UTC)) as shop:
        shop.vendors.answers[MailLetter] = lambda call: Done(
            PostedLetter("ltr_t", call.letter_id, "94071", None, None, test_mode=True)
        )
        await shop.mail()
        await shop.me.say("status")
        assert shop.said.count("TEST 94071") == 2
        assert not re.search(r"(?<!TEST )94071", shop.said)
