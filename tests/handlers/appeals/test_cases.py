"""Opening, keeping, approving, dropping a case (ST-1, ST-3 to ST-7, ST-22 to ST-27, CONV-9, DATA-4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls.people import PostalAddress
from bot.core.calls.workshop import TypesetPages
from handlers.appeals import cases as api
from handlers.appeals import operators, records
from handlers.appeals.facts import EvidenceItem, Facts
from handlers.appeals.gates import Refusal
from handlers.appeals.registry import packaged_registry
from storage.appeals import cases, evidence
from tests.handlers.appeals.order_kit import NUMBER, PRIVATE, Shop, facts


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


async def test_st_1_case_opens_with_the_city_and_a_clear_code(shop: Shop) -> None:
    opened = await shop.act(lambda turn: api.open_case(turn, Facts(city_id="us-ca-san_francisco")))
    row = await shop.case(opened.case_id)
    assert (row.stage, opened.existing, row.number_hash) == ("intake", False, None)
    assert opened.code.startswith("A-")
    assert not set(opened.code[2:]) & set("01OIL")


async def test_conv_9_same_person_city_and_number_resumes(shop: Shop) -> None:
    first = await shop.act(lambda turn: api.open_case(turn, facts()))
    second = await shop.act(lambda turn: api.open_case(turn, facts()))
    assert second == api.OpenedCase(first.case_id, first.code, True)


async def test_conv_9_number_given_later_finds_the_live_case(shop: Shop) -> None:
    first = await shop.act(lambda turn: api.open_case(turn, facts()))
    bare = await shop.act(lambda turn: api.open_case(turn, Facts(city_id="us-ca-san_francisco")))
    joined = await shop.act(lambda turn: api.save_facts(turn, bare.case_id, facts()))
    assert (joined.case_id, joined.existing) == (first.case_id, True)
    assert (await shop.case(bare.case_id)).stage == "withdrawn"


async def test_conv_9_after_mailing_the_mailed_case_is_returned(shop: Shop) -> None:
    await shop.mail()
    again = await shop.act(lambda turn: api.open_case(turn, facts()))
    assert (again.case_id, again.existing, again.stage) == (shop.case_id, True, "submitted")


async def test_ac_14_same_number_in_two_cities_is_two_cases(shop: Shop) -> None:
    one = await shop.act(lambda turn: api.open_case(turn, facts()))
    two = await shop.act(lambda turn: api.open_case(turn, facts(city_id="us-ma-boston")))
    assert one.case_id != two.case_id
    first, second = await shop.case(one.case_id), await shop.case(two.case_id)
    assert (first.rule_id, first.deadline) != (second.rule_id, second.deadline)


async def test_two_persons_with_one_citation_learn_nothing_of_each_other(shop: Shop) -> None:
    other = shop.h.phone("sms", "+14155550177")
    mine = await shop.act(lambda turn: api.open_case(turn, facts()))
    theirs = await shop.act(lambda turn: api.open_case(turn, facts()), other)
    assert not theirs.existing
    assert mine.case_id != theirs.case_id
    with pytest.raises(AssertionError, match="LookupError"):
        await shop.act(lambda turn: api.own_case(turn, theirs.case_id))
    shown = await shop.act(lambda turn: operators.case_show(turn, mine.case_id, actor="admin:1"))
    assert shown.same_citation == [theirs.code]


async def test_unique_index_allows_one_live_case(shop: Shop) -> None:
    opened = await shop.act(lambda turn: api.open_case(turn, facts()))
    row = await shop.case(opened.case_id)

    def double(work: Any) -> None:
        kept = ("person_id", "city_id", "number_hash", "level", "facts")
        cases.add(work, stage="intake", **{name: getattr(row, name) for name in kept})

    with pytest.raises(sa.exc.IntegrityError):
        await shop.read(double)


async def test_facts_columns_are_sealed_and_dates_kept(shop: Shop) -> None:
    opened = await shop.act(lambda turn: api.open_case(turn, facts()))
    row = await shop.case(opened.case_id)
    assert (row.deadline, row.mail_by_certified) == (date(2026, 12, 7), date(2026, 11, 25))
    raw = repr([value for value in row if value is not None])
    assert not [word for word in PRIVATE if word in raw]


async def test_st_3_review_opens_draft_version_one(shop: Shop) -> None:
    opened = await shop.act(lambda turn: api.open_case(turn, facts()))
    await shop.act(lambda turn: api.to_review(turn, opened.case_id))
    shop.case_id = opened.case_id
    assert [(d.version, d.approved_at) for d in await shop.drafts()] == [(1, None)]


async def test_st_5_approval_freezes_the_version_with_snapshots(shop: Shop) -> None:
    await shop.approve()
    (draft,) = await shop.drafts()
    city = packaged_registry().get("us-ca-san_francisco")
    assert city is not None
    assert (draft.version, draft.pages, draft.mail_class) == (1, 2, "certified")
    assert (draft.record_version, draft.mailing_version) == (city.version, city.mailing_version)
    assert draft.approved_at == shop.h.clock.now()
    assert await shop.stage() == "ready"


async def test_st_5_a_gate_keeps_the_letter_from_being_approved(shop: Shop) -> None:
    def run(turn: Any) -> Any:
        made = facts(situation="already_paid")
        case_id = api.open_case(turn, made).case_id
        api.to_review(turn, case_id)
        to = PostalAddress("x", "y", "z", "CA", "94103")
        return api.approve(turn, case_id, made, TypesetPages(1, "0", 1), to)

    refused = await shop.act(run)
    assert isinstance(refused, Refusal)
    assert refused.reason == "already_paid"


async def test_an_approved_version_never_changes(shop: Shop) -> None:
    await shop.approve()
    assert await shop.act(lambda turn: api.reopen(turn, shop.case_id))
    first, second = await shop.drafts()
    assert (first.version, first.void_at is None, second.version, second.approved_at) == (1, False, 2, None)
    await shop.approve(statement="Another statement about the broken meter.")
    first_again, second_again = await shop.drafts()
    assert first_again.facts == first.facts
    assert second_again.approved_at is not None


async def test_st_6_no_link_for_a_void_draft(shop: Shop) -> None:
    await shop.approve()
    old = shop.draft_id
    await shop.act(lambda turn: api.reopen(turn, shop.case_id))
    shop.draft_id = old
    with pytest.raises(AssertionError, match="Permanent"):
        await shop.request()


async def test_st_25_informed_case_returns_with_a_corrected_slot(shop: Shop) -> None:
    opened = await shop.act(lambda turn: api.open_case(turn, facts()))
    await shop.act(lambda turn: api.informed(turn, opened.case_id, "wrong_agency"))
    row = await shop.case(opened.case_id)
    assert (row.stage, row.reason) == ("informed", "wrong_agency")
    await shop.act(lambda turn: api.save_facts(turn, opened.case_id, facts()))
    assert (await shop.case(opened.case_id)).stage == "intake"


async def test_st_27_abandoned_case_returns_with_its_slots(shop: Shop) -> None:
    opened = await shop.act(lambda turn: api.open_case(turn, facts()))
    await shop.act(lambda turn: api.move(turn, opened.case_id, "abandoned", trigger="job"))
    again = await shop.act(lambda turn: api.open_case(turn, facts()))
    assert (again.case_id, again.existing, again.stage) == (opened.case_id, True, "intake")


@pytest.mark.parametrize("stage", ["intake", "review", "ready"])
async def test_st_24_withdraw_before_payment(shop: Shop, stage: str) -> None:
    await shop.approve()
    await shop.read(lambda work: work.claim(cases.case.update().values(stage=stage)))
    assert await shop.act(lambda turn: api.withdraw(turn, shop.case_id))
    assert await shop.stage() == "withdrawn"


async def test_a_paid_case_cannot_be_withdrawn_or_edited(shop: Shop) -> None:
    await shop.order()
    assert not await shop.act(lambda turn: api.withdraw(turn, shop.case_id))
    assert not await shop.act(lambda turn: api.reopen(turn, shop.case_id))
    with pytest.raises(AssertionError, match="Permanent"):
        await shop.act(lambda turn: api.save_facts(turn, shop.case_id, facts()))


async def test_evidence_is_unique_by_content_and_at_most_ten_included(shop: Shop) -> None:
    item = EvidenceItem(original=1, sha256="aa", caption="meter", letter="A")
    opened = await shop.act(lambda turn: api.open_case(turn, facts()))
    await shop.act(lambda turn: api.save_facts(turn, opened.case_id, facts(evidence=[item, item])))
    rows = await shop.read(lambda work: evidence.of_case(work, opened.case_id))
    assert [(row.sha256, row.letter, row.included) for row in rows] == [("aa", "A", True)]
    many = [EvidenceItem(original=n, sha256=str(n)) for n in range(11)]
    with pytest.raises(AssertionError, match="ValueError"):
        await shop.act(lambda turn: api.save_facts(turn, opened.case_id, facts(evidence=many)))


async def test_ac_12_operator_approves_a_rejected_number(shop: Shop) -> None:
    opened = await shop.act(lambda turn: api.open_case(turn, facts(number_status="rejected")))
    await shop.act(lambda turn: operators.approve_number(turn, opened.case_id, actor="admin:1"))
    assert (await shop.case(opened.case_id)).number_status == "operator_approved"


async def test_my_cases_lists_last_four_only(shop: Shop) -> None:
    await shop.approve()
    (line,) = await shop.act(api.my_cases)
    assert (line.city, line.last_four, line.stage, line.next_date) == (
        "San Francisco",
        "...0417",
        "ready",
        date(2026, 12, 7),
    )
    assert NUMBER not in repr(line)


async def test_ac_25_live_mode_needs_a_fresh_verification(tmp_path: Path) -> None:
    from handlers.appeals.settings import AppealSettings
    from handlers.appeals.usability import Mode

    settings = AppealSettings(mode=Mode.LIVE)
    async with Shop.open(tmp_path, at=datetime(2027, 2, 15, 18, tzinfo=UTC), settings=settings) as shop:
        made = facts(issue_date=date(2027, 2, 14))

        def attempt(turn: Any) -> Any:
            from handlers.appeals import gating

            return gating.judge(turn, made, when="final")

        def verify(day: date) -> Any:
            return lambda turn: records.verify_record(
                turn,
                "us-ca-san_francisco",
                actor="admin:1",
                method="phone",
                answered_by="clerk",
                verified_on=day,
                words="ok",
            )

        assert (await shop.act(attempt)).detail == ("verification",)
        await shop.act(verify(date(2026, 11, 16)))
        assert (await shop.act(attempt)).detail == ("verification",)
        await shop.act(verify(date(2026, 11, 17)))
        assert await shop.act(attempt) is None


async def test_ac_29_address_change_needs_a_second_operator_or_a_day(shop: Shop) -> None:
    def changed(turn: Any) -> int:
        city = records.city_of(turn.work, "us-ca-san_francisco")
        assert city is not None
        address = city.mail.addresses[0].model_copy(update={"address_line1": "12 South Van Ness Avenue"})
        mail = city.mail.model_copy(update={"addresses": (address,)})
        body = city.model_copy(update={"mail": mail}).model_dump_json()
        return records.propose_change(turn, city.city_id, body, actor="admin:1", why="moved")

    async def street() -> str:
        city = await shop.read(lambda work: records.city_of(work, "us-ca-san_francisco"))
        return str(city.mail.addresses[0].address_line1)

    await shop.act(changed)
    assert await street() == "11 South Van Ness Avenue"
    assert "city_change" in await shop.alerts()
    await shop.wait(hours=23, minutes=59)
    assert await street() == "11 South Van Ness Avenue"
    await shop.wait(minutes=2)
    assert await street() == "12 South Van Ness Avenue"


async def test_ac_29_the_proposer_cannot_approve(shop: Shop) -> None:
    from handlers.appeals import record_changes

    def both(turn: Any) -> Any:
        city = records.city_of(turn.work, "us-ca-san_francisco")
        assert city is not None
        mail = city.mail.model_copy(update={"min_business_days_left": 9})
        body = city.model_copy(update={"mail": mail}).model_dump_json()
        return records.propose_change(turn, city.city_id, body, actor="admin:1", why="slower")

    change = await shop.act(both)

    def approve(actor: str) -> Any:
        def run(turn: Any) -> str:
            try:
                return record_changes.approve_change(turn, change, actor=actor)
            except Exception as error:
                return type(error).__name__

        return run

    assert await shop.act(approve("admin:1")) == "Refusal"
    assert await shop.act(approve("admin:2")) == "us-ca-san_francisco"


async def test_reg_4_changed_record_voids_unpaid_approvals(shop: Shop) -> None:
    from handlers.appeals import record_changes

    await shop.approve()
    await shop.request()

    def change(turn: Any) -> None:
        city = records.city_of(turn.work, "us-ca-san_francisco")
        assert city is not None
        mail = city.mail.model_copy(update={"min_business_days_left": 9})
        body = city.model_copy(update={"mail": mail}).model_dump_json()
        change_id = records.propose_change(turn, city.city_id, body, actor="admin:1", why="slower")
        record_changes.approve_change(turn, change_id, actor="admin:2")

    await shop.act(change)
    assert await shop.stage() == "review"
    assert (await shop.payment()).status == "expired"
    assert "mailing details changed" in shop.said


async def test_reg_6_a_record_that_does_not_load_is_refused(shop: Shop) -> None:
    def run(turn: Any) -> str:
        try:
            records.propose_change(turn, "us-ca-san_francisco", '{"city_id": "x"}', actor="admin:1", why="typo")
        except Exception as error:
            return type(error).__name__
        return "taken"

    assert await shop.act(run) == "Refusal"
