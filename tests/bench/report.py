"""The run in words: tables for people, one document for programs."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter
from typing import Any

from tests.bench.load import Phase
from tests.bench.rounds import Figures
from tests.bench.subjects import ECHO, ECHO_UVLOOP
from tests.bench.targets import Measured, Target

WHATS = ("per_second", "p50_ms", "p99_ms", "cpu_us", "rss_mib")


def machine() -> dict[str, Any]:
    """Tell what the figures were measured on: cores, load before the run, and the cost of an fsync."""
    return {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2), "fsync_ms": round(_fsync_ms(), 2)}


def _fsync_ms(times: int = 60) -> float:
    path = Path(mkdtemp(prefix="parley-fsync-", dir=os.environ.get("BENCH_TMP"))) / "probe"
    took = []
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            started = perf_counter()
            os.fsync(file.fileno())
            took.append(perf_counter() - started)
    path.unlink()
    path.parent.rmdir()
    return sorted(took)[times // 2] * 1000


def rates(figures: Figures) -> str:
    """Return the table of subjects: medians over the rounds, with the slowest and the fastest round."""
    lines = [
        f"{'subject':33}{'senders':>8}{'turns/s':>9}{'min':>8}{'max':>8}{'p50 ms':>8}{'p99 ms':>8}"
        f"{'CPU us':>8}{'MiB':>6}{'of echo':>9}{'uvloop':>8}{'bad':>5}"
    ]
    for (name, senders), found in figures.phases.items():
        speeds = [p.per_second for p in found]
        middle = {what: _median(found, what) for what in WHATS}
        lines.append(
            f"{name:33}{senders:8}{middle['per_second']:9.0f}{min(speeds):8.0f}{max(speeds):8.0f}"
            f"{middle['p50_ms']:8.2f}{middle['p99_ms']:8.2f}{middle['cpu_us']:8.0f}{middle['rss_mib']:6.0f}"
            f"{_share(figures, ECHO.name, senders, middle['per_second']):>9}"
            f"{_share(figures, ECHO_UVLOOP.name, senders, middle['per_second']):>8}{sum(p.bad for p in found):5}"
        )
        lines += [f"    first bad: {p.first_bad}" for p in found if p.bad][:1]
    lines += [f"{name:33} not measured: {reason}" for name, reason in figures.missing.items()]
    return "\n".join(lines)


def _median(found: list[Phase], what: str) -> float:
    values = sorted(getattr(p, what) for p in found)
    half = len(values) // 2
    return float(values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2)


def _share(figures: Figures, echo: str, senders: int, speed: float) -> str:
    found = figures.phases.get((echo, senders))
    return f"{speed / _median(found, 'per_second') * 100:.0f} %" if found else "-"


def marks(rows: list[Target]) -> str:
    """Return the table of targets."""
    lines = [f"{'target':50}{'must':>8}{'goal':>8}{'measured':>11}  verdict"]
    for row in rows:
        value = f"{row.measured:.2f}" if row.measured is not None else "-"
        must, goal = f"{row.must:g} {row.unit}", f"{row.goal:g} {row.unit}"
        lines.append(f"{row.name:50}{must:>8}{goal:>8}{value:>11}  {row.verdict}")
    return "\n".join(lines)


def details(measured: Measured) -> str:
    """Return the lines on growth, start, inbound SMS, batches, the reader and durability."""
    lines = [
        f"growth: {g.persons:9,} persons, {g.mib:5.0f} MiB: turn p50 {g.p50_us:.0f} us, p99 {g.p99_us:.0f} us, "
        f"CPU {g.cpu_us:.0f} us (filled in {g.fill_seconds:.0f} s)"
        for g in measured.grown
    ]
    if start := measured.start:
        lines.append(
            f"start: {start.seconds:.2f} s to listening, {start.first_seconds:.2f} s with an empty folder; "
            f"--help {start.help_seconds:.2f} s; idle {start.idle_mib:.0f} MiB"
        )
    if inbound := measured.inbound:
        lines.append(f"inbound SMS: {inbound.door_us:.0f} us; the official validator {inbound.official_us:.0f} us")
    if insight := measured.insight:
        batches = ", ".join(f"{n} senders {size:.1f}" for n, size in insight.turns_per_commit.items())
        lines.append(f"turns a commit: {batches}")
        (alone, p99), (beside, slower) = insight.alone, insight.with_reader
        lines.append(
            f"a reader that aggregates meanwhile: {alone:.0f} -> {beside:.0f} turns/s, p99 {p99:.1f} -> {slower:.1f} ms"
        )
    if books := measured.books:
        lines.append(f"\n{books}\n")
    lines += [
        f"SIGKILL right after the answer: {k.subject}: {k.kept} of {k.persons} kept, {k.repeated} replies repeated"
        for k in measured.kept
    ]
    return "\n".join(lines)


def document(measured: Measured, rows: list[Target], on: dict[str, Any]) -> dict[str, Any]:
    """Return everything as plain values."""
    return {
        "machine": on,
        "phases": [
            {"subject": name, "round": number + 1, **dataclasses.asdict(phase)}
            for (name, _), found in measured.figures.phases.items()
            for number, phase in enumerate(found)
        ],
        "not_measured": measured.figures.missing,
        "growth": [dataclasses.asdict(g) for g in measured.grown],
        "start": dataclasses.asdict(measured.start) if measured.start else None,
        "inbound_sms": dataclasses.asdict(measured.inbound) if measured.inbound else None,
        "insight": dataclasses.asdict(measured.insight) if measured.insight else None,
        "books": dataclasses.asdict(measured.books) if measured.books else None,
        "durability": [dataclasses.asdict(k) for k in measured.kept],
        "targets": [{**dataclasses.asdict(row), "verdict": row.verdict} for row in rows],
    }
