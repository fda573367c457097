"""English number words, ordinals, months and weekdays, with common misspellings."""

from __future__ import annotations

import re

_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen"""
_ORDINAL = """second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"""
_MONTHS = """january jan, february feb febuary, march mar, april apr, may, june jun, july jul, august aug,
september sept sep, october oct, november nov, december dec"""
_WEEKDAYS = """monday mon mondays, tuesday tue tues tuesdays, wednesday wed weds wensday wendsday wednesdays,
thursday thu thur thurs thursdays, friday fri fridays, saturday sat saturdays, sunday sun sundays"""
_TENS_LINE = "twenty thirty forty fifty sixty seventy eighty ninety"


def _numbered(lists: str, start: int) -> dict[str, int]:
    return {name: n for n, names in enumerate(lists.split(","), start=start) for name in names.split()}


UNITS = {word: n for n, word in enumerate(_SMALL.split())}
TENS = {word: 10 * n for n, word in enumerate(_TENS_LINE.split(), start=2)}
MONTHS = _numbered(_MONTHS, 1)
WEEKDAYS = _numbered(_WEEKDAYS, 0)
ORDINALS = {word: n for n, word in enumerate(_ORDINAL.split(), start=2)} | {"thirtieth": 30}
ORDINALS |= {
    f"{tens}-{one}": TENS[tens] + ORDINALS.get(one, 1)
    for tens in ("twenty", "thirty")
    for one in ("first", *_ORDINAL.split()[:8])
}
_SCALES = {"hundred": 100, "thousand": 1000}
ANY_WORD = "|".join([*UNITS, *TENS])


def number(text: str) -> float:
    """Read a number in digits or in English words."""
    text = text.lower().strip().replace(",", "")
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    total, part = 0, 0
    for word in re.split(r"[\s-]+", text):
        if word in _SCALES:
            part = max(part, 1) * _SCALES[word]
            if word == "thousand":
                total, part = total + part, 0
        else:
            part += UNITS.get(word, TENS.get(word, 0))
    return float(total + part)
