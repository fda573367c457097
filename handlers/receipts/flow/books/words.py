"""The commands of the books, read before a purchase is looked for in a message.

They are heard when nothing is asked and while a draft is open, never while another service asks, and never where the
open question wants free words (NOT-3).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.core.fold import fold
from bot.engine.turn import Turn
from handlers.receipts.flow import words as receipt_words
from handlers.receipts.flow.books import (
    budgets,
    categories,
    charts,
    pointing,
    searching,
    settings,
    splitting,
    statistics,
    summaries,
)
from handlers.receipts.flow.flow import receipt_flow

_POINTS = r"(?:delete|remove|edit|change|fix|correct|(?:show\s+(?:me\s+)?)?(?:the\s+)?(?:picture|photo)\s+(?:of|for))"
Act = Callable[[Turn, str], bool]

_PLEASE = re.compile(r"^please\s+", re.I)
_BUYS = re.compile(r"\b(?:expense|purchase)s?\b", re.I)
_FREE = frozenset({"store", "what", "note"})
_CODE = r"(?=\w*\d)[2-9A-HJ-KM-NP-Z]{4}"
_REST = r"(?:\s+(?P<rest>\S.*))?"
_WE = r"(?:i|we)\s+(?:already\s+|ever\s+|last\s+)?"
_PAID = r"(?:pay|paid|buy|bought|spend|spent|order|ordered|get charged|been charged|tip|tipped)"


def welcomed(turn: Turn, rest: str) -> bool:
    """Say how it is done to a person who asks at a draft, or who asks for receipts by name."""
    if turn.conversation.top is None and "receipt" not in fold(turn.event.text) and not _BUYS.search(turn.event.text):
        return False
    return receipt_words.welcome(turn, "")


def pointed(turn: Turn, rest: str) -> bool:
    """Take a receipt that is named by words."""
    return pointing.pointed(turn, _PLEASE.sub("", rest))


_COMMANDS: tuple[tuple[re.Pattern[str], Act], ...] = tuple(
    (re.compile(pattern, re.I | re.S), act)
    for pattern, act in (
        (rf"/?(?:summary|summarise|summarize|overview|resumen){_REST}", summaries.summary),
        (rf"(?:how\s+much|what)\s+(?:money\s+)?(?:did|have|do)\s+{_WE}(?:spend|spent|pay|paid)\b{_REST}",
            summaries.summary),
        (rf"cu[aá]nto\s+(?:he\s+gastado|gast[eé]){_REST}", summaries.summary),
        (r"(?:(?:my\s+)?(?:/?spending|/?spent|expenses?|breakdown)|break\s+(?:it|that|this)\s+down)"
            rf"(?:\s+(?:by|per)\s+categor(?:y|ies))?{_REST}", summaries.told),
        (rf"(?:what(?:'?s|\s+is|\s+was|\s+were|\s+are)?\s+)?(?:my\s+|the\s+)?"
            r"(?:biggest|largest|highest|top|most\s+expensive)\s+"
            rf"(?:expenses?|purchases?|receipts?|spends?|spending|cost){_REST}", summaries.told),
        (rf"(?:what(?:'?s|\s+is|\s+was)\s+)?(?:my\s+|the\s+)?totals?(?:\s+(?:spent|spending|expenses?))?{_REST}",
            summaries.told),
        (rf"where\s+(?:does|did|is|has)\s+(?:all\s+)?(?:my|the)\s+money\s+(?:go|going|gone){_REST}", summaries.told),
        (rf"how\s+(?:am\s+i|are\s+we)\s+doing{_REST}", budgets.doing),
        (r"(?:i\s+)?(?:spent|spending)\s+(?P<rest>\S.*)", summaries.spent),
        (r"(?:what\s+can\s+(?:you|i)\s+do|how\s+does\s+(?:this|it)\s+work)(?:\s+here)?", welcomed),
        (r"(?:(?:how|where)\s+(?:do|can|should)\s+i|(?:i\s+)?(?:need|want|would\s+like|like)\s+to|can\s+i)\s+"
            r"(?:add|send|save|upload|enter|submit|log|record)\s+(?:an?\s+|my\s+|some\s+|the\s+)?"
            r"(?:new\s+)?(?:receipts?|expenses?|purchases?)", welcomed),
        (rf"(?P<rest>(?:please\s+)?{_POINTS}\s+(?!#?{_CODE}\b)\S.*)", pointed),
        (rf"(?:did|have|had|when\s+did|where\s+did|how\s+often\s+did)\s+{_WE}{_PAID}\b{_REST}", searching.question),
        (rf"/?(?:find|search(?:\s+for)?|look\s+for|buscar?){_REST}", searching.search),
        (r"/?(?:list|show\s+me)\s+(?P<rest>\S.*)", searching.question),
        (rf"(?P<rest>(?!#{_CODE}\b)#[^\W\d]\w*(?:\s+#\w+)*)", searching.tagged),
        (rf"/?trends?{_REST}", charts.trend),
        (rf"/?(?:charts?|graph){_REST}", charts.chart),
        (rf"/?budgets?{_REST}", budgets.budget),
        (rf"/?categories{_REST}", categories.listed),
        (r"/?category\s+(?P<rest>(?:add|new|create|rename|move|merge|hide|show|unhide|delete|remove|drop)\b.*)",
            categories.arrange),
        (r"/?(?:split|categori[sz]e)\s+(?P<rest>\S.*)", splitting.split),
        (r"/?(?P<rest>(?:currency|(?:time\s*)?zone|week|auto|cloud|dark)\s+\S.*)", settings.change),
        (r"/?(?:stats|statistics)", statistics.stats),
        (r"(?P<rest>.*(?:\b(?:over|above|under|below|between|more\s+than|less\s+than|at\s+least|at\s+most)|[<>]=?)"
            r"\s*[$€£¥₹]?\d.*)", searching.bounded),
    )
)  # fmt: skip


_BESIDE = (summaries.summary, searching.search, searching.question)
"""What is answered also while another service asks something that the words do not answer."""


_LOOKS = (summaries.told, budgets.budget, categories.listed, charts.trend, charts.chart, statistics.stats)
"""What is answered also where another service's question stands: nobody answers that with it."""


def turns(turn: Turn, text: str) -> bool:
    """Tell whether a message asks for a page of the books, whatever another service asks (VOC-2)."""
    said = text.strip().rstrip(".!? ")
    return any(act in _LOOKS and pattern.fullmatch(said) is not None for pattern, act in _COMMANDS)


def heard_beside(turn: Turn, text: str) -> bool:
    """Answer SUMMARY, FIND and questions of money while another service waits; its question is asked again (UX-21)."""
    said = text.strip().rstrip(".!? ")
    for pattern, act in _COMMANDS:
        found = pattern.fullmatch(said) if act in _BESIDE else None
        if found is not None and act(turn, (found.groupdict().get("rest") or "").strip()):
            return True
    return False


def reads(turn: Turn, text: str) -> bool:
    """Tell whether a message only looks into the books."""
    said = text.strip().rstrip(".!? ")
    return any(act in _BESIDE and pattern.fullmatch(said) is not None for pattern, act in _COMMANDS)


def heard(turn: Turn, text: str) -> bool:
    """Do what a command of the books asks for; False for every other message."""
    top = turn.conversation.top
    if top is not None and (top.flow not in (receipt_flow.name, categories.category_flow.name) or top.step in _FREE):
        return False
    said = text.strip().rstrip(".!? ")
    for pattern, act in _COMMANDS:
        found = pattern.fullmatch(said)
        if found is not None and act(turn, (found.groupdict().get("rest") or "").strip()):
            return True
    return False
