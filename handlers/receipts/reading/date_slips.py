"""Letters read as digits inside dates, and zeros read as eights where no calendar has such a day (rule OCR-8).

Only what is shaped like a date is touched, and only when most of it are digits already; the length stays.
"""

from __future__ import annotations

import re

_DIGIT = r"[\dOoQDIl|SsBGZ]"
_PLAIN_DIGIT = r"[\dOoIl|]"
_SLIPS = str.maketrans("OoQDIl|SsBGZ", "000011155862")
_NUMERIC = re.compile(
    rf"(?<![A-Za-z\d])({_DIGIT}{{1,2}})([/.\-])({_DIGIT}{{1,2}})(\2)({_DIGIT}{{4}}|{_DIGIT}{{2}}(?!\d))"
)
_ISO = re.compile(rf"(?<![A-Za-z\d])(2{_DIGIT}{{3}})([/.\-])({_DIGIT}{{2}})(\2)({_DIGIT}{{2}})(?![A-Za-z\d])")


def without_date_slips(text: str, month: str) -> str:
    """Return the text with dates as they were printed; `month` is the pattern of the names of months."""
    if not any(c.isdigit() for c in text):
        return text
    for pattern in (_NUMERIC, _ISO, *_with_names(month)):
        text = pattern.sub(_repaired, text)
    return text


def _with_names(month: str) -> tuple[re.Pattern[str], ...]:
    day, year = rf"{_PLAIN_DIGIT}{{1,2}}", r"(?:[\dOoIl|B]{4}|[\dIl|OB]{2})(?![\dA-Za-z])"
    return (
        re.compile(rf"(?<![A-Za-z\d])({day})([\s\-/.,]{{0,2}})(?i:({month}))([\s\-/.,'’]{{0,3}})({year})"),
        re.compile(rf"(?<![A-Za-z])()()(?i:({month}))(\.?\s?{day}['’,/.\-\s]{{1,2}})({year})"),
    )


def _repaired(match: re.Match[str]) -> str:
    parts = list(match.groups())
    is_named = any(c.isalpha() for c in parts[2].translate(_SLIPS))
    joined = "".join(part for at, part in enumerate(parts) if at != 2 or not is_named)
    letters = sum(c.isalpha() or c == "|" for c in joined)
    if letters > sum(c.isdigit() for c in joined) / (2 if is_named else 1):
        return match[0]
    fixed = [part if is_named and at == 2 else part.translate(_SLIPS) for at, part in enumerate(parts)]
    fixed[4], fixed[0] = _year(fixed[4]), _year(fixed[0])
    if not is_named:
        fixed = [_with_zero(part) if len(part) == 2 and at in {0, 2} else part for at, part in enumerate(fixed)]
    return "".join(fixed)


def _year(part: str) -> str:
    """Return a year of four digits with the zero that was read as an eight or a six."""
    return f"20{part[2:]}" if re.fullmatch(r"2[68]\d\d", part) else part


def _with_zero(part: str) -> str:
    return f"0{part[1]}" if part[0] in "68" and part.isdigit() else part
