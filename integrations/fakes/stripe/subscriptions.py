"""Subscriptions: begun at the pay page, renewed by the clock, changed, ended (STR-9, SB-8).

`due` plays what falls due in its order: trials end, periods renew, schedules bring their price, failed charges are
tried again. A card that is declined (`Invoices.cards`) makes a renewal past due, and a change is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from integrations.fakes.stripe import plan_objects
from integrations.fakes.stripe.checkout import merged
from integrations.fakes.stripe.door import Given
from integrations.fakes.stripe.invoices import Invoices
from integrations.fakes.stripe.listing import page
from integrations.fakes.stripe.objects import Object, shown
from integrations.fakes.stripe.proration import period_end
from integrations.fakes.stripe.refusal import StripeRefusal, no_such

if TYPE_CHECKING:
    from integrations.fakes.stripe.server import StripeFake

DAY = 86_400
UPCOMING = 7 * DAY
TRIAL_ENDS_SOON = 3 * DAY
_OVER = ("canceled", "incomplete_expired")


class Subscriptions:
    """The subscriptions of one account."""

    def __init__(self, stripe: StripeFake) -> None:
        self._stripe = stripe
        self.shelf = stripe.book.shelf("subscription")

    @property
    def _invoices(self) -> Invoices:
        return self._stripe.invoices

    # -- begun at the pay page -----------------------------------------------------------------------------------

    def begin(self, session: Object, *, paid: bool, card: bool) -> str:
        """Make what a Checkout Session sells; unpaid it is incomplete until `settle`. Return its id."""
        make, now, data = self._stripe.make_id, self._stripe.now(), session["_subscription_data"]
        customer = session["customer"] or self._stripe.payments.create_customer({})["id"]
        price, days = session["_price"], data.get("trial_period_days", 0)
        end = now + days * DAY if days else period_end(now, now, price["recurring"]["interval"])
        id = make("sub_1")
        trial = {"trial_start": now, "trial_end": end, "trial_settings": data.get("trial_settings")} if days else {}
        status = "trialing" if days else "active" if paid else "incomplete"
        facts = {
            "status": status, "customer": customer, "metadata": data.get("metadata", {}),
            "billing_cycle_anchor": end if days else now,
            "default_payment_method": make("pm_1") if card else None, **trial,
            "automatic_tax": {"disabled_reason": None, "enabled": session["automatic_tax"]["enabled"],
                              "liability": session["automatic_tax"]["liability"]},
        }  # fmt: skip
        item = plan_objects.item(make("si_", 14), id, now, price, now, end)
        made = plan_objects.subscription(id, now, self._stripe.livemode, item, facts)
        self.shelf.put(id, made, kind="subscription.created", status=status, metadata=made["metadata"])
        self._emit("created", id)
        lines = self._invoices.price_lines(price, now, end, session["_cut"]) if not days else []
        invoice = self._invoices.bill(made, lines, "subscription_create", charge=paid)
        self._change(id, {"latest_invoice": invoice["id"]})
        self._stripe.checkout.shelf.patch(
            session["id"], {"subscription": id, "customer": customer, "invoice": invoice["id"]}
        )
        return id

    def settle(self, id: str, *, paid: bool) -> None:
        """End a first payment that was under way."""
        if paid:
            self._invoices.attempt(self.shelf[id]["latest_invoice"])
        self._change(id, {"status": "active" if paid else "incomplete_expired"})

    # -- the API -------------------------------------------------------------------------------------------------

    def find(self, id: str, param: str = "id") -> Object:
        """Return a subscription; raise StripeRefusal when there is none."""
        found = self.shelf.get(id)
        if found is None:
            raise no_such("subscription", id, param)
        return found

    def retrieve(self, given: Given, id: str) -> Object:
        """Answer `GET /v1/subscriptions/{id}`."""
        return shown(self.find(id))

    def listing(self, given: Given) -> Object:
        """Answer `GET /v1/subscriptions`; canceled ones only when they are asked for."""
        status = given.get("status")
        found = [one for one in self.shelf if _fits(one["status"], status)]
        return page(found, given, "/v1/subscriptions", ("customer",))

    def update(self, given: Given, id: str) -> Object:
        """Answer `POST /v1/subscriptions/{id}`."""
        found = self.find(id)
        if found["status"] in _OVER:
            message = "A canceled subscription can only update its cancellation_details and metadata."
            raise StripeRefusal(message, stored=True)
        named = [name for name in ("cancel_at", "cancel_at_period_end") if name in given]
        if named and found["schedule"]:
            message = (
                f"The subscription is managed by the subscription schedule `{found['schedule']}`, and updating any "
                "cancelation behavior directly is not allowed."
            )
            raise StripeRefusal(message, param=named[0], stored=True)
        if len(named) > 1:
            message = "You may only specify one of these parameters: cancel_at, cancel_at_period_end."
            raise StripeRefusal(message, param=named[0])
        changes: dict[str, Any] = {"metadata": merged(found["metadata"], given.get("metadata"))}
        if "cancel_at_period_end" in given:
            changes |= self._ending(found, ends=given["cancel_at_period_end"])
        if "cancel_at" in given:
            changes |= self._ending_at(found, given["cancel_at"])
        if "trial_end" in given:
            changes |= self._moved_trial(found, given["trial_end"])
        if "items" in given:
            changes |= self._changed_price(found, given)
        self._change(id, changes)
        return shown(self.find(id))

    def _ending(self, found: Object, *, ends: bool) -> Object:
        """End with the period, or no more; an instant of its own is taken back by its own name only."""
        if not ends and not found["cancel_at_period_end"]:
            return {}
        at = found["items"]["data"][0]["current_period_end"] if ends else None
        return {"cancel_at_period_end": ends, "cancel_at": at, "canceled_at": self._stripe.now() if ends else None}

    def _ending_at(self, found: Object, at: int | str) -> Object:
        """End at an instant, as the newer billing mode and the portal set it: the flag of the period stays off."""
        if at == "":
            return {"cancel_at_period_end": False, "cancel_at": None, "canceled_at": None}
        if isinstance(at, str):
            at = int(found["items"]["data"][0]["current_period_end"])
        if at <= self._stripe.now():
            raise StripeRefusal("Invalid cancel_at: must be in the future.", param="cancel_at")
        return {"cancel_at_period_end": False, "cancel_at": at, "canceled_at": self._stripe.now()}

    def _moved_trial(self, found: Object, at: int) -> Object:
        if at <= self._stripe.now():
            raise StripeRefusal("Invalid trial_end: must be in the future.", param="trial_end")
        item = {**found["items"]["data"][0], "current_period_end": at}
        items = {**found["items"], "data": [item]}
        return {"trial_end": at, "billing_cycle_anchor": at, "status": "trialing", "items": items}

    def wanted(self, of: Object, items: list[Object] | None, param: str) -> Object:
        """Return the price that a request wants on the one item."""
        if not items or "price" not in items[0]:
            raise StripeRefusal(f"Missing required param: {param}.", code="parameter_missing", param=param)
        if items[0].get("id") != of["items"]["data"][0]["id"]:
            raise no_such("subscription_item", str(items[0].get("id")), f"{param}[0][id]")
        price = self._stripe.prices.recurring(items[0]["price"], f"{param}[0][price]")
        if price["currency"] != of["currency"]:
            raise StripeRefusal("You cannot combine currencies on a single customer.", param=f"{param}[0][price]")
        return price

    def _changed_price(self, found: Object, given: Given) -> Object:
        """Change the price; with `error_if_incomplete` a declined card changes nothing at all."""
        price, now = self.wanted(found, given["items"], "items"), self._stripe.now()
        at = given.get("proration_date", now)
        lines = self._invoices.change_lines(found, price, at) if given.get("proration_behavior") != "none" else []
        code = self._invoices.declines(found["customer"])
        if (
            code
            and sum(line["amount"] for line in lines) > 0
            and given.get("payment_behavior") == "error_if_incomplete"
        ):
            self._stripe.book.append("change.declined", subscription=found["id"], code=code)
            raise StripeRefusal("Your card was declined.", code=code, status=402, type="card_error", stored=True)
        item = {**found["items"]["data"][0], "price": price}
        changes: Object = {}
        if price["recurring"]["interval"] != found["items"]["data"][0]["price"]["recurring"]["interval"]:
            item |= {
                "current_period_start": at,
                "current_period_end": period_end(at, at, price["recurring"]["interval"]),
            }
            changes["billing_cycle_anchor"] = at
        changes["items"] = {**found["items"], "data": [item]}
        if lines:
            changes["latest_invoice"] = self._invoices.bill({**found, **changes}, lines, "subscription_update")["id"]
        self._stripe.book.append("subscription.changed", id=found["id"], price=price["lookup_key"])
        return changes

    def cancel(self, given: Given, id: str) -> Object:
        """Answer `DELETE /v1/subscriptions/{id}`."""
        found = self.find(id)
        if found["status"] in _OVER:
            raise no_such("subscription", id)
        self._end(id)
        return shown(self.find(id))

    # -- the clock -----------------------------------------------------------------------------------------------

    def moments(self) -> Iterator[int]:
        """Yield the instants at which something happens by itself."""
        for one in self.shelf:
            if one["status"] not in _OVER:
                yield from (at for at, _ in self._plan(one))

    def due(self) -> None:
        """Do what fell due, earliest first; each instant once."""
        now = self._stripe.now()
        for id in [one["id"] for one in self.shelf if one["status"] not in _OVER]:
            while True:
                one = self.shelf[id]
                steps = [step for step in self._plan(one) if step[0] <= now] if one["status"] not in _OVER else []
                if not steps:
                    break
                getattr(self, min(steps)[1])(one)

    def _plan(self, one: Object) -> list[tuple[int, str]]:
        end, done = one["items"]["data"][0]["current_period_end"], one.get("_announced")
        if one["status"] == "incomplete":
            return []
        steps = [(end, "_trial_over" if one["status"] == "trialing" else "_renew")]
        before = TRIAL_ENDS_SOON if one["status"] == "trialing" else UPCOMING
        ends = one["cancel_at"]
        if done != end and (ends is None or ends > end):
            steps.append((end - before, "_announce"))
        if ends is not None and not one["cancel_at_period_end"]:
            steps.append((ends, "_cancel_due"))
        invoice = self._invoices.shelf.get(one["latest_invoice"] or "")
        if invoice and invoice["status"] == "open" and invoice["next_payment_attempt"]:
            steps.append((invoice["next_payment_attempt"], "_retry"))
        return steps

    def _announce(self, one: Object) -> None:
        item = one["items"]["data"][0]
        self.shelf.patch(one["id"], {"_announced": item["current_period_end"]})
        if one["status"] == "trialing":
            self._emit("trial_will_end", one["id"])
            return
        facts = {"amount_due": item["price"]["unit_amount"], "number": None, "hosted_invoice_url": None}
        coming = plan_objects.invoice("upcoming", self._stripe.now(), self._stripe.livemode, one, facts)
        self._stripe.events.emit("invoice.upcoming", {**coming, "status": "draft"})

    def _trial_over(self, one: Object) -> None:
        """End a trial: without a card by cancelling where that was asked for, else as the first period that is paid."""
        ends = ((one["trial_settings"] or {}).get("end_behavior") or {}).get("missing_payment_method") == "cancel"
        if one["cancel_at_period_end"] or (ends and one["default_payment_method"] is None):
            self._end(one["id"])
        else:
            self._next_period(one)

    def _cancel_due(self, one: Object) -> None:
        self._end(one["id"])

    def _renew(self, one: Object) -> None:
        if one["cancel_at_period_end"]:
            self._end(one["id"])
        else:
            self._next_period(one)

    def _next_period(self, one: Object) -> None:
        item = one["items"]["data"][0]
        start: int = item["current_period_end"]
        price: Object = self._stripe.schedules.enter(one, start) or item["price"]
        changes: Object = {}
        if price["recurring"]["interval"] != item["price"]["recurring"]["interval"]:
            changes["billing_cycle_anchor"] = start
        anchor: int = changes.get("billing_cycle_anchor") or one["billing_cycle_anchor"]
        end = period_end(anchor, start, price["recurring"]["interval"])
        item = {**item, "price": price, "current_period_start": start, "current_period_end": end}
        changes["items"] = {**one["items"], "data": [item]}
        self.shelf.patch(one["id"], changes)
        lines = self._invoices.price_lines(price, start, end)
        invoice = self._invoices.bill(self.shelf[one["id"]], lines, "subscription_cycle")
        status = "active" if invoice["status"] == "paid" else "past_due"
        self._change(one["id"], {"latest_invoice": invoice["id"], "status": status})

    def _retry(self, one: Object) -> None:
        if self._invoices.attempt(one["latest_invoice"]):
            self._change(one["id"], {"status": "active"})

    # -- what people do, and tests -------------------------------------------------------------------------------

    def card(self, customer: str, declines: str | None) -> Object:
        """Let a customer's card be declined from now on, or work: then what is owed is paid at once."""
        self._invoices.cards.put(customer, {"id": customer, "declines": declines}, kind="card.changed")
        for one in [one for one in self.shelf if one["customer"] == customer and one["status"] not in _OVER]:
            if declines is None:
                self._change(one["id"], {"default_payment_method": self._stripe.make_id("pm_1")})
                if one["status"] in ("past_due", "unpaid"):
                    self._retry(self.shelf[one["id"]])
        return self._invoices.cards[customer]

    def set_status(self, id: str, status: str) -> Object:
        """Give a subscription a status, as an operator's hand or a new release of Stripe would."""
        self._change(id, {"status": status})
        return self.find(id)

    def _end(self, id: str) -> None:
        now = self._stripe.now()
        end = self.shelf[id]["items"]["data"][0]["current_period_end"]
        end = min(end, self.shelf[id]["cancel_at"] or end)
        self.shelf.patch(
            id, {"status": "canceled", "ended_at": min(now, end), "canceled_at": now}, kind="subscription.ended"
        )
        self._stripe.schedules.over(self.shelf[id])
        self._emit("deleted", id)

    def _change(self, id: str, changes: Object) -> None:
        self.shelf.patch(id, changes)
        self._emit("updated", id)

    def changed(self, id: str, changes: Object) -> None:
        """Change a subscription from another room, and tell it."""
        self._change(id, changes)

    def _emit(self, what: str, id: str) -> None:
        self._stripe.events.emit(f"customer.subscription.{what}", self.shelf[id])


def _fits(status: str, wanted: str | None) -> bool:
    match wanted:
        case None:
            return status != "canceled"
        case "all":
            return True
        case "ended":
            return status in _OVER
        case _:
            return status == wanted
