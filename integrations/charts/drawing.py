"""The child's side of the charts: typeset one, and take its picture.

Loaded by path in a process of its own (`integrations.child`), so it imports nothing of ours.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import typst
from PIL import Image

WIDTH = 1080
_POINTS = 540
"""The page is this wide in the template: two pixels to a point."""
_TEMPLATE = Path(__file__).with_name("chart.typ")


def draw(request: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """Answer {width, height} with the PNG of a chart; `request` holds the fields of `DrawChart`."""
    files: Any = {"main": _TEMPLATE.read_bytes(), "chart.json": json.dumps(request).encode()}
    drawn: Any = typst.compile(files, ignore_system_fonts=True, format="png", ppi=72 * WIDTH / _POINTS, timestamp=0)
    with Image.open(io.BytesIO(drawn)) as picture:
        flat = picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    out = io.BytesIO()
    flat.save(out, "PNG", optimize=True)
    return {"width": flat.width, "height": flat.height}, [out.getvalue()]
