"""Automatic tax: worked out when the place of the buyer is known, which is at the pay page, not before.

A price that includes its tax stays what it is; on any other one the tax comes on top, as an account does by default.
"""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

BPS = 850
INCLUSIVE = "inclusive"


def part(amount: int) -> int:
    """Return the tax that an amount includes, rounded half up."""
    whole = 10_000 + BPS
    return (2 * amount * BPS + whole) // (2 * whole)


def on_top(amount: int) -> int:
    """Return the tax that comes on top of an amount, rounded half up."""
    return (amount * BPS + 5_000) // 10_000


def asked(given: Object) -> bool:
    """Tell whether a request wants automatic tax."""
    return bool((given.get("automatic_tax") or {}).get("enabled"))


def session_state(*, enabled: bool) -> Object:
    """Return what a session says of its automatic tax before anybody gave an address."""
    if not enabled:
        return {"enabled": False, "liability": None, "provider": None, "status": None}
    return {"enabled": True, "liability": {"type": "self"}, "provider": "stripe", "status": "requires_location_inputs"}


def of_session(session: Object) -> Object:
    """Return what changes in a session when the buyer's address is known."""
    if not session["automatic_tax"]["enabled"]:
        return {}
    inclusive, amount = session["_tax_behavior"] == INCLUSIVE, session["amount_total"]
    tax = part(amount) if inclusive else on_top(amount)
    return {
        "amount_total": amount if inclusive else amount + tax,
        "automatic_tax": {**session["automatic_tax"], "status": "complete"},
        "total_details": {**session["total_details"], "amount_tax": tax},
    }


def of_invoice(of: Object, price: Object, amount: int) -> Object:
    """Return what automatic tax changes in an invoice of a subscription over an amount."""
    if not of["automatic_tax"]["enabled"] or amount <= 0:
        return {}
    inclusive = price.get("tax_behavior") == INCLUSIVE
    tax = part(amount) if inclusive else on_top(amount)
    told = {
        "amount": tax, "tax_behavior": INCLUSIVE if inclusive else "exclusive", "tax_rate_details": None,
        "taxability_reason": "standard_rated", "taxable_amount": amount - tax if inclusive else amount,
        "type": "tax_rate_details",
    }  # fmt: skip
    due = amount if inclusive else amount + tax
    return {"amount_due": due, "amount_remaining": due, "total": due, "total_taxes": [told]}
