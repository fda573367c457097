"""The reading process's side: one file in, its pages out.

The models, and the libraries around them, are loaded when the first picture needs them: the text of a PDF is read
without them, and where they are not installed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from PIL import Image

from integrations.ocr.documents import open_pages
from integrations.ocr.likeness import perceptual_hash
from integrations.ocr.lines import Page
from integrations.ocr.opening import open_picture
from integrations.ocr.trouble import Trouble
from integrations.resident import allow

if TYPE_CHECKING:
    from integrations.ocr.recognition import Recognition

OPEN_SECONDS = 10
"""Of the processor, for opening one picture or page."""


def read(request: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """Answer {pages, ms, hash} or {trouble} for the file given; ask with {kind, closely, seconds}.

    `seconds` is the time after which no further line is begun: what was read until then is the answer. Without a file
    only the models are loaded.
    """
    try:
        if not blobs:
            _recognition()
            return {}, []
        return _read(request, blobs[0]), []
    except Trouble as trouble:
        return {"trouble": trouble.code}, []


def _read(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    begun, loading, pages, shape = time.monotonic(), 0.0, [], None
    until = begun + float(request["seconds"])
    allow(OPEN_SECONDS)
    for opened in open_pages(data) if request["kind"] == "pdf" else [open_picture(data, request["kind"])]:
        if isinstance(opened, Image.Image):
            allow(int(request["seconds"]) + OPEN_SECONDS)
            shape = perceptual_hash(opened) if shape is None else shape
            before = time.monotonic()
            _recognition()
            loading += time.monotonic() - before
            pages.append(_page(opened, closely=request["closely"], in_time=lambda: time.monotonic() < until))
        else:
            pages.append(opened)
        if time.monotonic() > until:
            break
        allow(OPEN_SECONDS)
    duration_ms = round((time.monotonic() - begun - loading) * 1000)
    return {"pages": [page.packed() for page in pages], "ms": duration_ms, "hash": shape}


def _page(picture: Image.Image, *, closely: bool, in_time: Callable[[], bool]) -> Page:
    import numpy as np

    from integrations.ocr.recognition import LARGER_SIDE, SIDE
    from integrations.ocr.upright import read_upright

    pixels = np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])
    return read_upright(_recognition(), pixels, side=LARGER_SIDE if closely else SIDE, in_time=in_time)


@cache
def _recognition() -> Recognition:
    try:
        from integrations.ocr.recognition import Recognition
    except ImportError:
        raise Trouble("no_reader") from None
    return Recognition()
