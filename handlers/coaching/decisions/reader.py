"""From a message to the decisions and completions that it proposes: the order in which its parts are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from handlers.coaching.decisions.amounts import find_amounts, find_free
from handlers.coaching.decisions.answers import as_answer, chosen_option, counted_tiers
from handlers.coaching.decisions.benefits import find_benefits, ordered
from handlers.coaching.decisions.clauses import Clause, Joint, split
from handlers.coaching.decisions.completions import find_completions, find_task_ids
from handlers.coaching.decisions.contrast import alternatives, is_corrected, is_retracted
from handlers.coaching.decisions.days import Calendar, find_days
from handlers.coaching.decisions.frames import is_bare
from handlers.coaching.decisions.membership import continues_content, decides_content, decides_platform, decides_structure, is_content_frame
from handlers.coaching.decisions.mentions import Day, Finds, Kind, Mention, PlatformName, Price, Tiers
from handlers.coaching.decisions.opening import names_opening
from handlers.coaching.decisions.platforms import find_platforms, unknown_host
from handlers.coaching.decisions.prices import PERIODS, canonical, decides_price, is_founders, is_price_topic, told_period
from handlers.coaching.decisions.skeleton import Skeleton, build
from handlers.coaching.decisions.stance import Stance, judge, plain_clause
from handlers.coaching.decisions.text import Message, is_marked_forwarded, read_message
from handlers.coaching.decisions.tiers import find_tiers
from handlers.coaching.decisions.values import Category, Certainty, Context, Decision, Recognition

KIND_OF = {
    Category.PLATFORM: Kind.PLATFORM,
    Category.PRICING: Kind.MONEY,
    Category.STRUCTURE: Kind.STRUCTURE,
    Category.CONTENT: Kind.BENEFIT,
    Category.TIMELINE: Kind.DAY,
}
_SPEECH = re.compile(r"\"[^\"\n]*\"|(?<![a-z0-9])'[^'\n]{12,}'(?![a-z])")
_TIME = re.compile(r"(?<![\w.$€£])(?:at\s|@\s?|a las\s)?(?:[01]?\d|2[0-3])(?::[0-5]\d)?\s?(?:[ap]\.?m\.?(?![a-z])|o'?clock|hrs\b)|(?<![\w.])(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)|(?<![a-z])(?:at|a las)\s(?:noon|midnight|\d{1,2}(?![\d.%$€]|\s?(?:a|per|/|bucks|dollars|euros|monthly|usd|al)))")
_PERCENT = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?\s?(?:%|percent|por ciento)(?:\s(?:off|discount|de descuento))?")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A value that its clause decides."""

    mention: Mention
    token: str
    clause: int
    certainty: Certainty


def recognise(text: str, context: Context) -> Recognition:
    """Return what one message of the person proposes; pure, never raises for any text."""
    message = read_message(text)
    if context.is_forwarded or is_marked_forwarded(message) or not message.flat.strip():
        return Recognition()
    message = _without_speech(message)
    reading = _Reading(message, context)
    decisions = [d for category in Category if (d := reading.decide(category))]
    decisions = _with_tiers(decisions)
    if not decisions and (tiers := counted_tiers(message, context)):
        quote = message.original(0, len(message.plain))
        decisions = [Decision(Category.STRUCTURE, tiers, quote, Certainty.ANSWER)]
    if not decisions and (option := chosen_option(message, context)):
        decisions = _of_option(option, message, context)
    return Recognition(tuple(decisions), tuple(reading.completions(decisions)))


def _with_tiers(decisions: list[Decision]) -> list[Decision]:
    """Add the structure that several prices of one period imply ("$10 for basic and $25 for VIP")."""
    price = next((d for d in decisions if d.category is Category.PRICING), None)
    parts = price.value.split(" + ") if price else []
    if price is None or len(parts) < 2 or any(d.category is Category.STRUCTURE for d in decisions):
        return decisions
    if len({part.split("/")[1] for part in parts}) > 1:
        return decisions
    return [*decisions, replace(price, category=Category.STRUCTURE, value=f"multiple:{len(parts)}", assumed=(), discount_percent=None)]


