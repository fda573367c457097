"""What operators may give back, and what the numbers tell them (REF-6, REF-10, OPS-4)."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.core.calls.workshop import TypesetPages, TypesetSheet
from bot.engine.phone import Phone
from handlers import admin, billing
from handlers.admin.roles import Role, Roles, packaged
from integrations.press.sheet import SheetDocument
from storage import disputes, operators
from storage.audit import audit
from tests.handlers.admin.desk import SECRET
from tests.handlers.appeals.order_kit import PRIVATE, Shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        admin.register(opened.h.registry)
        yield opened


class Operator:
    """Somebody at the desk, logged in, with an authenticator."""

    def __init__(self, shop: Shop, phone: Phone) -> None:
        self.shop, self.phone = shop, phone

    @classmethod
    async def logged_in(cls, shop: Shop, role: str = "admin", name: str = "ann", telegram: str = "5001") -> Operator:
        """Enrol one and log them in."""
        until = shop.h.clock.now() + timedelta(days=1)
        await shop.read(
            lambda work: operators.enroll(
                work, name=name, role=role, state="invited", secret=SECRET, telegram=telegram, invited_until=until
            )
        )
        one = cls(shop, shop.h.phone("telegram", f"7:{telegram}"))
        await one.say(f"/login {await one.code()}")
        return one

    async def code(self) -> str:
        """Return a code that was not used yet."""
        await self.shop.wait(seconds=31)
        return pyotp.TOTP(SECRET).at(self.shop.h.clock.now())

    async def say(self, text: str) -> str:
        """Say something and return what came back."""
        return html.unescape("\n".join(message.text for message in await self.phone.say(text)))

    async def refund(self, words: str, code: str | None = None, command: str = "/refund") -> str:
        """Ask for a refund and confirm it; return both answers."""
        shown = await self.say(f"{command} {words}")
        match = re.search(r": (refund A-\w+) CODE", shown)
        if match is None:
            return shown
        return f"{shown}\n{await self.say(f'{match[1]} {code or await self.code()}')}"


def _limited(shop: Shop, minor: int) -> None:
    """Let an admin give back so much alone."""
    roles = dict(packaged().by_name)
    roles["admin"] = Role("admin", roles["admin"].permissions, {"refund_minor": minor})
    shop.h.registry.settings[Roles] = Roles(roles)


async def test_ref_6_beyond_the_cap_of_the_role_a_second_person_has_to_agree(shop: Shop) -> None:
    await shop.mail()
    await shop.lob("returned_to_sender")
    _limited(shop, 1000)
    ann, payment = await Operator.logged_in(shop), (await shop.payment()).id
    for words in (f"{payment} all returned", f"{payment} 10.01 returned"):
        assert "Nobody else could approve" in await ann.refund(words)
    assert not await shop.refunds()
    assert "$5.00 goes back" in await ann.refund(f"{payment} 5.00 goodwill")
    (row,) = await shop.refunds()
    assert (row.amount_minor, row.reason, row.requested_by) == (500, "goodwill", "operator:ann")
    assert "A refund of $5.00 is on its way" in shop.said


async def test_ref_6_the_second_person_lets_it_happen(shop: Shop) -> None:
    await shop.mail()
    await shop.lob("returned_to_sender")
    _limited(shop, 1000)
    ann, payment = await Operator.logged_in(shop), (await shop.payment()).id
    bob = await Operator.logged_in(shop, "owner", "bob", "5002")
    assert "It waits for somebody else" in await ann.refund(f"{payment} all returned")
    assert not await shop.refunds()
    await bob.phone.tap("Approve")
    assert [call.amount_minor for call in shop.vendors.refunded] == [1995]
    assert "$19.95 goes back" in ann.phone.last.text


async def test_ref_6_an_owner_gives_all_of_it_back_and_never_more_than_was_charged(shop: Shop) -> None:
    await shop.mail()
    await shop.lob("returned_to_sender")
    ann, payment = await Operator.logged_in(shop, "owner"), (await shop.payment()).id
    assert "No more than $19.95" in await ann.refund(f"{payment} 19.96 lost")
    shown = await ann.refund(f"{payment} all lost")
    assert "REFUND $19.95 to sms" in shown
    assert "$19.95 -> $0.00 left" in shown
    assert "$19.95 goes back" in shown
    assert await shop.stage() == "refunded"
    assert "No more than $0.00" in await ann.refund(f"{payment} all lost")
    assert [call.amount_minor for call in shop.vendors.refunded] == [1995]
    assert not [word for word in PRIVATE if word in shown]


async def test_ref_10_each_refund_needs_its_own_code(shop: Shop) -> None:
    await shop.mail()
    ann, payment = await Operator.logged_in(shop), (await shop.payment()).id
    code = await ann.code()
    await ann.refund(f"{payment} 1.00 goodwill", code)
    assert "used before" in await ann.refund(f"{payment} 2.00 goodwill", code)
    assert "not right" in await ann.refund(f"{payment} 2.00 goodwill", "000000")
    assert [row.amount_minor for row in await shop.refunds()] == [100]


async def test_a74_a_second_refund_is_refused_above_what_is_left(shop: Shop) -> None:
    await shop.mail()
    ann, payment = await Operator.logged_in(shop), (await shop.payment()).id
    assert "$10.00 goes back" in await ann.refund(f"{payment} 10.00 goodwill")
    assert "No more than $9.95" in await ann.refund(f"{payment} 10.00 goodwill")
    assert [row.amount_minor for row in await shop.refunds()] == [1000]


async def test_a74_a75_pay_refunds_a_letter_as_it_refunds_an_order(shop: Shop) -> None:
    """Also REF-5: of one that came back; the confirmation is asked for, and taken, once."""
    billing.register(shop.h.registry)
    shop.h.redeliver = True
    await shop.mail()
    ann, payment = await Operator.logged_in(shop), await shop.payment()
    shown = await ann.refund(f"{payment.receipt} 10.00 requested_by_customer Late in the post", command="/pay refund")
    assert "REFUND $10.00 to sms" in shown
    assert "with the post: this is goodwill" in shown
    assert "$10.00 goes back" in shown
    told = [message.text for message in shop.me.messages]
    assert sum("$10.00" in text for text in told) >= 1
    assert "At most $9.95" in await ann.refund(f"{payment.id} 10.00 requested_by_customer", command="/pay refund")
    confirmed = shown.partition("minutes: ")[2].partition(" CODE")[0]
    await ann.say(f"{confirmed} {await ann.code()}")
    assert [(row.amount_minor, row.reason) for row in await shop.refunds()] == [(1000, "requested_by_customer")]
    said = await ann.say(f"/pay show {payment.receipt}")
    assert "$10.00 requested_by_customer, succeeded, by ann: Late in the post" in said
    await shop.lob("returned_to_sender")
    assert "goodwill" not in await ann.refund(f"{payment.id} all duplicate", command="/pay refund")
    assert [call.amount_minor for call in shop.vendors.refunded] == [1000, 995]
    assert shop.vendors.refunded[-1].reason == "duplicate"
    assert await shop.stage() == "refunded"
    assert "can go back" in await ann.refund(f"{payment.id} 0.01 duplicate", command="/pay refund")
    acts = await shop.read(lambda work: work.rows(sa.select(audit.c.action).where(audit.c.action == "pay.refund")))
    assert len(acts) == 2


async def test_py_9_no_letter_is_refunded_on_top_of_a_dispute(shop: Shop) -> None:
    billing.register(shop.h.registry)
    await shop.mail()
    ann, payment = await Operator.logged_in(shop), await shop.payment()
    thing = {"id": "dp_1", "payment_intent": payment.intent, "livemode": False, "object": "dispute"}
    await shop.h.vendor("stripe", "charge.dispute.created", thing)
    for command in ("/refund", "/pay refund"):
        assert "while it is disputed" in await ann.refund(f"{payment.id} all duplicate", command=command)
    assert await shop.refunds() == []


async def test_py_9_a_disputed_letter_has_its_evidence_ready_and_its_person_is_sold_no_other(shop: Shop) -> None:
    sheets: list[TypesetSheet] = []

    def press(call: TypesetSheet, harness: object) -> Done | Refused:
        sheets.append(call)
        SheetDocument.model_validate(call.document)
        lost = {"characters": "\u05dd\u05d5"}
        printable = "\u05dd" not in str(call.document)
        return Done(TypesetPages(1, "00", 1)) if printable else Refused("unsupported_script", "right to left", lost)

    shop.h.world[TypesetSheet] = press
    shop.h.registry.complete()
    await shop.mail()
    await shop.lob("delivered")
    await shop.me.say("status")
    await shop.me.say("shal\u05d5\u05dd")
    ann, payment = await Operator.logged_in(shop), await shop.payment()
    thing = {
        "id": "dp_1", "payment_intent": payment.intent, "livemode": False, "amount": 1995, "currency": "usd",
        "reason": "fraudulent", "evidence_details": {"due_by": int(shop.h.clock.now().timestamp()) + 9 * 86_400},
    }  # fmt: skip
    for kind in ("created", "created", "updated"):
        await shop.h.vendor("stripe", f"charge.dispute.{kind}", thing)
    listed = await ann.say("/dispute list")
    assert f"{payment.receipt} letter $19.95, answer by Nov 2" in listed
    assert "(fraudulent)" in listed
    assert "No dispute has that number" in await ann.say(f"/dispute evidence R-NOBODY {await ann.code()}")
    assert "code" in await ann.say(f"/dispute evidence {payment.receipt}")
    assert "The paper follows" in await ann.say(f"/dispute evidence {payment.receipt} {await ann.code()}")
    assert ann.phone.messages[-1].filename == f"evidence-{payment.receipt}.pdf"
    document = sheets[-1].document
    assert "Customer: shal??" in str(document)
    told = "\n".join(row[0] for row in document["rows"])
    for part in ("agreed to, terms-1", "Payment: paid", "Letter: mailed", "Customer: status", "Message by sms", "We: "):
        assert part in told or part.replace("mailed", "accepted") in told, (part, told)
    assert [row[1] for row in document["rows"]] == sorted(row[1] for row in document["rows"])
    assert ["Tracking", "9407100000000000000417"] in [list(one) for one in document["facts"]]
    assert "took no coins" not in told
    await shop.approve(number="900000418")
    assert (await shop.request()).refusal.reason == "disputed"
    await ann.say(f"/dispute allow {payment.receipt}")
    assert (await shop.request()).payment_id is not None
    await shop.h.vendor("stripe", "charge.dispute.closed", thing | {"status": "lost"})
    assert "$19.95, lost (fraudulent), may buy again" in await ann.say("/dispute list")
    shop.case_id = payment.case_id
    await shop.read(lambda work: disputes.erase(work, payment.person_id))
    assert "deleted their data" in await ann.say(f"/dispute evidence {payment.receipt} {await ann.code()}")


async def test_py_9_a_dispute_of_a_charge_that_nobody_knows_is_told_to_staff(shop: Shop) -> None:
    billing.register(shop.h.registry)
    thing = {"id": "dp_9", "payment_intent": "pi_of_a_plan", "charge": "ch_9", "livemode": False}
    for _ in range(2):
        await shop.h.vendor("stripe", "charge.dispute.created", thing)
    assert await shop.alerts() == ["dispute_unknown"]


async def test_pay_says_where_no_letters_are_sold(shop: Shop) -> None:
    billing.register(shop.h.registry)
    await shop.mail()
    ann, payment = await Operator.logged_in(shop), await shop.payment()
    del shop.h.registry.staff["refund"]
    assert "switched off" in await ann.refund(f"{payment.id} all duplicate", command="/pay refund")


async def test_a107_a_payment_refunded_elsewhere_meanwhile_is_shown_anew(shop: Shop) -> None:
    await shop.mail()
    ann, payment = await Operator.logged_in(shop), (await shop.payment()).id
    bob = await Operator.logged_in(shop, "admin", "bob", "5002")
    shown = await ann.say(f"/refund {payment} 5.00 goodwill")
    typed = shown.partition("minutes: ")[2].removesuffix(" CODE")
    assert "$1.00 goes back" in await bob.refund(f"{payment} 1.00 lost")
    answer = await ann.say(f"{typed} {await ann.code()}")
    assert "Things changed meanwhile" in answer
    assert "$18.95 -> $13.95 left" in answer
    assert [row.amount_minor for row in await shop.refunds()] == [100]


@pytest.mark.parametrize("text", ["", "1", "1 all", "x all lost", "1 -5 lost"])
async def test_ref_6_other_words_get_the_usage(shop: Shop, text: str) -> None:
    ann = await Operator.logged_in(shop)
    assert "Use /refund" in await ann.say(f"/refund {text}")


async def test_ref_6_a_stranger_learns_nothing_of_it(shop: Shop) -> None:
    await shop.mail()
    stranger = shop.h.phone("telegram", "7:6001")
    await stranger.say(f"/refund {(await shop.payment()).id} all lost")
    assert "refund" not in stranger.last.text.lower()
    assert not await shop.refunds()


# -- OPS-4 -------------------------------------------------------------------------------------------------------------


async def _orders(shop: Shop, count: int, first: int = 0, **changes: object) -> None:
    for n in range(first, first + count):
        phone = shop.h.phone("sms", f"+1415555{n:04d}")
        await shop.approve(phone, **{"number": f"9000{n:05d}", **changes})
        await shop.request(phone)
        await shop.pay(f"cs_{len(shop.vendors.sessions)}")


async def test_ops_4_stats_count_what_became_of_cases_and_name_no_person(shop: Shop) -> None:
    await _orders(shop, 6)
    await shop.wait(minutes=11)
    ann = await Operator.logged_in(shop)
    shown = await ann.say("/stats today")
    for part in ("started 6", "priced 6", "paid 6", "mailed 6"):
        assert part in shown, shown
    assert "by city: San Francisco 6" in shown
    assert "by channel: sms 6" in shown
    assert "by class: certified 6" in shown
    assert not [word for word in (*PRIVATE, "A-", "+1415") if word in shown]


async def test_ops_4_groups_under_five_are_merged(shop: Shop) -> None:
    await _orders(shop, 5)
    await _orders(shop, 2, 10, city_id="us-ny-new_york", issue_date=shop.h.clock.now().date(), mail_class="standard")
    await _orders(shop, 1, 20, city_id="us-ma-boston", issue_date=shop.h.clock.now().date())
    ann = await Operator.logged_in(shop)
    shown = await ann.say("/stats today")
    assert "San Francisco 5, others under 5" in shown
    assert "New York" not in shown
    assert "Boston" not in shown
    assert "certified 6, others under 5" in shown


async def test_ops_4_a_handful_in_all_is_told_as_fewer_than_five(shop: Shop) -> None:
    await _orders(shop, 2)
    ann = await Operator.logged_in(shop)
    shown = await ann.say("/stats today")
    assert "started under 5" in shown
    assert "San Francisco" not in shown


async def test_ops_4_why_people_were_informed_and_refunded_is_counted(shop: Shop) -> None:
    await _orders(shop, 5)
    for n in range(5):
        await shop.h.phone("sms", f"+1415555{n:04d}").say("undo")
    ann = await Operator.logged_in(shop)
    shown = await ann.say("/stats today")
    assert "refunded: undo 5" in shown


async def test_ops_4_stats_are_for_operators_alone(shop: Shop) -> None:
    await _orders(shop, 5)
    stranger = shop.h.phone("telegram", "7:6001")
    await stranger.say("/stats today")
    assert "San Francisco" not in stranger.last.text
    assert "started" not in stranger.last.text
