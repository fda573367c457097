"""What a letter may hold, what staff see, and what goes when a person deletes their data (UX-18, PRIV-4, 6, 7)."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from handlers.appeals.letter import compose
from handlers.appeals.letter_facts import Exhibit, LetterFacts, PickedGround, Signer
from handlers.appeals.registry import packaged_registry
from storage.alerts import alert
from storage.audit import audit
from storage.blobs import blob
from storage.people import address
from tests.handlers.admin.desk import NOW, SECRET, Desk, ann
from tests.handlers.appeals.flow.world import SF_ALL, WORLD, case_of, walk
from tests.handlers.appeals.letters import DANA, facts
from tests.handlers.appeals.order_kit import Shop
from tests.simulation.services import everything

ROOT = Path(__file__).parents[2]


# -- UX-18 -------------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+")


def _words(thing: object) -> set[str]:
    """Return every word and number in a value, however deep."""
    if isinstance(thing, dict):
        return set().union(*(_words(value) for value in thing.values())) if thing else set()
    if isinstance(thing, list | tuple):
        return set().union(*(_words(value) for value in thing)) if thing else set()
    if isinstance(thing, bytes | bool) or thing is None:
        return set()
    return set(_WORD.findall(str(thing)))


def _slots(given: LetterFacts) -> set[str]:
    """Return the words of everything that the person gave or the city's record holds."""
    values: list[Any] = [getattr(given, name) for name in given.__slots__]
    dates = [f"{day:%B} {day.day} {day.year}" for day in (given.issued, given.ordered_on, given.signer.signed_on)]
    letters = [chr(ord("A") + n) for n in range(len(given.exhibits))]
    return _words([repr(value) for value in values]) | _words(dates) | _words(letters)


WORD = st.text("QXZJKVWqxzjkvw0123456789", min_size=3, max_size=12)

ROLE = st.sampled_from(["registered_owner", "authorized"])


@st.composite
def _given(draw: st.DrawFn, city_id: str) -> LetterFacts:
    """Make facts of words that no frame, no city and no other letter has."""
    city = packaged_registry().cities[city_id]
    to = city.address("level1_letter")
    assert to is not None

    def some(count: int) -> str:
        return " ".join(draw(WORD) for _ in range(count))

    name = some(2)
    return replace(
        facts(),
        city_id=city_id, state=city.state, enclosures=(),
        recipient=replace(DANA, name=to.name, company=to.company, address_line1=to.address_line1,
                          address_line2=to.address_line2, city=to.city, state=to.state, zip=to.zip),
        sender=replace(DANA, name=name, address_line1=some(3), address_line2=some(1), city=some(1)),
        signer=Signer(name, draw(ROLE), draw(st.dates(date(2026, 1, 1)))),
        ordered_on=draw(st.dates(date(2026, 1, 1), date(2027, 12, 31))),
        issued=draw(st.dates(date(2026, 1, 1), date(2027, 12, 31))),
        citation=some(1), plate=some(1), place=some(3), statement=some(40),
        grounds=tuple(PickedGround(some(4), ((some(2), some(3)),)) for _ in range(draw(st.integers(1, 3)))),
        exhibits=tuple(Exhibit(some(2), (n,), some(1)) for n in range(draw(st.integers(0, 3)))),
        demo=False,
    )  # fmt: skip


LAUNCHED = sorted(city.city_id for city in packaged_registry().cities.values() if city.launch == "first")


@pytest.mark.parametrize("city_id", LAUNCHED)
def test_ux_18_every_word_of_a_letter_is_the_persons_the_citys_or_the_frames(city_id: str) -> None:
    """Whatever two letters of a city do not share must come from their own facts: the frame adds nothing of its own."""

    @settings(max_examples=15, deadline=None, database=None)
    @given(_given(city_id), _given(city_id))
    def check(one: LetterFacts, other: LetterFacts) -> None:
        mine, theirs = _words(compose(one)), _words(compose(other))
        frame = (mine - _slots(one)) | (theirs - _slots(other))
        fixed = _frame_words()
        assert sorted(word for word in frame if word not in fixed) == []
        assert sorted(word for word in mine & (_slots(other) - _slots(one)) if word not in fixed) == []

    check()


