"""Stars in the Bot API's words: invoices, the answer to a checkout, subscriptions, refunds, transactions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.core.calls.outcome import Done, Outcome
from bot.core.calls.stars import (
    AnswerCheckout,
    EditStarSubscription,
    InvoiceLink,
    ListStars,
    MakeInvoiceLink,
    RefundStars,
    SendInvoice,
    StarTransaction,
    StarTransactions,
)
from bot.core.ports import Attempt, Perform
from integrations.http import Lost, Reply, unfinished
from integrations.telegram import errors

TITLE, DESCRIPTION, REASON = 32, 255, 200
PERIOD_SECONDS = 2_592_000
PAGE = 100
ALREADY = "charge_already_refunded"

Ask = Callable[[str, Mapping[str, Any]], Awaitable[Reply | Lost]]


class StarCalls:
    """The calls about Stars of one bot."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.calls: Mapping[type, Perform] = {
            SendInvoice: self._send,
            MakeInvoiceLink: self._link,
            AnswerCheckout: self._answer,
            EditStarSubscription: self._edit,
            RefundStars: self._refund,
            ListStars: self._list,
        }

    async def _send(self, call: SendInvoice, attempt: Attempt) -> Outcome:
        answer = await self._ask("sendInvoice", {"chat_id": call.chat_id, **_invoice(call)})
        return _read(answer, lambda result: None)

    async def _link(self, call: MakeInvoiceLink, attempt: Attempt) -> Outcome:
        answer = await self._ask("createInvoiceLink", {**_invoice(call), "subscription_period": PERIOD_SECONDS})
        return _read(answer, lambda result: InvoiceLink(str(result)))

    async def _answer(self, call: AnswerCheckout, attempt: Attempt) -> Outcome:
        fields: dict[str, Any] = {"pre_checkout_query_id": call.query_id, "ok": not call.refused}
        if call.refused:
            fields["error_message"] = call.refused[:REASON]
        return _read(await self._ask("answerPreCheckoutQuery", fields), lambda result: None)

    async def _edit(self, call: EditStarSubscription, attempt: Attempt) -> Outcome:
        fields = {
            "user_id": call.user_id,
            "telegram_payment_charge_id": call.charge_id,
            "is_canceled": call.is_canceled,
        }
        return _read(await self._ask("editUserStarSubscription", fields), lambda result: None)

    async def _refund(self, call: RefundStars, attempt: Attempt) -> Outcome:
        fields = {"user_id": call.user_id, "telegram_payment_charge_id": call.charge_id}
        answer = await self._ask("refundStarPayment", fields)
        if isinstance(answer, Reply) and errors.says(answer, ALREADY):
            return Done()
        return _read(answer, lambda result: None)

    async def _list(self, call: ListStars, attempt: Attempt) -> Outcome:
        answer = await self._ask("getStarTransactions", {"offset": call.offset, "limit": PAGE})
        return _read(answer, _transactions)


def _invoice(call: SendInvoice | MakeInvoiceLink) -> dict[str, Any]:
    """Return an invoice of exactly one line, in whole Stars, without a provider (TS-1)."""
    return {
        "title": call.title[:TITLE],
        "description": call.description[:DESCRIPTION],
        "payload": call.payload,
        "provider_token": "",
        "currency": "XTR",
        "prices": [{"label": call.title[:TITLE], "amount": call.stars}],
    }


def _read(answer: Reply | Lost, made: Callable[[Any], Any]) -> Outcome:
    if isinstance(answer, Lost):
        return unfinished(answer, harmless=True)
    record = answer.record() if answer.status == 200 else {}
    if record.get("ok") is not True or record.get("result") is None:
        return errors.outcome_of(answer, harmless=True)
    return Done(made(record["result"]))


def _transactions(result: Any) -> StarTransactions:
    raw = result.get("transactions", []) if isinstance(result, dict) else []
    items = [one for one in (_transaction(each) for each in raw if isinstance(each, dict)) if one is not None]
    return StarTransactions(items, len(raw))


def _transaction(raw: dict[str, Any]) -> StarTransaction | None:
    """Read a payment of a person or its way back; fees and withdrawals are nobody's."""
    came, went = raw.get("source"), raw.get("receiver")
    partner = came or went
    if not isinstance(partner, dict) or partner.get("type") != "user":
        return None
    user = (partner.get("user") or {}).get("id")
    payload = str(partner.get("invoice_payload") or "")
    amount, at = int(raw.get("amount") or 0), int(raw.get("date") or 0)
    return StarTransaction(str(raw.get("id")), amount, at, came is None, user, payload)
