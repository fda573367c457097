"""Mails that a person forwarded: who wrote the inner one, and when (rule EML-6).

Mail programs put a small head into the body, in the language of its user: a marker line, then `From:`, `Date:` or
`Sent:`, `Subject:` in any order. Gmail, Outlook and Apple Mail differ in labels only.

    ---------- Forwarded message ---------
    From: Luna Books <orders@luna.example>
    Date: Wed, Mar 18, 2026 at 9:14 AM
    Subject: Your receipt
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from bot.core.calls.mail import MailParty
from handlers.receipts.mail.message import party
from handlers.receipts.merchants import folded
from handlers.receipts.reading import page_of_text
from handlers.receipts.reading.dates import dates_in
from handlers.receipts.reading.rows import rows_of

FARTHEST, LONGEST_HEAD, MOST_HEADS = 60, 12, 5
_LABEL = re.compile(r"^[\s>*|]*([^\W\d_][^:\n]{0,24}?)\s*\*?:\**\s*(.*)$")
_QUOTE = re.compile(r"^(?:\s*>)+ ?")


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The inner head, the lines below it, and what the person wrote above it."""

    sender: MailParty
    day: str
    subject: str
    lines: list[str]
    note: str


@cache
def _table() -> tuple[dict[str, str], frozenset[str], tuple[str, ...]]:
    raw = tomllib.loads((Path(__file__).parent / "data" / "forwarding.toml").read_text("utf-8"))
    labels = {label: name for name, words in raw["labels"].items() for label in words}
    return labels, frozenset(raw["marks"]["lines"]), tuple(raw["marks"]["subjects"])


def bare_subject(subject: str) -> str:
    """Return a subject without the marks of forwarding and answering."""
    marks = "|".join((*_table()[2], "re", "aw"))
    return re.sub(rf"^(?:\s*(?:{marks})\s*(?:\[\d+\])?\s*:)+\s*", "", subject, flags=re.I).strip()


def is_marked(subject: str) -> bool:
    """Tell whether a subject says that the mail was forwarded."""
    return bool(re.match(rf"\s*(?:{'|'.join(_table()[2])})\s*:", subject, re.I))


def forwarded(lines: Sequence[str], *, today: date) -> Forwarded | None:
    """Return the innermost head near the top of a body, None when there is none."""
    found, note, rest = None, "", list(lines)
    for _ in range(MOST_HEADS):
        head = _head_in(rest)
        if head is None:
            break
        told, start, end = head
        above = [line for line in rest[:start] if line.strip() and not _is_mark(line)]
        note, rest = note or " ".join(above)[:200], [_QUOTE.sub("", line) for line in rest[end:]]
        sender, subject = party(_plain_address(told["from"])), bare_subject(told.get("subject", ""))
        found = Forwarded(sender, day_in(told.get("date", ""), today), subject, rest, note)
    return found


def _plain_address(text: str) -> str:
    """Return `Name <address>` of what programs make of it: `Name [mailto:address]`, `Name <a<mailto:a>>`."""
    text = text.replace("[", "<").replace("]", ">").replace("(", "<").replace(")", ">")
    return re.sub(r"<mailto:([^<>\s]+)>", r"<\1>", re.sub(r"(<[^<>\s]+)<mailto:[^<>]*>>?", r"\1>", text))


def _head_in(lines: Sequence[str]) -> tuple[dict[str, str], int, int] | None:
    """Return what the next head says, with the lines where it begins and ends."""
    for at in range(min(len(lines), FARTHEST)):
        told, end = _told(lines, at)
        enough = 2 if _has_mark(lines, at) else 3
        if "from" in told and len(told) >= enough and ("date" in told or "subject" in told):
            return told, at, end
    return None


def _told(lines: Sequence[str], at: int) -> tuple[dict[str, str], int]:
    """Return what a run of labelled lines says, and where it ends; the first line must be labelled."""
    told, end = dict[str, str](), at
    for number in range(at, min(len(lines), at + LONGEST_HEAD)):
        labelled = _labelled(lines[number])
        if labelled:
            told.setdefault(*labelled)
            end = number + 1
        elif number == at or number > end:  # one line between may be empty, or the rest of a long one
            break
    return told, end


def _labelled(line: str) -> tuple[str, str] | None:
    match = _LABEL.match(_QUOTE.sub("", line))
    name = _table()[0].get(re.sub(r"\s+", " ", folded(match[1])).strip()) if match else None
    return (name, match[2].strip(" *")) if name and match else None


def _has_mark(lines: Sequence[str], at: int) -> bool:
    return any(_is_mark(line) for line in lines[max(0, at - 3) : at])


def _is_mark(line: str) -> bool:
    words = re.sub(r"^[\s>*_-]+|[\s:*_-]+$", "", folded(line)).replace(" :", "")
    return words in _table()[1] or bool(re.fullmatch(r"\s*[_]{10,}\s*", line))


def day_in(text: str, today: date) -> str:
    """Return the day that a date line of a mail names, in ISO form; empty when it names none."""
    text = re.sub(r"(?<=\d)\s+de\s+|(?<=[a-z])\s+de\s+(?=\d)", " ", text, flags=re.I)
    found = dates_in(rows_of([page_of_text([text])]), today, "mdy" if re.search(r"\d[ap]m|\b[AP]M\b", text) else "dmy")
    return found[0].value.isoformat() if found else ""
