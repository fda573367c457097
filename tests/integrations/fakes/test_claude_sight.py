"""What the fake model reads on pictures: what it was taught, however the picture was scaled, and nothing else."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot.core.calls import Done, Outcome
from bot.core.calls.workshop import ReadText
from bot.core.clock import FixedClock
from integrations.claude import ClaudeAdapter
from integrations.fakes.claude import ClaudeFake
from tests.integrations.door import Shelf, attempt
from tests.integrations.photos import TICKET, photo_of_a_page

FOUND = {"number": "912 345 678", "issued": "11/16/2026", "colour": "white"}
FIELDS = {"number": "the citation number", "issued": "the date of issue", "plate": "the plate"}


@pytest.fixture
async def fake(clock: FixedClock) -> AsyncIterator[ClaudeFake]:
    server = ClaudeFake(clock, api_key="k")
    async with server:
        yield server


async def read(fake: ClaudeFake, *photos: bytes) -> Outcome:
    claude, shelf = ClaudeAdapter("k", base_url=fake.url), Shelf()
    blobs = [shelf.put(photo, "image/jpeg") for photo in photos]
    outcome = await claude.calls[ReadText](
        ReadText(blobs, "ticket_photo", "v1", "parking ticket", FIELDS, "k_1"), attempt(files=shelf)
    )
    await claude.close()
    return outcome


def shown(outcome: Outcome) -> tuple[str, list[dict[str, str]]]:
    assert isinstance(outcome, Done), outcome
    return outcome.result.text, outcome.result.found


@pytest.mark.parametrize("size", [(1200, 1600), (3000, 4000)])
async def test_a_picture_that_was_taught_is_read_after_the_adapter_scaled_it(
    fake: ClaudeFake, size: tuple[int, int]
) -> None:
    photo = photo_of_a_page(size=size)
    fake.teach(photo, TICKET, [FOUND])
    text, found = shown(await read(fake, photo))
    assert text == "\n".join(TICKET)
    assert found == [{"number": "912 345 678", "issued": "11/16/2026"}], "only what is asked for, nulls left out"


async def test_the_likest_of_several_alike_is_taken(fake: ClaudeFake) -> None:
    for day in ("11/16/2026", "11/17/2026", "11/18/2026"):
        lines = [*TICKET[:3], f"ISSUED {day}"]
        fake.teach(photo_of_a_page(lines), lines, [{"issued": day}])
    assert shown(await read(fake, photo_of_a_page([*TICKET[:3], "ISSUED 11/17/2026"])))[1] == [{"issued": "11/17/2026"}]


async def test_on_any_other_picture_nothing_can_be_read(fake: ClaudeFake) -> None:
    fake.teach(photo_of_a_page(), TICKET, [FOUND])
    assert shown(await read(fake, photo_of_a_page(["A BUS STOP"], size=(900, 700)))) == ("", [])


async def test_front_and_back_of_one_ticket_are_one(fake: ClaudeFake) -> None:
    front, back = photo_of_a_page(), photo_of_a_page(["HOW TO CONTEST", "SEE THE BACK"], size=(1600, 1200))
    fake.teach(front, TICKET, [FOUND])
    fake.teach(back, ["HOW TO CONTEST"], [FOUND])
    text, found = shown(await read(fake, front, back))
    assert text.endswith("HOW TO CONTEST")
    assert len(found) == 1


async def test_pictures_are_taught_over_http_and_survive_a_restart(clock: FixedClock, tmp_path: Path) -> None:
    photo, book = photo_of_a_page(), tmp_path / "claude.jsonl"
    async with ClaudeFake(clock, book, api_key="k") as first, aiohttp.ClientSession() as session:
        told = {"picture": base64.b64encode(photo).decode(), "lines": list(TICKET), "found": [FOUND]}
        assert (await session.post(first.url + "/_teach", json=told)).status == 200
        assert (await session.post(first.url + "/_teach", json={"picture": "eA==", "lines": []})).status == 400
        assert (await session.post(first.url + "/_teach", json={"lines": []})).status == 400
    again = ClaudeFake(clock, book, api_key="k")
    async with again:
        assert shown(await read(again, photo))[1] != []


async def test_a_scripted_answer_comes_first_for_pictures_too(fake: ClaudeFake) -> None:
    fake.teach(photo_of_a_page(), TICKET, [FOUND])
    fake.script("json", value={"lines": ["x"], "found": []})
    assert shown(await read(fake, photo_of_a_page())) == ("x", [])


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (None, "\n".join(TICKET)),
        (
            {
                "type": "object",
                "properties": {
                    "total": {"type": "integer"},
                    "number": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                    "shop": {
                        "type": "object",
                        "properties": {"number": {"type": "string"}},
                        "additionalProperties": False,
                    },
                    "sure": {"type": "boolean"},
                    "tags": {"type": "array", "items": {"type": "integer"}},
                },
                "additionalProperties": False,
            },
            {"total": 0, "number": None, "shop": {"number": "912 345 678"}, "sure": False, "tags": []},
        ),
    ],
)  # fmt: skip
async def test_any_schema_is_answered(fake: ClaudeFake, schema: dict[str, Any] | None, expected: Any) -> None:
    photo = photo_of_a_page()
    fake.teach(photo, TICKET, [FOUND])
    out = io.BytesIO()
    Image.open(io.BytesIO(photo)).save(out, "PNG")
    data = base64.b64encode(out.getvalue()).decode()
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    body: dict[str, Any] = {
        "model": "claude-haiku-5-5", "max_tokens": 500, "messages": [{"role": "user", "content": [image]}],
    }  # fmt: skip
    if schema:
        body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    headers = {"x-api-key": "k", "anthropic-version": "2026-10-21"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(fake.url + "/v1/messages", json=body, headers=headers) as answer,
    ):
        text = (await answer.json())["content"][0]["text"]
    assert (json.loads(text) if schema else text) == expected
