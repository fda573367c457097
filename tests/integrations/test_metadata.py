"""Place, time, device and comments leave a picture before it is stored; its pixels and its way up stay (MED-5)."""

from __future__ import annotations

import io
import random
import re
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageOps, PngImagePlugin, TiffImagePlugin

from integrations.media.kinds import kind_of
from integrations.media.metadata import without_metadata

SECRETS = (b"SecretMaker", b"SecretModel", b"2026:03:15", b"SecretXmp", b"SecretNote", b"SecretSerial")
TYPES = {
    "JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "TIFF": "image/tiff", "HEIF": "image/heic",
}  # fmt: skip


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132], exif[0x0112] = (
        "SecretMaker",
        "SecretModel",
        "2026:03:15 10:00:00",
        orientation,
    )
    exif.get_ifd(0x8769)[0xA431] = "SecretSerial"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (TiffImagePlugin.IFDRational(37, 1), TiffImagePlugin.IFDRational(46, 1), 5)
    return exif


def told(kind: str, orientation: int = 6) -> bytes:
    """Return a picture whose camera said much."""
    pillow_heif.register_heif_opener()
    picture = Image.frombytes("RGB", (48, 32), random.Random(4).randbytes(48 * 32 * 3))
    values: dict[str, Any] = {"exif": _exif(orientation)}
    if kind in ("JPEG", "WEBP", "HEIF"):
        values["xmp"] = b"<x:xmpmeta>SecretXmp</x:xmpmeta>"
    if kind == "JPEG":
        values |= {"comment": "SecretNote", "progressive": True}
    if kind == "PNG":
        values["pnginfo"] = PngImagePlugin.PngInfo()
        values["pnginfo"].add_text("Comment", "SecretNote")
        values["pnginfo"].add_itxt("XML:com.adobe.xmp", "SecretXmp")
    out = io.BytesIO()
    picture.save(out, kind, **values)
    return out.getvalue()


def _pixels(data: bytes, kind: str) -> bytes:
    with Image.open(io.BytesIO(data)) as opened:
        upright = ImageOps.exif_transpose(opened) if kind in ("JPEG", "HEIF") else opened
        return upright.convert("RGB").tobytes()


@pytest.mark.parametrize("kind", TYPES)
def test_med_5_nothing_that_a_camera_said_stays(kind: str) -> None:
    data = told(kind)
    assert kind_of(data) == TYPES[kind]
    assert sum(secret in data for secret in SECRETS) >= 3
    clean = without_metadata(data, TYPES[kind])
    assert [secret for secret in SECRETS if secret in clean] == []
    with Image.open(io.BytesIO(clean)) as opened:
        assert not re.search("37|46|N", str(dict(opened.getexif().get_ifd(0x8825))).replace("nan", ""))
    assert without_metadata(clean, TYPES[kind]) == clean


@pytest.mark.parametrize("kind", TYPES)
def test_med_5_the_pixels_stay(kind: str) -> None:
    data = told(kind, orientation=1 if kind in ("TIFF", "WEBP", "PNG") else 6)
    assert _pixels(without_metadata(data, TYPES[kind]), kind) == _pixels(data, kind)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_med_4_a_jpeg_keeps_which_way_is_up(orientation: int) -> None:
    data = told("JPEG", orientation)
    clean = without_metadata(data, "image/jpeg")
    assert _pixels(clean, "JPEG") == _pixels(data, "JPEG")
    with Image.open(io.BytesIO(clean)) as opened:
        assert dict(opened.getexif()) == ({} if orientation == 1 else {0x0112: orientation})


def test_med_5_what_follows_the_end_of_a_jpeg_goes() -> None:
    data = told("JPEG", 1)
    assert without_metadata(data + told("JPEG", 3), "image/jpeg") == without_metadata(data, "image/jpeg")


@pytest.mark.parametrize("kind", TYPES)
def test_med_5_a_broken_file_is_bounded_work_and_no_failure(kind: str) -> None:
    dice, data = random.Random(7), told(kind)
    for _ in range(150):
        broken = bytearray(data[: dice.randrange(12, len(data))] if dice.random() < 0.5 else data)
        for _ in range(dice.randrange(8)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        assert len(without_metadata(bytes(broken), TYPES[kind])) <= len(data) + 100


def test_med_5_other_files_are_left_as_they_are() -> None:
    assert without_metadata(b"%PDF-1.7 ...", "application/pdf") == b"%PDF-1.7 ..."


def test_med_5_a_jpeg_may_keep_its_moment_and_its_way_up_and_nothing_else() -> None:
    kept = without_metadata(told("JPEG"), "image/jpeg", but_moment=True)
    with Image.open(io.BytesIO(kept)) as opened:
        assert dict(opened.getexif()) == {0x0112: 6, 0x0132: "2026:03:15 10:00:00"}
    assert [secret for secret in SECRETS if secret in kept] == [b"2026:03:15"]
    assert _pixels(kept, "JPEG") == _pixels(told("JPEG"), "JPEG")
