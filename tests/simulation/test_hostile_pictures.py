"""Hostile files from strangers, on both phones, with the real reader: answered kindly, bounded, nothing lost (RA-6)."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image

from bot.assembly.app import App
from bot.assembly.services import register_services
from bot.core.clock import FixedClock
from bot.core.settings import Settings
from bot.engine.registry import Registry
from integrations.ocr.adapter import Ocr
from integrations.ocr.worker import OcrWorker
from integrations.on_demand import OnDemand
from storage.alerts import alert
from storage.receipts.receipts import receipt
from tests.conftest import FRIDAY
from tests.databases import prepared_database
from tests.integrations.ocr.drawn import blank_pdf, encoded, pdf
from tests.integrations.ocr.drawn import receipt as drawn_receipt
from tests.integrations.ocr.test_ocr import most_memory_mib
from tests.integrations.ocr.test_opening import png_that_claims
from tests.simulation.world import World

MEMORY_MIB, FILE_SECONDS = 700, 15
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><text>TOTAL 1.00</text></svg>'
HTML = b"<html><script>alert(1)</script>TOTAL 1.00</html>"


def plain(mode: str = "RGB", kind: str = "JPEG", size: tuple[int, int] = (120, 160)) -> bytes:
    """Return an empty picture."""
    return encoded(Image.new(mode, size, 0 if mode in ("I;16", "P", "1") else None), kind)


def zipped_pdf() -> bytes:
    """Return a file that is a PDF from its beginning and a ZIP from its end."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.sh", "rm -rf /")
    return pdf([["NOTHING TO SEE"]]) + out.getvalue()


def moving_gif() -> bytes:
    """Return a GIF of many frames."""
    frames = [Image.new("P", (64, 64), shade) for shade in range(120)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


def huge_gif() -> bytes:
    """Return a GIF whose screen is 65,535 pixels square."""
    small = encoded(Image.new("P", (8, 8)), "GIF")
    return small[:6] + b"\xff\xff\xff\xff" + small[10:]


def broken_heic() -> bytes:
    """Return a HEIC whose boxes lie about their sizes."""
    whole = encoded(Image.new("RGB", (64, 64)), "HEIF")
    return whole[:40] + bytes(255 for _ in range(60)) + whole[100:]


HOSTILE = {
    "empty.jpg": b"",
    "cut.jpg": plain()[:300],
    "cut.png": plain(kind="PNG")[:60],
    "renamed.jpg": HTML,
    "drawing.svg": SVG,
    "program.png": b"MZ\x90\x00" + bytes(400),
    "png-called.jpg": plain(kind="PNG"),
    "bomb.png": png_that_claims(9000, 9000),
    "long.pdf": pdf([["x"]] * 2000),
    "vast.pdf": blank_pdf(1, (200_000, 200_000)),
    "locked.pdf": blank_pdf(1, password="x"),
    "cut.pdf": pdf([["TOTAL 5.00"]])[:200],
    "polyglot.pdf": zipped_pdf(),
    "moving.gif": moving_gif(),
    "huge.gif": huge_gif(),
    "press.jpg": plain("CMYK"),
    "deep.png": plain("I;16", "PNG"),
    "broken.heic": broken_heic(),
    "dot.png": plain(kind="PNG", size=(1, 1)),
    "line.png": plain(kind="PNG", size=(20_000, 17)),
}
KIND = (
    "I cannot read",
    "I see no amount",
    "I could not open",
    "cannot open",
    "too large",
    "locked",
    "is gone",
    "What was the total?",
    "empty",
)


def register(registry: Registry) -> None:
    register_services(registry, Settings(_env_file=None, parley_mode="demo", appeals_enabled=False))


async def alerts(world: World) -> list[str]:
    found = await world.app.database.read(lambda c: c.execute(sa.select(alert.c.kind)).scalars().all())
    return [kind for kind in found if "dead" in kind or "error" in kind or "loop" in kind]


async def test_ra_6_hostile_files_get_a_friendly_answer_and_the_chat_goes_on(tmp_path: Path) -> None:
    silent, slow = [], []
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            (worker,) = [one.adapter._worker for one in world.app.adapters if one.vendor == "ocr"]  # type: ignore[attr-defined]
            ann = world.person()
            await ann.say("hi")
            await world.rest()
            for name, data in HOSTILE.items():
                before, started = len(ann.chat.texts), time.perf_counter()
                await ann.document(data, name)
                await world.advance(timedelta(seconds=3))
                answer = "\n".join(ann.chat.texts[before:])
                if not any(part in answer for part in KIND):
                    silent.append((name, answer))
                if time.perf_counter() - started > FILE_SECONDS:
                    slow.append(name)
            assert silent == []
            assert slow == []
            assert worker.pid is None or most_memory_mib(worker.pid) <= MEMORY_MIB
            await ann.say("5.50 coffee")
            await world.rest()
            assert "Coffee $5.50" in ann.chat.texts[-1]
            await ann.tap("Save")
            await world.rest()
            assert any("Saved" in text for text in ann.chat.texts[-2:])
            assert await alerts(world) == []


@pytest.mark.parametrize("names", [("cut.jpg", "bomb.png", "moving.gif", "deep.png", "press.jpg")])
async def test_ra_6_an_mms_of_hostile_files_is_one_answer(tmp_path: Path, names: tuple[str, ...]) -> None:
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            phone = world.phone()
            await phone.say("hi")
            await world.rest()
            before = len(phone.texts)
            await phone.mms([HOSTILE[name] for name in names])
            await world.advance(timedelta(seconds=3))
            assert len(phone.texts) == before + 1, phone.texts[before:]
            states = await world.app.database.read(lambda c: c.execute(sa.select(receipt.c.state)).scalars().all())
            assert set(states) <= {"needs_review"}
            await phone.say("5.50 coffee")
            await world.rest()
            assert "Coffee $5.50" in phone.texts[-1]


async def test_ra_8_without_the_readers_extra_a_photo_asks_to_be_typed(tmp_path: Path) -> None:
    slim = tmp_path / "slim.py"
    slim.write_text(
        "import sys\n"
        "sys.modules.update(dict.fromkeys(['rapidocr', 'onnxruntime', 'cv2', 'numpy']))\n"
        "from integrations.ocr.work import read\n"
    )

    def without_extra(app: App) -> None:
        for adapter in app.adapters:
            if isinstance(adapter, OnDemand) and isinstance(adapter.adapter, Ocr):
                adapter.adapter._worker = OcrWorker(source=slim)

    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path, on_start=without_extra) as world:
            ann = world.person()
            await ann.photo(encoded(drawn_receipt()))
            await world.advance(timedelta(seconds=3))
            assert "Please type it, like 12.50 lunch Joe's Mar 15." in ann.chat.texts[-1]
            await ann.say("12.69 north harbor bakery")
            await world.rest()
            assert "North Harbor Bakery $12.69" in ann.chat.texts[-1]
