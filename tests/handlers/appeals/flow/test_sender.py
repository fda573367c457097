"""The sender: owner, name, envelope, return address and every verdict on it, telephone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.calls import Done
from bot.core.calls.lob import AddressVerdict, VerifyAddress
from bot.core.errors import Mistake
from handlers.appeals.flow.postal import read_address, split_name
from handlers.appeals.registry import packaged_registry
from tests.handlers.appeals.flow.world import (
    SF_CHECK,
    SF_PROOF,
    SF_REASON,
    SF_SENDER,
    SF_TICKET,
    SF_WORDS,
    called,
    case_of,
    opened,
    refuse,
    seen,
    walk,
)

N = (*SF_TICKET, *SF_REASON, *SF_PROOF, *SF_WORDS, *SF_CHECK)
NAMES = packaged_registry().place_names
RENO = "1 Main St, Reno NV 89501"


def verdicts(*words: str) -> object:
    """Return an address check that answers these words in turn, in the form as typed."""
    given = list(words)

    def answer(call: VerifyAddress, h: object) -> Done:
        word = given.pop(0) if len(given) > 1 else given[0]
        return Done(AddressVerdict(word, call.primary_line, call.secondary_line, call.city, call.state, call.zip))

    return answer


async def test_let_9_deliverable_offers_the_post_offices_form_and_keeps_the_unit(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *N, "1", "Dana Reyes", "1 example way apt 4 sf ca 94110"))
        assert "Post office form: 1 Example Way, Apt 4, San Francisco, CA 94110." in shown
        await walk(phone, "ok")
        facts = (await case_of(h))[1]
        assert (facts.line1, facts.line2, facts.city, facts.state, facts.zip) == (
            "1 Example Way", "Apt 4", "San Francisco", "CA", "94110",
        )  # fmt: skip
        assert facts.address_check == "verified"


@pytest.mark.parametrize("word", ["deliverable_missing_unit", "deliverable_incorrect_unit"])
async def test_let_9_a_unit_that_is_missing_or_wrong_is_asked(tmp_path: Path, word: str) -> None:
    async with opened(tmp_path, VerifyAddress=verdicts(word, "deliverable")) as h:
        phone = h.phone("sms")
        assert "misses the right unit" in seen(await walk(phone, *N, "1", "Dana Reyes", RENO))
        assert "Apt 4B" in seen(await walk(phone, "4b"))
        assert [call.secondary_line for call in called(h, VerifyAddress)] == ["", "Apt 4B"]


async def test_let_9_without_a_unit_the_address_is_confirmed_as_typed(tmp_path: Path) -> None:
    async with opened(tmp_path, VerifyAddress=verdicts("deliverable_missing_unit")) as h:
        phone = h.phone("sms")
        assert "Reply OK to use it" in seen(await walk(phone, *N, "1", "Dana Reyes", RENO, "none"))
        await walk(phone, "ok")
        assert (await case_of(h))[1].address_check == "as_typed"


async def test_let_9_undeliverable_twice_may_be_confirmed_for_standard_mail_only(tmp_path: Path) -> None:
    async with opened(tmp_path, VerifyAddress=verdicts("undeliverable")) as h:
        phone = h.phone("sms")
        assert "Please type it again" in seen(await walk(phone, *N, "1", "Dana Reyes", RENO))
        assert "only standard mail" in seen(await walk(phone, RENO))
        shown = seen(await walk(phone, "ok", "2"))
        assert "Standard mail" in shown
        assert "Certified" not in shown
        assert (await case_of(h))[1].address_check == "undeliverable"


@pytest.mark.parametrize("code", ["gave_up", "timed_out", "not_configured", "quota"])
async def test_let_9_without_the_check_the_person_confirms_and_it_is_flagged(tmp_path: Path, code: str) -> None:
    async with opened(tmp_path, VerifyAddress=refuse(code)) as h:
        phone = h.phone("sms")
        assert "could not check it" in seen(await walk(phone, *N, "1", "Dana Reyes", RENO))
        assert "6 of 6" in seen(await walk(phone, "ok"))
        assert (await case_of(h))[1].address_check == "unavailable"


async def test_ac_54_a_long_name_gets_an_envelope_form(tmp_path: Path) -> None:
    name = "Maximiliana Alexandrina Wolfeschlegelsteinhausen Jr."
    assert len(name) == 52
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        assert "too long for the envelope" in seen(await walk(phone, *N, "1", name))
        assert "40 fit" in seen(await walk(phone, name))
        await walk(phone, "M. Wolfeschlegelsteinhausen", "1 Main St Apt 7, Reno NV 89501", "ok")
        facts = (await case_of(h))[1]
        assert (facts.signer_name, facts.envelope_name) == (name, "M. Wolfeschlegelsteinhausen")
        assert facts.sender is not None
        assert (facts.sender.name, facts.sender.address_line2) == ("M. Wolfeschlegelsteinhausen", "Apt 7")


async def test_ac_55_an_address_in_canada_is_informed_and_a_us_one_reopens(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *N, "1", "Dana Reyes", "44 Rue Saint-Paul, Toronto ON M5V 2T6, Canada"))
        assert "by mail in the US" in shown
        assert (await case_of(h))[0].reason == "return_address"
        assert called(h, VerifyAddress) == []
        await walk(phone, "edit address", RENO, "ok")
        assert (await case_of(h))[0].stage in ("intake", "review")


async def test_conv_4_name_and_address_in_one_message(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        await walk(phone, "/start", "[Appeal a ticket]", "[New York]", "9000000021", "nov 10", "[No]", "[None]")
        await walk(phone, "[Sign or curb]", "[Sign missing]", "[Done]", "a tree hid it", "[Skip]", "[Skip]", "done")
        await walk(
            phone, "I looked for a sign and saw none at all.", "[As is]", "[OK]", "[OK]", "1 Main St", "ABC1234 NY"
        )
        await walk(phone, "[OK]", "[OK]", "[I am]")
        shown = await walk(phone, "Lee Park, 20 Sample St 5B, Brooklyn NY 11201")
        assert len(shown) == 1
        assert "Name: Lee Park." in shown[0].text
        assert "20 Sample St, 5B, Brooklyn, NY 11201" in shown[0].text


@pytest.mark.parametrize("text", ["1234", "Dana <b>", "D", "a@b.co", "[Your name]", "😀😀", "x" * 120])
async def test_a_name_is_letters(tmp_path: Path, text: str) -> None:
    async with opened(tmp_path) as h:
        await walk(h.phone("sms"), *N, "1", text)
        assert (await case_of(h))[1].signer_name is None


@pytest.mark.parametrize("text", ["José Núñez", "Mary-Jane O'Neil", "Dana M. Reyes Jr."])
async def test_names_keep_their_form(tmp_path: Path, text: str) -> None:
    async with opened(tmp_path) as h:
        await walk(h.phone("sms"), *N, "1", text)
        assert (await case_of(h))[1].signer_name == text


async def test_let_8_somebody_else_may_not_sign_where_the_rule_is_unknown(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        assert "the registered owner signs" in seen(await walk(phone, *N, "2"))
        row, _ = await case_of(h)
        assert (row.stage, row.reason) == ("informed", "signer_not_allowed")
        assert "full name" in seen(await walk(phone, "edit owner", "1"))


async def test_ac_24_washington_dc_driver_who_is_not_the_owner(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, "ticket", "Washington DC", "123456789")
        if "exactly as printed" in phone.last.text:
            await walk(phone, "ok")
        await walk(
            phone, "11/16", "1", "2", "1", *SF_REASON, *SF_PROOF, *SF_WORDS, "ok", "ok", "1 K St NW", "AB1234 DC"
        )
        while "Line" in phone.last.text:
            await walk(phone, "ok")
        shown = seen(await walk(phone, "2"))
        assert "The owner may write to me" in shown
        assert (await case_of(h))[0].reason == "signer_not_allowed"


# -- reading addresses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1 example way apt 4 sf ca 94110", ("1 Example Way", "Apt 4", "San Francisco", "CA", "94110")),
        ("9 Oak Ave, Reno NV 89501", ("9 Oak Ave", "", "Reno", "NV", "89501")),
        ("9 Oak Ave, L.A. CA 90012", ("9 Oak Ave", "", "Los Angeles", "CA", "90012")),
        ("20 Sample St 5B, Brooklyn NY 11201", ("20 Sample St", "5B", "Brooklyn", "NY", "11201")),
        ("PO Box 12, Austin, Texas 78701-1234", ("PO Box 12", "", "Austin", "TX", "78701-1234")),
        (
            "123 N Main St\nUnit 2\nSalt Lake City, UT 84101",
            ("123 N Main St", "Unit 2", "Salt Lake City", "UT", "84101"),
        ),
    ],
)
def test_typed_addresses(text: str, parts: tuple[str, ...]) -> None:
    found = read_address(text, NAMES)
    assert (found.line1, found.line2, found.city, found.state, found.zip) == parts


@pytest.mark.parametrize(("text", "missing"), [
    ("Main St, Reno NV 89501", "no_line1"), ("1 Main St, Reno 89501", "no_state"), ("1 Main St, Reno NV", "no_zip"),
    ("hello", "no_line1"), ("", "no_line1"),
])  # fmt: skip
def test_what_is_missing_in_an_address_is_named(text: str, missing: str) -> None:
    with pytest.raises(Mistake) as caught:
        read_address(text, NAMES)
    assert caught.value.key.startswith("appeals.address.no_")
    assert caught.value.key.endswith(missing) or missing == "no_line1"


def test_split_name() -> None:
    assert split_name("Lee Park, 20 Sample St, Reno NV 89501") == ("Lee Park", "20 Sample St, Reno NV 89501")
    assert split_name("Lee Park, Jr.") == ("Lee Park, Jr.", "")


def test_the_sender_script_of_these_tests_is_complete() -> None:
    assert SF_SENDER[0] == "1"
