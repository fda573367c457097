"""Seconds and memory of the local reader on the development pictures beside the checkout, and what it reads of them.

    python -m tests.bench.ocr                      # every picture
    python -m tests.bench.ocr --every 5 --turned   # each fifth one, upright and turned three ways
    python -m tests.bench.ocr --closely            # the second look (OCR-7)

Processor seconds are the reading process's own. Lines are compared with those recorded for the same models.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from integrations.ocr.worker import FileRead, OcrWorker

PICTURES = Path(__file__).parents[2] / "../shared/receipts"
WAYS = {
    "upright": None,
    "90": Image.Transpose.ROTATE_90,
    "180": Image.Transpose.ROTATE_180,
    "270": Image.Transpose.ROTATE_270,
}


@dataclass(slots=True)
class Figures:
    """What was measured: seconds of each picture, and lines read, recorded and the same."""

    processor: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    read: int = 0
    recorded: int = 0
    same: int = 0
    turned_right: int = 0

    def report(self, name: str) -> str:
        """Return one line of figures."""
        cpu, wall = sorted(self.processor), sorted(self.wall)
        return (
            f"{name:8} {len(cpu)} pictures  CPU s: median {statistics.median(cpu):.2f}, p95 {_p95(cpu):.2f}"
            f"  wall s: median {statistics.median(wall):.2f}, p95 {_p95(wall):.2f}"
            f"  lines: {self.same} of {self.recorded} as recorded ({self.same / max(1, self.recorded):.1%}),"
            f" {self.read} read  upright {self.turned_right}"
        )


async def main() -> None:
    """Measure and print."""
    options = _options()
    if not PICTURES.is_dir():
        print("skipped: the development pictures (../shared/receipts) are not beside the checkout")
        return
    recorded = {row["file"]: row["lines"] for row in map(json.loads, (PICTURES / "ocr_lines.jsonl").open())}
    worker = OcrWorker()
    started = time.perf_counter()
    await worker.warm()
    print(f"start with models {time.perf_counter() - started:.2f} s, {memory_mib(worker.pid, 'VmRSS')} MiB")
    for way in WAYS if options.turned else ["upright"]:
        figures = Figures()
        for path in sorted(PICTURES.glob("*.jpg"))[:: options.every]:
            await _measure(worker, _file(path, way), recorded[path.name], figures, closely=options.closely)
        print(figures.report(way))
    print(
        f"most memory {memory_mib(worker.pid, 'VmHWM')} MiB resident,"
        f" {memory_mib(worker.pid, 'VmPeak')} MiB of addresses"
    )
    await worker.close()


async def _measure(
    worker: OcrWorker, data: bytes, recorded: list[list[object]], figures: Figures, *, closely: bool
) -> None:
    before, started = processor_seconds(worker.pid), time.perf_counter()
    file = await worker.read(data, closely=closely)
    figures.wall.append(time.perf_counter() - started)
    figures.processor.append(processor_seconds(worker.pid) - before)
    mine, theirs = Counter(_texts(file)), Counter(str(line[1]).strip() for line in recorded)
    same = sum((mine & theirs).values())
    figures.read += sum(mine.values())
    figures.recorded += sum(theirs.values())
    figures.same += same
    figures.turned_right += same > sum(theirs.values()) / 2


def _texts(file: FileRead) -> Iterator[str]:
    return (line.text for page in file.pages for line in page.lines)


def _file(path: Path, way: str) -> bytes:
    turn = WAYS[way]
    if turn is None:
        return path.read_bytes()
    out = io.BytesIO()
    with Image.open(path) as picture:
        picture.transpose(turn).save(out, "PNG", compress_level=1)
    return out.getvalue()


def processor_seconds(pid: int | None) -> float:
    """Return the processor time that a process has used, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int | None, name: str) -> int:
    """Return a figure of /proc/PID/status: VmRSS, VmHWM (the most resident so far), VmPeak."""
    rows = dict(row.split(":", 1) for row in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in row)
    return int(rows[name].split()[0]) // 1024


def _p95(ordered: list[float]) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="take each n-th picture")
    parser.add_argument("--turned", action="store_true", help="also turned by 90, 180 and 270 degrees")
    parser.add_argument("--closely", action="store_true", help="with the larger detection size")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
