"""A house with a month behind it: persons, cases, payments, letters, subscriptions, tickets, model calls."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.ids import Ids
from storage.appeals.cases import case
from storage.appeals.drafts import draft
from storage.appeals.letters import letter
from storage.appeals.payments import payment
from storage.billing.charges import charge
from storage.billing.coupons.codes import coupon
from storage.billing.coupons.uses import use
from storage.billing.orders import order
from storage.billing.plan_changes import plan_log
from storage.billing.plan_invoices import plan_invoice
from storage.billing.subscriptions import subscription
from storage.coaching.model_calls import model_call
from storage.inbox import inbox
from storage.operators import operator
from storage.outbox import outbox
from storage.people import address, person, usage
from storage.receipts.receipts import receipt
from storage.reports.during import During
from storage.schema import Moment, micros
from storage.support.history import assignment, event
from storage.support.tickets import ticket
from storage.work import Work

START, END = datetime(2026, 10, 1, 7, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC)
OCTOBER = During(START, END, date(2026, 10, 1), date(2026, 10, 31))
"""October in Los Angeles."""
MIDDLE, BEFORE = START + timedelta(days=14), START - timedelta(days=40)


class Town:
    """Writes rows at moments of their own."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def id_at(self, at: datetime) -> int:
        """Return an id of a moment."""
        return Ids(FixedClock(at)).next()

    def put(self, table: sa.Table, at: datetime, /, **values: Any) -> int:
        """Insert a row that was made at a moment; what is not given and may not be empty is 0 or an x."""
        row = {"id": self.id_at(at)} | values
        for column in table.columns:
            if column.name not in row and not column.nullable and column.server_default is None:
                row[column.name] = _filler(column, at)
        self._work.claim(table.insert().values(row))
        return int(row["id"])

    def person(self, at: datetime, channel: str = "sms") -> tuple[int, int]:
        """Add a person with an address."""
        person_id = self.put(person, at, locale="en", created_at=micros(at))
        new = self.put(address, at, person_id=person_id, channel=channel, state="active", hash=b"%d" % person_id)
        return person_id, new

    def wrote(self, person_id: int, at: datetime, source: str = "sms") -> None:
        """Note that somebody wrote."""
        self.put(inbox, at, source=source, key=f"{person_id}:{at}", kind="text", state="done", person_id=person_id)

    def case(self, person_id: int, at: datetime) -> int:
        """Add a case."""
        return self.put(case, at, person_id=person_id, code=f"A-{self.id_at(at)}", stage="intake", facts=b"")

    def paid(
        self, case_id: int, person_id: int, at: datetime, amount: int | None, back: int = 0, currency: str = "USD"
    ) -> int:
        """Add a payment, open when there is no amount."""
        draft_id = self.put(draft, at, case_id=case_id)
        status = "open" if amount is None else "partially_refunded" if back else "paid"
        return self.put(
            payment, at, case_id=case_id, person_id=person_id, draft_id=draft_id, mail_class="standard", status=status,
            currency=currency, paid_at=None if amount is None else at, charged_minor=amount or 0, refunded_minor=back,
        )  # fmt: skip

    def letter(self, case_id: int, payment_id: int, at: datetime, status: str = "delivered") -> None:
        """Add a letter that was taken."""
        draft_id = self.put(draft, at, case_id=case_id)
        self.put(
            letter, at, payment_id=payment_id, case_id=case_id, draft_id=draft_id, status=status, accepted_at=at,
            mail_class="standard", seq=1,
        )  # fmt: skip

    def order(self, person_id: int, at: datetime, amount: int, **values: Any) -> int:
        """Add an order that was asked for; with `paid_at` it is paid."""
        is_paid = values.get("paid_at") is not None
        row = {
            "purpose": "pack", "reference": str(self.id_at(at)), "gateway": "stripe", "currency": "USD", "minted": 1,
            "minting": "", "state": "paid" if is_paid else "open", "net_minor": amount, "total_minor": amount,
            "charged_minor": amount if is_paid else 0, "given_minor": values.get("refunded_minor", 0), "created_at": at,
        } | values  # fmt: skip
        return self.put(order, at, person_id=person_id, **row)

    def invoice(self, person_id: int, at: datetime, amount: int, status: str = "paid", **values: Any) -> int:
        """Add an invoice of a plan."""
        row = {"invoice_ref": f"in_{self.id_at(at)}", "currency": "USD", "attempts": 1, "at": at, "as_of": at}
        row |= {"paid_at": at if status in ("paid", "refunded") else None}
        row |= {"refunded_minor": amount if status == "refunded" else 0} | values
        return self.put(plan_invoice, at, person_id=person_id, amount_minor=amount, status=status, **row)

    def renewal(self, person_id: int, at: datetime, stars: int, held: str | None = None) -> None:
        """Add a renewal for Stars."""
        name = f"stx{self.id_at(at)}"
        self.put(charge, at, person_id=person_id, charge=name, kind="renewal", amount=stars, held=held, at=at)

    def dunned(self, person_id: int, at: datetime, *kinds: str) -> None:
        """Add what happened to the charge of a plan."""
        for n, kind in enumerate(kinds):
            self.put(plan_log, at + timedelta(seconds=n), person_id=person_id, kind=kind, at=at)

    def coupon(self, person_id: int, at: datetime, code: str, *states: str) -> None:
        """Add a code and what became of its uses, each of 580 off 2900."""
        made = self.put(
            coupon, at, code=code, name=code, kind="percent", bps=2000, products="", plans="", channels="",
            starts_at=at, max_per_person=9, status="active", creator="staff", taken=0,
        )  # fmt: skip
        for n, state in enumerate(states):
            self.put(
                use, at + timedelta(seconds=n), coupon_id=made, person_id=person_id, state=state, currency="USD",
                operation=f"{code}{n}", product="pack", price_minor=2900, discount_minor=580, reserved_at=at,
                ordinal=None if state == "released" else n,
            )  # fmt: skip

    def subscription(self, at: datetime, plan: str = "basic", state: str = "active", **values: Any) -> None:
        """Add a subscription of somebody new."""
        person_id, _ = self.person(at)
        days = 365 if values.pop("yearly", False) else 30
        row = {
            "gateway": "stripe", "plan_version": 1, "period_start": at, "period_end": at + timedelta(days=days),
            "anchor_at": at, "as_of": at,
        } | values  # fmt: skip
        self.put(subscription, at, person_id=person_id, plan=plan, state=state, **row)

    def lived(self, plan: str, *life: tuple[datetime, str], **values: Any) -> None:
        """Add a subscription with its log: kinds by moment; `price` and `every` are what its rows tell."""
        at, price, every = life[0][0], values.pop("price", 900), values.pop("every", "month")
        person_id, _ = self.person(at)
        row = {"gateway": "stripe", "plan_version": 1, "anchor_at": at, "as_of": END, "period_end": END} | values
        made = self.put(subscription, at, person_id=person_id, plan=plan, state="ended", **row)
        for moment, kind in life:
            bare = kind in ("cancel_scheduled", "cancel_undone")
            told = {} if bare else {"now": f"{plan}:1:{every}", "amount_minor": price, "currency": "USD"}
            told |= {"cause": "upgrade"} if kind == "canceled" and values.get("gateway") == "stars" else {}
            self.put(plan_log, moment, person_id=person_id, subscription_id=made, kind=kind, at=moment, **told)

    def ticket(self, person_id: int, number: int, *, assignee: int, seconds: int | None, rating: int | None) -> None:
        """Add a ticket that was answered so soon, resolved when it is rated."""
        at = MIDDLE + timedelta(minutes=number)
        answered = None if seconds is None else at + timedelta(seconds=seconds)
        resolved = at + timedelta(hours=4) if rating else None
        ticket_id = self.put(
            ticket, at, person_id=person_id, number=number, category="bug", priority="medium", assignee=assignee,
            state="resolved" if rating else "open", opened_at=at, first_response_at=answered, resolved_at=resolved,
            rating=rating, source=f"s{number}", channel="sms",
        )  # fmt: skip
        self.put(assignment, at, person_id=person_id, ticket_id=ticket_id, operator_id=assignee, reason="initial")

    def rest(self, person_id: int, address_id: int) -> None:
        """Add what is counted only: a breach, a message, segments, readings, a model's call, receipts."""
        self.put(event, MIDDLE, person_id=person_id, ticket_id=1, what="first breach")
        self.put(
            outbox, MIDDLE, kind="message", purpose="reply", policy="repeat_ok", state="sent", address_id=address_id
        )
        hour, day = micros(MIDDLE) // 3_600_000_000, micros(MIDDLE) // 86_400_000_000
        for kind, period, used in (("segments_hour", hour, 40), ("cloud_reading", day, 2_500)):
            self._work.claim(usage.insert().values(person_id=0, kind=kind, period=period, used=used))
        for n, nano in enumerate((1_000_000, 500_000)):
            self.put(
                model_call, MIDDLE + timedelta(seconds=n), model="m", purpose="reply", outcome="answered", turn_id=n,
                nano_usd=nano, utc_day=MIDDLE.date(), attempt=1, person_hash=b"h",
            )  # fmt: skip
        for n, state in enumerate(("confirmed", "confirmed", "rejected")):
            self.put(receipt, MIDDLE + timedelta(seconds=n), person_id=person_id, state=state, code=f"C{n}", fields=b"")

    def member(self, name: str) -> int:
        """Add a member of staff."""
        return self.put(operator, BEFORE, name=name, role="support", state="active", secret=b"s")


def _filler(column: sa.Column[Any], at: datetime) -> Any:
    if isinstance(column.type, Moment):
        return at
    if column.name in ("version", "fields"):
        return next(_COUNTER) if column.name == "version" else b"x"
    return {int: 0, bytes: b"x", bool: False, date: at.date(), str: "x"}[column.type.python_type]


_COUNTER = itertools.count(1)
