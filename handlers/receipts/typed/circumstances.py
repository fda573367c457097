"""What a person's words tell around a purchase that is no shop: with whom, how paid, where to, in which town.

None of it names a merchant (rule MER-2), and left in the text it would be taken for one: "dinner with tom 45",
"train to leeds lner 46.20", "lunch in vienna 20", "daycare for march 860 little sprouts".
"""

from __future__ import annotations

import re
from functools import cache

from handlers.receipts.merchants import brands, merchant_key, towns
from handlers.receipts.typed.lexicon import alternatives, data, listed, phrases
from handlers.receipts.typed.message import Message
from handlers.receipts.typed.nouns import is_filler, is_qualifier, leading_noun

_COMPANION = re.compile(r"(?<![\w&])w/?\s(?:the\s|my\s)?[^\W\d_]+(?:\s&\s[^\W\d_]+)?")
_WITH = re.compile(r"(?<!\w)with\s(?:the\s|my\s)?(?P<name>[^\W\d_]+)(?:\s(?:&|and)\s[^\W\d_]+)?(?![\w'])")
_SHARE = re.compile(r"(?<!\w)my (?:half|part|share|portion|end)(?: was| is| came to)?(?!\w)")
_PART_OF_DAY = re.compile(
    r"(?<!\w)(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\s(?:night|morning|afternoon|evening)(?!\w)"
)
_STREET = re.compile(
    r"(?<!\w)(?:on|off|along)\s(?:the\s)?(?:[^\W_]+\s){1,2}(?:street|st|avenue|ave|road|rd|boulevard|blvd|drive|lane|highway"
    r"|hwy|square|parkway|pkwy|plaza)(?![\w'])"
)
SPELLED_COUNT = re.compile(
    r"(?<!\w)(?:for\s)?(?:one|two|three|four|five|six|seven)\s(?:nights?|people|persons?|adults?|of us|ppl)(?!\w)"
)
"""How many it was for, in words ("hostel 41 two nights"): in figures it may be the amount."""
_RIDE = r"(?<!\w)(?:uber|lyft|taxi|cab|bus|train|flight|ride|metro|drive|grab|bolt|ola|tram|fare|ferry|coach)"
_AROUND = re.compile(
    r"(?<!\w)(?:(?:after|before|during)\s(?:the\s|my\s|our\s|a\s)?[^\W\d_]+(?![\w'])"
    r"|on (?:the|my|our) way(?:\s(?:home|back|there|out|in|to\s(?:the\s|my\s)?[^\W\d_]+))?)"
)
_ABROAD = re.compile(
    r"(?<!\w)(?:zug|bahn|flug|bus|taxi|fahrt|ticket|fahrkarte|tren|vuelo|train|vol|billet|treno|trein)"
    r"(?P<place>\s(?:nach|naar|a|al|pour|per|hasta|ate)\s[^\W\d_]+)(?![\w'])"
)
_SUM = r"(?:\s\W?\d[\d.,]*\W?)?"
_FORWARDS = r"(?:\s(?:home|back))?"


def take_circumstances(message: Message) -> None:
    """Mark as read what the person's words tell of the circumstances."""
    told = (phrases("merchants", "words", "means"), _SHARE, _PART_OF_DAY, _STREET, SPELLED_COUNT)
    for pattern in (*told, *_ways(), _month()):
        for match in pattern.finditer(message.flat):
            message.take(match.start("place") if "place" in pattern.groupindex else match.start(), match.end())
    for match in _town().finditer(message.flat):
        message.take(*match.span())
    for span in companions(message.flat):
        message.take(*span)


def companions(text: str) -> list[tuple[int, int]]:
    """Return where a folded text names with whom somebody was ("with rob and ana")."""
    found = [match.span() for match in _COMPANION.finditer(text)]
    return found + [match.span() for match in _WITH.finditer(text) if _is_somebody(match["name"])]


def _is_somebody(word: str) -> bool:
    """Say whether a word after "with" is nothing that is bought or paid with: then it is a person."""
    return not (leading_noun([word]) or is_filler(word) or is_qualifier(word) or merchant_key(word) in brands())


def _ways() -> tuple[re.Pattern[str], ...]:
    return _AROUND, _ABROAD, _route(), _destination()


@cache
def _destination() -> re.Pattern[str]:
    """Return the matcher of where a ride went: a town, or one word."""
    return re.compile(
        rf"{_RIDE}{_SUM}{_FORWARDS}(?P<place>(?:\sfrom\s[^\W\d_]+)?\sto\s(?:the\s|my\s)?"
        rf"(?:{alternatives(towns())}|[^\W\d_]+(?![\w'&])))"
    )


@cache
def _town() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)in\s(?:downtown\s)?{alternatives(towns())}")


@cache
def _route() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:from\s)?{alternatives(towns())}(?:\s(?:to|nach|a|-)\s|-|\s?>\s?){alternatives(towns())}"
    )


@cache
def _month() -> re.Pattern[str]:
    names = [name for month in data("dates")["months"].values() for name in listed(month) if len(name) > 3]
    return re.compile(rf"(?<!\w)for\s{alternatives(names)}")