def _frame_words() -> set[str]:
    import tomllib

    return _words(tomllib.loads((ROOT / "handlers/appeals/data/letter.toml").read_text("utf-8")))


def test_ux_18_every_slot_of_the_facts_reaches_the_letter_and_an_empty_one_leaves_no_trace() -> None:
    whole = compose(facts())
    for slot, words in (
        ("statement", "two cards and quarters"), ("citation", "900000417"), ("plate", "8ABC123"),
        ("place", "400 block of Valencia Street"), ("sender", "1 Example Way"), ("recipient", "11 South Van Ness"),
    ):  # fmt: skip
        assert words in str(whole), slot
    bare = compose(facts(exhibits=(), enclosures=()))
    assert (bare["exhibits"], bare["fields"], bare["translation"]) == ([], [], "")


# -- PRIV-4 ------------------------------------------------------------------------------------------------------------


class Office(Desk):
    """A harness with every service and an operator."""


async def _acts(desk: Harness) -> list[str]:
    rows = await desk.database.read(lambda c: list(c.execute(sa.select(audit).order_by(audit.c.id))))
    return [f"{row.actor} {row.action} {row.object or ''}".strip() for row in rows]


async def test_priv_4_staff_see_a_case_with_a_role_only_and_every_view_is_on_the_record(tmp_path: Path) -> None:
    async with Office.open(everything, tmp_path, FixedClock(NOW), WORLD) as desk:
        assert isinstance(desk, Office)
        await desk.enroll("ann", "5001", SECRET)
        await walk(desk.phone("sms"), *SF_ALL[:9])
        row, _ = await case_of(desk)
        nosy, staff = desk.phone("telegram", "7:6002"), ann(desk)
        for command in (f"/case show {row.code}", f"/case find {row.code}", "/case find 0417"):
            (reply,) = await nosy.say(command)
            assert row.code not in reply.text
            (reply,) = await staff.say(command)
            assert row.code not in reply.text, "no session is open yet"
        viewed = [act for act in await _acts(desk) if " case." in act]
        assert viewed == []
        assert (
            len(
                [
                    act
                    for act in await _acts(desk)
                    if act.endswith(("staff.denied command:case show", "staff.denied command:case find"))
                ]
            )
            >= 3
        )
        await staff.say(f"/login {desk.code()}")
        for n in range(2):
            (reply,) = await staff.say(f"/case show {row.code}")
            assert row.code in reply.text
            assert [
                private for private in ("Dana", "Reyes", "Valencia", "8ABC123", "FAIL") if private in reply.text
            ] == []
            shown = [act for act in await _acts(desk) if act == f"operator:ann case.show case:{row.id}"]
            assert len(shown) == n + 1, "each view"
        (reply,) = await staff.say("/case find 0417")
        assert row.code in reply.text
        assert "operator:ann case.find code:0417" in await _acts(desk)


STAFF = ("handlers/admin/*.py", "handlers/appeals/operator*.py", "bot/assembly/commands_operator.py",
         "bot/assembly/operator_shell.py", "bot/assembly/tracing.py")  # fmt: skip
CONTENT = re.compile(r"\b(?:transcript|blob|blobs|facts_of|letter_text)\b")


