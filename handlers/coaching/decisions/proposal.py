"""From the values that a message decides to one proposal a category: corrections, tiers, what was assumed (DD-4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from handlers.coaching.decisions.benefits import ordered
from handlers.coaching.decisions.clauses import Joint
from handlers.coaching.decisions.contrast import is_corrected, is_retracted
from handlers.coaching.decisions.mentions import Kind, PlatformName, Price, Tiers
from handlers.coaching.decisions.prices import (
    PERIODS,
    canonical,
    told_period,
)
from handlers.coaching.decisions.reading import Accepted, Reading
from handlers.coaching.decisions.values import Category, Certainty, Decision


def propose(reading: Reading, category: Category) -> Decision | None:
    """Return the decision of a category, if the message makes one."""
    accepted = reading.accepted(category)
    if not accepted or is_retracted(reading.clauses, reading.texts, accepted[-1].clause):
        return None
    value = joined(reading, category, accepted)
    if value is None:
        return None
    kept = _kept(reading, category, accepted)
    start, end = reading.clauses[kept[0].clause].start, reading.clauses[kept[-1].clause].end
    return Decision(
        category,
        value,
        reading.message.original(*_trimmed(reading, start, end)),
        kept[-1].certainty,
        text=_other_text(reading, category, kept),
        rationale=_rationale(reading, kept[-1].clause),
        assumed=_assumed(reading, category, kept),
        discount_percent=_discount(reading) if category is Category.PRICING else None,
    )


def _trimmed(reading: Reading, start: int, end: int) -> tuple[int, int]:
    text = reading.skeleton.text
    while start < end and text[start] in " \n,":
        start += 1
    while end > start and text[end - 1] in " \n,":
        end -= 1
    return reading.skeleton.span(start, end)


def joined(reading: Reading, category: Category, accepted: Sequence[Accepted]) -> str | None:
    """Return the canonical text of the accepted values together, None when they contradict each other."""
    kept = _kept(reading, category, accepted)
    if not kept:
        return None
    explicit = [a for a in kept if a.certainty is not Certainty.BARE]
    if explicit and category in (Category.PLATFORM, Category.STRUCTURE):
        kept = explicit
    values = [a.mention.value for a in kept]
    match category:
        case Category.PRICING:
            return _price_text(reading, kept)
        case Category.CONTENT:
            return ordered([a.mention for a in kept])
        case Category.STRUCTURE:
            names = {value.canonical for value in values if isinstance(value, Tiers)}
            return _one(names if len(names) < 2 else names - {"multiple"})
        case Category.TIMELINE:
            days = {str(value) for value in values}
            return _one({day for day in days if not any(other.startswith(f"{day}-") for other in days)}) or None
        case Category.PLATFORM:
            return _one({value.code for value in values if isinstance(value, PlatformName)})


def _kept(reading: Reading, category: Category, accepted: Sequence[Accepted]) -> list[Accepted]:
    """Return the values after the last correction between them (DD-4)."""
    kept: list[Accepted] = []
    for value in accepted:
        if (
            kept
            and category is not Category.CONTENT
            and is_corrected(reading.skeleton.text, reading.clauses[value.clause], kept[-1].token, value.token)
        ):
            kept = []
        kept.append(value)
    return kept


def _price_text(reading: Reading, kept: Sequence[Accepted]) -> str | None:
    prices: list[Price] = []
    following: str | None = None
    earlier = next(
        (p.period for m in reading.skeleton.mentions if isinstance(p := m.value, Price) and p.period in PERIODS), None
    )
    for value in reversed(kept):
        if isinstance(price := value.mention.value, Price):
            told = told_period(reading.texts[value.clause], price) or following or earlier or "month"
            following = "month" if price.minor == 0 else told
            prices.append(replace(price, period=following))
    if len({p.currency for p in prices}) > 1 or (
        len(prices) > 1 and len({p.minor for p in prices}) == 1 and len({p.period for p in prices}) > 1
    ):
        return None
    return canonical(prices)


def _assumed(reading: Reading, category: Category, kept: Sequence[Accepted]) -> tuple[str, ...]:
    if category is not Category.PRICING:
        return ()
    prices = [a.mention.value for a in kept if isinstance(a.mention.value, Price)]
    missing = []
    if not any(
        told_period(reading.texts[a.clause], a.mention.value) for a in kept if isinstance(a.mention.value, Price)
    ):
        missing.append("period")
    if not all(price.has_currency for price in prices):
        missing.append("currency")
    return tuple(missing)


def _other_text(reading: Reading, category: Category, kept: Sequence[Accepted]) -> str | None:
    value = kept[-1].mention.value
    return value.text if category is Category.PLATFORM and isinstance(value, PlatformName) else None


def _rationale(reading: Reading, index: int) -> str:
    """Return the words after because, since, so that, porque in the same sentence (PP-5)."""
    sentence = reading.clauses[index].sentence
    for other, clause in enumerate(reading.clauses):
        if clause.sentence == sentence and clause.joint is Joint.BECAUSE and other != index:
            rest = [c for c in reading.clauses[other:] if c.sentence == sentence and c.joint is not Joint.BUT]
            return reading.message.original(
                *_trimmed(reading, clause.start, rest[-1].end if other > index else clause.end)
            )[:200]
    return ""


def _discount(reading: Reading) -> int | None:
    for mention in reading.skeleton.mentions:
        if mention.kind is Kind.PERCENT and re.search(
            r"off|discount|descuento|founder|less|fundador", reading.message.flat[mention.start : mention.end + 30]
        ):
            digits = re.match(r"\d+", str(mention.value))
            return int(digits[0]) if digits and int(digits[0]) <= 100 else None
    return None


def _one(values: set[str]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None
