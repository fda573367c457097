"""Mail as its person meets it: the address, quarantine, drafts, mailboxes (EML-1 to EML-13, RA-11, SEC-R8)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.calls import Done, Refused
from bot.core.calls.mail import (
    FoundMail,
    GmailExchange,
    GmailLinked,
    MailboxRead,
    ReadGmail,
    ReadImap,
    RevokeGmail,
)
from bot.core.calls.reading import ReadPrint
from handlers import billing
from jobs.receipt_retention import ReceiptRetention
from storage import audit, blobs
from storage.billing import subscriptions
from storage.receipts.bills import bill
from storage.receipts.documents import document
from storage.receipts.mail import mailboxes
from storage.receipts.mail.mailboxes import mailbox
from storage.receipts.mail.quarantine import mail_quarantine
from storage.receipts.receipts import receipt
from storage.work import Work
from tests.handlers.receipts.mail.letters import PDF, RECEIPT, letter
from tests.handlers.receipts.mail.post import Post
from tests.spoken import spoken

LUNA = "Luna Books <noreply@luna.example>"


async def test_eml_1_an_address_is_shown_and_can_be_changed(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        first = re.search(r"[a-z]+\.[a-z2-9]{10}@in\.parley\.example", post.phone.last.text)
        assert first
        await post.phone.say("Email")
        post.phone.expect(first[0])
        await post.phone.say("EMAIL NEW")
        assert first[0] not in post.phone.last.text
        assert re.search(r"[a-z]+\.[a-z2-9]{10}@in\.parley\.example", post.phone.last.text)


async def test_eml_13_ways_are_offered_in_the_order_in_which_they_ask_least(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        shown = post.phone.messages[0].text
        assert shown.index("Forward receipts to") < shown.index("MAILBOX") < shown.index("CONNECT GMAIL")


async def test_ra_11_mail_of_an_own_sender_becomes_a_draft_and_is_told(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        await post.phone.say("EMAIL ADD noreply@luna.example")
        told = await post.arrive(letter(sender=LUNA, text=RECEIPT))
        assert await post.drafts() == [("draft", 1305, "USD", date(2026, 3, 18))]
        [row] = await post.rows(receipt)
        assert told == [f"By mail: Luna Books $13.05, saved as draft {row.code}."]
        assert await post.rows(mail_quarantine) == []


async def test_ra_11_the_same_mail_twice_is_one_draft(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        await post.phone.say("EMAIL ADD noreply@luna.example")
        await post.arrive(letter(sender=LUNA, text=RECEIPT))
        assert await post.arrive(letter(sender=LUNA, text=RECEIPT)) == []
        assert len(await post.drafts()) == 1


async def test_eml_4_the_same_file_in_two_mails_is_one_document(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        await post.phone.say("EMAIL ADD noreply@luna.example")
        for key in ("one@x.example", "two@x.example"):
            told = await post.arrive(letter(sender=LUNA, key=key, files=[("receipt.pdf", "application/pdf", PDF)]))
        assert told == ["That file came before. Nothing new was saved."]
        assert await post.drafts() == [("draft", 800, "USD", date(2026, 3, 17))]
        assert len(await post.rows(document)) == 1


async def test_eml_5_an_attached_receipt_goes_before_the_text_and_terms_are_left_out(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        await post.phone.say("EMAIL ADD noreply@luna.example")
        files = [("AGB.pdf", "application/pdf", PDF + b"1"), ("Rechnung.pdf", "application/pdf", PDF)]
        await post.arrive(letter(sender=LUNA, text=RECEIPT, files=files))
        assert [row[1] for row in await post.drafts()] == [800]
        [kept] = await post.rows(document)
        assert kept.media_type == "application/pdf"


@pytest.mark.parametrize(
    ("answer", "drafts", "then"), [("keep", 1, "waits"), ("allow always", 1, "taken"), ("drop", 0, "waits")]
)
async def test_ra_11_a_foreign_sender_is_held_until_the_person_decides(
    tmp_path: Path, answer: str, drafts: int, then: str
) -> None:
    async with Post.open(tmp_path) as post:
        told = await post.arrive(letter(sender=LUNA, text=RECEIPT))
        what = "Mail from noreply@luna.example (Luna Books $13.05), not one of your senders."
        assert told == [f"{what} Keep it, allow always, or drop it?"]
        assert await post.drafts() == []
        await post.phone.say(answer)
        assert len(await post.drafts()) == drafts
        raws = [row for row in await post.rows(blobs.blob) if row.media_type == "message/rfc822"]
        assert len(raws) == drafts
        again = await post.arrive(letter(sender=LUNA, text=RECEIPT.replace("13.05", "14.05"), key="two@luna.example"))
        assert ("saved as draft" in again[0]) == (then == "taken")


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ("dkim=fail header.d=luna.example", "failed the sender check"),
        ("dkim=pass header.d=forger.example", "failed the sender check"),
        (None, "without a sender check"),
    ],
)
async def test_eml_3_a_mail_that_is_not_proven_is_held_even_from_an_own_sender(
    tmp_path: Path, results: str | None, words: str
) -> None:
    async with Post.open(tmp_path) as post:
        await post.phone.say("EMAIL ADD noreply@luna.example")
        told = await post.arrive(letter(sender=LUNA, text=RECEIPT, results=results))
        assert words in told[0]
        assert await post.drafts() == []
        await post.phone.say("keep")
        assert len(await post.drafts()) == 1


@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_eml_2_a_foreign_mail_is_a_draft_in_quarantine_until_it_is_kept(database: str, channel: str) -> None:
    async with Post.open(database, channel=channel) as post:
        told = await post.arrive(letter(sender=LUNA, text=RECEIPT))
        assert "Luna Books $13.05" in told[0]
        assert await post.drafts() == [], "in no list and no sum"
        [row] = await post.rows(mail_quarantine)
        assert row.draft is not None
        assert b"Luna" not in row.draft
        post.raws.clear()  # what was read when it came is enough
        await post.phone.say("keep")
        post.phone.expect("Kept.", "By mail: Luna Books $13.05, saved as draft")
        assert await post.drafts() == [("draft", 1305, "USD", date(2026, 3, 18))]
        assert [one.draft for one in await post.rows(mail_quarantine)] == [None]
        assert await post.arrive(letter(sender=LUNA, text=RECEIPT)) == [], "taken once (EML-4)"


async def test_eml_2_what_a_stranger_attached_is_opened_only_when_it_is_kept(database: str) -> None:
    async with Post.open(database) as post:
        told = await post.arrive(letter(sender=LUNA, files=[("receipt.pdf", "application/pdf", PDF)]))
        assert told[0].startswith("Mail from noreply@luna.example (Luna Books), not one of your senders.")
        assert not any(isinstance(call, ReadPrint) for call in post.harness.calls)
        await post.phone.say("keep")
        assert [row[1] for row in await post.drafts()] == [800]


async def test_eml_7_a_foreign_advert_has_no_draft_and_is_told_all_the_same(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        advert = letter(sender=LUNA, subject="20% off everything", text="Shop now. Unsubscribe.\n", bulk=True)
        told = await post.arrive(advert)
        assert told[0].startswith("Mail from noreply@luna.example, not one of your senders.")
        await post.phone.say("keep")
        post.phone.expect("I found no receipt in your mail")
        assert await post.drafts() == []


async def test_sec_r7_a_mail_waits_thirty_days_and_goes_with_its_bytes(database: str) -> None:
    async with Post.open(database) as post:
        await post.arrive(letter(sender=LUNA, text=RECEIPT))
        post.harness.clock.advance(timedelta(days=30))
        await post.phone.say("menu")
        await post.phone.say("HELD")
        post.phone.expect("No mail waits.")
        await ReceiptRetention(post.harness.database, post.harness.writers, post.harness.clock).run()
        assert await post.rows(mail_quarantine) == []
        assert all(row.media_type != "message/rfc822" for row in await post.rows(blobs.blob))


async def test_eml_2_a_flood_is_told_once_and_bounded(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        for number in range(23):
            await post.arrive(letter(sender=LUNA, text=RECEIPT, key=f"{number}@luna.example"))
        assert len(await post.rows(mail_quarantine)) == 20
        full = [message.text for message in post.phone.messages if "turned away" in message.text]
        assert full == ["20 mails wait for your word, so new ones are turned away. Say HELD."]


async def test_eml_2_the_notice_of_a_busy_person_waits_for_held(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        await post.phone.say("MAILBOX")
        told = await post.arrive(letter(sender=LUNA, text=RECEIPT))
        assert told[-1].startswith(
            "Mail from noreply@luna.example (Luna Books $13.05), not one of your senders, waits."
        )
        await post.phone.say("HELD")
        await post.phone.say("drop")
        assert [row.state for row in await post.rows(mail_quarantine)] == ["dropped"]


async def test_cap_9_dup_7_eml_7_an_order_waits_for_its_receipt_and_joins_it(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        await post.phone.say("EMAIL ADD noreply@luna.example")
        order = "Order number: LB-20031\nTea Atlas  $12.00\nOrder total  $13.05\n"
        told = await post.arrive(letter(sender=LUNA, subject="Order confirmed", text=order, key="o@luna.example"))
        assert "order at Luna Books, $13.05" in told[0]
        told = await post.arrive(letter(sender=LUNA, text=RECEIPT.replace("13.05", "13.55"), key="r@luna.example"))
        assert told[0].startswith("The receipt of your order at Luna Books came: $13.55")
        assert [row[1] for row in await post.drafts()] == [1355]
        await post.arrive(letter(sender=LUNA, subject="Order confirmed", text=order, key="o2@luna.example"))
        assert [row[1] for row in await post.drafts()] == [1355]


async def test_eml_7_what_is_no_receipt_makes_no_draft(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        await post.phone.say("EMAIL ADD ann@gmail.com")
        ann, proof = "Ann <ann@gmail.com>", "dmarc=pass header.from=gmail.com"
        told = await post.arrive(letter(sender=ann, subject="Your order has shipped", text=RECEIPT, results=proof))
        assert told == ['I found no receipt in your mail "Your order has shipped". Nothing was saved.']
        assert await post.drafts() == []


async def test_sec_r2_what_a_mail_says_is_shown_as_plain_words(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        hostile = '"<b>Win</b> https://evil.example {code}" <x@evil.example>'
        told = await post.arrive(letter(sender=hostile, subject="Receipt <script>", text=RECEIPT, results="dmarc=fail"))
        assert "x@evil.example" in told[0]
        assert not re.search(r"[<>{}]|https?://", told[0])


async def test_words_of_mail_leave_ordinary_answers_alone(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        for text in (
            "email me the letter",
            "I sent mail yesterday",
            "my mailbox is full",
            "please disconnect the meter",
        ):
            await post.phone.say(text)
            assert "@in.parley.example" not in post.phone.last.text


@pytest.mark.parametrize(
    "text", ["EMAIL ADD", "EMAIL ADD nobody", "EMAIL ADD a@b", "EMAIL ADD a@b.example, c@d.example"]
)
async def test_a_sender_must_be_an_address(tmp_path: Path, text: str) -> None:
    async with Post.open(tmp_path) as post:
        await post.phone.say(text)
        post.phone.expect("is not a mail address")


# -- mailboxes -------------------------------------------------------------------------------------------------------


def _world(found: list[bytes], holder: list[Post], **outcomes: Any) -> dict[type, Any]:
    def read(call: Any, h: Any) -> Any:
        if "read" in outcomes:
            return outcomes["read"](call)
        mails = [FoundMail(str(n), holder[0].keep_raw(raw)) for n, raw in enumerate(found)] if holder else []
        return Done(MailboxRead(mails, "7:9", looked_at=len(mails)))

    return {ReadImap: read, ReadGmail: read, RevokeGmail: lambda call, h: Done()}


async def test_cap_10_eml_9_a_mailbox_is_connected_read_and_taken_back(tmp_path: Path) -> None:
    holder: list[Post] = []
    raw = letter(sender=LUNA, text=RECEIPT, results=None).as_bytes()
    async with Post.open(tmp_path, world=_world([raw], holder)) as post:
        await post.phone.say("MAILBOX")
        await post.phone.say("ann@icloud.com")
        post.phone.expect("app password for imap.mail.me.com")
        holder.append(post)
        await post.phone.say("abcd-efgh")
        post.phone.expect("Mailbox ann@icloud.com is connected", "By mail: Luna Books $13.05")
        [row] = await post.rows(mailbox)
        assert (row.state, row.cursor) == ("good", "7:9")
        assert all(b"abcd-efgh" not in (one.body or b"") for one in await post.rows(_outbox()))
        await post.phone.say("DISCONNECT")
        post.phone.expect("ann@icloud.com is disconnected", "1 receipts came from there. Keep them or delete them?")
        await post.phone.say("delete them")
        assert await post.drafts() == []
        [row] = await post.rows(mailbox)
        assert (row.state, row.secret_blob) == ("revoked", None)
        assert all(one.media_type != "application/json" for one in await post.rows(blobs.blob))


async def test_receipts_email_import_belongs_to_plans_and_a_mailbox_rests_meanwhile(tmp_path: Path) -> None:
    seen: list[Any] = []
    async with Post.open(tmp_path, world=_world([], seen)) as post:
        await post.phone.say("EMAIL ADD noreply@luna.example")
        await post.phone.say("MAILBOX")
        await post.phone.say("ann@icloud.com")
        await post.phone.say("abcd efgh ijkl")
        [box] = await post.rows(mailbox)
        billing.register(post.harness.registry)
        for words in ("email", "email new", "mailbox", "connect gmail"):
            assert "Mail is not read for you" in (await post.phone.say(words))[0].text
        assert "Basic" in post.phone.last.text, "RS-8: what would allow it"
        told = await post.arrive(letter(sender=LUNA, text=RECEIPT))
        told += await post.arrive(letter(sender=LUNA, text=RECEIPT, key="two@luna.example"))
        assert [text.partition(".")[0] for text in told] == ["Mail is not read for you"], "told once a day"
        assert await post.drafts() == []
        await post.harness.wait(timedelta(days=1))
        before = len(post.harness.calls)
        await post.happen("mailbox", "due", {"mailbox": box.id})
        assert len(post.harness.calls) == before

        def pay(work: Work) -> int | None:
            return subscriptions.add(work, post.person_id, plan="basic", version=1, state="active")

        await post.harness.writers.run(pay)
        await post.happen("mailbox", "due", {"mailbox": box.id})
        assert len(post.harness.calls) > before, "it reads on"
        await post.arrive(letter(sender=LUNA, text=RECEIPT, key="three@luna.example"))
        assert len(await post.drafts()) == 1


@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_sec_r4_a_typed_password_stays_in_no_transcript(database: str, channel: str) -> None:
    async with Post.open(database, channel=channel, world=_world([], [])) as post:
        await post.phone.say("MAILBOX")
        await post.phone.say("ann@icloud.com")
        await post.phone.say("abcd efgh ijkl")
        post.phone.expect("Mailbox ann@icloud.com is connected")
        kept = await spoken(post.harness)
        assert "[token]" in kept
        assert not any("efgh" in entry for entry in kept)


def _outbox() -> Any:
    from storage.outbox import outbox

    return outbox


async def test_eml_9_a_wrong_password_is_asked_again_and_not_kept(tmp_path: Path) -> None:
    async with Post.open(tmp_path, world=_world([], [], read=lambda call: Refused("login"))) as post:
        await post.phone.say("MAILBOX")
        await post.phone.say("ann@icloud.com")
        await post.phone.say("wrong")
        post.phone.expect("did not take that password", "app password")
        assert await post.rows(mailbox) == []
        assert all(one.media_type != "application/json" for one in await post.rows(blobs.blob))


async def test_eml_11_a_consent_that_ended_is_told_once_and_not_tried_again(tmp_path: Path) -> None:
    async with Post.open(tmp_path, world=_world([], [], read=lambda call: Refused("invalid_grant"))) as post:
        await _link_gmail(post)
        post.phone.expect("Gmail ann@gmail.example is connected", "no longer lets me in")
        [row] = await post.rows(mailbox)
        assert (row.state, row.secret_blob) == ("needs_login", None)
        before = len(post.harness.calls)
        await post.happen("mailbox", "due", {"mailbox": row.id})
        assert len(post.harness.calls) == before


async def test_eml_11_a_refreshed_token_replaces_the_old_one_in_the_same_commit(tmp_path: Path) -> None:
    holder: list[Post] = []

    def read(call: ReadGmail) -> Done:
        fresh = holder[0].harness.keep(b'{"access_token":"new"}') if call.cursor == "" else None
        return Done(MailboxRead([], "1000", secret=fresh))

    async with Post.open(tmp_path, world=_world([], [], read=read)) as post:
        holder.append(post)
        old = await _link_gmail(post)
        [row] = await post.rows(mailbox)
        assert row.secret_blob not in (None, old)
        assert {one.id for one in await post.rows(blobs.blob)} == {row.secret_blob}
        assert row.cursor == "1000"


async def test_eml_11_disconnect_revokes_at_google_and_deletes_the_tokens(tmp_path: Path) -> None:
    async with Post.open(tmp_path, world=_world([], [])) as post:
        secret = await _link_gmail(post)
        await post.phone.say("DISCONNECT")
        assert [call.secret for call in post.harness.calls if isinstance(call, RevokeGmail)] == [secret]
        [row] = await post.rows(mailbox)
        assert (row.state, row.secret_blob) == ("revoked", None)
        assert await post.rows(blobs.blob) == []
        done = [one.action for one in await post.rows(audit.audit)]
        assert {"receipts.mailbox.link", "receipts.mailbox.revoked", "receipts.mailbox.unlink"} <= set(done)


async def _link_gmail(post: Post) -> int:
    secrets: list[int] = []

    def exchange(call: Any, h: Any) -> Any:
        secrets.append(h.keep(b'{"refresh_token":"r"}'))
        return Done(GmailLinked(secrets[-1], "ann@gmail.example", "1000"))

    post.harness.world[GmailExchange] = exchange
    await post.happen("gmail", "granted", {"code": "c", "verifier": "v"})
    return secrets[0]


async def test_two_readings_of_one_place_take_its_mails_once(tmp_path: Path) -> None:
    holder: list[Post] = []
    async with Post.open(tmp_path, world=_world([], holder)) as post:
        await _link_gmail(post)
        [row] = await post.rows(mailbox)
        work = post.harness.writers.run
        late = await work(
            lambda w: mailboxes.read_to(w, post.person_id, row.id, cursor="x", was="", secret=None, soon=False)
        )
        assert late is False
        post.harness.clock.advance(timedelta(minutes=31))
        rounds = [
            await work(lambda w: mailboxes.claim_round(w, post.person_id, row.id, every=timedelta(minutes=30)))
            for _ in range(2)
        ]
        assert rounds == [True, False]


async def test_connect_gmail_sends_a_link_of_ours(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        await post.phone.say("CONNECT GMAIL")
        assert any(url.startswith("https://parley.example/g/") for url in post.phone.last.links.values())


WATER = "City Water <billing@citywater.example>"
OFFERED = "By mail: City Water $64.20 is due Apr 2, nothing saved. BILL ON reminds you of it."
BILLS = [
    ("due in the subject", "Your bill: payment due April 2", "Total due  $64.20\nDue date April 2, 2026", [OFFERED]),
    ("due in the body", "Your bill is ready", "Amount due\n$64.20\nDue date\nApril 2, 2026\nPay online", [OFFERED]),
    ("a total and its day", "Your March bill", "Total  $64.20\nTotal due $64.20 by 04/02/2026", [OFFERED]),
    ("of a statement", "Your statement is ready", "Balance $820.11\nMinimum payment $64.20 due 04/02", [OFFERED]),
    ("no day", "Your bill is ready", "Amount due soon", []),
    ("paid", "Your bill was paid", "Total due $64.20 on 04/02/2026\nTotal  $64.20\nPaid with Visa", ["saved as draft"]),
    ("an invoice", "Invoice 1204", "Total  $64.20\nPayment due 04/02/2026", ["saved as draft"]),
]  # fmt: skip


async def test_bk_13_a_bill_by_mail_is_no_draft_and_a_reminder_is_offered(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        await post.phone.say("EMAIL ADD me@home.example")
        for number, (row, subject, text, wanted) in enumerate(BILLS):
            await post.phone.say("EMAIL ADD billing@citywater.example")
            before = len(await post.drafts())
            told = await post.arrive(letter(sender=WATER, subject=subject, text=text, key=f"{number}@water.example"))
            assert len(told) == len(wanted), (row, told)
            assert all(part in one for part, one in zip(wanted, told, strict=True)), (row, told)
            assert len(await post.drafts()) - before == ("saved as draft" in wanted), row
        assert {(one.state, one.day) for one in await post.rows(bill)} == {("offered", date(2026, 4, 2))}


async def test_bk_13_eml_2_a_bill_that_was_held_is_offered_when_it_is_kept(tmp_path: Path) -> None:
    async with Post.open(tmp_path) as post:
        await post.arrive(letter(sender=WATER, subject="Your March bill", text="Total due $64.20 by 04/02/2026"))
        assert await post.rows(bill) == []
        await post.phone.say("HELD")
        await post.phone.say("1")
        assert any("$64.20 is due Apr 2, nothing saved" in message.text for message in post.phone.messages)
        assert await post.drafts() == []
