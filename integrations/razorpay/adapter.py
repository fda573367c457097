"""Makes, reads and cancels payment links, and refunds captured payments.

Razorpay keeps no idempotency key for links, but a `reference_id` is unique there, and a refund's `receipt` is ours:
after an uncertain attempt the object is looked for by it before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from bot.core.calls.outcome import Again, Done, Outcome, Refused, Unknown
from bot.core.calls.razorpay import (
    CancelPaymentLink,
    Capture,
    Captures,
    FindCaptureRefunds,
    FindPaymentLink,
    ListCaptures,
    ListGivenBack,
    OpenPaymentLink,
    PaymentLink,
    ReadPaymentLink,
    RefundCapture,
)
from bot.core.calls.stripe import Refund, Refunds
from bot.core.ports import Attempt, LookUp, Perform
from integrations.http import CONNECT_SECONDS, Lost, Reply, Wire, basic_auth, retry_after, unfinished

_STATES = {"processed": "succeeded", "failed": "failed"}
_REFUSED = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found"}
_CAPTURED = ("captured", "refunded")
_PAGE, _MOST_PAGES = 100, 50
LONGEST_TITLE = 200


class RazorpayAdapter:
    """One Razorpay account, in the mode of its key."""

    vendor = "razorpay"

    def __init__(
        self,
        key_id: str,
        key_secret: str,
        *,
        base_url: str = "https://api.razorpay.com",
        seconds: float = 10.0,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._seconds = seconds
        headers = basic_auth(key_id, key_secret)
        self._wire = Wire("razorpay", base_url, headers=headers, connect_seconds=connect_seconds)
        self.calls: Mapping[type, Perform] = {
            OpenPaymentLink: self._open,
            ReadPaymentLink: self._read,
            CancelPaymentLink: self._cancel,
            RefundCapture: self._refund,
            FindCaptureRefunds: self._find_refunds,
            ListCaptures: self._list_captures,
            FindPaymentLink: self._find_link,
            ListGivenBack: self._list_given_back,
        }
        self.look_ups: Mapping[type, LookUp] = {
            OpenPaymentLink: self._look_up_link,
            RefundCapture: self._look_up_refund,
        }

    async def close(self) -> None:
        """Release connections."""
        await self._wire.close()

    async def _open(self, call: OpenPaymentLink, attempt: Attempt) -> Outcome:
        answer = await self._ask("POST", "/v1/payment_links", "link_create", json=link_parameters(call))
        if isinstance(answer, dict):
            return Done(link_of(answer))
        if isinstance(answer, Refused):
            found = await self._look_up_link(call, attempt)  # the reference is taken: by an earlier try of ours
            return answer if found is None else found
        return answer

    async def _look_up_link(self, call: OpenPaymentLink, attempt: Attempt) -> Outcome | None:
        return await self._link_of(call.reference)

    async def _link_of(self, reference: str) -> Outcome | None:
        query = urlencode({"reference_id": reference})
        answer = await self._ask("GET", f"/v1/payment_links?{query}", "link_list", harmless=True)
        if not isinstance(answer, dict):
            return answer
        links = [one for one in answer.get("payment_links") or [] if one.get("reference_id") == reference]
        return Done(link_of(links[0])) if links else None

    async def _read(self, call: ReadPaymentLink, attempt: Attempt) -> Outcome:
        path = f"/v1/payment_links/{quote(call.link_id, safe='')}"
        answer = await self._ask("GET", path, "link_read", harmless=True)
        return Done(link_of(answer)) if isinstance(answer, dict) else answer

    async def _cancel(self, call: CancelPaymentLink, attempt: Attempt) -> Outcome:
        path = f"/v1/payment_links/{quote(call.link_id, safe='')}/cancel"
        answer = await self._ask("POST", path, "link_cancel", harmless=True)
        if isinstance(answer, Refused):
            # No longer open: paid a moment ago, or over already. Its state is the answer.
            return await self._read(ReadPaymentLink(call.link_id), attempt)
        return Done(link_of(answer)) if isinstance(answer, dict) else answer

    async def _refund(self, call: RefundCapture, attempt: Attempt) -> Outcome:
        path = f"/v1/payments/{quote(call.payment_id, safe='')}/refund"
        asked = {"amount": call.amount_minor, "receipt": call.receipt, "notes": call.notes}
        answer = await self._ask("POST", path, "refund_create", json=asked)
        if isinstance(answer, Refused):
            found = await self._look_up_refund(call, attempt)
            return answer if found is None else found
        return Done(refund_of(answer)) if isinstance(answer, dict) else answer

    async def _look_up_refund(self, call: RefundCapture, attempt: Attempt) -> Outcome | None:
        found = await self._refunds(call.payment_id)
        if not isinstance(found, list):
            return found
        ours = [one for one in found if one.get("receipt") == call.receipt]
        return Done(refund_of(ours[0])) if ours else None

    async def _find_refunds(self, call: FindCaptureRefunds, attempt: Attempt) -> Outcome:
        found = await self._refunds(call.payment_id)
        return Done(Refunds([refund_of(one) for one in found])) if isinstance(found, list) else found

    async def _refunds(self, payment_id: str) -> list[dict[str, Any]] | Outcome:
        path = f"/v1/payments/{quote(payment_id, safe='')}/refunds?count=100"
        answer = await self._ask("GET", path, "refund_list", harmless=True)
        if not isinstance(answer, dict):
            return answer
        rows = answer.get("items")
        return rows if isinstance(rows, list) else Again("broken_list", whole_vendor=False)

    async def _find_link(self, call: FindPaymentLink, attempt: Attempt) -> Outcome:
        found = await self._link_of(call.reference)
        return Refused("not_found") if found is None else found

    async def _list_captures(self, call: ListCaptures, attempt: Attempt) -> Outcome:
        found = await self._pages("/v1/payments", "payment_list", call.since)
        if not isinstance(found, list):
            return found
        return Done(Captures([capture_of(one) for one in found if one.get("status") in _CAPTURED]))

    async def _list_given_back(self, call: ListGivenBack, attempt: Attempt) -> Outcome:
        found = await self._pages("/v1/refunds", "refund_list_all", call.since)
        return Done(Refunds([refund_of(one) for one in found])) if isinstance(found, list) else found

    async def _pages(self, path: str, operation: str, since: int) -> list[dict[str, Any]] | Outcome:
        """Read a list page by page, oldest first; Razorpay gives the newest first, and at most a hundred at once."""
        found: list[dict[str, Any]] = []
        for page in range(_MOST_PAGES):
            query = urlencode({"from": since, "count": _PAGE, "skip": page * _PAGE})
            answer = await self._ask("GET", f"{path}?{query}", operation, harmless=True)
            if not isinstance(answer, dict):
                return answer
            rows = answer.get("items")
            if not isinstance(rows, list):
                return Again("broken_list", whole_vendor=False)
            found += [one for one in rows if isinstance(one, dict)]
            if len(rows) < _PAGE:
                return found[::-1]
        return Again("too_many_pages", whole_vendor=False)

    async def _ask(
        self, method: str, path: str, operation: str, *, harmless: bool = False, **request: Any
    ) -> dict[str, Any] | Outcome:
        answer = await self._wire.ask(method, path, operation=operation, seconds=self._seconds, **request)
        if isinstance(answer, Lost):
            return unfinished(answer, harmless=harmless)
        if answer.status == 200:
            found = answer.record()
            return found or (Again("broken_answer") if harmless else Unknown("broken_answer"))
        return _trouble(answer, harmless=harmless)


def _trouble(answer: Reply, *, harmless: bool) -> Outcome:
    reason = f"status_{answer.status}"
    if answer.status == 429:
        return Again("rate_limited", retry_after(answer.headers))
    if answer.status >= 500 or answer.status == 408:
        return Again(reason, retry_after(answer.headers)) if harmless else Unknown(reason)
    return Refused(_REFUSED.get(answer.status, reason), reason)


def link_parameters(call: OpenPaymentLink) -> dict[str, Any]:
    """Return the body of a payment link: Razorpay neither writes to the person nor reminds them, we do."""
    return {
        "amount": call.amount_minor,
        "currency": call.currency,
        "accept_partial": False,
        "reference_id": call.reference,
        "description": call.title[:LONGEST_TITLE],
        "expire_by": call.expires_at,
        "notify": {"sms": False, "email": False},
        "reminder_enable": False,
        "notes": call.notes,
        "callback_url": call.callback_url,
        "callback_method": "get",
    }


def link_of(found: dict[str, Any]) -> PaymentLink:
    """Read a payment link; the captured one of its payments counts."""
    payments = [one for one in found.get("payments") or [] if one.get("status") == "captured"]
    payment = payments[0] if payments else {}
    return PaymentLink(
        link_id=str(found.get("id")),
        status=str(found.get("status")),
        amount_minor=int(found.get("amount") or 0),
        paid_minor=int(found.get("amount_paid") or 0),
        currency=str(found.get("currency") or "").upper(),
        url=found.get("short_url"),
        payment_id=payment.get("payment_id"),
        method=payment.get("method"),
        reference=found.get("reference_id"),
        notes=_notes(found),
    )


def capture_of(found: dict[str, Any]) -> Capture:
    """Read a captured payment."""
    currency = str(found.get("currency") or "").upper()
    return Capture(str(found.get("id")), int(found.get("amount") or 0), currency, _notes(found))


def refund_of(found: dict[str, Any]) -> Refund:
    """Read a refund in the words that all gateways share."""
    return Refund(
        refund_id=str(found.get("id")),
        status=_STATES.get(str(found.get("status")), "pending"),
        amount_minor=int(found.get("amount") or 0),
        currency=str(found.get("currency") or "").upper(),
        payment_intent=found.get("payment_id"),
        metadata=_notes(found),
    )


def _notes(found: dict[str, Any]) -> dict[str, str]:
    notes = found.get("notes")
    return {str(name): str(value) for name, value in notes.items()} if isinstance(notes, dict) else {}
