"""Payment intents, charges, refunds, disputes and customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations.fakes.stripe import objects
from integrations.fakes.stripe.checkout import merged
from integrations.fakes.stripe.door import Given
from integrations.fakes.stripe.listing import page
from integrations.fakes.stripe.objects import Object, shown
from integrations.fakes.stripe.refusal import StripeRefusal, no_such

if TYPE_CHECKING:
    from integrations.fakes.kit import Shelf
    from integrations.fakes.stripe.server import StripeFake


class Payments:
    """The money of one account."""

    def __init__(self, stripe: StripeFake) -> None:
        self._stripe, book = stripe, stripe.book
        self.intents, self.charges = book.shelf("payment_intent"), book.shelf("charge")
        self.refunds, self.disputes = book.shelf("refund"), book.shelf("dispute")
        self.customers = book.shelf("customer")

    # -- attempts to pay -----------------------------------------------------------------------------------------

    def expect(self, invoice: Object) -> str:
        """Open the intent by which an invoice will be paid, and return its id."""
        make = self._stripe.make_id
        intent_id = make("pi_3")
        facts = {
            "_intent_data": {},
            "id": None,
            "amount_total": invoice["amount_due"],
            "payment_method_types": ["card"],
        }
        facts |= {name: invoice[name] for name in ("currency", "customer", "livemode")}
        made = objects.intent(intent_id, self._stripe.now(), facts, make(f"{intent_id}_secret_"))
        self.intents.put(intent_id, made, kind="payment_intent.created")
        self._stripe.events.emit("payment_intent.created", made)
        return intent_id

    def charge(self, intent_id: str, declines: str | None) -> None:
        """Charge the card on file for an invoice's intent; `declines` is the code of one that does not work."""
        charge_id = self._charge(intent_id, "card")
        if declines is None:
            self.succeed(intent_id, charge_id)
        else:
            self.fail(intent_id, charge_id, declines)

    def attempt(self, session: Object, method: str) -> tuple[str, str]:
        """Open (or reuse) the session's intent and make a pending charge; return both ids."""
        make, now = self._stripe.make_id, self._stripe.now()
        intent_id = session["payment_intent"]
        if intent_id is None:
            intent_id = make("pi_3")
            made = objects.intent(intent_id, now, session, make(f"{intent_id}_secret_"))
            self.intents.put(intent_id, made, kind="payment_intent.created")
            self._stripe.checkout.link_intent(session["id"], intent_id)
            self._stripe.events.emit("payment_intent.created", made)
        return intent_id, self._charge(intent_id, method)

    def _charge(self, intent_id: str, method: str) -> str:
        make, now = self._stripe.make_id, self._stripe.now()
        ids = {"method": make("pm_1")}
        charge = objects.charge(make("ch_3"), now, self.intents[intent_id], method, ids)
        self.charges.put(charge["id"], charge, kind="charge.attempted")
        changes = {"latest_charge": charge["id"], "payment_method": ids["method"], "last_payment_error": None}
        self.intents.patch(intent_id, changes)
        return str(charge["id"])

    def succeed(self, intent_id: str, charge_id: str) -> None:
        """Let the charge go through."""
        charge, intent = self.charges[charge_id], self.intents[intent_id]
        done = {
            "status": "succeeded",
            "paid": True,
            "captured": True,
            "amount_captured": charge["amount"],
            "balance_transaction": self._stripe.make_id("txn_3"),
            "receipt_url": f"{self._stripe.public_url}/receipts/{charge_id}",
            "outcome": {
                "network_status": "approved_by_network",
                "type": "authorized",
                "seller_message": "Payment complete.",
            },
        }
        facts = {"amount": charge["amount"], "payment_intent": intent_id, "metadata": intent["metadata"]}
        self.charges.patch(charge_id, done, kind="charge.succeeded", session=intent["_session"], **facts)
        self.intents.patch(intent_id, {"status": "succeeded", "amount_received": intent["amount"]})
        self._stripe.events.emit("charge.succeeded", self.charges[charge_id])
        self._stripe.events.emit("payment_intent.succeeded", self.intents[intent_id])

    def wait(self, intent_id: str, charge_id: str) -> None:
        """Leave the charge pending, as bank debits are for days."""
        self.intents.patch(intent_id, {"status": "processing"})
        self._stripe.events.emit("charge.pending", self.charges[charge_id])
        self._stripe.events.emit("payment_intent.processing", self.intents[intent_id])

    def fail(self, intent_id: str, charge_id: str, code: str) -> None:
        """Decline the charge; the intent can be tried again."""
        message = "Your card was declined." if code == "card_declined" else "The payment failed."
        changes = {"status": "failed", "failure_code": code, "failure_message": message}
        self.charges.patch(charge_id, changes, kind="charge.failed", payment_intent=intent_id)
        error = {"type": "card_error", "code": code, "message": message, "charge": charge_id}
        self.intents.patch(intent_id, {"status": "requires_payment_method", "last_payment_error": error})
        self._stripe.events.emit("charge.failed", self.charges[charge_id])
        self._stripe.events.emit("payment_intent.payment_failed", self.intents[intent_id])

    # -- refunds -------------------------------------------------------------------------------------------------

    def create_refund(self, given: Given) -> Object:
        """Answer `POST /v1/refunds`."""
        charge = self._refundable(given)
        left = charge["amount"] - charge["amount_refunded"]
        amount = given.get("amount", left)
        if left == 0:
            message = f"Charge {charge['id']} has already been refunded."
            raise StripeRefusal(message, code="charge_already_refunded", stored=True)
        if amount > left:
            message = (
                f"Refund amount (${amount / 100:.2f}) is greater than unrefunded amount on charge (${left / 100:.2f})"
            )
            raise StripeRefusal(message, param="amount", stored=True)
        return self._refund(charge, {**given, "amount": amount})

    def _refund(self, charge: Object, given: Given) -> Object:
        make = self._stripe.make_id
        refund = objects.refund(make("re_3"), self._stripe.now(), charge, given, make("txn_3"))
        refund["status"] = self._stripe.refund_status
        facts = {"amount": given["amount"], "payment_intent": charge["payment_intent"]}
        self.refunds.put(refund["id"], refund, kind="refund.created", **facts)
        self._add_refunded(charge["id"], given["amount"])
        self._stripe.events.emit("refund.created", refund)
        self._stripe.events.emit("charge.refunded", self.charges[charge["id"]])
        self._stripe.events.emit("refund.updated", refund)
        return refund

    def _add_refunded(self, charge_id: str, amount: int) -> None:
        charge = self.charges[charge_id]
        refunded = charge["amount_refunded"] + amount
        changes = {"amount_refunded": refunded, "refunded": refunded == charge["amount"]}
        self.charges.patch(charge_id, changes)

    def _refundable(self, given: Given) -> Object:
        if ("payment_intent" in given) == ("charge" in given):
            message = "You must provide either `payment_intent` or `charge`, and not both."
            raise StripeRefusal(message, code="parameter_missing", param="payment_intent")
        if "charge" in given:
            charge = self.charges.get(given["charge"])
            if charge is None:
                raise no_such("charge", given["charge"], "charge")
        else:
            charge = self._charge_of(given["payment_intent"])
        if charge["status"] != "succeeded":
            message = f"Charge {charge['id']} has not succeeded and cannot be refunded."
            raise StripeRefusal(message, code="charge_not_refundable", stored=True)
        if charge["disputed"] and not given.get("_"):
            raise StripeRefusal(
                f"Charge {charge['id']} has been charged back; cannot issue a refund.",
                code="charge_disputed",
                stored=True,
            )
        return charge

    def _charge_of(self, intent_id: str) -> Object:
        intent = self.intents.get(intent_id)
        if intent is None:
            raise no_such("payment_intent", intent_id, "payment_intent")
        charge = self.charges.get(intent["latest_charge"] or "")
        if charge is None:
            message = f"This PaymentIntent ({intent_id}) does not have a successful charge to refund."
            raise StripeRefusal(message, code="payment_intent_unexpected_state", stored=True)
        return charge

    def set_refund(self, id: str, status: str) -> Object:
        """Move a refund on (`pending`, `succeeded`, `failed`, `canceled`), as the bank does later."""
        refund = self._one(self.refunds, "refund", id)
        undone = ("failed", "canceled")
        if status in undone and refund["status"] not in undone:
            self._add_refunded(refund["charge"], -refund["amount"])
        changes: Object = {"status": status}
        if status == "failed":
            changes |= {
                "failure_reason": "lost_or_stolen_card",
                "failure_balance_transaction": self._stripe.make_id("txn_3"),
            }
        self.refunds.patch(id, changes, kind=f"refund.{status}")
        self._stripe.events.emit("refund.updated", self.refunds[id])
        if status == "failed":
            self._stripe.events.emit("refund.failed", self.refunds[id])
        return self.refunds[id]

    # -- disputes ------------------------------------------------------------------------------------------------

    def open_dispute(self, payment: str, reason: str) -> Object:
        """Let the cardholder dispute a charge, named by its own id or its intent's."""
        charge = self.charges.get(payment) or self._charge_of(payment)
        if charge["status"] != "succeeded" or charge["disputed"]:
            raise StripeRefusal(f"Charge {charge['id']} cannot be disputed.")
        dispute = objects.dispute(self._stripe.make_id("du_1"), self._stripe.now(), charge, reason)
        facts = {"charge": charge["id"], "payment_intent": charge["payment_intent"]}
        self.disputes.put(dispute["id"], dispute, kind="dispute.created", **facts)
        self.charges.patch(charge["id"], {"disputed": True})
        self._stripe.events.emit("charge.dispute.created", dispute)
        self._stripe.events.emit("charge.dispute.funds_withdrawn", dispute)
        return dispute

    def close_dispute(self, id: str, status: str) -> Object:
        """End a dispute as `won` or `lost`."""
        self._one(self.disputes, "dispute", id)
        self.disputes.patch(id, {"status": status}, kind=f"dispute.{status}")
        self._stripe.events.emit("charge.dispute.closed", self.disputes[id])
        if status == "won":
            self._stripe.events.emit("charge.dispute.funds_reinstated", self.disputes[id])
        return self.disputes[id]

    # -- reading and small writes --------------------------------------------------------------------------------

    def _one(self, shelf: Shelf, sort: str, id: str) -> Object:
        found = shelf.get(id)
        if found is None:
            raise no_such(sort, id)
        return found

    def retrieve_intent(self, given: Given, id: str) -> Object:
        """Answer `GET /v1/payment_intents/{id}`."""
        return shown(self._one(self.intents, "payment_intent", id))

    def update_intent(self, given: Given, id: str) -> Object:
        """Answer `POST /v1/payment_intents/{id}`."""
        found = self._one(self.intents, "payment_intent", id)
        changes = {"metadata": merged(found["metadata"], given.get("metadata"))}
        self.intents.patch(id, changes | ({"description": given["description"]} if "description" in given else {}))
        return self.retrieve_intent(given, id)

    def list_intents(self, given: Given) -> Object:
        """Answer `GET /v1/payment_intents`."""
        return page(self.intents, given, "/v1/payment_intents", ("customer",))

    def retrieve_charge(self, given: Given, id: str) -> Object:
        """Answer `GET /v1/charges/{id}`."""
        return shown(self._one(self.charges, "charge", id))

    def list_charges(self, given: Given) -> Object:
        """Answer `GET /v1/charges`."""
        return page(self.charges, given, "/v1/charges", ("customer", "payment_intent", "transfer_group"))

    def retrieve_refund(self, given: Given, id: str) -> Object:
        """Answer `GET /v1/refunds/{id}`."""
        return shown(self._one(self.refunds, "refund", id))

    def update_refund(self, given: Given, id: str) -> Object:
        """Answer `POST /v1/refunds/{id}`."""
        found = self._one(self.refunds, "refund", id)
        self.refunds.patch(id, {"metadata": merged(found["metadata"], given.get("metadata"))})
        return self.retrieve_refund(given, id)

    def list_refunds(self, given: Given) -> Object:
        """Answer `GET /v1/refunds`."""
        return page(self.refunds, given, "/v1/refunds", ("charge", "payment_intent"))

    def retrieve_dispute(self, given: Given, id: str) -> Object:
        """Answer `GET /v1/disputes/{id}`."""
        return shown(self._one(self.disputes, "dispute", id))

    def list_disputes(self, given: Given) -> Object:
        """Answer `GET /v1/disputes`."""
        return page(self.disputes, given, "/v1/disputes", ("charge", "payment_intent"))

    def create_customer(self, given: Given) -> Object:
        """Answer `POST /v1/customers`."""
        made = objects.customer(self._stripe.make_id("cus_", 14), self._stripe.now(), self._stripe.livemode, given)
        self.customers.put(made["id"], made, kind="customer.created")
        self._stripe.events.emit("customer.created", made)
        return shown(made)

    def retrieve_customer(self, given: Given, id: str) -> Object:
        """Answer `GET /v1/customers/{id}`."""
        return shown(self._one(self.customers, "customer", id))

    def update_customer(self, given: Given, id: str) -> Object:
        """Answer `POST /v1/customers/{id}`."""
        found = self._one(self.customers, "customer", id)
        changes = {name: value for name, value in given.items() if name not in ("expand", "metadata")}
        self.customers.patch(id, {**changes, "metadata": merged(found["metadata"], given.get("metadata"))})
        self._stripe.events.emit("customer.updated", self.customers[id])
        return self.retrieve_customer(given, id)

    def delete_customer(self, given: Given, id: str) -> Object:
        """Answer `DELETE /v1/customers/{id}`."""
        found = self._one(self.customers, "customer", id)
        self.customers.drop(id, kind="customer.deleted")
        self._stripe.events.emit("customer.deleted", found)
        return {"id": id, "object": "customer", "deleted": True}

    def list_customers(self, given: Given) -> Object:
        """Answer `GET /v1/customers`."""
        return page(self.customers, given, "/v1/customers", ("email", "test_clock"))
