"""A crowd with photos before a slow reader (RA-5): how long photos wait, how fast others are answered, memory.

    python -m tests.bench.crowd                           # 50 persons with one photo each, one of them with 20
    python -m tests.bench.crowd --seconds 1.6  # the speed of the local reader on one core

The demo runs with its own vendors on this computer; the reader is a function that takes its time and reads nothing.
Nothing here fails a build: the figures are for comparing.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import logging
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image

from bot.assembly.demo import Demo
from bot.core.calls import Done, Outcome
from bot.core.calls.reading import PrintRead, ReadPrint
from bot.core.ports import Attempt
from bot.core.settings import Settings
from handlers.receipts.reading import page_of_text

PHOTO_SIDE = 1200


class SlowReader:
    """Takes its time for every picture."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.read = seconds, 0

    async def __call__(self, call: ReadPrint, attempt: Attempt) -> Outcome:
        """Read a receipt over an amount of its own."""
        await attempt.files.get(call.blobs[0])
        await asyncio.sleep(self.seconds)
        self.read += 1
        lines = f"LUNA BOOKS\nTOTAL ${self.read}.00\nVISA {self.read}.00"
        return Done(PrintRead([page_of_text(lines)], "bench", 1))


def photo(number: int) -> bytes:
    """Return a JPEG of some hundred kilobytes."""
    data = io.BytesIO()
    noise = Image.effect_noise((PHOTO_SIDE, PHOTO_SIDE), 20 + number % 50)
    noise.convert("RGB").save(data, "JPEG", quality=70)
    return data.getvalue()


def memory_mib() -> int:
    """Return what this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_048_576


async def answered(person: Any, act: Any) -> float:
    """Do something and return the seconds until the next message to that person."""
    before, started = len(person.chat.texts), time.perf_counter()
    await act
    while len(person.chat.texts) == before:  # noqa: ASYNC110 - a fake phone has no bell
        await asyncio.sleep(0.005)
    return time.perf_counter() - started


async def main() -> None:
    """Play the crowd and print the figures."""
    options = _options()
    logging.getLogger("parley").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="parley-crowd-") as folder:
        settings = Settings(_env_file=None, parley_mode="demo", data_dir=Path(folder), port=0, log_level="ERROR")
        async with Demo.open(settings) as demo:
            await _play(demo, SlowReader(options.seconds), options)


async def _play(demo: Demo, reader: SlowReader, options: argparse.Namespace) -> None:
    for adapter in demo.app.adapters:
        if ReadPrint in adapter.calls:
            adapter.calls = {**adapter.calls, ReadPrint: reader}
    telegram: Any = demo.fakes["telegram"]
    persons = [telegram.person(600_000_000 + number) for number in range(options.persons + 2)]
    for person in persons:
        await person.say("hi")
    await asyncio.sleep(2)
    *crowd, late, talker = persons
    memory = memory_mib()
    waits = [asyncio.create_task(_album(crowd[0], options.photos))]
    waits += [asyncio.create_task(answered(one, one.photo(photo(n)))) for n, one in enumerate(crowd[1:])]
    await asyncio.sleep(3)
    alone = asyncio.create_task(answered(late, late.photo(photo(99))))
    chats, most = [], memory
    while not all(task.done() for task in (*waits, alone)):
        chats.append(await answered(talker, talker.say("5.50 coffee")))
        most = max(most, memory_mib())
        await asyncio.sleep(0.2)
    singles = sorted(task.result() for task in waits[1:])
    print(f"reader {options.seconds} s a photo; {reader.read} photos of {len(crowd) + 1} persons")
    print(f"{options.photos} photos of one person answered after {waits[0].result():.1f} s")
    print(f"one photo each: median {statistics.median(singles):.1f} s, longest {singles[-1]:.1f} s")
    print(f"a photo that came 3 s later: {alone.result():.1f} s")
    chats.sort()
    print(f"others meanwhile: {len(chats)} answers, median {statistics.median(chats):.3f} s, longest {chats[-1]:.3f} s")
    print(f"memory {memory} MiB before, {most} MiB at most (with the fakes' own copies of the pictures)")


async def _album(person: Any, photos: int) -> float:
    """Send photos as albums of ten and return the seconds until the answer for all."""

    async def send() -> None:
        for start in range(0, photos, 10):
            first, *rest = [photo(100 + number) for number in range(start, min(photos, start + 10))]
            await person.photo(first, album=rest)

    return await answered(person, send())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=50)
    parser.add_argument("--photos", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=0.3)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
