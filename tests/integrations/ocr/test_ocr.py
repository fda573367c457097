"""The local reader behind its port: what it reads, turns, refuses, survives (CAP-4, MED-1 to MED-6, OCR-1, OCR-2)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from bot.core.calls import Again, Done, Outcome, Refused
from bot.core.calls.reading import PrintRead, ReadPrint
from bot.core.ports import Attempt
from integrations.child import Bounds, ChildFailed
from integrations.ocr.adapter import Ocr
from integrations.ocr.worker import BOUNDS, OcrWorker
from tests.integrations.ocr.drawn import RECEIPT, blank_pdf, encoded, pdf, receipt
from tests.integrations.ocr.test_opening import png_that_claims

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MEMORY_MIB = 600


class Shelf:
    """Blobs in memory."""

    def __init__(self, *blobs: bytes) -> None:
        self.blobs = dict(enumerate(blobs, start=1))

    async def get(self, blob_id: int) -> bytes:
        return self.blobs[blob_id]

    def put(self, data: bytes, media_type: str) -> int:
        raise AssertionError("reading makes no file")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Ocr]:
    """One process for all that only read: to load the models takes longer than to read a slip."""
    async with reader() as ocr:
        yield ocr


SHARING = pytest.mark.asyncio(loop_scope="module")
SLIP = RECEIPT[:5]


def slip() -> Image.Image:
    """A short receipt, where one of ten lines would prove no more."""
    return receipt(SLIP, (600, 400))


async def perform(ocr: Ocr, *blobs: bytes, number: int = 1, closely: bool = False) -> Outcome:
    call = ReadPrint(list(range(1, len(blobs) + 1)), closely)
    return await ocr.calls[ReadPrint](call, Attempt("k", number, NOW, NOW, Shelf(*blobs)))


async def read(ocr: Ocr, *blobs: bytes, closely: bool = False) -> PrintRead:
    outcome = await perform(ocr, *blobs, closely=closely)
    assert isinstance(outcome, Done), outcome
    assert isinstance(outcome.result, PrintRead)
    return outcome.result


@contextlib.asynccontextmanager
async def reader(**options: object) -> AsyncIterator[Ocr]:
    ocr = Ocr(OcrWorker(**options))  # type: ignore[arg-type]
    try:
        yield ocr
    finally:
        await ocr.close()


def texts(result: PrintRead) -> list[str]:
    return [line.text for page in result.pages for line in page.lines]


def same(result: PrintRead, drawn: tuple[str, ...] = RECEIPT) -> float:
    """The share of the drawn lines that were read, spaces aside."""
    found = {text.replace(" ", "") for text in texts(result)}
    return sum(line.replace(" ", "") in found for line in drawn) / len(drawn)


def most_memory_mib(pid: int | None) -> int:
    rows = dict(row.split(":", 1) for row in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in row)
    return int(rows["VmHWM"].split()[0]) // 1024


@SHARING
async def test_drawn_receipt_is_read_in_order_within_memory_and_twice_the_same(
    record_property: Callable[[str, object], None], shared: Ocr
) -> None:
    started = time.perf_counter()
    result = await read(shared, encoded(receipt()))
    record_property("seconds", time.perf_counter() - started)
    record_property("ms", result.duration_ms)
    record_property("most_memory_mib", most_memory_mib(shared._worker.pid))
    assert most_memory_mib(shared._worker.pid) <= MEMORY_MIB
    assert (await read(shared, encoded(receipt()))).pages == result.pages
    assert same(result) == 1.0
    assert result.reader == "local_ocr rapidocr 3.10.0"
    (page,) = result.pages
    assert (page.width, page.height, page.source) == (900, 1200, "ocr")
    assert texts(result)[0] == RECEIPT[0]
    for line in page.lines:
        left, top, right, _, _, bottom, *_ = line.box
        assert 0 <= left < right <= 900
        assert 0 <= top < bottom <= 1200
        assert 500 <= line.score <= 1000


@SHARING
async def test_cap_5_other_kinds_read_the_same(shared: Ocr) -> None:
    kinds = ("WEBP", "GIF", "TIFF", "HEIF")
    found = {kind: same(await read(shared, encoded(slip(), kind)), SLIP) for kind in kinds}
    assert not {kind: share for kind, share in found.items() if share < 0.9}


@SHARING
async def test_ocr_2_picture_turned_four_ways_reads_the_same(shared: Ocr) -> None:
    ways = [None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270]
    for way in ways:
        result = await read(shared, encoded(slip() if way is None else slip().transpose(way)))
        assert same(result, SLIP) == 1.0, way
        assert texts(result)[0] == SLIP[0], way
        assert (result.pages[0].width, result.pages[0].height) == (600, 400), way


@SHARING
async def test_ocr_7_second_look_reads_too(shared: Ocr) -> None:
    assert same(await read(shared, encoded(receipt()), closely=True)) == 1.0
    assert most_memory_mib(shared._worker.pid) <= MEMORY_MIB


@SHARING
async def test_pages_of_all_files_in_order_with_troubles_by_blob(shared: Ocr) -> None:
    result = await read(
        shared, pdf([["First page"], ["Second page"]]), b"", b"MZ program", blank_pdf(1, password="x"), pdf([["Last"]])
    )
    assert texts(result) == ["First page", "Second page", "Last"]
    assert result.trouble == {"2": "unreadable", "3": "unsupported", "4": "encrypted"}


async def test_blob_that_is_gone_is_named() -> None:
    async with reader() as ocr:
        outcome = await ocr.read(ReadPrint([7]), Attempt("k", 1, NOW, NOW, Shelf()))
    assert isinstance(outcome, Done)
    assert outcome.result.trouble == {"7": "gone"}


async def test_med_2_bomb_is_refused_within_50_ms_without_a_process() -> None:
    bomb = png_that_claims(9000, 9000)
    async with reader() as ocr:
        started = time.perf_counter()
        result = await read(ocr, bomb)
        took = time.perf_counter() - started
        assert ocr._worker.pid is None
    assert result.trouble == {"1": "too_large"}
    assert took < 0.05


@SHARING
async def test_blank_and_black_pictures_have_no_lines(shared: Ocr) -> None:
    result = await read(shared, *(encoded(Image.new("RGB", (320, 400), colour)) for colour in ("white", "black")))
    assert [page.lines for page in result.pages] == [[], []]


@SHARING
async def test_ra_6_long_documents_and_large_pages_are_bounded(shared: Ocr) -> None:
    result = await read(shared, pdf([["x"]] * 2000), blank_pdf(1, (200_000, 200_000)))
    assert most_memory_mib(shared._worker.pid) <= MEMORY_MIB
    assert len(result.pages) == 6


async def test_med_3_death_in_the_middle_is_again_and_the_next_request_works() -> None:
    async with reader() as ocr:
        await ocr._worker.warm()
        reading = asyncio.create_task(perform(ocr, encoded(receipt())))
        await asyncio.sleep(0.05)
        assert ocr._worker.pid is not None
        os.kill(ocr._worker.pid, signal.SIGKILL)
        outcome = await reading
        assert isinstance(outcome, Again)
        assert not outcome.whole_vendor
        assert same(await read(ocr, encoded(slip())), SLIP) == 1.0


async def test_med_3_stuck_process_is_again_once_and_then_refused() -> None:
    async with reader(bounds=Bounds(BOUNDS.memory, 0.05)) as ocr:
        assert isinstance(await perform(ocr, encoded(receipt())), Again)
        outcome = await perform(ocr, encoded(receipt()), number=2)
        assert isinstance(outcome, Refused)
        assert outcome.code == "failed"
        assert ocr._worker.pid is None


async def test_med_3_too_little_memory_is_an_answer_too() -> None:
    async with reader(bounds=Bounds(300_000_000, 20)) as ocr:
        assert isinstance(await perform(ocr, encoded(receipt())), Again)
        assert isinstance(await perform(ocr, encoded(receipt()), number=2), Refused)


async def test_one_bad_file_does_not_cost_the_others_on_the_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = OcrWorker()
    whole = worker.read

    async def failing(data: bytes, *, closely: bool = False) -> object:
        if data == b"bad":
            raise ChildFailed("crash")
        return await whole(data, closely=closely)

    monkeypatch.setattr(worker, "read", failing)
    ocr = Ocr(worker)
    outcome = await perform(ocr, b"bad", pdf([["Total 5.00"]]), number=2)
    await ocr.close()
    assert isinstance(outcome, Done)
    assert texts(outcome.result) == ["Total 5.00"]
    assert outcome.result.trouble == {"1": "failed"}


async def test_ra_8_without_the_models_pictures_are_refused_and_text_layers_read(tmp_path: Path) -> None:
    slim = tmp_path / "slim.py"
    slim.write_text(
        "import sys\n"
        "sys.modules.update(dict.fromkeys(['rapidocr', 'onnxruntime', 'cv2', 'numpy']))\n"
        "from integrations.ocr.work import read\n"
    )
    async with reader(source=slim) as ocr:
        outcome = await perform(ocr, encoded(receipt()))
        assert isinstance(outcome, Refused)
        assert outcome.code == "no_reader"
        assert texts(await read(ocr, pdf([["Total 5.00"]]))) == ["Total 5.00"]


async def test_models_that_are_not_the_known_ones_are_not_loaded(tmp_path: Path) -> None:
    forged = tmp_path / "forged.py"
    forged.write_text(
        "import hashlib\n"
        "from integrations.ocr.work import read\n"
        "import integrations.ocr.recognition as recognition\n"
        "recognition.hashlib = type('Other', (), {'sha256': staticmethod(lambda data: hashlib.sha256(data + b'.'))})\n"
    )
    async with reader(source=forged) as ocr:
        outcome = await perform(ocr, encoded(receipt()))
    assert isinstance(outcome, Refused)
    assert outcome.code == "no_reader"


async def test_no_download_ever_the_process_has_no_network(tmp_path: Path) -> None:
    listening = tmp_path / "listening.py"
    listening.write_text(
        "import sys\n"
        "tried = []\n"
        "sys.addaudithook(lambda event, _: event in ('socket.connect', 'socket.getaddrinfo') and tried.append(event))\n"
        "from integrations.ocr.work import read as whole\n"
        "def read(request, blobs):\n"
        "    head, made = whole(request, blobs)\n"
        "    return head | {'ms': len(tried)}, made\n"
    )
    async with reader(source=listening) as ocr:
        result = await read(ocr, encoded(slip()))
    assert same(result, SLIP) == 1.0
    assert result.duration_ms == 0, "a connection was tried"


async def test_idle_process_is_ended_and_started_again() -> None:
    async with reader(idle_seconds=0.05) as ocr:
        await read(ocr, pdf([["Total 5.00"]]))
        async with asyncio.timeout(5):
            while ocr._worker.pid is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert texts(await read(ocr, pdf([["Total 5.00"]]))) == ["Total 5.00"]