def test_priv_4_whatever_staff_code_opens_content_says_so_in_the_audit() -> None:
    """A function for staff that touches words, pictures or facts of a person audits in its own body or its caller's."""
    looked, open_ = 0, []
    for pattern in STAFF:
        for path in sorted(ROOT.glob(pattern)):
            tree = ast.parse(path.read_text("utf-8"))
            functions = {n.name: ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
            looked += len(functions)
            for name, body in functions.items():
                callers = [other for other in functions.values() if re.search(rf"\b{name}\(", other)]
                audited = any(re.search(r"\.audit\(|\brecord\(|operators\.case_\w+\(", text) for text in callers)
                if (
                    CONTENT.search(body.partition(":\n")[2])
                    and not audited
                    and not re.search(r"audit\(|record\(", body)
                ):
                    open_.append(f"{path.name}:{name}")
    assert looked > 40
    assert open_ == []


# -- PRIV-6, PRIV-7 with a real case -----------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["EXPORT", "DELETE MY DATA"])
async def test_priv_6_a_number_silent_for_ninety_days_must_prove_itself_first(word: str, tmp_path: Path) -> None:
    async with Office.open(everything, tmp_path, FixedClock(NOW), WORLD) as desk:
        phone = desk.phone("sms")
        await walk(phone, *SF_ALL[:12])
        row, _ = await case_of(desk)
        await desk.wait(timedelta(days=95), phone)
        (reply,) = await phone.say(word)
        assert "end a case code" in reply.text
        acts = [act.split()[1] for act in await _acts(desk) if " privacy." in act]
        assert [act.rpartition(".")[2] for act in acts] == ["refused"]
        await phone.say("delete")
        await phone.say(row.code)
        (reply,) = await phone.say(word)
        assert "end a case code" not in reply.text
        acts = [act.split()[1] for act in await _acts(desk) if " privacy." in act]
        assert [act.rpartition(".")[2] for act in acts] == ["refused", "asked"]


@pytest.mark.parametrize("word", ["EXPORT", "DELETE MY DATA"])
async def test_priv_6_a_silent_number_without_a_case_is_not_asked_for_a_code(word: str, tmp_path: Path) -> None:
    async with Office.open(everything, tmp_path, FixedClock(NOW), WORLD) as desk:
        phone = desk.phone("sms")
        await phone.say("hello")
        await desk.wait(timedelta(days=95), phone)
        (reply,) = await phone.say(word)
        assert "I told our staff" in reply.text
        assert "privacy_wanted" in {
            row.kind for row in await desk.database.read(lambda c: list(c.execute(sa.select(alert.c.kind))))
        }


async def test_priv_7_a_case_under_way_goes_with_its_pictures_and_its_reminders(tmp_path: Path) -> None:
    async with Office.open(everything, tmp_path, FixedClock(NOW), WORLD) as desk:
        phone = desk.phone("telegram")
        await walk(phone, *SF_ALL[:12], "[photo]", "a broken meter")
        await walk(phone, "menu", "menu", "delete my data", "delete")
        row, before = await case_of(desk)
        assert before.number == "900000417"
        await desk.wait(timedelta(hours=25), phone)
        heard = len(phone.messages)
        row, after = await case_of(desk)
        assert after == type(after)()
        assert (row.number, row.number_hash) == (None, None)
        assert await desk.database.read(lambda c: list(c.execute(sa.select(blob.c.id)))) == []
        await desk.wait(timedelta(days=40), phone)
        assert len(phone.messages) == heard, "no reminder of a case that is gone"
        (reply,) = await phone.say("status")
        assert row.code not in reply.text
        people = await desk.database.read(lambda c: list(c.execute(sa.select(address.c.person_id))))
        assert len({one.person_id for one in people}) == 2


async def test_priv_7_a_paid_letter_goes_out_first(tmp_path: Path) -> None:
    from bot.engine import own_data, stray

    async with Shop.open(tmp_path) as shop:
        own_data.register(shop.h.registry)
        stray.register(shop.h.registry)
        await shop.order()
        await shop.act(lambda turn: turn.timer(own_data.TIMER, f"{own_data.TIMER}:1", turn.now, number="D-1"))
        assert (await shop.case()).number is not None, "not while a paid letter waits"
        await shop.wait(minutes=11)
        assert (await shop.letter()).lob_id == "ltr_1"
        await shop.wait(hours=25)
        assert (await shop.case()).number is None
        assert (await shop.letter()).recipient == b""
        await shop.lob("certified.delivered")
        assert (await shop.letter()).status == "delivered", "what the post tells later does no harm"
