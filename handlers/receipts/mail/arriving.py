"""A mail arrives: taken apart outside of the turn, judged, made into drafts or put aside (rules EML-2 to EML-8).

    door or mailbox -> `mail:received` -> OpenMail -> `call:mail.opened` -> drafts, or quarantine, or nothing
                                          ReadPrint -> `call:mail.read` -> the draft of an attachment

A mail is taken once per person, by its Message-ID; an attachment once, by its bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import orjson

from bot.core.calls.mail import Mail, MailOpened, MailPart
from bot.core.calls.outcome import Done
from bot.core.calls.reading import PrintedPage, PrintRead, ReadPrint
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.receipts import drafts, reading_rights
from handlers.receipts.flow.readings import Body, masked, unread
from handlers.receipts.mail import held, import_rights, telling
from handlers.receipts.mail.authentication import PASS
from handlers.receipts.mail.bills import bill_in, is_no_invoice, offer
from handlers.receipts.mail.keeping import held_draft, keep, noted, own_addresses
from handlers.receipts.mail.reading import MailReceipt, drafts_of
from handlers.receipts.mail.sorting import Kind, Way
from handlers.receipts.mail.unpacking import open_raw
from handlers.receipts.owner import owner_of
from handlers.receipts.reading import Field, Question, Reading, read_as_one
from storage.blobs import blob
from storage.receipts import documents, readings, sources
from storage.receipts.mail import quarantine, senders

VERSION = "1"


def received(turn: Turn) -> None:
    """Have a mail taken apart that came to the person's address."""
    turn.silent = True
    raw = int(turn.event.payload["blob"])
    if import_rights.allows(turn):
        open_raw(turn, raw, way=Way.SENT)
    else:
        _forget(turn, [raw])
        import_rights.tell(turn)


def opened(turn: Turn) -> None:
    """Take a mail that was taken apart: drafts, quarantine, or nothing."""
    turn.silent = True
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    if not isinstance(outcome, Done) or not isinstance(outcome.result, MailOpened):
        if context["way"] == Way.SENT:
            turn.notify("mail.unreadable")
        return
    mail, parts = outcome.result.mail, outcome.result.parts
    if quarantine.is_seen(turn.work, turn.person.id, mail.message_id):
        _forget(turn, [part.blob for part in parts])
        return
    why = "" if context["kept"] or context["way"] == Way.FOUND else suspicion(turn, mail)
    if why:
        draft = held_draft(turn, mail, parts)
        _forget(turn, [part.blob for part in parts])
        held.hold(turn, mail, draft, why=why, raw=context["raw"])
        return
    quarantine.claim_message(turn.work, turn.person.id, mail.message_id)
    _take(turn, mail, parts, way=Way(context["way"]), mailbox=context["mailbox"], kept=context["kept"])


def suspicion(turn: Turn, mail: Mail) -> str:
    """Return why a mail is put aside: its sender is not proven, or not one of the person's (EML-2, EML-3)."""
    if mail.verdict != PASS:
        return "failed" if mail.verdict == "fail" else "unproven"
    return "" if senders.is_allowed(turn.work, turn.person.id, mail.outer.address) else "sender"


# -- drafts ----------------------------------------------------------------------------------------------------------


def _take(turn: Turn, mail: Mail, parts: Sequence[MailPart], *, way: Way, mailbox: int | None, kept: bool) -> None:
    owner, own = owner_of(turn.work, turn.person.id), own_addresses(turn)
    found = drafts_of(mail, parts, drafts.context_of(turn.work, owner, mail.lines), way=way, own=own)
    if way is Way.SENT and is_no_invoice(found) and (bill := bill_in(mail, owner, own)):
        _forget(turn, [part.blob for part in parts])
        offer(turn, owner, bill)
        return
    wanted = {one.part.blob for one in found if one.part is not None}
    _forget(turn, [part.blob for part in parts if part.blob not in wanted])
    told = False
    for number, one in enumerate(found):
        source = sources.claim(
            turn.work, owner.id, kind="email" if way is Way.SENT else "mailbox", provider_id=mail.message_id,
            media_index=number,
        )  # fmt: skip
        if source is None:
            continue
        if one.part is not None:
            told = _read_paper(turn, one, one.part, source=source, mailbox=mailbox) or told
        elif one.reading is not None:
            fields = drafts.of_reading(one.reading, reader="rule", raw_text="\n".join(mail.lines))
            keep(turn, owner, noted(fields, one), source=source, mailbox=mailbox)
            told = True
    if not told and way is Way.SENT and (kept or mail.outer.address in own):
        telling.nothing_found(turn, mail)