def _of_option(option: str, message: Message, context: Context) -> list[Decision]:
    """Return the decision that the text of a chosen button stands for."""
    for category in [context.pending] if context.pending else list(Category):
        value = read_value(option, category, replace(context, pending=category, options=()))
        if value:
            return [Decision(category, value, message.original(0, len(message.plain)), Certainty.ANSWER)]
    return []


def read_value(quote: str, category: Category, context: Context) -> str | None:
    """Return the value that a quote holds, however it is said; the second reading of a model's proposal (PP-1)."""
    reading = _Reading(read_message(quote), replace(context, pending=category))
    mentions = [m for m in reading.skeleton.mentions if m.kind is KIND_OF[category]]
    accepted = [Accepted(m, f"{m.kind}{i}", 0, Certainty.BARE) for i, m in enumerate(reading.skeleton.mentions) if m in mentions]
    refused = set().union(*(stance.tokens for stance in reading.stances)) | reading.alternatives
    return reading.joined(category, [a for a in accepted if a.token not in refused])


def _without_speech(message: Message) -> Message:
    """Blank what stands in quotation marks and is longer than a name: it is somebody's speech."""

    def blank(match: re.Match[str]) -> str:
        return match[0] if len(match[0].split()) <= 3 else " " * len(match[0])

    return replace(message, flat=_SPEECH.sub(blank, message.flat))


