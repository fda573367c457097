"""Photos of receipts for those who have none at hand: made-up shops, sums that add up, marked as samples.

The local reader reads them as it reads any other photo; nothing is taught.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.web.simulator.ticket import photo_of

_SHOPS = (
    ("NORTH HARBOR BAKERY & CAFE", ("Sourdough loaf", "Flat white", "Almond croissant", "Apple juice")),
    ("LUNA BOOKS", ("Field guide to birds", "Greeting card", "Notebook A5", "Tote bag")),
    ("GREEN HILL SUPERMARKET", ("Bananas 1.2 lb", "Oat milk", "Brown eggs 12", "Olive oil 500 ml", "Basil")),
    ("OAK STREET HARDWARE", ("Wood screws 50", "Paint brush 2in", "LED bulb 60W", "Duct tape")),
)
_TAX = Decimal("0.08625")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class SampleReceipt:
    """A made-up receipt: its photo, and what is printed on it."""

    photo: bytes
    lines: tuple[str, ...]
    shop: str
    total: Decimal


def sample_receipt(bought: date, seed: int) -> SampleReceipt:
    """Return a receipt of a day; the same seed gives the same one."""
    dice = random.Random(seed)
    shop, goods = _SHOPS[seed % len(_SHOPS)]
    items = [(name, Decimal(dice.randrange(150, 1900)) / 100) for name in dice.sample(goods, 3)]
    subtotal = sum((price for _, price in items), Decimal())
    tax = (subtotal * _TAX).quantize(_CENT)
    total = subtotal + tax
    lines = (
        shop,
        "1200 Valencia St, San Francisco CA 94110",
        f"{bought:%m/%d/%Y}  {dice.randrange(8, 12)}:{dice.randrange(10, 60)} AM   No {dice.randrange(1000, 9999)}",
        *(f"{name}   {price}" for name, price in items),
        f"SUBTOTAL   {subtotal}",
        f"TAX   {tax}",
        f"TOTAL   ${total}",
        f"VISA ************4421   {total}",
        "SAMPLE. Not a real receipt.",
    )
    return SampleReceipt(photo_of(lines, large=(0, 8)), lines, shop, total)
