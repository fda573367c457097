"""What operators ask of the machine that takes longer than a turn: the audit checked or exported, reports read."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.calls.charts import ChartBar
from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class VerifyAudit:
    """Recompute the chain of the audit, in a process of its own."""


@wire
@dataclass(frozen=True, slots=True)
class AuditVerified:
    """How many entries were right, where the chain ends, and the damaged number with the reason, if there is one."""

    count: int
    seq: int
    hash: str
    damaged: int | None = None
    why: str = ""


@wire
@dataclass(frozen=True, slots=True)
class ExportAudit:
    """Write entries of the audit into files of a kind (csv, jsonl), in a process of its own.

    `wanted` holds the filters as words, times as ISO text. The files belong to `person_id` for a day.
    """

    kind: str
    person_id: int
    wanted: dict[str, str] = field(default_factory=dict)


@wire
@dataclass(frozen=True, slots=True)
class OfficeFile:
    """A finished file."""

    blob: int
    name: str
    size: int


@wire
@dataclass(frozen=True, slots=True)
class AuditExported:
    """The files, all entries in order, and how many entries they hold."""

    count: int
    files: list[OfficeFile] = field(default_factory=list)


@wire
@dataclass(frozen=True, slots=True)
class ReadReport:
    """Read the figures of a set; days are ISO text, half-open, in `zone`. `csv` asks for a file as well.

    `past` says that the days are over: what stands, and is not counted by days, is told as it stood at their end.
    """

    name: str
    first: str
    end: str
    csv: bool = False
    zone: str = "America/Los_Angeles"
    past: bool = False


@wire
@dataclass(frozen=True, slots=True)
class ReportRead:
    """A report in words, its bars for a chart, and its table as a file when that was wanted."""

    title: str
    lines: list[str]
    bars: list[ChartBar] = field(default_factory=list)
    file: OfficeFile | None = None