# -- attachments -----------------------------------------------------------------------------------------------------


def _read_paper(turn: Turn, one: MailReceipt, part: MailPart, *, source: int, mailbox: int | None) -> bool:
    """Have an attachment read, unless these bytes came before (EML-4)."""
    document = documents.add(
        turn.work, turn.person.id, sha256=part.sha256, size=part.size, media_type=part.media_type, blob_id=part.blob,
        source_id=source,
    )  # fmt: skip
    if document is None:
        _forget(turn, [part.blob])
        telling.known_file(turn)
        return True
    operation = reading_rights.reserve(turn, document)
    if operation is None:
        owner = owner_of(turn.work, turn.person.id)
        fields = noted(unread(owner, Body(trouble=reading_rights.USED_UP)), one)
        keep(turn, owner, fields, source=source, mailbox=mailbox, pages=[document])
        return True
    reading = readings.claim(turn.work, turn.person.id, document, reader="local_ocr", version=VERSION)
    turn.call(
        ReadPrint([part.blob]),
        then="mail.read",
        context={
            "source": source, "document": document, "reading": reading, "mailbox": mailbox, "kind": one.kind.value,
            "why": one.why, "merchant": one.merchant, "day": one.day.isoformat() if one.day else None,
            "number": one.order_number, "note": one.note, "operation": operation,
        },
    )  # fmt: skip
    return True


def read(turn: Turn) -> None:
    """Make a draft of an attachment that was read; of one that could not be read too, for the person to fill in."""
    turn.silent = True
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    pages: list[PrintedPage] = []
    if isinstance(outcome, Done) and isinstance(outcome.result, PrintRead):
        pages = list(masked(outcome.result.pages))
        _keep_reading(turn, context["reading"], outcome.result, pages)
    reading_rights.settle(turn, context.get("operation", ""), was_read=bool(pages))
    owner = owner_of(turn.work, turn.person.id)
    one = MailReceipt(
        Kind(context["kind"]), context["why"], merchant=context["merchant"],
        day=date.fromisoformat(context["day"]) if context["day"] else None, order_number=context["number"],
        note=context["note"],
    )  # fmt: skip
    context_of_paper = drafts.context_of(turn.work, owner, drafts.lines_of(pages))
    told = _completed(read_as_one(pages, context_of_paper), one)
    fields = drafts.of_reading(told, reader="local_ocr", raw_text=drafts.text_of(pages))
    keep(
        turn, owner, noted(fields, one), source=context["source"], mailbox=context["mailbox"],
        pages=[context["document"]],
    )  # fmt: skip


def _keep_reading(turn: Turn, reading_id: int | None, result: PrintRead, pages: list[PrintedPage]) -> None:
    if reading_id is None:
        return
    body = orjson.dumps({"pages": [[line.text for line in page.lines] for page in pages]})
    readings.finish(turn.work, turn.person.id, reading_id, body=body, duration_ms=result.duration_ms)


def _completed(reading: Reading, one: MailReceipt) -> Reading:
    """Return a reading with what the mail tells and the paper does not."""
    answered = set[Question]()
    if reading.merchant is None and one.merchant:
        reading = replace(reading, merchant=Field(one.merchant, one.merchant, 0.7, "rule"))
        answered.add(Question.MERCHANT)
    if reading.date is None and one.day:
        reading = replace(reading, date=Field(one.day, one.day.isoformat(), 0.6, "rule"), dates=(one.day,))
        answered.add(Question.DATE)
    return replace(reading, questions=tuple(q for q in reading.questions if q not in answered))


def _forget(turn: Turn, blobs: Sequence[int]) -> None:
    for one in blobs:
        turn.work.write(blob.delete().where(blob.c.id == one, blob.c.person_id == turn.person.id))
