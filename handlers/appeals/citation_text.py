"""Reading numbers out of what people type and what a camera reads: characters, labels, groups, look-alikes.

A text becomes groups of characters that could belong to one number; spans that are plainly a date, a time, a price, a
telephone number or a ZIP+4 are set aside as look-alikes (rule NUM-6), as are numbers that carry another label. What a
group means is decided later, against the formats of one city.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_FOLDS = str.maketrans(dict.fromkeys(_DASHES, "-") | dict.fromkeys(_INVISIBLE, ""))
CONFUSIONS = dict.fromkeys("OoQD", "0") | dict.fromkeys("Iil|", "1") | dict.fromkeys("Zz", "2")
CONFUSIONS |= dict.fromkeys("Ss", "5") | {"B": "8", "G": "6"}

_CITATION_LABEL = r"citation|ticket|summons|cit|tkt|citaci[oó]n|multa|boleto|infracci[oó]n|violation|issue"
_OTHER_LABEL = {
    "plate": r"licen[cs]e|plate|placa|tag",
    "permit": r"permit|placard|permiso",
    "meter": r"meter|par[qk]u[ií]metro|pay\s?station|pkgs|zone",
    "badge": r"badge|officer|ofc|employee|beat",
    "notice": r"(?:delinquent\s|late\s)?notice(?!\s+of\b)|letter",
    "phone": r"phone|tel|telephone|call|fax|mobile|cell",
    "account": r"account|acct|invoice|case|vin|receipt|confirmation",
}
_NUMBER_WORD = r"(?:\s*(?:number|num|no|nbr|nr|id|n[uú]mero|de|is|was|code|[#№º°.:=\-]))*\s*$"
_LABELS = {"citation": re.compile(rf"\b(?:{_CITATION_LABEL})s?{_NUMBER_WORD}", re.IGNORECASE)} | {
    kind: re.compile(rf"\b(?:{words})s?{_NUMBER_WORD}", re.IGNORECASE) for kind, words in _OTHER_LABEL.items()
}
LABEL_REACH = 60
LONGEST_TEXT = 5_000
_GLUED = re.compile(r"(?:citation|ticket|summons|notice|number|cit|tkt|no|num|nr)(?=\d)", re.IGNORECASE)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec"
_LOOKS = {
    "date": re.compile(
        r"(?<![\d/.\-])(?:(?:0?[1-9]|1[0-2])([/.\-])(?:0?[1-9]|[12]\d|3[01])\1(?:(?:19|20)\d\d|\d\d)"
        r"|(?:19|20)\d\d([/.\-])(?:0?[1-9]|1[0-2])\2(?:0?[1-9]|[12]\d|3[01])"
        rf"|(?:(?:{_MONTHS})[a-z]*\.?\s+\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTHS})[a-z]*)"
        r"(?:,?\s+(?:19|20)\d\d)?|(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01]))(?![\d/.\-]*\d)",
        re.IGNORECASE,
    ),
    "time": re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?m\b)?|\b\d{1,2}\s*[ap]m\b", re.IGNORECASE),
    "price": re.compile(r"[$€£]\s*\d[\d,]*(?:\.\d{1,2})?|\b\d+\.\d{2}\b(?![.\-\d])"),
    "phone": re.compile(
        r"(?<![\d\-])(?:\+\d[\d\s().\-]{8,16}\d|(?:1[\s.\-])?\(\d{3}\)\s*\d{3}[\s.\-]?\d{4}"
        r"|(?:1[.\-])?\d{3}([.\-])\d{3}\1\d{4})(?![\d\-])"
    ),
    "zip": re.compile(r"(?<![\d\-])\d{5}-\d{4}(?![\d\-])"),
}
_ATOM = re.compile(r"[A-Za-z0-9|]+")
_LISTED = re.compile(r"\s*(?:,|;|&|\+|and|y|plus|also|,\s*and)\s*", re.IGNORECASE)
_JOINER = re.compile(r"[ \t]*[.\-/#_]?[ \t]*|,|\s*\n\s*")


class Sureness(IntEnum):
    """How likely a group is the citation number, from where it stands."""

    LOOK_ALIKE = 0
    UNLABELLED = 1
    LABELLED = 2


@dataclass(frozen=True, slots=True)
class Group:
    """Characters that may form one number: its parts as typed, where it stands, and what else it looks like."""

    parts: tuple[str, ...]
    sureness: Sureness = Sureness.UNLABELLED
    looks_like: str | None = None
    broken: bool = False

    @property
    def raw(self) -> str:
        """Return the characters without separators, with their case."""
        return "".join(self.parts)


def plain_text(text: str) -> str:
    """Fold widths, digits of all scripts, dashes and invisible characters (rule NUM-2)."""
    folded = unicodedata.normalize("NFKC", text.translate(_FOLDS)).translate(_FOLDS)
    return "".join(str(unicodedata.decimal(c)) if unicodedata.decimal(c, None) is not None else c for c in folded)


def normalise(text: str) -> str:
    """Return the number in a short answer: upper case, without separators and label words; leading zeros stay."""
    words = re.sub(rf"(?i)\b(?:{_CITATION_LABEL}|notice|number|num|nbr|no|nr)\b|№", " ", plain_text(text))
    return re.sub(r"[^A-Z0-9]", "", _GLUED.sub("", words).upper())


def groups_of(text: str) -> list[Group]:
    """Return the groups of a text: those set aside as look-alikes last."""
    plain = plain_text(text[:LONGEST_TEXT])
    aside, rest = [], plain
    for kind, pattern in _LOOKS.items():
        for match in pattern.finditer(rest):
            digits = re.sub(r"\D", "", match.group())
            aside.append(Group((digits[-10:] if kind == "phone" else digits,), Sureness.LOOK_ALIKE, kind))
        rest = pattern.sub(lambda match: "\x00" * len(match.group()), rest)
    return [*_runs(rest), *aside]


def _runs(text: str) -> Iterator[Group]:
    """Yield the maximal runs of parts that only separators divide; a label or a word ends a run.

    A label goes for a whole list: in "tickets 900000417 and 900000418" both numbers are tickets.
    """
    before, last = Sureness.UNLABELLED, 0
    for group, start, end in _spans(text):
        found = _labelled(group, text[max(0, start - LABEL_REACH) : start])
        if (
            found.sureness is Sureness.UNLABELLED
            and before is Sureness.LABELLED
            and _LISTED.fullmatch(text[last:start])
        ):
            found = replace(found, sureness=before)
        before, last = found.sureness, end
        yield found


def _spans(text: str) -> Iterator[tuple[Group, int, int]]:
    parts: list[str] = []
    start = end = 0
    broken = False
    for match in _ATOM.finditer(text):
        gap = text[end : match.start()]
        if not is_number_like(match.group()):
            continue
        if parts and _JOINER.fullmatch(gap):
            broken = broken or "\n" in gap
        else:
            if parts:
                yield Group(tuple(parts), broken=broken), start, end
            parts, start, broken = [], match.start(), False
        parts.append(_GLUED.sub("", match.group()) if len(match.group()) > 5 else match.group())
        end = match.end()
    if parts:
        yield Group(tuple(parts), broken=broken), start, end


def is_number_like(atom: str) -> bool:
    """Say whether a word may be part of a number: a digit in it, short capitals, or misread digits."""
    if any(c.isdigit() for c in atom):
        return True
    if len(atom) <= 3 and atom.isupper():
        return atom not in {"NO", "NR", "ID", "I", "A"}
    return len(atom) > 1 and all(c in CONFUSIONS for c in atom)


def _labelled(group: Group, before: str) -> Group:
    if _LABELS["citation"].search(before):
        return replace(group, sureness=Sureness.LABELLED)
    for kind in _OTHER_LABEL:
        if _LABELS[kind].search(before):
            return replace(group, sureness=Sureness.LOOK_ALIKE, looks_like=kind)
    return group


def reads_as_date(number: str, today: date) -> bool:
    """Say whether eight digits are a date within five years of today (rule NUM-6)."""
    if len(number) != 8 or not number.isdigit():
        return False
    orders = ((0, 4, 6), (4, 0, 2), (4, 2, 0))
    for year_at, month_at, day_at in orders:
        try:
            day = date(*(int(number[at : at + n]) for at, n in ((year_at, 4), (month_at, 2), (day_at, 2))))
        except ValueError:
            continue
        if abs((day - today).days) <= 5 * 366:
            return True
    return False
