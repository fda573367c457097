"""How corrections begin, and what of them is the new value: "oh no, its starbucks not joes" says "starbucks".

Pure: text in, text out.
"""

from __future__ import annotations

import re

LONGEST = 400
"""Characters of a correction that are read."""

_SIGH = (
    r"(?:no|nah|nope|sorry|actually|oops|ups|oh|ah|uh|um|hm+|wait|hang\s+on|typo|correction|well|please|pls)\b"
    r"[\s,.!:;-]*"
)
_IS = r"(?:it|that|this)\s*(?:was|is|were|'s|\N{RIGHT SINGLE QUOTATION MARK}s|s(?=\s)|should\s+be|must\s+be)"
_MAKE = (
    r"make\s+(?:it|that)|(?:change|set)\s+(?:(?:it|that)\s+)?to|move\s+(?:it|that)\s+to|"
    r"(?:put|file|book)\s+(?:it|that|this)\s+(?:under|in|into|to|as|on)"
)
_MEANT = r"should\s+(?:be|have\s+been)|i\s+(?:meant|mean)|meant"
_PAID = r"i\s+(?:only\s+)?(?:paid|spent)"
_LEAD = re.compile(rf"^(?:{_SIGH})*(?:(?:{_IS}|{_MAKE}|{_MEANT}|{_PAID})\s*(?:(?:on|the)\s+)?)?", re.I)
_SURE = re.compile(rf"^(?:{_IS}|{_MAKE}|{_MEANT}|(?:{_SIGH})+)", re.I)
_PLACED = re.compile(r"^(?:at|from|@)\s*(?=\S)", re.I)
_ARTICLE = re.compile(r"^(?:the|a|an)\s+(?=\S)", re.I)
_INSTEAD = re.compile(r"^(?P<new>\S.*?)[\s,]+(?:not|instead\s+of|rather\s+than)\s+\S.*$", re.I)
_BUT = re.compile(r"^not\s+\S.*?(?:\s+but\s+|\s*,\s*(?:but\s+)?)(?P<new>\S.*)$", re.I)
_NOTE = re.compile(
    r"^(?:please\s+)?(?:(?:add|put|write|make)\s+)?(?:(?:a|the)\s+)?(?:note|memo|comment)\b(?:\s+that\b)?[\s:,=-]+"
    r"(?P<note>\S.*)$",
    re.I | re.S,
)
_WITH = re.compile(r"^(?:with\s|w/)\s*(?!(?:visa|card|cash|amex|mastercard|paypal|\d))\S.*$", re.I | re.S)
_ON_TOP = r"(?P<top>(?:plus|and|add|\+)\s*)?(?:(?:a|the)\s+)?"
_SUM = r"(?P<amount>[^\sa-z]*\d[^\sa-z]*)"
_TIPS = tuple(
    re.compile(form, re.I) for form in (rf"^{_ON_TOP}{_SUM}\s*tip$", rf"^{_ON_TOP}tip\s*(?:of|was|is|:|=)?\s*{_SUM}$")
)
_NO_TIP = re.compile(r"^(?:no|without(?:\s+(?:a|the))?)\s+tip$", re.I)


def has_lead(text: str) -> bool:
    """Tell whether a text begins as a correction does ("it was", "no,", "make it", "not ... but")."""
    text = text.strip()[:LONGEST]
    return bool(_SURE.match(text) or _BUT.match(text) or _INSTEAD.match(text))


def names_place(text: str) -> bool:
    """Tell whether a text begins with where it was ("at Joe's")."""
    return bool(_PLACED.match(text.strip()))


def place_in(text: str) -> str:
    """Return where it was, of words that begin with that: "at the deli" says "deli"."""
    return _ARTICLE.sub("", _PLACED.sub("", text.strip(" .!")))


def without_lead(text: str) -> str:
    """Return what shall hold now: without how a correction begins, and without what shall hold no more."""
    bare = text.strip(" .!")
    for _ in range(2):
        bare = _LEAD.sub("", bare, count=1).strip(" .!")
        found = _BUT.match(bare) or _INSTEAD.match(bare)
        bare = found["new"].strip(" .!,") if found else bare
    return bare or text


def note_in(text: str) -> str | None:
    """Return the note that a text asks for: "add a note: with Ann", "note that ...", or company alone: "with Ann"."""
    found = _NOTE.match(text.strip())
    if found:
        return found["note"]
    return text.strip() if _WITH.match(text.strip()) else None


def tip_in(text: str) -> tuple[str, bool] | None:
    """Return the amount of a tip as written, and whether it came on top ("plus 2 tip"); "0" for none."""
    bare = text.strip(" .!")
    if _NO_TIP.match(bare):
        return "0", False
    found = next((one for form in _TIPS if (one := form.match(bare))), None)
    return None if found is None else (found["amount"], bool(found["top"]))
