"""Prices and the products that are made with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations.fakes.stripe import plan_objects
from integrations.fakes.stripe.checkout import merged
from integrations.fakes.stripe.door import Given
from integrations.fakes.stripe.listing import page
from integrations.fakes.stripe.objects import Object
from integrations.fakes.stripe.refusal import StripeRefusal, no_such

if TYPE_CHECKING:
    from integrations.fakes.stripe.server import StripeFake


class Prices:
    """The prices of one account; a lookup key names one of them."""

    def __init__(self, stripe: StripeFake) -> None:
        self._stripe = stripe
        self.shelf, self.products = stripe.book.shelf("price"), stripe.book.shelf("product")

    def create(self, given: Given) -> Object:
        """Answer `POST /v1/prices`."""
        if ("product" in given) == ("product_data" in given):
            message = "You must specify either `product` or `product_data` when creating a price."
            raise StripeRefusal(message, code="parameter_missing", param="product")
        if "product" in given and given["product"] not in self.products:
            raise no_such("product", given["product"], "product")
        if "unit_amount" not in given:
            raise StripeRefusal("Missing required param: unit_amount.", code="parameter_missing", param="unit_amount")
        key = given.get("lookup_key")
        taken = next((one for one in self.shelf if key and one["lookup_key"] == key), None)
        if taken is not None:
            message = f"A price (`{taken['id']}`) already uses that lookup key."
            raise StripeRefusal(message, param="lookup_key", stored=True)
        product = given.get("product") or self._product(given["product_data"])
        made = plan_objects.price(
            self._stripe.make_id("price_1"), self._stripe.now(), self._stripe.livemode, given, product
        )
        self.shelf.put(made["id"], made, kind="price.created", lookup_key=key)
        self._stripe.events.emit("price.created", made)
        return made

    def _product(self, given: Given) -> str:
        id = given.get("id") or self._stripe.make_id("prod_", 14)
        if id in self.products:
            raise StripeRefusal(
                f"Product already exists: {id}", code="resource_already_exists", param="product_data[id]"
            )
        self.products.put(id, {"id": id, "object": "product", "active": True, "name": given["name"]})
        return str(id)

    def list(self, given: Given) -> Object:
        """Answer `GET /v1/prices`."""
        keys = given.get("lookup_keys")
        found = [one for one in self.shelf if keys is None or one["lookup_key"] in keys]
        return page(found, given, "/v1/prices", ("active", "currency", "product", "type"))

    def retrieve(self, given: Given, id: str) -> Object:
        """Answer `GET /v1/prices/{id}`."""
        return self.find(id, "id")

    def update(self, given: Given, id: str) -> Object:
        """Answer `POST /v1/prices/{id}`: how a price stands to tax is said once and never changed."""
        found = self.find(id, "id")
        wanted = given.get("tax_behavior", found["tax_behavior"])
        if found["tax_behavior"] not in ("unspecified", wanted):
            message = "You cannot change the tax_behavior of a price once it has been set to inclusive or exclusive."
            raise StripeRefusal(message, param="tax_behavior", stored=True)
        changes: Object = {name: given[name] for name in ("active", "nickname", "tax_behavior") if name in given}
        self.shelf.patch(id, {**changes, "metadata": merged(found["metadata"], given.get("metadata"))})
        self._stripe.events.emit("price.updated", self.shelf[id])
        return self.find(id, "id")

    def find(self, id: str, param: str) -> Object:
        """Return a price; raise StripeRefusal when there is none."""
        found = self.shelf.get(id)
        if found is None:
            raise no_such("price", id, param)
        return found

    def recurring(self, id: str, param: str) -> Object:
        """Return a price that recurs; raise StripeRefusal for any other."""
        found = self.find(id, param)
        if found["recurring"] is None or not found["active"]:
            raise StripeRefusal(f"The price {id} is inactive or not recurring.", param=param)
        return found
