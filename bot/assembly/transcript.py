"""A conversation on paper: written by the terminal's `:save`, played again as a test.

    # as telegram, from 2026-11-21T03:30:00+00:00
    > got a ticket in SF
    < Which ticket is it?
      [Photo] [Number]
    > :wait 1d

Lines that begin with `>` are what the person did; `<` and what is indented below it is what came back. What differs
from run to run (tokens in links, ports, case codes) is masked in both when they are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Channel = Literal["sms", "telegram"]
_HEAD = re.compile(r"# as (sms|telegram), from (\S+)")
_MASKS = (
    (re.compile(r"https?://[^\s/]+/(p|d|c/pay)/[\w-]+"), r"<link \1>"),
    (re.compile(r"https?://(?:127\.0\.0\.1|localhost)(?::\d+)?"), "<here>"),
    (re.compile(r"\bA-[A-HJ-NP-Z2-9]{5}\b"), "A-<code>"),
    (re.compile(r"\bR-[A-HJ-NP-Z2-9]{6}\b"), "R-<receipt>"),
    (re.compile(r"\b(TEST )?9[2-5]\d{20}\b"), "<tracking>"),
    (re.compile(r"\b(?:ltr|cs|pi|re)_\w{8,}"), "<vendor id>"),
)


@dataclass(slots=True)
class Step:
    """One thing the person did, with what came back."""

    done: str
    replies: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Transcript:
    """A whole session."""

    channel: Channel
    start: datetime
    steps: list[Step] = field(default_factory=list)

    def dump(self) -> str:
        """Write it down."""
        lines = [f"# as {self.channel}, from {self.start.isoformat()}"]
        for step in self.steps:
            lines.append(f"> {step.done}")
            for reply in step.replies:
                first, *rest = reply.split("\n")
                lines += [f"< {first}".rstrip(), *(f"  {line}".rstrip() for line in rest)]
        return "\n".join(lines) + "\n"

    @classmethod
    def load(cls, text: str) -> Transcript:
        """Read it; raise ValueError on a line that belongs nowhere."""
        head, *lines = text.splitlines()
        found = _HEAD.fullmatch(head.strip())
        if found is None:
            raise ValueError("a transcript begins with `# as sms|telegram, from <time>`")
        channel: Channel = "sms" if found[1] == "sms" else "telegram"
        transcript = cls(channel, datetime.fromisoformat(found[2]))
        for number, line in enumerate(lines, 2):
            transcript._add(line, number)
        return transcript

    def _add(self, line: str, number: int) -> None:
        if line.startswith("> "):
            self.steps.append(Step(line[2:]))
        elif line.startswith("<") and self.steps:
            self.steps[-1].replies.append(line[2:])
        elif (not line or line.startswith("  ")) and self.steps and self.steps[-1].replies:
            self.steps[-1].replies[-1] += "\n" + line[2:]
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"line {number} of the transcript is neither `> ` nor `< `: {line!r}")


def masked(text: str) -> str:
    """Return a reply without what differs from run to run."""
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return "\n".join(line.rstrip() for line in text.rstrip().split("\n"))


def difference(expected: Iterable[str], found: Iterable[str]) -> list[str]:
    """Return unified diff lines between the replies of two runs; empty when they agree."""
    from difflib import unified_diff

    before, after = ([line for one in replies for line in masked(one).split("\n")] for replies in (expected, found))
    return list(unified_diff(before, after, "expected", "found", lineterm=""))
