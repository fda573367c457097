"""The hosted pay page of a session, and the doors by which tests pay without a browser.

A person sees what is charged, and pays, is declined, or goes back. `POST /_pay/{session}` and its siblings do the same
with JSON and answer with the session.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from integrations.fakes.kit import Handler, reply
from integrations.fakes.stripe.objects import Object, shown
from integrations.fakes.stripe.refusal import StripeRefusal

if TYPE_CHECKING:
    from integrations.fakes.stripe.server import StripeFake

_STYLE = (Path(__file__).parent / "pay.css").read_text(encoding="utf-8")

_BUTTONS = (
    ("pay", "Pay by card", "main"),
    ("bank", "Pay by bank debit (arrives days later)", ""),
    ("decline", "Try a card that is declined", ""),
    ("abandon", "Go back without paying", ""),
)
_TRIAL = ("trial", "Begin the trial without a card", "main")


class PayPage:
    """The pages and doors of one StripeFake."""

    def __init__(self, stripe: StripeFake) -> None:
        self._stripe = stripe
        stripe.page("GET", "/c/pay/{session}", self.show)
        stripe.page("POST", "/c/pay/{session}/{choice}", self.choose)
        for path, act in self._doors().items():
            stripe.page("POST", path, self._door(act))

    # -- for people ----------------------------------------------------------------------------------------------

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Show a session, or why it cannot be paid."""
        self._stripe.expire_due()
        session = self._stripe.checkout.shelf.get(request.match_info["session"])
        if session is None:
            return framed("<h1>Not found</h1><p>There is no such payment.</p>", 404)
        if session["status"] == "complete":
            return framed("<h1>Thank you</h1><p>This payment is complete.</p>", 410)
        if session["status"] == "expired":
            return framed("<h1>Expired</h1><p>This payment link has expired.</p>", 410)
        return framed(_open_page(session, request.query.get("declined") is not None))

    async def choose(self, request: web.Request) -> web.StreamResponse:
        """Take the button that was pressed and send the browser on."""
        session, choice = request.match_info["session"], request.match_info["choice"]
        try:
            found = self._stripe.checkout.find(session)
            match choice:
                case "pay":
                    self._stripe.pay(session)
                case "trial":
                    self._stripe.pay(session, "none")
                case "bank":
                    self._stripe.pay(session, "us_bank_account")
                case "decline":
                    self._stripe.decline(session)
                    raise web.HTTPSeeOther(f"/c/pay/{session}?declined=1")
                case "abandon":
                    self._stripe.book.append("session.abandoned", id=session)
                    raise web.HTTPSeeOther(found["cancel_url"] or f"/c/pay/{session}")
                case _:
                    return framed("<h1>Not found</h1>", 404)
        except StripeRefusal as refusal:
            return framed(f"<h1>Not possible</h1><p>{escape(refusal.message)}</p>", 409)
        raise web.HTTPSeeOther((found["success_url"] or f"/c/pay/{session}").replace("{CHECKOUT_SESSION_ID}", session))

    # -- for tests -----------------------------------------------------------------------------------------------

    def _doors(self) -> dict[str, Callable[[str, dict[str, Any]], Any]]:
        stripe = self._stripe
        return {
            "/_pay/{id}": lambda id, given: stripe.pay(id, **_payment(given)),
            "/_decline/{id}": lambda id, given: stripe.decline(id, **given),
            "/_settle/{id}": lambda id, given: stripe.settle(id, **given),
            "/_expire/{id}": lambda id, given: stripe.checkout.expire({}, id),
            "/_dispute/{id}": lambda id, given: stripe.payments.open_dispute(id, given.get("reason", "fraudulent")),
            "/_close_dispute/{id}": lambda id, given: stripe.payments.close_dispute(id, given.get("status", "lost")),
            "/_card/{id}": lambda id, given: stripe.subscriptions.card(id, given.get("declines")),
            "/_subscription/{id}": lambda id, given: stripe.subscriptions.set_status(id, given["status"]),
            "/_refund/{id}": lambda id, given: stripe.payments.set_refund(id, given.get("status", "failed")),
        }

    def _door(self, act: Callable[[str, dict[str, Any]], Any]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            id, body = request.match_info["id"], await request.read()
            try:
                made = act(id, json.loads(body) if body else {})
            except StripeRefusal as refusal:
                return reply(refusal.body(), 404 if refusal.status == 404 else 409)
            except (ValueError, TypeError, KeyError) as error:
                return reply({"error": {"message": str(error)}}, 400)
            return reply(shown(made or self._stripe.checkout.find(id)))

        return handle


def _payment(given: dict[str, Any]) -> dict[str, Any]:
    seconds = given.pop("after_seconds", None)
    return given if seconds is None else {**given, "after": timedelta(seconds=seconds)}


def _open_page(session: Object, declined: bool) -> str:
    lines = "".join(_line(line, session) for line in session["_lines"])
    error = '<p class="error" role="alert">Your card was declined. You can try again.</p>' if declined else ""
    buttons = "".join(
        f'<form method="post" action="/c/pay/{session["id"]}/{choice}"><button class="{look}">{label}</button></form>'
        for choice, label, look in ((_TRIAL, *_BUTTONS) if session["amount_total"] == 0 else _BUTTONS)
    )
    note = '<p class="note">A stand-in for Stripe Checkout: no card is needed and no money moves.</p>'
    return f"<h1>{_money(session['amount_total'], session)}</h1><dl>{lines}</dl>{error}{buttons}{note}"


def _line(line: Object, session: Object) -> str:
    what = f"<dt>{escape(line['description'])}{_times(line['quantity'])}</dt>"
    return f"<div>{what}<dd>{_money(line['amount_total'], session)}</dd></div>"


def _times(quantity: int) -> str:
    return f" × {quantity}" if quantity > 1 else ""


def _money(minor: int, session: Object) -> str:
    code = session["currency"].upper()
    return f"${minor / 100:,.2f}" if code == "USD" else f"{minor / 100:,.2f} {code}"


def framed(inside: str, status: int = 200) -> web.Response:
    """Return a page of the stand-in."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>Pay (demo)</title>"
    )
    body = f'<main><span class="badge">TEST MODE</span>{inside}</main>'
    text = f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head><body>{body}</body></html>'
    return web.Response(text=text, status=status, content_type="text/html")
