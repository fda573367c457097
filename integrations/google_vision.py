"""Detects text on pictures with Google Cloud Vision, by its REST interface and an API key.

It sees letters only: words with their boxes, put together to lines here. A detection has no side effect, so a lost
answer may be asked for again. The key goes in a header, never into an address that somebody logs.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator, Mapping
from typing import Any

from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.calls.reading import DetectText, PrintedLine, PrintedPage, PrintRead
from bot.core.ports import Attempt, LookUp, Perform
from integrations.http import CONNECT_SECONDS, Lost, Wire, retry_after, unfinished
from integrations.pictures import copies

LONG_SIDE, PIXELS = 1600, 2_560_000
MOST_LINES, LONGEST_LINE = 300, 300
_ENDS = frozenset({"EOL_SURE_SPACE", "LINE_BREAK"})
_SPACES = frozenset({"SPACE", "SURE_SPACE"})
_REFUSALS = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "bad_request", 413: "too_large"}


class GoogleVisionAdapter:
    """DOCUMENT_TEXT_DETECTION, one picture a request."""

    vendor = "google_vision"

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = "https://vision.googleapis.com",
        seconds: float = 20.0,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._seconds = seconds
        headers = {"X-Goog-Api-Key": api_key}
        self._wire = Wire("google_vision", base_url, headers=headers, connect_seconds=connect_seconds)
        self.calls: Mapping[type, Perform] = {DetectText: self._detect}
        self.look_ups: Mapping[type, LookUp] = {}

    async def close(self) -> None:
        """Release connections."""
        await self._wire.close()

    async def _detect(self, call: DetectText, attempt: Attempt) -> Outcome:
        started, pages, trouble = time.perf_counter(), list[PrintedPage](), dict[str, str]()
        for blob in call.blobs:
            try:
                data = await attempt.files.get(blob)
            except KeyError:
                trouble[str(blob)] = "gone"
                continue
            made = await copies(data, "view", side=LONG_SIDE, pixels=PIXELS)
            if made.trouble or not made.pictures:
                trouble[str(blob)] = made.trouble or "unreadable"
            for picture in made.pictures:
                page = await self._page(picture)
                if not isinstance(page, PrintedPage):
                    return page
                pages.append(page)
        took = round((time.perf_counter() - started) * 1000)
        return Done(PrintRead(pages, "google_vision", took, trouble))

    async def _page(self, picture: bytes) -> PrintedPage | Outcome:
        image = {"content": base64.b64encode(picture).decode("ascii")}
        asked = {"requests": [{"image": image, "features": [{"type": "DOCUMENT_TEXT_DETECTION"}]}]}
        answer = await self._wire.ask(
            "POST", "/v1/images:annotate", operation="annotate", seconds=self._seconds, json=asked
        )
        if isinstance(answer, Lost):
            return unfinished(answer, harmless=True)
        if answer.status != 200:
            reason = f"status_{answer.status}"
            if answer.status in (408, 409, 429) or answer.status >= 500:
                return Again(reason, retry_after(answer.headers), whole_vendor=True)
            return Refused(_REFUSALS.get(answer.status, "no_result"), reason)
        try:
            return page_of(answer.record()["responses"][0])
        except (AttributeError, KeyError, IndexError, TypeError, ValueError):
            return Refused("no_result", "wrong_shape")


def page_of(response: Mapping[str, Any]) -> PrintedPage:
    """Return the page of one annotated picture; raise ValueError when the service could not read that picture."""
    if response.get("error"):
        raise ValueError("the picture was refused")
    pages = (response.get("fullTextAnnotation") or {}).get("pages") or []
    if not pages:
        return PrintedPage(0, 0, [], "ocr")
    page = pages[0]
    return PrintedPage(int(page.get("width", 0)), int(page.get("height", 0)), list(_lines(page))[:MOST_LINES], "ocr")


def _lines(page: Mapping[str, Any]) -> Iterator[PrintedLine]:
    """Put words together to lines, at the breaks that the service saw."""
    for block in page.get("blocks", ()):
        for paragraph in block.get("paragraphs", ()):
            text, boxes, scores = "", list[tuple[int, int]](), list[float]()
            for word in paragraph.get("words", ()):
                spelled, ends = _spelled(word)
                text += spelled
                boxes += [(int(v.get("x", 0)), int(v.get("y", 0))) for v in word["boundingBox"]["vertices"]]
                scores.append(float(word.get("confidence", 0.9)))
                if ends:
                    yield _line(text, boxes, scores)
                    text, boxes, scores = "", [], []
            if text.strip():
                yield _line(text, boxes, scores)


def _spelled(word: Mapping[str, Any]) -> tuple[str, bool]:
    text, ends = "", False
    for symbol in word.get("symbols", ()):
        text += str(symbol.get("text", ""))
        kind = ((symbol.get("property") or {}).get("detectedBreak") or {}).get("type")
        text += " " if kind in _SPACES else ""
        ends = ends or kind in _ENDS
    return text, ends


def _line(text: str, boxes: list[tuple[int, int]], scores: list[float]) -> PrintedLine:
    left, right = min(x for x, _ in boxes), max(x for x, _ in boxes)
    top, bottom = min(y for _, y in boxes), max(y for _, y in boxes)
    score = round(1000 * sum(scores) / len(scores))
    shown = "".join(one for one in text if one.isprintable()).strip()[:LONGEST_LINE]
    return PrintedLine(shown, score, (left, top, right, top, right, bottom, left, bottom))
