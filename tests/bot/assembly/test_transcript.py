"""Transcripts: what is saved is read back, and what differs by chance does not count."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.assembly.chat import open_session
from bot.assembly.transcript import Step, Transcript, difference
from tests.bot.assembly.standin import make_registry

START = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
SAVED = sorted(Path(__file__).with_name("transcripts").glob("*.txt"))
REAL = sorted((Path(__file__).parents[2] / "transcripts").glob("*.txt"))


def test_a_transcript_is_read_as_it_was_written() -> None:
    steps = [Step("hi", ["One.\n\n1 Two", "< odd\n  indented"]), Step(":wait 1d"), Step("# not a remark", ["x"])]
    written = Transcript("telegram", START, steps).dump()
    read = Transcript.load(written)
    assert read == Transcript("telegram", START, steps)
    assert read.dump() == written


@pytest.mark.parametrize("text", ["", "> hi\n", "# as fax, from 2026-11-21T00:00:00+00:00\n", "nothing"])
def test_a_file_that_is_no_transcript_is_refused(text: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        Transcript.load(text)


def test_a_line_that_belongs_nowhere_is_named() -> None:
    with pytest.raises(ValueError, match="line 3"):
        Transcript.load("# as sms, from 2026-11-21T00:00:00+00:00\n> hi\nhello\n")


def test_tokens_ports_and_codes_do_not_make_a_difference_but_words_do() -> None:
    one = ["Case A-7KQ2P. Pay: http://127.0.0.1:4001/p/abcDEF_-123"]
    two = ["Case A-99XYZ. Pay: http://127.0.0.1:8080/p/zzzzzz"]
    assert difference(one, two) == []
    assert difference(one, ["Case A-7KQ2P. Paid: http://127.0.0.1:4001/p/abc"])


def read(path: Path) -> Transcript:
    return Transcript.load(path.read_text(encoding="utf-8"))


async def play(path: Path, *, real: bool) -> None:
    """Play a saved session again and compare every answer."""
    wanted = read(path)
    registry = None if real else make_registry()
    async with open_session(wanted.channel, start=wanted.start, registry=registry) as session:
        for step in wanted.steps:
            found = await session.play(step.done)
            assert not difference(step.replies, found), "\n".join([step.done, *difference(step.replies, found)])


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
async def test_a_saved_session_of_the_stand_in_plays_the_same_again(path: Path) -> None:
    await play(path, real=False)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
async def test_a_saved_session_plays_the_same_again(path: Path) -> None:
    await play(path, real=True)


async def test_a_session_that_went_otherwise_fails(tmp_path: Path) -> None:
    changed = SAVED[0].read_text(encoding="utf-8").replace("Which city", "What city")
    (tmp_path / "changed.txt").write_text(changed, encoding="utf-8")
    with pytest.raises(AssertionError, match="Which city"):
        await play(tmp_path / "changed.txt", real=False)
