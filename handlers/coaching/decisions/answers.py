"""Answers to the coach's pending question, and to its buttons: "35", "just one", "the first one" (DD-2 c)."""

from __future__ import annotations

import re

from handlers.coaching.decisions.frames import residue
from handlers.coaching.decisions.mentions import Benefit, Day, Mention, Price
from handlers.coaching.decisions.text import Message
from handlers.coaching.decisions.values import Category, Context

_ORDINALS = {
    (
        r"(?:the\s)?(?:first|1st|former|top)(?:\s(?:one|option|choice))?|(?:number|"
        r"option|no\.?|#)?\s?(?:1|one)|(?:la|el)?\s?primer[ao]?|the left one"
    ): 0,
    (
        r"(?:the\s)?(?:second|2nd|latter)(?:\s(?:one|option|choice))?|(?:number|option|"
        r"no\.?|#)?\s?(?:2|two)|(?:la|el)?\s?segund[ao]"
    ): 1,
    (
        r"(?:the\s)?(?:third|3rd)(?:\s(?:one|option|choice))?|(?:number|option|no\.?|"
        r"#)?\s?(?:3|three)|(?:la|el)?\s?tercer[ao]?"
    ): 2,
    (
        r"(?:the\s)?(?:fourth|4th)(?:\s(?:one|option|choice))?|(?:number|option|no\.?|"
        r"#)?\s?(?:4|four)|(?:la|el)?\s?cuart[ao]"
    ): 3,
    r"(?:the\s)?last(?:\s(?:one|option|choice))?|(?:la|el)?\s?ultim[ao]": -1,
}
_POLITE = re.compile(
    r"^(?:(?:ok|yes|yeah|well|so|i think|i say|i'll go with|i will go with|going with|"
    r"let's go with|go with|i'll take|i pick|i choose|pick|let's do|me quedo con|"
    r"prefiero|si|sí|vale)[\s,]+)*|(?:[\s,]+(?:please|pls|then|thanks|it is|for me|"
    r"por favor|gracias))*\W*$"
)


def as_answer(category: Category, mention: Mention, text: str, context: Context) -> bool:
    """Say whether a clause answers the pending question of this category."""
    if context.pending is not category:
        return False
    left = set(residue(text).split()) - {
        "i",
        "think",
        "say",
        "would",
        "do",
        "will",
        "open",
        "launch",
        "charge",
        "use",
        "with",
        "going",
        "maybe no",
        "on",
        "we",
        "have",
    }
    if left:
        return False
    match mention.value:
        case Price(flaw=flaw, period=period):
            return flaw is None and period != "other"
        case Day(day=day):
            return day is not None
        case Benefit():
            return True
        case _:
            return True


def chosen_option(message: Message, context: Context) -> str | None:
    """Return the button that a text points at; a yes to an either-or question points at none (DD-10)."""
    if not context.options:
        return None
    text = _POLITE.sub("", message.flat.strip(" .!\n")).strip(" .!")
    for source, place in _ORDINALS.items():
        if re.fullmatch(source, text) and -len(context.options) <= place < len(context.options):
            return context.options[place]
    return None


_COUNTS = {
    (
        r"(?:just\s|only\s|solo\s)?(?:one|1|a single one|single|uno|una|un solo nivel|"
        r"uno solo)(?:\s(?:tier|level|price|is enough|for now|nivel))*"
    ): "single",
    r"(?:several|multiple|many|more than one|a few|a few tiers|varios|multiples|mas de uno)": "multiple",
}
_NUMBERS = {
    "two": 2,
    "2": 2,
    "three": 3,
    "3": 3,
    "four": 4,
    "4": 4,
    "five": 5,
    "5": 5,
    "dos": 2,
    "tres": 3,
    "cuatro": 4,
}


def counted_tiers(message: Message, context: Context) -> str | None:
    """Return the tiers that a bare count means when the coach has just asked for them."""
    if context.pending is not Category.STRUCTURE:
        return None
    text = re.sub(
        r"\s(?:for now|to start|at first|at launch|por ahora|tiers?|levels?|i think|then|please)\b",
        "",
        _POLITE.sub("", message.flat.strip(" .!\n")),
    ).strip(" .!,")
    for source, canonical in _COUNTS.items():
        if re.fullmatch(source, text):
            return canonical
    return f"multiple:{_NUMBERS[text]}" if text in _NUMBERS else None
