"""A person with an approved letter, and vendors who answer as a test wishes; driven through the real engine."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done, Outcome
from bot.core.calls.lob import (
    CancelLetter,
    FindLetter,
    MailLetter,
    PostedLetter,
    PostedLetters,
    ReadLetter,
)
from bot.core.calls.stripe import (
    Checkout,
    ExpireCheckout,
    FindRefunds,
    OpenCheckout,
    ReadCheckout,
    Refund,
    RefundPayment,
    Refunds,
)
from bot.core.calls.workshop import TypesetPages
from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.appeals import cases as api
from handlers.appeals import records
from handlers.appeals.events import register_events
from handlers.appeals.facts import Facts, postal
from handlers.appeals.settings import AppealSettings
from storage import blobs
from storage.appeals import cases, drafts, letters, payments, refunds, status_log
from storage.outbox import outbox
from storage.timers import timer
from storage.work import Work

START = datetime(2026, 11, 17, 18, tzinfo=UTC)
"""Tuesday 10:00 in San Francisco."""
PDF = b"%PDF-1.7 a letter"
SHA = hashlib.sha256(PDF).hexdigest()
NUMBER = "900000417"
PRIVATE = (NUMBER, "Dana", "Reyes", "Example", "94110", "8ABC123", "FAIL")


def facts(**changes: Any) -> Facts:
    """Return the facts of a finished San Francisco appeal."""
    base: dict[str, Any] = {
        "city_id": "us-ca-san_francisco",
        "number": NUMBER,
        "number_status": "ok",
        "issue_date": date(2026, 11, 16),
        "situation": "none",
        "agency_answer": "none",
        "violation_class": "meter",
        "place": "Mission St",
        "plate": "8ABC123",
        "plate_state": "CA",
        "grounds": ["meter_broken"],
        "statement_raw": "The meter screen said FAIL and took no coins.",
        "statement": "The meter screen said FAIL and took no coins.",
        "signer_role": "owner",
        "signer_name": "Dana Reyes",
        "line1": "1 Example Way",
        "line2": "Apt 4",
        "city": "San Francisco",
        "state": "CA",
        "zip": "94110",
        "address_check": "verified",
        "mail_class": "certified",
        "signature": "Dana Reyes",
    }
    return Facts(**{**base, **changes})


@dataclass
class Vendors:
    """Stripe and Lob as a test wishes them: each call is answered by a function, and the books are kept."""

    sessions: dict[str, OpenCheckout] = field(default_factory=dict)
    posted: dict[str, str] = field(default_factory=dict)
    refunded: list[RefundPayment] = field(default_factory=list)
    answers: dict[type, Callable[[Any], Outcome]] = field(default_factory=dict)

    def world(self) -> dict[type, Callable[[Any, Harness], Outcome]]:
        def answer(usual: Callable[[Any], Outcome]) -> Callable[[Any, Harness], Outcome]:
            return lambda call, _: (self.answers.get(type(call)) or usual)(call)

        return {
            OpenCheckout: answer(self.open),
            ExpireCheckout: answer(lambda call: Done(self.session(call.session_id, status="expired"))),
            ReadCheckout: answer(lambda call: Done(self.session(call.session_id))),
            RefundPayment: answer(self.refund),
            FindRefunds: answer(lambda call: Done(Refunds([]))),
            MailLetter: answer(self.post),
            FindLetter: answer(self.find),
            ReadLetter: answer(lambda call: Done(self.letter("?", call.lob_id))),
            CancelLetter: answer(lambda call: Done(PostedLetter(call.lob_id, None, None, None, None, True, True))),
        }

    def open(self, call: OpenCheckout) -> Outcome:
        session_id = f"cs_{len(self.sessions) + 1}"
        self.sessions[session_id] = call
        return Done(self.session(session_id))

    def session(self, session_id: str, **changes: Any) -> Checkout:
        call = self.sessions[session_id]
        values: dict[str, Any] = {
            "session_id": session_id,
            "status": "open",
            "payment_status": "unpaid",
            "amount_minor": call.amount_minor,
            "currency": call.currency,
            "url": f"https://checkout.example/{session_id}",
            "payment_intent": None,
            "reference": call.reference,
            "created": 0,
            "expires_at": call.expires_at,
            "metadata": call.metadata,
        }
        return Checkout(**{**values, **changes})

    def refund(self, call: RefundPayment) -> Outcome:
        self.refunded.append(call)
        number = f"re_{len(self.refunded)}"
        return Done(Refund(number, "succeeded", call.amount_minor, "usd", call.payment_intent, call.metadata))

    def letter(self, letter_id: str, lob_id: str) -> PostedLetter:
        return PostedLetter(lob_id, letter_id, "9407100000000000000417", "2026-11-30", None, test_mode=False)

    def post(self, call: MailLetter) -> Outcome:
        lob_id = self.posted.setdefault(call.letter_id, f"ltr_{len(self.posted) + 1}")
        return Done(self.letter(call.letter_id, lob_id))

    def find(self, call: FindLetter) -> Outcome:
        lob_id = self.posted.get(call.letter_id)
        return Done(PostedLetters([self.letter(call.letter_id, lob_id)] if lob_id else []))


class Shop:
    """One person, their case, and shortcuts to what a test looks at."""

    def __init__(self, harness: Harness, vendors: Vendors, todo: dict[str, Callable[[Turn], Any]]) -> None:
        self.h, self.vendors, self._todo = harness, vendors, todo
        self.me = harness.phone("sms")
        self.results: dict[str, Any] = {}
        self.case_id = self.draft_id = 0

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        where: Path,
        *,
        at: datetime = START,
        settings: AppealSettings | None = None,
        also: Callable[[Registry], None] = lambda registry: None,
    ) -> AsyncIterator[Shop]:
        todo: dict[str, Callable[[Turn], Any]] = {}
        vendors = Vendors()
        found: dict[str, Any] = {}

        def register(registry: Registry) -> None:
            registry.public_url = "https://parley.example"

            def act(turn: Turn, text: str) -> bool:
                if text not in todo:
                    return False
                found[text] = todo.pop(text)(turn)
                turn.silent = True
                return True

            registry.word("text")(act)
            register_events(registry, settings)
            registry.add_texts(Path(__file__).parents[3] / "bot/engine/texts")
            also(registry)

        async with Harness.open(register, where, FixedClock(at), vendors.world()) as h:
            shop = cls(h, vendors, todo)
            shop.results = found
            yield shop

    async def act(self, function: Callable[[Turn], Any], phone: Phone | None = None) -> Any:
        """Run a function in a turn of the person."""
        name = f"zzqx {len(self.results)} {len(self._todo)}"
        self._todo[name] = function
        await (phone or self.me).say(name)
        return self.results[name]

    async def approve(self, phone: Phone | None = None, **changes: Any) -> int:
        """Bring a case to `ready`."""
        made = facts(**changes)

        def run(turn: Turn) -> tuple[int, int]:
            city = records.city_of(turn.work, made.city_id)
            assert city is not None
            opened = api.open_case(turn, made)
            blob = turn.work.ids.next()
            blobs.keep(turn.work, blob_id=blob, data=PDF, media_type="application/pdf", person_id=turn.person.id)
            if opened.stage == "intake":
                api.to_review(turn, opened.case_id)
            to = postal(city.mail.addresses[0])
            draft = api.approve(turn, opened.case_id, made, TypesetPages(blob, SHA, 2), to)
            assert isinstance(draft, int), draft
            return opened.case_id, draft

        self.case_id, self.draft_id = await self.act(run, phone)
        return self.case_id

    async def request(self, phone: Phone | None = None) -> Any:
        """Ask for the pay link."""
        case_id, draft_id = self.case_id, self.draft_id
        return await self.act(lambda turn: api.request_payment(turn, case_id, draft_id), phone)

    def paid_thing(self, session_id: str = "cs_1", **changes: Any) -> dict[str, Any]:
        """Return the session of a paid event."""
        call = self.vendors.sessions[session_id]
        return {
            "id": session_id,
            "object": "checkout.session",
            "status": "complete",
            "payment_status": "paid",
            "amount_total": call.amount_minor,
            "currency": call.currency,
            "payment_intent": f"pi_{session_id}",
            "client_reference_id": call.reference,
            "metadata": call.metadata,
            "livemode": False,
            **changes,
        }

    async def pay(self, session_id: str = "cs_1", key: str | None = None, **changes: Any) -> None:
        """Let Stripe's paid event arrive."""
        await self.h.vendor("stripe", "checkout.session.completed", self.paid_thing(session_id, **changes), key)

    async def order(self, **changes: Any) -> None:
        """Bring a case to `paid`."""
        await self.approve(**changes)
        await self.request()
        await self.pay()

    async def mail(self, **changes: Any) -> None:
        """Bring a case to `submitted`."""
        await self.order(**changes)
        await self.wait(minutes=10)

    async def lob(self, name: str, key: str | None = None, **more: Any) -> None:
        """Let an event about the first letter arrive."""
        letter = await self.letter()
        thing = {"id": letter.lob_id or "ltr_1", "metadata": {"letter_id": str(letter.id)}, **more}
        await self.h.vendor("lob", f"letter.{name}", thing, key)

    async def wait(self, **span: float) -> None:
        """Move the clock."""
        await self.h.wait(timedelta(**span))

    async def read(self, function: Callable[[Work], Any]) -> Any:
        """Read through a unit of work."""
        return await self.h.writers.run(function)

    async def case(self, case_id: int | None = None) -> Any:
        return await self.read(lambda work: cases.load(work, case_id or self.case_id))

    async def stage(self) -> str:
        return str((await self.case()).stage)

    async def payments(self) -> list[Any]:
        found: list[Any] = await self.read(lambda work: payments.of_case(work, self.case_id))
        return found[::-1]

    async def payment(self) -> Any:
        return (await self.payments())[0]

    async def letters(self) -> list[Any]:
        found: list[Any] = await self.read(lambda work: letters.of_case(work, self.case_id))
        return found[::-1]

    async def letter(self) -> Any:
        return (await self.letters())[0]

    async def refunds(self) -> list[Any]:
        found: list[Any] = []
        for payment in await self.payments():
            found += await self.read(partial(refunds.of_payment, payment_id=payment.id))
        return found

    async def rules(self) -> list[str]:
        log = await self.read(lambda work: status_log.of_case(work, self.case_id))
        return [row.rule for row in log if row.axis == "stage"]

    async def drafts(self) -> list[Any]:
        query = sa.select(drafts.draft).where(drafts.draft.c.case_id == self.case_id).order_by(drafts.draft.c.version)
        found: list[Any] = await self.read(lambda work: work.rows(query))
        return found

    async def alerts(self) -> list[str]:
        from storage.alerts import alert

        rows = await self.read(lambda work: work.rows(sa.select(alert.c.kind)))
        return [row.kind for row in rows]

    async def keys(self) -> list[str]:
        rows = await self.read(lambda work: work.rows(sa.select(outbox.c.key).where(outbox.c.kind == "call")))
        return [row.key for row in rows]

    async def timers(self, kind: str) -> list[Any]:
        query = sa.select(timer).where(timer.c.kind == kind, timer.c.state == "set").order_by(timer.c.due_at)
        found: list[Any] = await self.read(lambda work: work.rows(query))
        return found

    def calls(self, kind: type) -> list[Any]:
        return [call for call in self.h.calls if isinstance(call, kind)]

    @property
    def said(self) -> str:
        return "\n".join(message.text for message in self.me.messages)
