"""Merchants that the person knows fill in what a print, a text or a mail does not tell (PR-40)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from handlers.receipts.fields import Fields, Value, told
from storage.receipts import history, receipts
from storage.receipts.receipts import receipt
from storage.receipts.transactions import Entry
from storage.work import Work
from tests.handlers.receipts.flow.world import met, open_world, photo, rows, screens
from tests.handlers.receipts.mail.letters import letter
from tests.handlers.receipts.mail.post import Post

LUNA = photo("LUNA BOOKS", "Tel (415) 555-0177", "03/12/2026", "TOTAL 14.00")
NAMELESS = photo("CARDHOLDER COPY", "415-555-0177", "03/15/2026", "TOTAL 9.00")


async def test_pr_40_a_telephone_number_of_an_earlier_receipt_fills_in_the_merchant(database: str) -> None:
    async with open_world(database) as harness:
        ann = await met(harness, "sms")
        assert "store" in screens(await ann.photo(NAMELESS))[0].casefold()
        await ann.say("drop")
        await ann.photo(LUNA)
        await ann.say("ok")
        assert screens(await ann.photo(NAMELESS))[0].startswith("Luna Books $9.00, Mar 15")
        await ann.say("drop")
        assert screens(await ann.say("6.50 +1 415 555 0177"))[0].startswith("Luna Books $6.50, today")


async def test_pr_40_the_name_that_the_person_gave_is_what_the_number_means(database: str) -> None:
    async with open_world(database) as harness:
        ann = await met(harness, "sms")
        await ann.photo(LUNA)
        await ann.say("store Moon Books")
        await ann.say("ok")
        assert screens(await ann.photo(NAMELESS))[0].startswith("Moon Books $9.00")


async def test_pr_40_numbers_of_others_and_of_rejected_receipts_tell_nothing(database: str) -> None:
    async with open_world(database) as harness:
        ann, bob = await met(harness, "sms"), await met(harness, "sms", "+14155550188")
        await ann.photo(LUNA)
        await ann.say("ok")
        assert "Luna" not in screens(await bob.photo(NAMELESS))[0]
        await bob.say("drop")
        await bob.photo(LUNA)
        await bob.say("drop")
        assert "Luna" not in screens(await bob.photo(NAMELESS))[0]


async def test_pr_40_the_number_is_stored_as_a_hash_only(database: str) -> None:
    async with open_world(database) as harness:
        ann = await met(harness, "sms")
        await ann.photo(LUNA)
        [row] = await rows(harness, receipt)
        assert row.phone_hash
        stored = b"".join(bytes(one) for one in row if isinstance(one, bytes | memoryview))
        assert b"555-0177" not in stored
        assert b"4155550177" not in stored


async def test_mer_1_a_merchant_of_ones_own_is_known_in_words_and_on_prints(database: str) -> None:
    async with open_world(database) as harness:
        ann = await met(harness, "sms")
        await ann.say("18 lunch at Taco Corner Stand")
        await ann.say("ok")
        assert screens(await ann.say("7 taco corner stand"))[0].startswith("Taco Corner Stand $7.00")
        await ann.say("drop")
        print_ = photo("WELCOME", "TACO CORNER STAND", "1 Main St", "03/15/2026", "TOTAL 9.00")
        assert screens(await ann.photo(print_))[0].startswith("Taco Corner Stand $9.00")


async def test_a_bank_s_own_number_is_no_merchant_s(database: str) -> None:
    async with open_world(database) as harness:
        ann = await met(harness, "sms")
        await ann.say("Card alert: you spent $18.00 at LUNA BOOKS on 03/17. Not you? Call 415-555-0199")
        await ann.say("ok")
        answer = screens(await ann.say("Card alert: purchase of $9.00 on 03/16. Not you? Call 415-555-0199"))[0]
        assert "Luna" not in answer


async def test_pr_40_a_mail_that_names_nobody_is_known_by_its_number(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        fields = Fields(Value("USD"), total=told(1400), merchant=told("Luna Books"), phone=told("(415) 555-0177"))

        def bought(work: Work) -> None:
            row = receipts.add(work, post.person_id, fields.as_draft())
            history.confirm(work, post.person_id, row.id, Entry(date(2026, 3, 2), 1400, "USD", merchant="Luna Books"))

        await post.harness.writers.run(bought)
        await post.phone.say("EMAIL ADD ann@gmail.com")
        text = "Total  $9.00\nPaid with Visa ending in 4242\nTel 415-555-0177\n"
        mail = letter(sender="ann@gmail.com", text=text, results="dmarc=pass header.from=gmail.com")
        assert "By mail: Luna Books $9.00" in (await post.arrive(mail))[0]
