"""A person's shortest way to a paid letter: a few notes that are counted, GO, a link, a payment.

    order ann        -> opened order ann
    one              -> noted one as 1
    two              -> noted two as 2
    go               -> sent 2 notes. ... then the real pay link, receipt and posting

What follows GO is the real service. The numbers in the replies let a judge who sees only the vendors' books tell
whether a message was lost, taken twice, or taken out of order.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

from pydantic import BaseModel

import bot.engine
from bot.core.calls.workshop import TypesetPages
from bot.core.errors import Permanent
from bot.core.prompts import Answer, Ask
from bot.engine.flow import End, Flow, Next, Stay
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.appeals import cases, records
from handlers.appeals.events import register_events
from handlers.appeals.facts import Facts, postal
from handlers.appeals.settings import AppealSettings
from storage import blobs

CITY = "us-ca-san_francisco"
TEXTS = {
    "crash.opened": "opened {words}",
    "crash.noted": "noted {words} as {n}",
    "crash.sent": "sent {n} notes.",
    "crash.refused": "refused: {reason}",
    "crash.ask": "Another note, or GO?",
}


class Draft(BaseModel):
    """What was noted."""

    notes: list[str] = []


flow = Flow("order", Draft, version=1, first="notes", entry=("order",))


@flow.start
def opened(turn: Turn, text: str) -> Next | None:
    """Repeat the words that opened the order."""
    turn.say("crash.opened", words=text)
    return None


@flow.ask("notes", free_text=True)
def ask(turn: Turn) -> Ask:
    """Ask for more."""
    return Ask("crash.ask")


@flow.take("notes")
def take(turn: Turn, answer: Answer) -> Next:
    """Count a note; GO sends the letter on its way."""
    if answer.text.casefold() != "go":
        turn.draft.notes.append(answer.text)
        turn.say("crash.noted", words=answer.text, n=len(turn.draft.notes))
        return Stay()
    turn.say("crash.sent", n=len(turn.draft.notes))
    _order(turn)
    return End()


def _order(turn: Turn) -> None:
    facts = facts_of(turn)
    city = records.city_of(turn.work, CITY)
    address = city.address("level1_letter") if city else None
    if address is None:
        raise Permanent("the city has no address")
    opened = cases.open_case(turn, facts)
    cases.save_facts(turn, opened.case_id, facts)
    draft = cases.approve(turn, opened.case_id, facts, _typeset(turn), postal(address))
    if not isinstance(draft, int):
        turn.say("crash.refused", reason=f"{draft.gate} {draft.reason} {draft.detail}")
        return
    requested = cases.request_payment(turn, opened.case_id, draft)
    if requested.refusal is not None:
        turn.say("crash.refused", reason=f"{requested.refusal.gate} {requested.refusal.reason}")


def facts_of(turn: Turn) -> Facts:
    """Return facts that pass every gate; the citation number is the person's own."""
    return Facts(
        city_id=CITY,
        number=str(700_000_000 + turn.person.id % 90_000_000),
        number_status="ok",
        issue_date=turn.today("America/Los_Angeles") - timedelta(days=2),
        situation="none",
        agency_answer="none",
        violation_class="parking",
        grounds=["signs"],
        statement_raw="The sign was hidden by a tree.",
        statement="The sign was hidden by a tree.",
        signer_role="owner",
        signer_name="Ann Example",
        line1="1 Main St",
        city="San Francisco",
        state="CA",
        zip="94103",
        address_check="verified",
        mail_class="standard",
        signature="Ann Example",
    )


def _typeset(turn: Turn) -> TypesetPages:
    pdf, blob_id = one_page(), turn.work.ids.next()
    blobs.keep(turn.work, blob_id=blob_id, data=pdf, media_type="application/pdf", person_id=turn.person_id)
    return TypesetPages(pdf=blob_id, sha256=hashlib.sha256(pdf).hexdigest(), pages=1)


@cache
def one_page() -> bytes:
    """Return a blank page of US letter size."""
    from pypdf import PdfWriter

    writer, out = PdfWriter(), BytesIO()
    writer.add_blank_page(width=612, height=792)
    writer.write(out)
    return out.getvalue()


def register(registry: Registry, *, mail_hold: timedelta = timedelta()) -> None:
    """Register the engine's texts, the order, and the real service behind it."""
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    registry.catalogue.add("en", TEXTS)
    registry.introduces = False
    registry.add_flow(flow)
    register_events(registry, AppealSettings(mail_hold=mail_hold))