class _Reading:
    """One message read once: its values, its clauses, their stances."""

    def __init__(self, message: Message, context: Context) -> None:
        self.message = message
        self.context = context
        self.skeleton = build(message, _find(message, context))
        self.clauses = split(self.skeleton)
        self.stances = judge(self.clauses)
        self.texts = [plain_clause(clause.text) for clause in self.clauses]
        self.alternatives = alternatives(self.skeleton.text)

    def decide(self, category: Category) -> Decision | None:
        """Return the decision of a category, if the message makes one."""
        accepted = self._accepted(category)
        if not accepted or is_retracted(self.clauses, self.texts, accepted[-1].clause):
            return None
        value = self.joined(category, accepted)
        if value is None:
            return None
        first, last = accepted[0], accepted[-1]
        kept = self._kept(category, accepted)
        start, end = self.clauses[kept[0].clause].start, self.clauses[kept[-1].clause].end
        del first, last
        return Decision(
            category,
            value,
            self.message.original(*self._trimmed(start, end)),
            kept[-1].certainty,
            text=self._other_text(category, kept),
            rationale=self._rationale(kept[-1].clause),
            assumed=self._assumed(category, kept),
            discount_percent=self._discount() if category is Category.PRICING else None,
        )

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        text = self.skeleton.text
        while start < end and text[start] in " \n,":
            start += 1
        while end > start and text[end - 1] in " \n,":
            end -= 1
        return self.skeleton.span(start, end)

    def _accepted(self, category: Category) -> list[Accepted]:
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
        if bare and stance.is_questioned and not stance.is_confirmed and not _is_strong(text, token):
            return None
        decided = _RULES[category](self, index, token, before)
        if not decided:
            return None
        return Certainty.BARE if bare and not stance.is_confirmed else Certainty.EXPLICIT

    def decides_price(self, index: int, token: str, before: list[Accepted]) -> bool:
        text, mention = self.texts[index], self.skeleton.mention(token)
        price = mention.value
        assert isinstance(price, Price)
        if price.flaw or price.period == "other" or is_founders(text, token):
            return False
        topic = is_price_topic(text) or told_period(text, price) or self._shares_period(index, token)
        if not topic and not (price.minor == 0 and price.has_currency) and not self._corrects_price(index):
            return False
        confirmed = self.stances[index].is_confirmed
        return decides_price(text, token, price, is_confirmed=confirmed and is_bare(text))

    def _shares_period(self, index: int, token: str) -> bool:
        rest = self.clauses[index].text.split(token, 1)[-1]
        later = [self.skeleton.mention(t).value for t in re.findall(r"M\d+", rest)]
        if not later and index + 1 < len(self.clauses) and self.clauses[index + 1].sentence == self.clauses[index].sentence:
            later = [self.skeleton.mention(t).value for t in re.findall(r"M\d+", self.clauses[index + 1].text)]
        return any(isinstance(price, Price) and price.period in PERIODS for price in later)

    def _corrects_price(self, index: int) -> bool:
        """Say whether an earlier amount of the message makes this a price ("$29 a month, no wait, $35")."""
        earlier = [m.value for m in self.skeleton.mentions if m.kind is Kind.MONEY and m.end <= self._place(index)]
        return any(isinstance(p, Price) and p.period in PERIODS for p in earlier) or "pricing" in self.context.saved and "M" in self.texts[index]

    def _place(self, index: int) -> int:
        clause = self.clauses[index]
        return self.skeleton.starts[min(clause.start, len(self.skeleton.starts) - 1)]

    def decides_platform(self, index: int, token: str, before: list[Accepted]) -> bool:
        mention = self.skeleton.mention(token)
        confirmed = self.stances[index].is_confirmed and is_bare(self.texts[index])
        return decides_platform(self.texts[index], token, mention, is_confirmed=confirmed)

    def decides_structure(self, index: int, token: str, before: list[Accepted]) -> bool:
        confirmed = self.stances[index].is_confirmed and is_bare(self.texts[index])
        return decides_structure(self.texts[index], token, self.skeleton.mention(token), is_confirmed=confirmed)

    def decides_timeline(self, index: int, token: str, before: list[Accepted]) -> bool:
        text = self.texts[index]
        if names_opening(text, token):
            return True
        topic = any(
            re.search(r"\b(?:launch|open|abr|lanz|lanc|apertura)\w*", earlier) and re.search(r"D\d", earlier)
            for earlier in self.texts[:index]
        )
        return topic and is_bare(text) and is_corrected(self.skeleton.text, self.clauses[index])

    def decides_content(self, index: int, token: str, before: list[Accepted]) -> bool:
        text, clause = self.texts[index], self.clauses[index]
        if decides_content(text, token, self.skeleton.mention(token), is_confirmed=self.stances[index].is_confirmed):
            return True
        follows = bool(before) and before[-1].clause in (index - 1, index) and (
            clause.sentence == self.clauses[before[-1].clause].sentence or continues_content(text)
        )
        return follows and (continues_content(text) or before[-1].clause == index)

    def joined(self, category: Category, accepted: Sequence[Accepted]) -> str | None:
        """Return the canonical text of the accepted values together, None when they contradict each other."""
        kept = self._kept(category, accepted)
        if not kept:
            return None
        values = [a.mention.value for a in kept]
        match category:
            case Category.PRICING:
                return self._price_text(kept)
            case Category.CONTENT:
                return ordered([a.mention for a in kept])
            case Category.STRUCTURE:
                names = {value.canonical for value in values if isinstance(value, Tiers)}
                return _one(names if len(names) < 2 else names - {"multiple"})
            case Category.TIMELINE:
                return _one({str(value) for value in values}) or None
            case Category.PLATFORM:
                return _one({value.code for value in values if isinstance(value, PlatformName)})

    def _kept(self, category: Category, accepted: Sequence[Accepted]) -> list[Accepted]:
        """Return the values after the last correction between them (DD-4)."""
        kept: list[Accepted] = []
        for value in accepted:
            if kept and category is not Category.CONTENT and is_corrected(self.skeleton.text, self.clauses[value.clause], kept[-1].token, value.token):
                kept = []
            kept.append(value)
        return kept

    def _price_text(self, kept: Sequence[Accepted]) -> str | None:
        prices: list[Price] = []
        following: str | None = None
        earlier = next((p.period for m in self.skeleton.mentions if isinstance(p := m.value, Price) and p.period in PERIODS), None)
        for value in reversed(kept):
            price = value.mention.value
            assert isinstance(price, Price)
            period = told_period(self.texts[value.clause] if value.clause < len(self.texts) else "", price) or following or earlier or "month"
            if price.minor == 0:
                period = "month"
            following = period
            prices.append(replace(price, period=period))
        if len({p.currency for p in prices}) > 1 or (len(prices) > 1 and len({p.minor for p in prices}) == 1 and len({p.period for p in prices}) > 1):
            return None
        return canonical(prices)

    def _assumed(self, category: Category, kept: Sequence[Accepted]) -> tuple[str, ...]:
        if category is not Category.PRICING:
            return ()
        prices = [a.mention.value for a in kept if isinstance(a.mention.value, Price)]
        missing = []
        if not any(told_period(self.texts[a.clause], a.mention.value) for a in kept if isinstance(a.mention.value, Price)):
            missing.append("period")
        if not all(price.has_currency for price in prices):
            missing.append("currency")
        return tuple(missing)

    def _other_text(self, category: Category, kept: Sequence[Accepted]) -> str | None:
        value = kept[-1].mention.value
        return value.text if category is Category.PLATFORM and isinstance(value, PlatformName) else None

    def _rationale(self, index: int) -> str:
        """Return the words after because, since, so that, porque in the same sentence (PP-5)."""
        sentence = self.clauses[index].sentence
        for other, clause in enumerate(self.clauses):
            if clause.sentence == sentence and clause.joint is Joint.BECAUSE and other != index:
                rest = [c for c in self.clauses[other:] if c.sentence == sentence and c.joint is not Joint.BUT]
                return self.message.original(*self._trimmed(clause.start, rest[-1].end if other > index else clause.end))[:200]
        return ""

    def _discount(self) -> int | None:
        for mention in self.skeleton.mentions:
            if mention.kind is Kind.PERCENT and re.search(r"off|discount|descuento|founder|less|fundador", self.message.flat[mention.start : mention.end + 30]):
                digits = re.match(r"\d+", str(mention.value))
                return int(digits[0]) if digits and int(digits[0]) <= 100 else None
        return None

    def completions(self, decisions: Sequence[Decision]) -> list[object]:
        """Return the tasks that the message calls done."""
        return find_completions(self.skeleton, self.clauses, self.stances, self.context, {d.category for d in decisions}, self.message)  # type: ignore[return-value]


