"""One message read once: which of its values its clauses decide, and what they are together."""

from __future__ import annotations

import re
from dataclasses import dataclass

from handlers.coaching.decisions.answers import as_answer
from handlers.coaching.decisions.clauses import split
from handlers.coaching.decisions.contrast import alternatives, is_corrected
from handlers.coaching.decisions.finding import KIND_OF, find_mentions
from handlers.coaching.decisions.frames import is_bare, is_committed
from handlers.coaching.decisions.membership import (
    continues_content,
    decides_content,
    decides_platform,
    decides_structure,
)
from handlers.coaching.decisions.mentions import Benefit, Day, Kind, Mention, PlatformName, Price, Tiers
from handlers.coaching.decisions.opening import names_opening
from handlers.coaching.decisions.prices import (
    PERIODS,
    decides_price,
    is_founders,
    is_price_topic,
    told_period,
)
from handlers.coaching.decisions.skeleton import build
from handlers.coaching.decisions.stance import judge, plain_clause
from handlers.coaching.decisions.text import Message
from handlers.coaching.decisions.values import Category, Certainty, Context

_HABIT = re.compile(
    r"^(?:\W|\b(?:ok|so|well|and)\b)*(?:i|we)\s(?:also\s|usually\s|always\s|already\s|"
    r"just\s)?(?:stream|play|post|do|make|upload|work|go live|run|have been|watch|"
    r"edit)\b"
)
_EXPENSE = re.compile(
    r"\b(?:i|we)\s(?:also\s|already\s|only\s|just\s)?(?:pay|paid|am paying|bought|"
    r"buy|spend|spent|got|subscribe|subscribed|have|owe|use|rent|make|earn|earned|"
    r"made)\b(?!\sa\splan|\sup)"
)
_DATE_TOPIC = re.compile(r"\b(?:date|launch\w*|opening|open|timeline|fecha|lanzamiento|apertura)\b")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A value that its clause decides."""

    mention: Mention
    token: str
    clause: int
    certainty: Certainty


class Reading:
    """One message read once: its values, its clauses, their stances."""

    def __init__(self, message: Message, context: Context) -> None:
        self.message = message
        self.context = context
        self.skeleton = build(message, find_mentions(message, context))
        self.clauses = split(self.skeleton)
        self.stances = judge(self.clauses)
        self.texts = [plain_clause(clause.text) for clause in self.clauses]
        self.alternatives = alternatives(self.skeleton.text)

    def accepted(self, category: Category) -> list[Accepted]:
        accepted: list[Accepted] = []
        for index, (clause, stance) in enumerate(zip(self.clauses, self.stances, strict=True)):
            for token in clause.tokens:
                mention = self.skeleton.mention(token)
                if mention.kind is not KIND_OF[category] or token in stance.tokens or token in self.alternatives:
                    continue
                certainty = self._certainty(category, index, token, accepted)
                if certainty:
                    accepted.append(Accepted(mention, token, index, certainty))
        return accepted

    def _certainty(self, category: Category, index: int, token: str, before: list[Accepted]) -> Certainty | None:
        """Return how the value is said, None when the clause does not decide it."""
        stance, text = self.stances[index], self.texts[index]
        if stance.refused not in (None, "aside"):
            return None
        mention = self.skeleton.mention(token)
        bare = is_bare(text)
        if as_answer(category, mention, text, self.context):
            return Certainty.ANSWER
        if bare and stance.is_questioned and not stance.is_confirmed and not is_committed(text, token):
            return None
        decided = self._decides(index, token, before)
        if not decided:
            return None
        return Certainty.BARE if bare and not stance.is_confirmed else Certainty.EXPLICIT

    def _decides(self, index: int, token: str, before: list[Accepted]) -> bool:
        text, is_confirmed = self.texts[index], self.stances[index].is_confirmed
        match self.skeleton.mention(token).value:
            case Price() as price:
                return self._decides_price(index, token, price)
            case PlatformName() as name:
                return decides_platform(text, token, name, is_confirmed=is_confirmed)
            case Tiers() as tiers:
                return decides_structure(text, token, tiers, is_confirmed=is_confirmed)
            case Day():
                return self._decides_opening(index, token, before)
            case Benefit() as benefit:
                return self._decides_content(index, token, benefit, before)
            case _:
                return False

    def _decides_price(self, index: int, token: str, price: Price) -> bool:
        text = self.texts[index]
        if price.flaw or price.period == "other" or is_founders(text, token):
            return False
        topic = (
            self.context.pending is Category.PRICING
            or is_price_topic(text)
            or told_period(text, price)
            or self._shares_period(index, token)
        )
        if not topic and not (price.minor == 0 and price.has_currency) and not self._corrects_price(index):
            return False
        if (self.stances[index].is_fragment or is_bare(text)) and self._follows(index, _EXPENSE, across=is_bare(text)):
            return False
        confirmed = self.stances[index].is_confirmed
        return decides_price(text, token, price, is_confirmed=confirmed and is_bare(text))

    def _follows(self, index: int, pattern: re.Pattern[str], *, across: bool = False) -> bool:
        """Say whether the clause before, of the same sentence unless `across`, fits the pattern."""
        if index == 0 or not (across or self.clauses[index].sentence == self.clauses[index - 1].sentence):
            return False
        return bool(pattern.search(self.texts[index - 1]))

    def _shares_period(self, index: int, token: str) -> bool:
        rest = self.clauses[index].text.split(token, 1)[-1]
        later = [self.skeleton.mention(t).value for t in re.findall(r"M\d+", rest)]
        for clause in self.clauses[index + 1 :]:
            if clause.sentence == self.clauses[index].sentence:
                later += [self.skeleton.mention(t).value for t in re.findall(r"M\d+", clause.text)]
        return any(isinstance(price, Price) and price.period in PERIODS for price in later)

    def _corrects_price(self, index: int) -> bool:
        """Say whether an earlier amount of the message makes this a price ("$29 a month, no wait, $35")."""
        earlier = [m.value for m in self.skeleton.mentions if m.kind is Kind.MONEY and m.end <= self._place(index)]
        return any(isinstance(p, Price) and p.period in PERIODS for p in earlier) or (
            "pricing" in self.context.saved and "M" in self.texts[index]
        )

    def _place(self, index: int) -> int:
        clause = self.clauses[index]
        return self.skeleton.starts[min(clause.start, len(self.skeleton.starts) - 1)]

    def _decides_opening(self, index: int, token: str, before: list[Accepted]) -> bool:
        text = self.texts[index]
        if names_opening(text, token):
            return True
        follows = (
            bool(before)
            and before[-1].clause == index - 1
            and self.clauses[index].sentence == self.clauses[index - 1].sentence
        )
        if follows and is_bare(text):
            return True
        if (
            index
            and self.stances[index - 1].refused is None
            and self.clauses[index].sentence == self.clauses[index - 1].sentence
        ):
            joined = f"{self.texts[index - 1]} {text}"
            if is_bare(text) and "D" not in self.texts[index - 1] and names_opening(joined, token):
                return True
        if is_committed(text, token) and any(
            _DATE_TOPIC.search(earlier) for earlier in self.texts[max(0, index - 2) : index + 2]
        ):
            return True
        topic = any(
            re.search(r"\b(?:launch|open|abr|lanz|lanc|apertura)\w*", earlier) for earlier in self.texts[:index]
        )
        return topic and is_bare(text) and is_corrected(self.skeleton.text, self.clauses[index])

    def _decides_content(self, index: int, token: str, benefit: Benefit, before: list[Accepted]) -> bool:
        text, clause = self.texts[index], self.clauses[index]
        is_habit = self._follows(index, _HABIT)
        confirmed = self.stances[index].is_confirmed
        if decides_content(text, token, benefit, is_confirmed=confirmed, is_habit=is_habit):
            return True
        follows = (
            bool(before)
            and before[-1].clause in (index - 1, index)
            and (clause.sentence == self.clauses[before[-1].clause].sentence or continues_content(text))
        )
        return follows and (continues_content(text) or before[-1].clause == index)
