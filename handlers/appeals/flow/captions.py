"""What an exhibit shows and when it was taken, out of one line of the person's own words.

"A tree over the sign, B same from my car, C the block"  ->  a caption for each letter
"meter screen nov 16 2:05pm"                             ->  caption "meter screen", taken "nov 16 2:05pm"
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?"
)
_DATE = (
    rf"(?:(?:{_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+20\d\d)?|\d{{1,2}}\s+(?:{_MONTHS})(?:\s+20\d\d)?|"
    r"\d{1,2}/\d{1,2}(?:/\d{2,4})?|20\d\d-\d\d-\d\d|yesterday|today|same day|the next (?:day|morning))"
)
_TIME = r"(?:(?:at |around |about )?\d{1,2}(?::\d{2})?\s*[ap]\.?m\b\.?|(?:at |around |about )?\d{1,2}:\d{2})"
_WHEN = re.compile(
    rf"(?<![\w/])(?:{_DATE}(?:,?\s+(?:at\s+)?{_TIME})?|{_TIME}(?:,?\s+(?:on\s+)?{_DATE})?)(?![\w/])", re.IGNORECASE
)
_LETTERED = re.compile(r"(?:^|[,;.\n]|\band\b)\s*(?:exhibit\s+)?([A-Za-z])(?:\s*[:)=\-]\s*|\s+)(?=\S)")
_FILLER = re.compile(
    r"^(?:taken|on|at|it shows|shows|this is|its|it's|,|;|\.|-|\s)+|(?:taken|on|at|,|;|-|\s)+$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Caption:
    """The person's words for a picture, and for its time."""

    shows: str
    taken: str


def caption(text: str) -> Caption:
    """Split one description into what is shown and when it was taken; words are not changed."""
    flat = " ".join(text.split())
    found = _WHEN.search(flat)
    if found is None:
        return Caption(flat.strip(" ,;"), "")
    shows = f"{flat[: found.start()]} {flat[found.end() :]}"
    return Caption(_FILLER.sub("", " ".join(shows.split())), found.group().strip(" ,;"))


def captions(text: str, letters: list[str]) -> dict[str, Caption]:
    """Return a caption for each exhibit: by its letter where letters are used, else the same words for all."""
    parts = _by_letter(text, letters)
    if parts:
        return {letter: caption(words) for letter, words in parts.items()}
    return {letter: caption(text) for letter in letters}


def _by_letter(text: str, letters: list[str]) -> dict[str, str]:
    marks = [m for m in _LETTERED.finditer(text) if m.group(1).upper() in letters]
    marks = [m for m in marks if m.group(1).isupper() or len(letters) > 1]
    if not marks or text[: marks[0].start()].strip():
        return {}
    if len(letters) > 1 and len(marks) < 2 and marks[0].group(1).islower():
        return {}
    ends = [m.start() for m in marks[1:]] + [len(text)]
    return {m.group(1).upper(): text[m.end() : end].strip(" ,;\n") for m, end in zip(marks, ends, strict=True)}