def _is_strong(text: str, token: str) -> bool:
    from handlers.coaching.decisions.frames import is_committed

    return is_committed(text, token)


def _one(values: set[str]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None


_RULES: dict[Category, Callable[[_Reading, int, str, list[Accepted]], bool]] = {
    Category.PRICING: _Reading.decides_price,
    Category.PLATFORM: _Reading.decides_platform,
    Category.STRUCTURE: _Reading.decides_structure,
    Category.TIMELINE: _Reading.decides_timeline,
    Category.CONTENT: _Reading.decides_content,
}


def _find(message: Message, context: Context) -> list[Mention]:
    finds = Finds(message.flat, [])
    find_task_ids(finds, context)
    find_days(finds, Calendar(context.today, context.locale))
    find_tiers(finds)
    for match in _TIME.finditer(finds.flat):
        finds.add(Kind.TIME, *match.span(), match[0])
    find_amounts(finds, context.currency)
    find_free(finds, context.currency)
    find_platforms(finds)
    for match in unknown_host().finditer(finds.flat):
        start, end = match.span("host")
        finds.add(Kind.PLATFORM, start, end, PlatformName("other", is_weak=True, text=message.original(start, end)))
    find_benefits(finds)
    for match in _PERCENT.finditer(finds.flat):
        finds.add(Kind.PERCENT, *match.span(), match[0])
    return finds.mentions
