"""A file over the API: kept at once, a draft with id and code, filled when it is read (CAP-11, MED-1, DUP-1)."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from bot.core.calls.reading import PrintedLine, PrintedPage, PrintRead, ReadPrint
from handlers.receipts import drafts
from integrations.media.metadata import without_metadata
from jobs.retention import Retention
from storage.blobs import blob
from storage.receipts.documents import document
from storage.receipts.readings import reading
from storage.receipts.receipts import receipt
from tests.bot.web.api.kit import ANN, BOB, Got, Town
from tests.integrations.test_metadata import told

LINES = (
    "TRADER JOE'S #123",
    "03-15-2026",
    "BANANAS 3.10",
    "BREAD 22.00",
    "SUBTOTAL 25.10",
    "TAX 1.13",
    "TOTAL $26.23",
    "CASH 40.00",
    "CHANGE 13.77",
)


def picture(kind: str = "JPEG", colour: int = 200) -> bytes:
    """Return a small picture."""
    out = io.BytesIO()
    Image.new("L", (40, 60), colour).save(out, kind)
    return out.getvalue()


def bomb() -> bytes:
    """Return a PNG of a few bytes that claims 81 megapixels."""
    head = struct.pack(">IIBBBBB", 9000, 9000, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    parts = (struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def printed(*lines: str, score: int = 990) -> PrintRead:
    """Return what the reader answers for a page of these lines."""
    boxes = [(20, 30 * n, 400, 30 * n, 400, 30 * n + 20, 20, 30 * n + 20) for n in range(len(lines))]
    page = PrintedPage(420, 30 * len(lines), [PrintedLine(t, score, b) for t, b in zip(lines, boxes, strict=True)])
    return PrintRead([page], "local_ocr test", 5)


async def send(town: Town, data: bytes, query: str = "", **headers: Any) -> Got:
    """Upload a file."""
    return await town.ask("POST", f"/receipts{query}", data, **{"Content_Type": "application/octet-stream", **headers})


async def _count(town: Town, table: sa.Table) -> int:
    return len(await town.rows(sa.select(table.c.person_id)))


async def test_cap_11_a_file_is_a_draft_at_once_and_is_filled_when_it_is_read(both: Town) -> None:
    made = await send(both, picture())
    assert made.status == 202
    assert (made.json["state"], made.json["reading"], made.json["pages"]) == ("needs_review", True, 1)
    assert len(made.json["code"]) == 4
    [row] = [row for sent in both.sent for row in sent.rows]
    assert isinstance(row["body"]["call"], ReadPrint)
    await both.outcome(printed(*LINES))
    got = (await both.ask("GET", made.headers["Location"])).json
    assert (got["merchant"], got["total_minor"], got["currency"]) == ("Trader Joe's", 2623, "USD")
    assert (got["date"], got["tax_minor"], got["reading"]) == ("2026-03-15", 113, False)
    assert (got["state"], got["questions"]) == ("draft", [])
    assert (await both.ask("POST", f"/receipts/{got['code']}/confirm")).json["state"] == "confirmed"
    assert (await both.ask("GET", f"/receipts/{got['code']}/picture")).data == picture()
    [booked] = (await both.ask("GET", "/transactions?has_receipt=true")).json["data"]
    assert booked["has_picture"]
    assert not any(sent.rows for sent in both.sent)


async def test_cap_11_a_file_that_cannot_be_read_stays_a_draft_that_asks(town: Town) -> None:
    made = await send(town, picture())
    await town.outcome("failed")
    got = (await town.ask("GET", made.headers["Location"])).json
    assert (got["state"], got["reading"], got["questions"]) == ("needs_review", False, ["unreadable"])
    told = {"total_minor": 500, "merchant": "Luna", "date": "2026-03-01", "currency": "USD"}
    change = await town.ask("PATCH", made.headers["Location"], told, If_Match="*")
    assert change.status == 200
    assert (await town.ask("POST", f"/receipts/{got['code']}/confirm")).json["state"] == "confirmed"


async def test_what_was_told_meanwhile_is_not_overwritten(town: Town) -> None:
    made = await send(town, picture())
    told = {"total_minor": 2700, "note": "mine", "tags": ["work"]}
    await town.ask("PATCH", made.headers["Location"], told, If_Match="*")
    await town.outcome(printed(*LINES))
    got = (await town.ask("GET", made.headers["Location"])).json
    assert (got["total_minor"], got["note"], got["tags"], got["merchant"]) == (2700, "mine", ["work"], "Trader Joe's")


async def test_a_draft_that_was_deleted_meanwhile_stays_deleted(town: Town) -> None:
    made = await send(town, picture())
    await town.ask("DELETE", made.headers["Location"])
    await town.outcome(printed(*LINES))
    got = (await town.ask("GET", made.headers["Location"])).json
    assert (got["state"], got["total_minor"]) == ("rejected", None)


async def test_ocr_7_a_doubtful_total_is_looked_at_once_more(town: Town) -> None:
    made = await send(town, picture())
    await town.outcome(printed("LUNA", "03-15-2026", "12.00", "17.00"))
    [row] = [row for sent in town.sent for row in sent.rows]
    assert row["body"]["call"].closely
    assert (await town.ask("GET", made.headers["Location"])).json["reading"]
    await town.outcome(printed(*LINES))
    assert (await town.ask("GET", made.headers["Location"])).json["total_minor"] == 2623
    assert not any(sent.rows for sent in town.sent)
    assert await _count(town, reading) == 2


async def test_dup_1_the_same_bytes_are_the_same_receipt(both: Town) -> None:
    first = await send(both, picture())
    again = await send(both, picture())
    assert (again.status, again.json["id"]) == (200, first.json["id"])
    others = await send(both, picture(), who=BOB)
    assert others.status == 202
    assert [await _count(both, table) for table in (receipt, document, blob, reading)] == [2, 2, 2, 2]
    await both.ask("DELETE", first.headers["Location"])
    anew = await send(both, picture())
    assert (anew.status, anew.json["id"] != first.json["id"]) == (202, True)
    assert await _count(both, blob) == 2


async def test_dup_1_the_same_file_twice_at_once_is_one_draft(both: Town) -> None:
    got = await asyncio.gather(*(send(both, picture(), Idempotency_Key=f"k{n % 2}") for n in range(4)))
    assert len({one.json["id"] for one in got}) == 1
    assert [await _count(both, table) for table in (receipt, document, blob, reading)] == [1, 1, 1, 1]


async def test_cap_12_a_file_of_the_same_external_id_is_taken_once(town: Town) -> None:
    assert (await send(town, picture(), "?external_id=a")).status == 202
    again = await send(town, picture(colour=9), "?external_id=a")
    assert (again.status, again.code) == (409, "duplicate")
    assert await _count(town, blob) == 1


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif"),
     ("TIFF", "image/tiff"), ("PDF", "application/pdf")],
)  # fmt: skip
async def test_med_1_a_file_is_what_its_bytes_say(town: Town, kind: str, media_type: str) -> None:
    made = await send(town, picture(kind), Content_Type="image/jpeg")
    assert made.status == 202
    [row] = await town.rows(sa.select(blob.c.media_type))
    assert row.media_type == media_type
    got = await town.ask("GET", f"{made.headers['Location']}/picture")
    assert got.headers["Content-Type"] == media_type


async def test_med_1_other_files_are_refused_with_what_works(town: Town) -> None:
    for data in (b"<html>", b"MZ\x90", b"OggS sound", b"PK\x03\x04", b"\x00\x00\x00\x20ftypavif", b"<svg xmlns='x'/>"):
        refused = await send(town, data, Content_Type="image/jpeg")
        assert (refused.status, refused.code) == (415, "unsupported_media_type")
        assert "image/png" in refused.json["error"]["message"]
    assert await _count(town, blob) == 0


async def test_med_2_a_bomb_is_refused_unopened(town: Town) -> None:
    assert len(bomb()) < 200
    assert (await send(town, bomb())).status == 413


async def test_api_3_a_file_over_ten_megabytes_and_none_at_all_are_refused(town: Town) -> None:
    large = await send(town, b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024))
    assert (large.status, large.code) == (413, "too_large")
    assert (await send(town, b"")).json["error"]["code"] == "empty"
    assert await _count(town, blob) == 0


async def test_two_hundred_drafts_may_wait(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST_WAITING", 1)
    assert (await send(town, picture())).status == 202
    refused = await send(town, picture(colour=3))
    assert (refused.status, refused.code) == (409, "too_many_waiting")
    assert (await send(town, picture())).status == 200


async def test_dup_3_a_print_like_an_older_one_points_at_it(town: Town) -> None:
    first = await send(town, picture())
    await town.outcome(printed(*LINES))
    second = await send(town, picture(colour=9))
    await town.outcome(printed(*LINES))
    assert (await town.ask("GET", second.headers["Location"])).json["duplicate_of"] == first.json["id"]
    assert (await town.ask("GET", first.headers["Location"])).json["duplicate_of"] is None


async def test_drf_8_a_picture_is_kept_as_long_as_its_receipt(town: Town) -> None:
    made = await send(town, picture())
    await town.outcome(printed(*LINES))
    town.clock.advance(timedelta(days=90))
    await Retention(town.database, town.writers, town.clock).run()
    assert (await town.ask("GET", f"{made.headers['Location']}/picture")).status == 200


async def test_med_5_what_a_camera_said_is_not_kept(town: Town) -> None:
    data = told("JPEG", 6)
    assert b"SecretMaker" in data
    made = await send(town, data)
    kept = (await town.ask("GET", f"{made.headers['Location']}/picture")).data
    assert kept == without_metadata(data, "image/jpeg")
    assert b"Secret" not in kept
    assert (await send(town, data)).json["id"] == made.json["id"]


async def test_ra_17_a_file_of_another_is_read_for_them_alone(town: Town) -> None:
    made = await send(town, picture())
    assert (await town.ask("GET", made.headers["Location"], who=BOB)).status == 404
    assert (await town.ask("GET", "/receipts", who=BOB)).json["data"] == []
    rows = await town.rows(sa.select(blob.c.person_id, blob.c.data))
    assert [row.person_id for row in rows] == [ANN]
    assert picture() not in rows[0].data
