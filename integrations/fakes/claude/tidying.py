"""Makes a person's words presentable without adding or losing a fact: spacing, capitals, full stops.

It is what a careful model would do at least; every word of the person stays, in order.
"""

from __future__ import annotations

import re

_ABBREVIATIONS = re.compile(
    r"(?:\b(?:[A-Za-z]\.){2,}|\b(?:[A-Z]|[ap]\.m|mr|mrs|ms|dr|st|ave|blvd|rd|no|approx|vs|etc)\.)$", re.I
)
_SENTENCE_END = re.compile(r"([.!?][\"')\]]*)(\s+)")
_OPENING = "\"'([“‘"


def tidy(text: str) -> str:
    """Return the tidied text, paragraph by paragraph; tidying twice changes nothing."""
    paragraphs = (re.sub(r"\s+", " ", part).strip() for part in re.split(r"\n\s*\n", text))
    return "\n\n".join(_paragraph(part) for part in paragraphs if part)


def _paragraph(text: str) -> str:
    text = re.sub(r"([,;])(?=[^\W\d_])", r"\1 ", text)
    text = re.sub(r"\s+([,.;:!?]+)(?=\s|$)", r"\1", text)
    text = re.sub(r"([!?])[!?]+", r"\1", text)
    text = re.sub(r"\.{4,}", "...", text)
    text = re.sub(r"(?<![\w.])i(?=$|[\s,;:!?]|'(?:m|ve|ll|d)\b|\.(?:\s|$))", "I", text)
    text = "".join(_sentences(text))
    return text if text[-1] in ".!?" or re.search(r"[.!?][\"')\]]$", text) else text.rstrip(",;:") + "."


def _sentences(text: str) -> list[str]:
    out, start, fresh = [], 0, True
    for match in _SENTENCE_END.finditer(text):
        piece = text[start : match.end()]
        out.append(_capital(piece) if fresh else piece)
        fresh = not _ABBREVIATIONS.search(text[: match.end(1)])
        start = match.end()
    out.append(_capital(text[start:]) if fresh else text[start:])
    return out


def _capital(sentence: str) -> str:
    lead = len(sentence) - len(sentence.lstrip(_OPENING))
    return sentence[:lead] + sentence[lead : lead + 1].upper() + sentence[lead + 1 :]
