"""Letters through Lob: exactly the fields of FUL-5, one key, and a search before anything is posted late (FUL-6)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.core.calls.lob import (
    AddressVerdict,
    CancelLetter,
    FindLetter,
    MailLetter,
    PostedLetter,
    PostedLetters,
    ReadLetter,
    VerifyAddress,
)
from bot.core.calls.outcome import Again, Done, Outcome, Refused, Unknown
from bot.core.calls.people import PostalAddress
from integrations.lob import LobAdapter
from tests.integrations.door import NOW, Answer, Door, Fault, Shelf, attempt, open_door

AGENCY = PostalAddress("Citation Review", "11 South Van Ness Ave", "San Francisco", "CA", "94103", company="SFMTA")
ANA = PostalAddress("Ana Reyes", "500 Howard St", "San Francisco", "CA", "94105", address_line2="Apt 4")
SHELF = Shelf()
MAIL = MailLetter("let_7", "pay_17", AGENCY, ANA, SHELF.put(b"%PDF-1.7", "application/pdf"), certified=False)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("lob") as opened:
        opened.always = Answer(200, letter())
        yield opened


@pytest.fixture
async def lob(door: Door) -> AsyncIterator[LobAdapter]:
    adapter = LobAdapter("test_key", base_url=f"{door.url}/v1")
    yield adapter
    await adapter.close()


def letter(**fields: Any) -> dict[str, Any]:
    return {
        "id": "ltr_1",
        "object": "letter",
        "metadata": {"letter_id": "let_7"},
        "tracking_number": None,
        "expected_delivery_date": "2026-11-30",
        "send_date": "2026-11-21T12:00:00.000Z",
        "tracking_events": [],
        **fields,
    }


async def perform(adapter: LobAdapter, call: Any, **circumstances: Any) -> Outcome:
    return await adapter.calls[type(call)](call, attempt(files=SHELF, **circumstances))


@pytest.mark.parametrize("certified", [False, True])
async def test_ful_5_the_fields_of_a_letter(certified: bool, door: Door, lob: LobAdapter) -> None:
    call = MailLetter("let_7", "pay_17", AGENCY, ANA, MAIL.file, certified)
    outcome = await perform(lob, call)
    assert outcome == Done(
        PostedLetter(
            lob_id="ltr_1",
            letter_id="let_7",
            tracking_number=None,
            expected_delivery="2026-11-30",
            send_date="2026-11-21T12:00:00.000Z",
            test_mode=True,
        )
    )
    assert door.last["headers"]["Idempotency-Key"] == "letter:let_7"
    assert "idempotency_key" not in door.last["url"]
    assert door.last["body"] == {
        "to[name]": "Citation Review",
        "to[company]": "SFMTA",
        "to[address_line1]": "11 South Van Ness Ave",
        "to[address_city]": "San Francisco",
        "to[address_state]": "CA",
        "to[address_zip]": "94103",
        "to[address_country]": "US",
        "from[name]": "Ana Reyes",
        "from[address_line1]": "500 Howard St",
        "from[address_line2]": "Apt 4",
        "from[address_city]": "San Francisco",
        "from[address_state]": "CA",
        "from[address_zip]": "94105",
        "from[address_country]": "US",
        "color": "false",
        "double_sided": "true",
        "mail_type": "usps_first_class",
        "address_placement": "top_first_page",
        "use_type": "operational",
        "return_envelope": "false",
        "size": "us_letter",
        "description": "let_7",
        "metadata[letter_id]": "let_7",
        "metadata[payment_id]": "pay_17",
        "metadata[v]": "1",
        "file": {"filename": "letter.pdf", "content_type": "application/pdf", "size": 8},
        **({"extra_service": "certified"} if certified else {}),
    }


async def test_a_missing_pdf_is_refused_without_a_request(door: Door, lob: LobAdapter) -> None:
    outcome = await perform(lob, MailLetter("l", "p", AGENCY, ANA, 404, False))
    assert isinstance(outcome, Refused)
    assert outcome.code == "file_gone"
    assert door.requests == []


def refusal(code: str, status: int = 422) -> dict[str, Any]:
    return {"error": {"message": "to.name Ana Reyes is not valid", "status_code": status, "code": code}}


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (422, refusal("invalid"), "invalid"),
        (422, refusal("file_pages_exceed_max"), "file_pages_exceed_max"),
        (401, refusal("invalid_api_key", 401), "invalid_api_key"),
        (403, refusal("billing_address_required", 403), "billing_address_required"),
        (400, b"<html>", "status_400"),
        (409, refusal("conflict", 409), Again("status_409", whole_vendor=False)),
        (500, refusal("internal_server_error", 500), Unknown("status_500")),
        (502, b"<html>", Unknown("status_502")),
        (200, b'{"id": 3}', Unknown("status_200")),
    ],
)
async def test_lob_9_refusals(status: int, body: Any, outcome: Outcome | str, door: Door, lob: LobAdapter) -> None:
    door.answer(status, body)
    got = await perform(lob, MAIL)
    assert (got.code if isinstance(got, Refused) else got) == outcome
    assert "Ana" not in repr(got), "VEN-10: no vendor's text"
    assert len(door.requests) == 1


@pytest.mark.parametrize("reset", ["12", str(int(NOW.timestamp()) + 12)], ids=["seconds", "moment"])
async def test_lob_8_ful_8_the_rate_limit_says_when_it_ends(reset: str, door: Door, lob: LobAdapter) -> None:
    door.answer(429, refusal("rate_limit_exceeded", 429), X_Rate_Limit_Reset=reset)
    assert await perform(lob, MAIL) == Again("rate_limited", timedelta(seconds=12))


@pytest.mark.parametrize("fault", list(Fault))
async def test_ven_6_a_lost_answer_leaves_a_letter_unknown(fault: Fault, door: Door) -> None:
    lob = LobAdapter("test_key", base_url=f"{door.url}/v1", create_seconds=0.1, seconds=0.1)
    door.always = fault
    outcomes = [
        type(await perform(lob, call)) for call in (MAIL, CancelLetter("ltr_1"), ReadLetter("ltr_1"), FindLetter("l"))
    ]
    await lob.close()
    assert outcomes == [Unknown, Unknown, Again, Again]


async def test_ful_6_an_uncertain_letter_is_searched_by_its_id(door: Door, lob: LobAdapter) -> None:
    door.answer(200, {"data": [letter(id="ltr_9", metadata={"letter_id": "let_70"}), letter()], "object": "list"})
    found = await lob.look_ups[MailLetter](MAIL, attempt(number=2))
    assert isinstance(found, Done)
    assert found.result.lob_id == "ltr_1"
    assert dict(parse_qsl(urlsplit(door.last["url"]).query)) == {"metadata[letter_id]": "let_7", "limit": "10"}
    door.answer(200, {"data": [], "object": "list"})
    assert await lob.look_ups[MailLetter](MAIL, attempt(number=2)) is None


@pytest.mark.parametrize("reaction", [Answer(500, {}), Answer(200, b"<html>"), Answer(200, {}), Fault.CUT])
async def test_ful_6_a_search_that_cannot_be_made_means_waiting(reaction: Any, door: Door, lob: LobAdapter) -> None:
    door.always = reaction
    assert isinstance(await lob.look_ups[MailLetter](MAIL, attempt(number=2)), Again)
    assert isinstance(await perform(lob, MAIL, number=2, age=timedelta(hours=20)), Again)
    assert {request["method"] for request in door.requests} == {"GET"}, "nothing was posted"


async def test_ful_6_a_late_attempt_searches_first_and_adopts(door: Door, lob: LobAdapter) -> None:
    door.answer(200, {"data": [letter()]})
    outcome = await perform(lob, MAIL, number=2, age=timedelta(hours=20))
    assert isinstance(outcome, Done)
    assert [request["method"] for request in door.requests] == ["GET"]
    door.answer(200, {"data": []})
    await perform(lob, MAIL, number=2, age=timedelta(hours=20))
    assert [request["method"] for request in door.requests[1:]] == ["GET", "POST"]
    await perform(lob, MAIL, number=2, age=timedelta(hours=19))
    assert door.last["method"] == "POST"


async def test_find_letter_lists_what_bears_the_id(door: Door, lob: LobAdapter) -> None:
    door.answer(200, {"data": [letter(deleted=True, id="ltr_0"), letter()]})
    outcome = await perform(lob, FindLetter("let_7"))
    assert isinstance(outcome, Done)
    assert isinstance(outcome.result, PostedLetters)
    assert [one.lob_id for one in outcome.result.letters] == ["ltr_1", "ltr_0"]


async def test_a_letter_is_read_with_its_events_oldest_first(door: Door, lob: LobAdapter) -> None:
    events = [
        {"name": "Re-Routed", "time": "2026-11-25T00:00:00Z"},
        {"name": "In Transit", "time": "2026-11-24T00:00:00Z"},
        {"name": "Returned to Sender", "time": "2026-11-27T00:00:00Z"},
    ]
    door.answer(200, letter(tracking_number="9407", tracking_events=events))
    outcome = await perform(lob, ReadLetter("ltr_1"))
    assert isinstance(outcome, Done)
    assert outcome.result.events == ["in_transit", "re-routed", "returned_to_sender"]
    assert outcome.result.tracking_number == "9407"
    assert door.last["url"].endswith("/v1/letters/ltr_1")


async def test_lob_14_the_keys_mode_marks_the_letter(door: Door) -> None:
    live = LobAdapter("live_key", base_url=f"{door.url}/v1")
    outcome = await perform(live, ReadLetter("ltr_1"))
    await live.close()
    assert isinstance(outcome, Done)
    assert not outcome.result.test_mode


async def test_ful_12_a_letter_is_cancelled_within_the_window_only(door: Door, lob: LobAdapter) -> None:
    door.answer(200, {"id": "ltr_1", "deleted": True})
    outcome = await perform(lob, CancelLetter("ltr_1"))
    assert isinstance(outcome, Done)
    assert outcome.result.deleted
    door.answer(422, refusal("not_deletable"))
    late = await perform(lob, CancelLetter("ltr_1"))
    assert isinstance(late, Refused)
    assert late.code == "not_deletable"


async def test_an_uncertain_cancelling_is_read_back(door: Door, lob: LobAdapter) -> None:
    call = CancelLetter("ltr_1")
    door.answer(200, letter(deleted=True))
    found = await lob.look_ups[CancelLetter](call, attempt())
    assert isinstance(found, Done)
    assert found.result.deleted
    door.answer(200, letter())
    assert await lob.look_ups[CancelLetter](call, attempt()) is None
    door.answer(404, refusal("not_found", 404))
    assert isinstance(await lob.look_ups[CancelLetter](call, attempt()), Done)
    door.answer(500, {})
    assert isinstance(await lob.look_ups[CancelLetter](call, attempt()), Again)


async def test_an_address_is_verified(door: Door, lob: LobAdapter) -> None:
    components = {"city": "SAN FRANCISCO", "state": "CA", "zip_code": "94103", "zip_code_plus_4": "1234"}
    door.answer(
        200, {"deliverability": "deliverable", "primary_line": "1 A ST", "secondary_line": "", "components": components}
    )
    outcome = await perform(lob, VerifyAddress("1 A St", "", "SF", "CA", "94103"))
    assert outcome == Done(AddressVerdict("deliverable", "1 A ST", "", "SAN FRANCISCO", "CA", "94103-1234"))
    assert json.loads(door.last["body"]) == {
        "primary_line": "1 A St",
        "city": "SF",
        "state": "CA",
        "zip_code": "94103",
    }


async def test_lob_15_a_refused_verification_is_refused(door: Door, lob: LobAdapter) -> None:
    door.answer(403, refusal("feature_limit_reached", 403))
    outcome = await perform(lob, VerifyAddress("1 A St", "", "SF", "CA", "94103"))
    assert isinstance(outcome, Refused)
    assert outcome.code == "feature_limit_reached"
