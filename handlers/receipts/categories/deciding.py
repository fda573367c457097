"""The order of decision of rule CAT-1, with the reason that `WHY` shows.

The person's rule for the merchant; their rule for an item or a text; the table of brands; keywords on merchant, items,
description; a model's choice from the person's own categories, above 0.5 only; else Uncategorised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from handlers.receipts.categories.phrases import Match, Phrases, brands, common_brands, keywords
from storage.receipts.words import tokens

Category = int | str
"""A person's own category by its id, or one of the default tree by its key (`food.coffee`)."""

MODEL_MARGIN = 0.5


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: `kind` is merchant_rule, text_rule, brand, keyword, model, contested or none; `matched` what was seen."""

    kind: str
    matched: str = ""

    def __str__(self) -> str:
        """Write the reason as it is stored."""
        return f"{self.kind}:{self.matched}" if self.matched else self.kind

    @staticmethod
    def parse(stored: str) -> Reason:
        """Read what `str` wrote."""
        kind, _, matched = stored.partition(":")
        return Reason(kind, matched)


@dataclass(frozen=True, slots=True)
class Decision:
    """A category, or None for Uncategorised, and the reason."""

    category: Category | None
    reason: Reason

    @property
    def is_asked(self) -> bool:
        """Tell whether the person should be asked once: nothing is known, or what is known contradicts itself."""
        return self.reason.kind in ("none", "contested")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a person taught: merchant keys and texts with the category of each, and merchants they contradict on."""

    merchants: Mapping[str, Category | None] = field(default_factory=dict)
    texts: Mapping[str, Category | None] = field(default_factory=dict)
    contested: Collection[str] = ()


NO_RULES = Rules()
NOTHING = Decision(None, Reason("none"))


def decide(
    merchant: str | None,
    items: Sequence[str] = (),
    description: str | None = None,
    rules: Rules = NO_RULES,
    *,
    merchant_key: str | None = None,
) -> Decision:
    """Return the category of a purchase and why; `merchant_key` is the stored key, made of the name when not given."""
    key = merchant_key or "".join(tokens(merchant or ""))
    if key in rules.contested:
        return Decision(None, Reason("contested", merchant or key))
    if key and key in rules.merchants:
        return Decision(rules.merchants[key], Reason("merchant_rule", merchant or key))
    texts = [text for text in (merchant, *items, description) if text]
    return _by_text_rule(texts, rules) or _by_brand(merchant) or _by_keyword(merchant, items, description) or NOTHING


def choose(decision: Decision, *, chosen: int | None, score: float, own: Collection[int]) -> Decision:
    """Take a model's choice where nothing was decided: from the person's own ids and above 0.5 only."""
    if decision.reason.kind != "none" or chosen not in own or score <= MODEL_MARGIN:
        return decision
    return Decision(chosen, Reason("model"))


def _by_text_rule(texts: Sequence[str], rules: Rules) -> Decision | None:
    if not rules.texts:
        return None
    own = Phrases({text: [text] for text in rules.texts})
    matches = [match for text in texts if (match := own.find(text))]
    if not matches:
        return None
    longest = max(matches, key=lambda match: (match.end - match.start, len(match.phrase)))
    return Decision(rules.texts[longest.key], Reason("text_rule", longest.phrase))


def _by_brand(merchant: str | None) -> Decision | None:
    match = brands().find(merchant) if merchant else None
    if match is None or merchant is None:
        return None
    if match.phrase in common_brands() and (more := _elsewhere(merchant, match)):
        return Decision(more.key, Reason("keyword", more.phrase))
    return Decision(match.key, Reason("brand", match.phrase))


def _elsewhere(merchant: str, brand: Match) -> Match | None:
    """Return a keyword beside an everyday word that is also a brand: "Apple Tree Cafe"."""
    cut = tokens(merchant)
    return keywords().find(" ".join(cut[: brand.start])) or keywords().find(" ".join(cut[brand.end :]))


def _by_keyword(merchant: str | None, items: Sequence[str], description: str | None) -> Decision | None:
    known = keywords()
    match = known.find(merchant) if merchant else None
    match = match or _of_most_items([found for one in items if (found := known.find(one))])
    if match is None and description:
        match = known.find(description)
    return Decision(match.key, Reason("keyword", match.phrase)) if match else None


def _of_most_items(matches: Sequence[Match]) -> Match | None:
    if not matches:
        return None
    key, _ = Counter(match.key for match in matches).most_common(1)[0]
    return next(match for match in matches if match.key == key)
