"""All values of a text, found in the order in which one form hides another ("May 3" before 3, "$29 a month" before
"a month").
"""

from __future__ import annotations

import re

from handlers.coaching.decisions.amounts import find_amounts, find_free
from handlers.coaching.decisions.benefits import find_benefits
from handlers.coaching.decisions.completions import find_task_ids
from handlers.coaching.decisions.days import Calendar, find_days
from handlers.coaching.decisions.mentions import Finds, Kind, Mention, PlatformName
from handlers.coaching.decisions.platforms import find_platforms, unknown_host
from handlers.coaching.decisions.text import Message
from handlers.coaching.decisions.tiers import find_tiers
from handlers.coaching.decisions.values import Category, Context

KIND_OF = {
    Category.PLATFORM: Kind.PLATFORM,
    Category.PRICING: Kind.MONEY,
    Category.STRUCTURE: Kind.STRUCTURE,
    Category.CONTENT: Kind.BENEFIT,
    Category.TIMELINE: Kind.DAY,
}
_TIME = re.compile(
    r"(?<![\w.$€£])(?:at\s|@\s?|a las\s)?(?:[01]?\d|2[0-3])(?::[0-5]\d)?\s?(?:[ap]\.?m\.?(?![a-z])"
    r"|o'?clock|hrs\b)|(?<![\w.])(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)|(?<![a-z])(?:at|"
    r"a las)\s(?:noon|midnight|\d{1,2}(?![\d.%$€]|\s?(?:a|per|/|bucks|dollars|"
    r"euros|monthly|usd|al)))"
)
_PERCENT = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?\s?(?:%|percent|por ciento)(?:\s(?:off|discount|de descuento))?")


def find_mentions(message: Message, context: Context) -> list[Mention]:
    """Return the values that a message names."""
    finds = Finds(message.flat, [])
    find_task_ids(finds, context)
    find_days(finds, Calendar(context.today, context.locale))
    find_tiers(finds)
    for match in _TIME.finditer(finds.flat):
        finds.add(Kind.TIME, *match.span(), match[0])
    find_amounts(finds, context.currency, has_topic=context.pending is Category.PRICING)
    find_free(finds, context.currency)
    find_platforms(finds)
    for match in unknown_host().finditer(finds.flat):
        start, end = match.span("host")
        finds.add(Kind.PLATFORM, start, end, PlatformName("other", is_weak=True, text=message.original(start, end)))
    find_benefits(finds)
    for match in _PERCENT.finditer(finds.flat):
        finds.add(Kind.PERCENT, *match.span(), match[0])
    return finds.mentions
