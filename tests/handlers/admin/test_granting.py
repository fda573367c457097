"""What staff give one person and take back, through the gate: /grant, /revoke, /quota show, /quota adjust (RS-7)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.ids import Ids
from bot.core.masking import is_card
from bot.engine.phone import Phone
from handlers import billing
from storage.billing import grants, ledger, overrides
from storage.billing.grants import Grant
from storage.work import Work
from tests.handlers.admin.desk import Desk, ann, told

READ = "receipts.read"
WHY = "two days of trouble"


class Counter:
    """A desk with plans, an owner who is logged in, and a person to be given things."""

    def __init__(self, desk: Desk, owner: Phone, person: int) -> None:
        self.desk, self.owner, self.person = desk, owner, person

    async def say(self, text: str, phone: Phone | None = None) -> str:
        """Say something as staff; PERSON stands for the person."""
        return await told(phone or self.owner, text.replace("PERSON", str(self.person)))

    async def given(self, text: str, phone: Phone | None = None) -> int:
        """Give something and return its number."""
        answer = await self.say(text, phone)
        found = re.search(r"Number (\d+)\.", answer)
        assert found is not None, answer
        return int(found[1])

    async def use(self, amount: int, operation: str = "op", *, settles: bool = True) -> None:
        """Use so many of the plan's fifteen receipts."""

        def run(work: Work) -> None:
            start, end = work.now.replace(day=1), work.now.replace(month=work.now.month + 1, day=1)
            plan = Grant(READ, "plan", "free", f"{work.now:%Y-%m}", start, end, 15)
            hold = end - work.now
            answer = ledger.reserve(work, self.person, plan, operation_id=operation, amount=amount, hold=hold)
            assert answer == "granted"
            if settles:
                ledger.settle(work, self.person, plan, operation_id=operation, used=amount)

        await self.desk.writers.run(run)

    async def standing(self) -> list[tuple[str, str]]:
        """Return the live overrides."""
        found = await self.desk.writers.run(lambda work: overrides.standing(work, self.person))
        return [(one.feature, one.operation) for one in found]


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with Desk.staffed(tmp_path) as desk:
        billing.register(desk.registry)
        await ann(desk).say(f"/login {desk.code()}")
        await desk.phone("sms", "+14155550188").say("hello")
        (found,) = re.findall(r"person (\d+)", await told(ann(desk), "/user find +14155550188"))
        yield Counter(desk, ann(desk), int(found))


async def test_rs_7_a_grant_counts_at_once_is_shown_and_is_taken_back(counter: Counter) -> None:
    number = await counter.given(f"/grant PERSON {READ} 50 14 {WHY}")
    shown = await counter.say("/quota show PERSON")
    assert f"{READ}: 0 used of 65 (plan)" in shown
    assert f"{number} goodwill: 0 of 50, until 2026-12-05" in shown
    counter.desk.clock.advance(timedelta(seconds=1))
    await counter.use(20)
    assert f"{READ}: 20 used of 65" in await counter.say("/quota show PERSON")
    assert "Taken back" in await counter.say(f"/revoke PERSON {number}")
    assert f"{READ}: 0 used of 15" in await counter.say("/quota show PERSON")  # goodwill was used first (LG-4)
    assert "Nothing of that number" in await counter.say(f"/revoke PERSON {number}")
    acts = await counter.desk.acts()
    assert [act for act in acts if act.endswith(f"grant:{number}")] == [
        f"operator:ann grant.give grant:{number}", f"operator:ann grant.revoke grant:{number}",
    ]  # fmt: skip
    assert f"gave 50 {READ}: {WHY}" in await counter.say("/user show PERSON")


@pytest.mark.parametrize(
    ("wish", "standing"),
    [
        ("data.api on 30", ("data.api", "unlock")),
        ("receipts.bank_sync 2 30", ("receipts.bank_sync", "add")),
        ("account.addresses unlimited 1", ("account.addresses", "add")),
        (f"{READ} off 3", (READ, "deny")),
    ],
)
async def test_rs_7_what_is_no_quota_is_an_override_with_one_entry_a_give_and_a_revoke(
    counter: Counter, wish: str, standing: tuple[str, str]
) -> None:
    number = await counter.given(f"/grant PERSON {wish} {WHY}, T-1042")
    assert await counter.standing() == [standing]
    assert f"{number} override: " in await counter.say("/quota show PERSON")
    await counter.say(f"/revoke PERSON {number}")
    assert await counter.standing() == []
    acts = [act for act in await counter.desk.acts() if f"override:{number}" in act]
    assert acts == [f"operator:ann override.{done} override:{number}" for done in ("give", "revoke")]


