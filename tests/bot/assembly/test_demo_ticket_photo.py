"""A photo in demo mode: through the channels' formats, the real adapters and the built-in model, on both channels."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from bot.assembly.chat import LINE_TAKES, open_session
from bot.assembly.handsets import Channel
from bot.web.simulator import sample_ticket
from tests.integrations.photos import photo_of_a_page


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the environment file of the checkout out."""
    monkeypatch.chdir(tmp_path)


OPENING = ("ticket in san francisco", "ok")


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_a_made_up_ticket_is_read_and_taken_over(channel: Channel) -> None:
    async with open_session(channel) as session:
        for line in OPENING:
            await session.play(line)
        shown = "".join(await session.play(":ticket"))
        assert "I read: number 912345678, issued" in shown
        assert '"STREET CLEANING". Right?' in shown
        model = session._demo.fakes["claude"]
        assert [row["model"] for row in model.book.of("message")] == ["claude-haiku-5-5"]
        after = "".join(await session.play("1" if channel == "sms" else ":tap All right"))
        assert ("Which fits?" if channel == "sms" else "Has a letter come since") in after


async def test_a_number_of_ones_own_stands_on_the_made_up_ticket() -> None:
    async with open_session("telegram") as session:
        for line in ("ticket in new york", "ok", ":ticket 9000000021"):
            shown = "".join(await session.play(line))
        assert "I read: number 9000000021" in shown


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_any_other_photo_is_told_to_be_unreadable_and_the_number_is_typed(
    channel: Channel, tmp_path: Path
) -> None:
    (tmp_path / "cat.jpg").write_bytes(photo_of_a_page(["A CAT"], size=(640, 480)))
    async with open_session(channel) as session:
        for line in OPENING:
            await session.play(line)
        shown = "".join(await session.play(f":photo {tmp_path / 'cat.jpg'}"))
        assert "I could not read a number on that photo. Please type it." in shown
        assert "What issue date" in "".join(await session.play("900000417"))


async def test_a_broken_picture_is_named_so(tmp_path: Path) -> None:
    whole = photo_of_a_page(size=(400, 300))
    (tmp_path / "half.jpg").write_bytes(whole[:200])
    async with open_session("sms") as session:
        for line in OPENING:
            await session.play(line)
        shown = "".join(await session.play(f":photo {tmp_path / 'half.jpg'}"))
        assert "I could not open that picture." in shown


async def test_the_simulators_sample_photo_is_known_to_the_built_in_model() -> None:
    async with open_session("sms") as session, aiohttp.ClientSession() as http:
        answer = await http.post(f"{session._demo.url}/demo/ticket", data=b"9 1234 5679")
        photo = await answer.read()
        assert (answer.status, answer.content_type, photo[:3]) == (200, "image/jpeg", b"\xff\xd8\xff")
        for line in OPENING:
            await session.play(line)
        await session.handset.photos([(photo, "image/jpeg")], "")
        await session._demo.time.advance(LINE_TAKES)
        assert "I read: number 912345679" in "".join(shown.text for shown in session.handset.news())


async def test_the_sample_is_marked_as_one_and_drawn_the_same_each_time(tmp_path: Path) -> None:
    made = await asyncio.to_thread(sample_ticket, date(2026, 11, 16))
    assert "SAMPLE. Not a real citation." in made.lines
    assert all(any(value in line for line in made.lines) for value in made.fields.values())
    assert sample_ticket(date(2026, 11, 16)).photo == made.photo
    path = tmp_path / "t.jpg"
    path.write_bytes(made.photo)
    with Image.open(path) as picture:
        assert picture.size == (1200, 900)
