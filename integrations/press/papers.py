"""The child's side of papers about money: one typeset PDF, the same bytes for the same document (A77).

Loaded by path in a process of its own (`integrations.child`), so it imports nothing of ours.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pypdfium2
import typst

_TEMPLATE = Path(__file__).with_name("paper.typ")


def typeset(request: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """Answer {pages, dropped} with the PDF; a character that the font lacks is printed as a box."""
    files: Any = {"main": _TEMPLATE.read_bytes(), "paper.json": json.dumps(request["document"]).encode()}
    pdf: Any = typst.compile(files, ignore_system_fonts=True, format="pdf", timestamp=0)
    return {"pages": len(pypdfium2.PdfDocument(pdf)), "dropped": ""}, [pdf]
