"""Subscription schedules, as far as one of them brings another price at the end of the period that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations.fakes.stripe import plan_objects
from integrations.fakes.stripe.checkout import merged
from integrations.fakes.stripe.door import Given
from integrations.fakes.stripe.listing import page
from integrations.fakes.stripe.objects import Object
from integrations.fakes.stripe.proration import period_end
from integrations.fakes.stripe.refusal import StripeRefusal, no_such

if TYPE_CHECKING:
    from integrations.fakes.stripe.server import StripeFake


class Schedules:
    """The schedules of one account."""

    def __init__(self, stripe: StripeFake) -> None:
        self._stripe = stripe
        self.shelf = stripe.book.shelf("schedule")

    def create(self, given: Given) -> Object:
        """Answer `POST /v1/subscription_schedules`: only those made from a subscription."""
        if "from_subscription" not in given or "phases" in given:
            raise StripeRefusal("This fake makes schedules from subscriptions only.", param="from_subscription")
        of = self._stripe.subscriptions.find(given["from_subscription"], "from_subscription")
        if of["schedule"]:
            message = f"You cannot migrate a subscription that is already attached to a schedule: {of['schedule']}"
            raise StripeRefusal(message, param="from_subscription", stored=True)
        if of["status"] not in ("active", "trialing", "past_due") or of["cancel_at"] is not None:
            raise StripeRefusal("The subscription cannot be scheduled: it is ending.", stored=True)
        id = self._stripe.make_id("sub_sched_1")
        made = plan_objects.schedule(id, self._stripe.now(), self._stripe.livemode, of)
        self.shelf.put(id, made, kind="schedule.created", subscription=of["id"])
        self._stripe.events.emit("subscription_schedule.created", made)
        self._stripe.subscriptions.changed(of["id"], {"schedule": id})
        return made

    def update(self, given: Given, id: str) -> Object:
        """Answer `POST /v1/subscription_schedules/{id}`: the phase that runs must stay as it is."""
        found = self._live(id)
        changes: Object = {"metadata": merged(found["metadata"], given.get("metadata"))}
        if "end_behavior" in given:
            changes["end_behavior"] = given["end_behavior"]
        if "phases" in given:
            changes["phases"] = self._phases(found, given["phases"])
        self.shelf.patch(id, changes, kind="schedule.updated", subscription=found["subscription"])
        self._stripe.events.emit("subscription_schedule.updated", self.shelf[id])
        self._stripe.subscriptions.changed(found["subscription"], {})
        return self.shelf[id]

    def _phases(self, found: Object, given: list[Object]) -> list[Object]:
        start, made = found["current_phase"]["start_date"], []
        if given[0].get("start_date") != start:
            message = "You can not modify the start date of the current phase."
            raise StripeRefusal(message, param="phases[0][start_date]", stored=True)
        for n, phase in enumerate(given):
            price = self._stripe.prices.recurring(phase["items"][0].get("price", ""), f"phases[{n}][items][0][price]")
            if "end_date" not in phase and "duration" not in phase:
                message = "You must specify either `end_date` or `duration`."
                raise StripeRefusal(message, code="parameter_missing", param=f"phases[{n}][end_date]")
            end = phase.get("end_date") or period_end(start, start, price["recurring"]["interval"])
            made.append({**phase, "metadata": {}, "start_date": start, "end_date": end})
            start = end
        return made

    def release(self, given: Given, id: str) -> Object:
        """Answer `POST /v1/subscription_schedules/{id}/release`."""
        found = self._live(id)
        self._close(found, "released")
        self._stripe.subscriptions.changed(found["subscription"], {"schedule": None})
        return self.shelf[id]

    def retrieve(self, given: Given, id: str) -> Object:
        """Answer `GET /v1/subscription_schedules/{id}`."""
        found = self.shelf.get(id)
        if found is None:
            raise no_such("subscription_schedule", id)
        return found

    def list(self, given: Given) -> Object:
        """Answer `GET /v1/subscription_schedules`."""
        return page(self.shelf, given, "/v1/subscription_schedules", ("customer",))

    def enter(self, of: Object, at: int) -> Object | None:
        """Return the price that a schedule brings a subscription at an instant; None when it brings none."""
        found = self.shelf.get(of["schedule"] or "")
        if found is None or found["status"] != "active":
            return None
        phase = next((one for one in found["phases"] if one["start_date"] == at), None)
        if phase is None:
            self._close(found, "released")
            self._stripe.subscriptions.shelf.patch(of["id"], {"schedule": None})
            return None
        self.shelf.patch(found["id"], {"current_phase": {name: phase[name] for name in ("start_date", "end_date")}})
        price: Object = self._stripe.prices.shelf[phase["items"][0]["price"]]
        return price

    def over(self, of: Object) -> None:
        """End the schedule of a subscription that ended."""
        found = self.shelf.get(of["schedule"] or "")
        if found is not None and found["status"] == "active":
            self._close(found, "canceled")

    def _close(self, found: Object, status: str) -> None:
        self.shelf.patch(
            found["id"], {"status": status, "subscription": found["subscription"]}, kind=f"schedule.{status}"
        )
        self._stripe.events.emit(f"subscription_schedule.{status}", self.shelf[found["id"]])

    def _live(self, id: str) -> Object:
        found = self.retrieve({}, id)
        if found["status"] not in ("active", "not_started"):
            message = f"You cannot change a subscription schedule that is {found['status']}."
            raise StripeRefusal(message, stored=True)
        return found
