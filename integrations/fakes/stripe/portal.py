"""The customer portal: a page for one visit, on which a card can be changed."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from aiohttp import web

from integrations.fakes.stripe import plan_objects
from integrations.fakes.stripe.door import Given
from integrations.fakes.stripe.objects import Object, shown
from integrations.fakes.stripe.refusal import StripeRefusal, no_such

if TYPE_CHECKING:
    from integrations.fakes.stripe.server import StripeFake

_NEEDS = ("subscription_cancel", "subscription_update", "subscription_update_confirm")


class Portal:
    """The portal sessions of one account."""

    def __init__(self, stripe: StripeFake) -> None:
        self._stripe = stripe
        self.shelf = stripe.book.shelf("portal")
        stripe.page("GET", "/b/{id}", self.show)
        stripe.page("POST", "/b/{id}/{card}", self.choose)

    def create(self, given: Given) -> Object:
        """Answer `POST /v1/billing_portal/sessions`."""
        if given["customer"] not in self._stripe.payments.customers:
            raise no_such("customer", given["customer"], "customer")
        flow = given.get("flow_data", {})
        if flow.get("type") in _NEEDS and flow["type"] not in flow:
            name = f"flow_data[{flow['type']}]"
            raise StripeRefusal(f"Missing required param: {name}.", code="parameter_missing", param=name)
        id = self._stripe.make_id("bps_1")
        url = f"{self._stripe.public_url}/b/{id}"
        made = plan_objects.portal(id, self._stripe.now(), self._stripe.livemode, given, url)
        self.shelf.put(id, made, kind="portal.created", customer=given["customer"])
        return shown(made)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Show the page to the first who comes; a second visit is refused."""
        from integrations.fakes.stripe.paypage import framed

        found = self.shelf.get(request.match_info["id"])
        if found is None or found["_used"]:
            return framed("<h1>This page can be opened once</h1><p>Ask for a new link in your chat.</p>", 410)
        self.shelf.patch(found["id"], {"_used": True})
        owned = [one for one in self._stripe.invoices.shelf if one["customer"] == found["customer"]]
        rows = "".join(f"<div><dt>{escape(one['number'])}</dt><dd>{one['status']}</dd></div>" for one in owned)
        buttons = "".join(
            f'<form method="post" action="/b/{found["id"]}/{card}"><button>{label}</button></form>'
            for card, label in (("good", "Use a card that works"), ("bad", "Use a card that is declined"))
        )
        return framed(f"<h1>Your plan</h1><dl>{rows}</dl>{buttons}")

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """Take the card that was chosen and send the browser back."""
        found = self.shelf.get(request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound
        declines = None if request.match_info["card"] == "good" else "card_declined"
        self._stripe.subscriptions.card(found["customer"], declines)
        raise web.HTTPSeeOther(found["return_url"] or "/")
