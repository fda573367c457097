"""The terminal: both channels, the commands, saving, and lines that come from elsewhere."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest

from bot.assembly import chat
from bot.assembly.chat import Mistyped, Session, open_session, span
from bot.assembly.handsets import Channel
from bot.assembly.transcript import Transcript
from tests.bot.assembly.printed import print_letter
from tests.bot.assembly.standin import make_registry


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the environment file of the checkout out."""
    monkeypatch.chdir(tmp_path)


async def test_sms_gets_numbered_lines_and_telegram_buttons() -> None:
    async with open_session("sms", registry=make_registry()) as session:
        (reply,) = await session.play("ticket")
        assert "1 San Francisco\n2 New York" in reply
        assert "[" not in reply
    async with open_session("telegram", registry=make_registry()) as session:
        (reply,) = await session.play("ticket")
        assert reply.endswith("[San Francisco] [New York]")


@pytest.mark.parametrize("tap", [":tap 2", ":tap New York"])
async def test_buttons_are_tapped_by_number_or_label(tap: str) -> None:
    async with open_session("telegram", registry=make_registry()) as session:
        await session.play("ticket")
        assert "photo" in "".join(await session.play(tap))


async def test_a_photo_is_sent_and_a_day_goes_by(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (64, 64), "white").save(tmp_path / "ticket.jpg")
    async with open_session("sms", registry=make_registry()) as session:
        await session.play("ticket")
        await session.play("1")
        assert "Your page" in "".join(await session.play(f":photo {tmp_path / 'ticket.jpg'}"))
        assert "A day has gone by" in "".join(await session.play(":wait 2d"))


@pytest.mark.parametrize(
    ("channel", "line"),
    [
        ("sms", ":tap 1"),
        ("telegram", ":tap 9"),
        ("telegram", ":tap Nowhere"),
        ("sms", ":dance"),
        ("sms", ":pay"),
        ("sms", ":pay twice"),
        ("sms", ":post delivered"),
        ("sms", ":photo"),
        ("sms", ":photo nowhere.jpg"),
        ("sms", ":wait soon"),
    ],
)
async def test_a_command_that_cannot_be_done_says_so_and_is_not_kept(channel: Channel, line: str) -> None:
    async with open_session(channel, registry=make_registry()) as session:
        with pytest.raises(Mistyped):
            await session.play(line)
        assert session.transcript.steps == []


async def test_the_post_is_moved_by_hand() -> None:
    async with open_session("sms", registry=make_registry()) as session:
        await print_letter(session._demo)
        assert "SFMTA" in session.letters().upper()
        await session.play(":post delivered")
        with pytest.raises(Mistyped):
            await session.play(":post teleported")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10m", timedelta(minutes=10)),
        ("2h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("1w", timedelta(weeks=1)),
        ("1d12h", timedelta(hours=36)),
        ("30 s", timedelta(seconds=30)),
    ],
)
def test_times_are_read(text: str, wanted: timedelta) -> None:
    assert span(text) == wanted


@pytest.mark.parametrize("text", ["", "10", "d", "1 fortnight", "1d and more"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write a time"):
        span(text)


def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    real = chat.open_session
    monkeypatch.setattr(chat, "open_session", lambda channel, **more: real(channel, registry=make_registry(), **more))


async def test_a_script_is_played_and_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(monkeypatch)
    lines = ["# a remark", "ticket", "", "> 1", "< what came back then", "  below it", ":nonsense", ":quit", "never"]
    await chat.run_chat("sms", script=lines, save=tmp_path / "saved" / "one.txt", data=None)
    printed = capsys.readouterr().out
    assert "> ticket\n< Parley" in printed
    assert "! there is no :nonsense" in printed
    saved = Transcript.load((tmp_path / "saved" / "one.txt").read_text())
    assert [step.done for step in saved.steps] == ["ticket", "1"]


async def test_lines_may_come_from_a_pipe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stand_in(monkeypatch)
    monkeypatch.setattr("sys.stdin", io.StringIO("ticket\n:help\n:letters\n:save\n"))
    await chat.run_chat("telegram", script=None, save=None, data=None)
    printed = capsys.readouterr().out
    assert "[San Francisco] [New York]" in printed
    assert ":wait 10m|2h|1d|1w" in printed
    assert "no letter was printed" in printed


async def test_a_session_with_a_folder_goes_on_where_it_stopped(tmp_path: Path) -> None:
    async with open_session("telegram", data=tmp_path / "kept", registry=make_registry()) as session:
        await session.play("ticket")
    async with open_session("telegram", data=tmp_path / "kept", registry=make_registry()) as session:
        assert isinstance(session, Session)
        assert "photo" in "".join(await session.play("San Francisco"))
