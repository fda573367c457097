"""Text detection by Google Vision, at its fake and at a door that breaks (section 9 of the vendors' page)."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator

import pytest

from bot.core.calls import Again, Done, Outcome, Refused
from bot.core.calls.reading import DetectText
from bot.core.clock import FixedClock
from bot.core.ports import Adapter
from integrations.fakes.google_vision import GoogleVisionFake
from integrations.google_vision import GoogleVisionAdapter, page_of
from tests.integrations.door import NOW, Answer, Door, Fault, Shelf, attempt, open_door
from tests.integrations.photos import photo_of_a_page

LINES = ["TRADER JOE'S #123", "03-15-2026", "TOTAL $26.23"]


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("google_vision") as opened:
        yield opened


async def detect(adapter: Adapter, *pictures: bytes, blobs: tuple[int, ...] = ()) -> Outcome:
    shelf = Shelf()
    ids = [shelf.put(one, "image/jpeg") for one in pictures]
    try:
        return await adapter.calls[DetectText](DetectText([*ids, *blobs]), attempt(files=shelf))
    finally:
        await adapter.close()


async def test_vision_words_become_lines_with_their_places() -> None:
    fake = GoogleVisionFake(FixedClock(NOW), api_key="k")
    async with fake:
        fake.teach(photo_of_a_page(), LINES)
        outcome = await detect(GoogleVisionAdapter("k", base_url=fake.url), photo_of_a_page())
        refused = await detect(GoogleVisionAdapter("other", base_url=fake.url), photo_of_a_page())
    assert isinstance(outcome, Done)
    (page,) = outcome.result.pages
    assert [line.text for line in page.lines] == LINES
    assert page.lines[0].box == (0, 0, 204, 0, 204, 20, 0, 20)
    assert page.lines[0].score == 970
    assert outcome.result.reader == "google_vision"
    assert refused == Refused("forbidden", "status_403")


async def test_vision_the_key_is_in_a_header_and_one_small_picture_in_the_body(door: Door) -> None:
    door.always = Answer(200, {"responses": [{}]})
    outcome = await detect(GoogleVisionAdapter("secret", base_url=door.url), photo_of_a_page())
    assert isinstance(outcome, Done)
    assert outcome.result.pages[0].lines == []
    assert "secret" not in door.last["url"]
    (asked,) = json.loads(door.last["body"])["requests"]
    assert asked["features"] == [{"type": "DOCUMENT_TEXT_DETECTION"}]
    assert base64.b64decode(asked["image"]["content"]).startswith(b"\xff\xd8")


@pytest.mark.parametrize(("status", "kind"), [(429, Again), (503, Again), (400, Refused), (403, Refused)])
async def test_vision_trouble_is_tried_again_and_refusals_are_not(door: Door, status: int, kind: type) -> None:
    door.always = Answer(status, {"error": {}}, {"Retry-After": "7"})
    assert isinstance(await detect(GoogleVisionAdapter("k", base_url=door.url), photo_of_a_page()), kind)


async def test_vision_a_cut_answer_and_nonsense_raise_nothing(door: Door) -> None:
    door.always = Fault.CUT
    assert isinstance(await detect(GoogleVisionAdapter("k", base_url=door.url), photo_of_a_page()), Again)
    wrong: tuple[object, ...] = (
        {},
        {"responses": []},
        {"responses": [{"error": {"code": 3}}]},
        {"responses": [7]},
        [1],
    )
    for body in wrong:
        door.always = Answer(200, body)
        outcome = await detect(GoogleVisionAdapter("k", base_url=door.url), photo_of_a_page())
        assert outcome == Refused("no_result", "wrong_shape")


async def test_vision_a_file_that_is_gone_or_no_picture_is_named(door: Door) -> None:
    outcome = await detect(GoogleVisionAdapter("k", base_url=door.url), b"nothing", blobs=(99,))
    assert isinstance(outcome, Done)
    assert outcome.result.trouble["99"] == "gone"
    assert set(outcome.result.trouble.values()) == {"gone", "unsupported"}
    assert door.requests == []


def test_vision_odd_boxes_and_control_characters_are_survived() -> None:
    word = {
        "symbols": [{"text": "A\u202e"}, {"text": "B", "property": {"detectedBreak": {"type": "LINE_BREAK"}}}],
        "boundingBox": {"vertices": [{}, {"x": 5}, {"x": 5, "y": 3}, {"y": 3}]},
    }
    page = {"width": 10, "height": 10, "blocks": [{"paragraphs": [{"words": [word]}]}]}
    (line,) = page_of({"fullTextAnnotation": {"pages": [page]}}).lines
    assert (line.text, line.box) == ("AB", (0, 0, 5, 0, 5, 3, 0, 3))
