"""Events: kept for 30 days, listed, and sent as webhooks signed like Stripe's."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from integrations.fakes.kit import DAYS_3, Hook, Webhooks
from integrations.fakes.stripe.door import API_VERSION, Given
from integrations.fakes.stripe.listing import page
from integrations.fakes.stripe.objects import Object, shown
from integrations.fakes.stripe.refusal import no_such

if TYPE_CHECKING:
    from integrations.fakes.stripe.server import StripeFake

KEPT_FOR = timedelta(days=30)


def sign(secret: str, body: str, at: datetime) -> str:
    """Return a `Stripe-Signature` header: hex HMAC-SHA256 of `t.body` under the whole `whsec_` secret."""
    moment = int(at.timestamp())
    return f"t={moment},v1={hmac.new(secret.encode(), f'{moment}.{body}'.encode(), hashlib.sha256).hexdigest()}"


class Events:
    """The events of one account."""

    def __init__(self, stripe: StripeFake, target: str | None, secret: str) -> None:
        self._stripe, self._secret = stripe, secret
        self.shelf = stripe.book.shelf("event")
        self.endpoints = stripe.book.shelf("webhook_endpoint")
        self.hooks = Webhooks(stripe, self._sign, target=target, schedule=DAYS_3)

    def _sign(self, hook: Hook, at: datetime) -> Mapping[str, str]:
        secret = hook.details.get("secret") or self._secret
        headers = {"User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)"}
        return {**headers, "Stripe-Signature": sign(secret, hook.body, at)} if secret else headers

    def emit(self, type: str, about: Object, previous: Object | None = None) -> None:
        """Make an event of an object as it now is, and queue it for every endpoint that wants it."""
        targets = self._targets(type)
        event: Object = {
            "id": self._stripe.make_id("evt_1"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self._stripe.now(),
            "data": {"object": shown(about), **({"previous_attributes": previous} if previous else {})},
            "livemode": self._stripe.livemode,
            "pending_webhooks": len(targets),
            "request": {"id": None, "idempotency_key": self._stripe.idempotency_key},
            "type": type,
        }
        self.shelf.put(event["id"], event, kind="event.made", type=type, about=about["id"])
        body = json.dumps(event, indent=2, ensure_ascii=False)
        for url, secret in targets:
            self.hooks.send(event["id"], type, body, url=url, details={"secret": secret})

    def _targets(self, type: str) -> list[tuple[str, str]]:
        targets = [(self.hooks.target, self._secret)] if self.hooks.target else []
        for endpoint in self.endpoints:
            wants = endpoint["enabled_events"]
            if endpoint["status"] == "enabled" and ("*" in wants or type in wants):
                targets.append((endpoint["url"], endpoint["_secret"]))
        return targets

    # -- the API -------------------------------------------------------------------------------------------------

    def list(self, given: Given) -> Object:
        """Answer `GET /v1/events`."""
        oldest = self._stripe.now() - int(KEPT_FOR.total_seconds())
        types = set(given.get("types", [])) | ({given["type"]} if "type" in given else set())
        events = [e for e in self.shelf if e["created"] >= oldest and (not types or _matches(e["type"], types))]
        return page(events, given, "/v1/events")

    def retrieve(self, given: Given, id: str) -> Object:
        """Answer `GET /v1/events/{id}`."""
        found = self.shelf.get(id)
        if found is None:
            raise no_such("event", id)
        return found

    def create_endpoint(self, given: Given) -> Object:
        """Answer `POST /v1/webhook_endpoints`; only this answer shows the secret."""
        id, secret = self._stripe.make_id("we_1"), self._stripe.make_id("whsec_", 32)
        endpoint: dict[str, Any] = {
            "id": id,
            "object": "webhook_endpoint",
            "api_version": given.get("api_version"),
            "application": None,
            "created": self._stripe.now(),
            "description": given.get("description"),
            "enabled_events": given["enabled_events"],
            "livemode": self._stripe.livemode,
            "metadata": given.get("metadata", {}),
            "status": "enabled",
            "url": given["url"],
            "_secret": secret,
        }
        self.endpoints.put(id, endpoint, kind="webhook_endpoint.created")
        return {**shown(endpoint), "secret": secret}

    def list_endpoints(self, given: Given) -> Object:
        """Answer `GET /v1/webhook_endpoints`."""
        return page(self.endpoints, given, "/v1/webhook_endpoints")

    def retrieve_endpoint(self, given: Given, id: str) -> Object:
        """Answer `GET /v1/webhook_endpoints/{id}`."""
        found = self.endpoints.get(id)
        if found is None:
            raise no_such("webhook endpoint", id)
        return shown(found)

    def update_endpoint(self, given: Given, id: str) -> Object:
        """Answer `POST /v1/webhook_endpoints/{id}`."""
        self.retrieve_endpoint(given, id)
        changes: dict[str, Any] = {
            name: given[name] for name in ("description", "enabled_events", "metadata", "url") if name in given
        }
        if "disabled" in given:
            changes["status"] = "disabled" if given["disabled"] else "enabled"
        self.endpoints.patch(id, changes)
        return self.retrieve_endpoint(given, id)

    def delete_endpoint(self, given: Given, id: str) -> Object:
        """Answer `DELETE /v1/webhook_endpoints/{id}`."""
        self.retrieve_endpoint(given, id)
        self.endpoints.drop(id, kind="webhook_endpoint.deleted")
        return {"id": id, "object": "webhook_endpoint", "deleted": True}


def _matches(type: str, wanted: set[str]) -> bool:
    return any(type == name or (name.endswith("*") and type.startswith(name[:-1])) for name in wanted)
