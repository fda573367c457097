"""Codes and what they brought, in plain words for staff (CP-10)."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.money import Money
from storage.billing.coupons.codes import Coupon, Terms
from storage.billing.coupons.figures import Best, Figures


def given(terms: Terms) -> str:
    """Return what a code gives."""
    match terms.kind:
        case "percent":
            return f"{(terms.bps or 0) / 100:g}%"
        case "amount":
            return str(Money(terms.amount_minor or 0, terms.currency or ""))
        case _:
            return f"{terms.quantity} x {terms.feature}"


def stated(terms: Terms) -> str:
    """Return all terms on one line."""
    currency = terms.currency or "USD"
    parts = [
        given(terms),
        f"from {terms.starts_at:%Y-%m-%d}",
        f"to {terms.ends_at:%Y-%m-%d}" if terms.ends_at else "without end",
        f"{terms.max_uses} uses" if terms.max_uses else "uses without limit",
        f"{terms.max_per_person} a person",
        *([f"at most {Money(terms.most_off_minor, currency)} off"] if terms.most_off_minor else []),
        *([f"from {Money(terms.least_price_minor, currency)}"] if terms.least_price_minor else []),
        *([f"for {', '.join(terms.products + terms.plans)}"] if terms.products or terms.plans else []),
        *([f"on {', '.join(terms.channels)}"] if terms.channels else []),
        *(["first purchase only"] if terms.first_purchase else []),
    ]
    return ", ".join(parts)


def line(of: Coupon) -> str:
    """Return a code with its state."""
    most = of.terms.max_uses or "unlimited"
    whose = f", for person {of.assigned_to}" if of.assigned_to is not None else ""
    return f"{of.code} {of.status}, {of.taken} of {most} taken{whose}: {stated(of.terms)}"


def figures(found: Iterable[Figures], issued: int | None) -> str:
    """Return what became of uses, a line a currency; conversion is redeemed of issued.

    Of a batch its codes were issued; of named codes, where `issued` is None, every use that was ever set aside was.
    """
    lines = [_figures(one, issued) for one in found]
    return "\n".join(lines) or f"{issued or 0} issued, nothing reserved yet."


def _figures(one: Figures, issued: int | None) -> str:
    out = one.reserved + one.redeemed + one.released if issued is None else issued
    share = (one.redeemed * 1000 + out // 2) // out if out else 0
    late = f" ({one.late} late)" if one.late else ""
    head = f"{one.currency or 'Grants'}: {out} issued, {one.reserved} reserved, {one.redeemed} redeemed{late}, "
    head += f"{one.released} released, conversion {share // 10}.{share % 10}%, {one.persons} persons"
    if not one.currency:
        return head
    off, net = Money(one.discount_minor, one.currency), Money(one.net_minor, one.currency)
    return f"{head}, discount {off}, net revenue {net}"


def best(found: Iterable[Best]) -> str:
    """Return the codes redeemed most."""
    return "\n".join(
        f"{number}. {one.code}: {one.redeemed} redeemed"
        + (f", {Money(one.discount_minor, one.currency)} off" if one.currency else "")
        for number, one in enumerate(found, 1)
    )