@pytest.mark.parametrize("wish", [f"{READ} 5 31", "data.api on 365", "all pro 3"])
async def test_rs_7_more_than_thirty_days_or_everything_is_of_class_3(counter: Counter, wish: str) -> None:
    answer = await counter.say(f"/grant PERSON {wish} {WHY}")
    assert "GIVE " in answer
    assert f"grant {counter.person} CODE" in answer
    assert await counter.standing() == []
    assert "goodwill" not in await counter.say("/quota show PERSON")
    assert "Given to" in await counter.say(f"grant PERSON {counter.desk.fresh()}")


@pytest.mark.parametrize(
    ("argument", "answer"),
    [
        (f"PERSON {READ} 5 14 short", "10 characters"),
        (f"PERSON {READ} 5 0 {WHY}", "1 to 365 days"),
        (f"PERSON {READ} 5 366 {WHY}", "1 to 365 days"),
        (f"PERSON all pro 4 {WHY}", "3 at most"),
        (f"PERSON {READ} 0 14 {WHY}", "Say how many"),
        (f"PERSON {READ} lots 14 {WHY}", "Say how many"),
        (f"PERSON no.such 5 14 {WHY}", "cannot be given so"),
        (f"PERSON data.api 5 14 {WHY}", "cannot be given so"),
        (f"PERSON {READ} on 14 {WHY}", "cannot be given so"),
        (f"99 {READ} 5 14 {WHY}", "no such person"),
        (f"PERSON {READ} 14", "/grant PERSON FEATURE"),
    ],
)
async def test_rs_7_a38_what_is_no_grant_is_refused(counter: Counter, argument: str, answer: str) -> None:
    assert answer in await counter.say(f"/grant {argument}")
    assert "goodwill" not in await counter.say("/quota show PERSON")


async def test_section_11_support_gives_so_much_goodwill_a_person_and_month(counter: Counter) -> None:
    sue = await counter.desk.member("sue", "5002", "support")
    first = await counter.given(f"/grant PERSON {READ} 60 30 {WHY}", sue)
    assert f"still give this person 40 of {READ}" in await counter.say(f"/grant PERSON {READ} 41 30 {WHY}", sue)
    assert "40 of" in await counter.say(f"/grant PERSON {READ} unlimited 30 {WHY}", sue)
    await counter.given(f"/grant PERSON {READ} 40 30 {WHY}", sue)
    assert "still give this person 0" in await counter.say(f"/grant PERSON {READ} 1 30 {WHY}", sue)
    await counter.given(f"/grant PERSON appeals.letters 1 30 {WHY}", sue)
    assert "person 0 of appeals" in await counter.say(f"/grant PERSON appeals.letters 1 30 {WHY}", sue)
    assert "person 50 of" in await counter.say(f"/grant PERSON coaching.messages 51 30 {WHY}", sue)
    assert "person 0 of data" in await counter.say(f"/grant PERSON data.exports 1 30 {WHY}", sue)
    assert "30 days at most" in await counter.say(f"/grant PERSON data.api on 31 {WHY}", sue)
    assert "takes nothing from" in await counter.say(f"/grant PERSON {READ} off 3 {WHY}", sue)
    assert "role" in await counter.say(f"/revoke PERSON {first}", sue)
    assert "Given" in await counter.say(f"/grant PERSON {READ} 500 30 {WHY}")  # the owner


async def test_quota_adjust_corrects_what_was_counted_and_leaves_what_is_set_aside(counter: Counter) -> None:
    await counter.use(9)
    await counter.use(4, "open", settles=False)
    assert f"{READ}: 10 used of 15" in await counter.say(f"/quota adjust PERSON {READ} -3 {WHY}")
    assert "no running grant" in (await counter.say(f"/quota adjust PERSON {READ} -7 {WHY}")).lower()
    assert f"{READ}: 15 used of 15" in await counter.say(f"/quota adjust PERSON {READ} +5 {WHY}")
    assert "no running grant" in (await counter.say(f"/quota adjust PERSON {READ} +1 {WHY}")).lower()
    assert "10 characters" in await counter.say(f"/quota adjust PERSON {READ} -1 oops")
    found = await counter.desk.writers.run(lambda work: grants.live(work, counter.person))
    assert [one.taken for one in found] == [15]
    assert f"operator:ann quota.adjust person:{counter.person}" in await counter.desk.acts()


async def test_py_10_an_id_of_ours_that_passes_for_a_card_is_no_card(
    counter: Counter,
) -> None:
    first = Ids.floor(counter.desk.clock.now())
    number = next(one for one in range(first, first + 20) if is_card(str(one)))
    assert "account numbers" not in await counter.say(f"/user show {number}")
    assert "account numbers" in await counter.say("4242 4242 4242 4242")
    tomorrow = Ids.floor(counter.desk.clock.now() + timedelta(days=2))
    card = next(one for one in range(tomorrow, tomorrow + 20) if is_card(str(one)))
    assert "account numbers" in await counter.say(f"/user show {card}")  # as long, and no id of ours yet
