"""Draws the receipts, reads them with the local reader and stores the lines beside the texts.

    python -m tests.handlers.receipts.drawn.read [NAME...] [--out DIR]

Needs the fonts and the OCR extra; each text file becomes `lines/<file>.jsonl`. With `--out` the pictures are kept too.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
from pathlib import Path

from integrations.ocr.worker import OcrWorker
from tests.handlers.receipts.drawn.drawing import drawn
from tests.handlers.receipts.drawn.sheet import LINES, TEXTS, Sheet, sheets


async def _read(worker: OcrWorker, sheet: Sheet, out: Path | None) -> str:
    packed = io.BytesIO()
    drawn(sheet).save(packed, "JPEG", quality=80)
    if out:
        (out / f"{sheet.name}.jpg").write_bytes(packed.getvalue())
    page = (await worker.read(packed.getvalue())).pages[0]
    lines = [[list(line.box), line.text, line.score / 1000] for line in page.lines]
    return json.dumps({"file": sheet.name, "lines": lines}, ensure_ascii=False, separators=(",", ":"))


async def main() -> None:
    """Write the lines of the chosen files, or of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    worker = OcrWorker()
    LINES.mkdir(exist_ok=True)
    for file in sorted(TEXTS.glob("*.txt")):
        if chosen.names and file.stem not in chosen.names:
            continue
        rows = [await _read(worker, sheet, chosen.out) for sheet in sheets(file)]
        (LINES / f"{file.stem}.jsonl").write_text("".join(f"{row}\n" for row in rows), "utf-8")
    await worker.close()


if __name__ == "__main__":
    asyncio.run(main())
