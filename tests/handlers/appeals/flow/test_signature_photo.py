"""LET-8, G12: where a city wants a handwritten signature, its photo is asked for and stands in the letter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.workshop import PreparedPicture, PrepareSignature, TypesetLetter
from bot.engine.harness import Harness
from handlers.appeals.level_two import child_facts
from handlers.appeals.registry import packaged_registry
from storage.appeals import city_records
from tests.handlers.appeals.flow.world import (
    SF_CHECK,
    SF_PROOF,
    SF_REASON,
    SF_SEND,
    SF_SENDER,
    SF_TICKET,
    SF_WORDS,
    called,
    case_of,
    opened,
    seen,
    too_long,
    walk,
)

SF = "us-ca-san_francisco"
TO_THE_SIGNER = (*SF_TICKET, *SF_REASON, *SF_PROOF, *SF_WORDS, *SF_CHECK)
World = dict[type, Callable[[Any, Harness], Outcome]]


def cuts_out(*troubles: str | None) -> World:
    """Return a world that cuts signatures out, after these troubles with the first photos."""
    left = list(troubles)

    def answer(call: PrepareSignature, h: Harness) -> Outcome:
        trouble = left.pop(0) if left else None
        prints = [] if trouble else [h.keep(b"ink")]
        return Done(PreparedPicture(call.blob, f"{call.blob:064d}", prints, trouble=trouble))

    return {PrepareSignature: answer}


@asynccontextmanager
async def by_hand(where: Path, more: World | None = None, **record: Any) -> AsyncIterator[Harness]:
    """Open a world in which San Francisco wants letters signed by hand."""
    city = packaged_registry().cities[SF].model_copy(update={"handwritten_signature": True, **record})
    async with opened(where, more=more or cuts_out()) as h:
        body = city.model_dump_json()
        await h.writers.run(lambda work: city_records.add(work, city_id=SF, body=body, made_by="test", why="changed"))
        yield h


async def test_let_8_the_signature_is_asked_after_the_owner_and_stands_in_the_letter(tmp_path: Path) -> None:
    async with by_hand(tmp_path) as h:
        phone = h.phone("sms")
        shown = await walk(phone, *TO_THE_SIGNER, "1")
        assert "signed by hand" in seen(shown)
        assert too_long(shown) == []
        shown = await walk(phone, "[photo]")
        assert "I have your signature." in seen(shown)
        assert "Your full name" in seen(shown)
        await walk(phone, *SF_SENDER[1:], *SF_SEND)
        facts = (await case_of(h))[1]
        (letter,) = called(h, TypesetLetter)
        assert letter.document["signature"]["blob"] == facts.signature_photo
        assert letter.document["exhibits"] == [], "a signature is no exhibit"
        assert "Your letter, 4 pages" in phone.last.text


async def test_a_city_that_is_not_known_to_want_it_never_asks(tmp_path: Path) -> None:
    async with opened(tmp_path, more=cuts_out()) as h:
        shown = seen(await walk(h.phone("sms"), *TO_THE_SIGNER, "1"))
        assert "Your full name" in shown
        await walk(h.phone("sms"), *SF_SENDER[1:], *SF_SEND)
        assert called(h, TypesetLetter)[0].document["signature"]["blob"] is None
        assert called(h, PrepareSignature) == []


async def test_g12_without_it_no_letter_goes_and_it_can_still_be_sent(tmp_path: Path) -> None:
    async with by_hand(tmp_path) as h:
        phone = h.phone("sms")
        shown = await walk(phone, *TO_THE_SIGNER, "1", "skip")
        assert "wants the letter signed by hand. Without a photo of your signature I cannot mail it." in seen(shown)
        row, _ = await case_of(h)
        assert (row.stage, row.reason) == ("informed", "signer_not_allowed")
        assert "Send it now" in seen(shown)
        choice = next(line.split()[0] for line in phone.last.text.splitlines() if line.endswith("Send it now"))
        await walk(phone, choice)
        assert "Your full name" in seen(await walk(phone, "[photo]"))
        assert (await case_of(h))[0].stage in ("intake", "review")


async def test_g12_another_signer_who_may_not_sign_is_told_before_a_signature_is_asked(tmp_path: Path) -> None:
    async with by_hand(tmp_path) as h:
        shown = seen(await walk(h.phone("sms"), *TO_THE_SIGNER, "2"))
        assert "the registered owner signs the letter" in shown
        assert "signed by hand" not in shown
        assert (await case_of(h))[0].reason == "signer_not_allowed"
        assert called(h, PrepareSignature) == []


@pytest.mark.parametrize("trouble", ["no_signature", "unreadable", "too_large", "unsupported"])
async def test_a_photo_that_will_not_do_is_asked_for_again(tmp_path: Path, trouble: str) -> None:
    words = {
        "no_signature": "I see no signature on that photo.",
        "unreadable": "I could not open that picture.",
        "too_large": "up to 10 MB works",
        "unsupported": "I cannot use that kind of file.",
    }
    async with by_hand(tmp_path, cuts_out(trouble)) as h:
        phone = h.phone("sms")
        shown = await walk(phone, *TO_THE_SIGNER, "1", "[photo]")
        assert words[trouble] in seen(shown)
        assert "signed by hand" in seen(shown)
        assert too_long(shown) == []
        assert "Your full name" in seen(await walk(phone, "[photo]"))


async def test_conv_6_a_failed_cutting_out_loses_nothing(tmp_path: Path) -> None:
    async with by_hand(tmp_path, {PrepareSignature: lambda call, h: Refused("timed_out")}) as h:
        shown = seen(await walk(h.phone("sms"), *TO_THE_SIGNER, "1", "[photo]"))
        assert "Nothing is lost" in shown
        assert (await case_of(h))[1].signature_photo is None


async def test_edit_signature_takes_a_new_photo_in_the_place_of_the_old(tmp_path: Path) -> None:
    async with by_hand(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *TO_THE_SIGNER, "1", "[photo]", *SF_SENDER[1:], *SF_SEND)
        before = (await case_of(h))[1].signature_photo
        assert "signed by hand" in seen(await walk(phone, "edit signature"))
        assert "Type your full name to sign" in seen(await walk(phone, "[photo]")), "a changed letter is signed anew"
        await walk(phone, "Dana Reyes")
        facts = (await case_of(h))[1]
        assert facts.signature_photo not in (None, before)
        assert sum(item.kind == "signature" for item in facts.evidence) == 1
        assert called(h, TypesetLetter)[-1].document["signature"]["blob"] == facts.signature_photo


async def test_st_22_a_letter_of_the_next_level_is_signed_anew(tmp_path: Path) -> None:
    async with by_hand(tmp_path) as h:
        await walk(h.phone("sms"), *TO_THE_SIGNER, "1", "[photo]")
        row, facts = await case_of(h)
        assert facts.signature_photo is not None
        assert child_facts(row, facts).signature_photo is None
