"""EXP-3: the ZIP, its names and its volumes (RA-9)."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from hypothesis import given, settings

from handlers.receipts.exports.archive import VOLUME_BYTES, archive
from handlers.receipts.exports.ledger import Ledger, Picture
from handlers.receipts.exports.picture_names import picture_names
from handlers.receipts.exports.tables import entries_csv, items_csv
from tests.handlers.receipts.exports.ledgers import any_ledger, ledger_of, shop, small_ledger

_SAFE = re.compile(r"\d{4}-\d\d-\d\d_[a-z0-9-]+_[A-Za-z0-9-]+(?:_\d+)?\.[a-z]{3,4}")


def _bytes(picture: Picture) -> bytes:
    return f"picture {picture.id}".encode() * 40


def _opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        assert {member.date_time for member in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        return {name: opened.read(name) for name in opened.namelist()}


def test_exp_3_both_tables_and_the_pictures() -> None:
    ledger = small_ledger()
    (volume,) = archive(ledger, _bytes)
    first, second = next(entry.pictures for entry in ledger.entries if entry.pictures)
    assert volume.name == "receipts.zip"
    assert _opened(volume.content) == {
        "transactions.csv": entries_csv(ledger).content,
        "items.csv": items_csv(ledger).content,
        "2026-04-02_millers-market_Q4M8.jpg": _bytes(first),
        "2026-04-02_millers-market_Q4M8_2.pdf": _bytes(second),
    }


@pytest.mark.parametrize(
    ("merchant", "code", "kind", "name"),
    [
        ("Miller's Market", "Q4M8", "image/jpeg", "2026-04-02_millers-market_Q4M8.jpg"),
        ("../../etc/passwd", "Q4M8", "image/png", "2026-04-02_etc-passwd_Q4M8.png"),
        ("C:\\CON.txt", "Q4M8", "application/pdf", "2026-04-02_c-con-txt_Q4M8.pdf"),
        ("東京商店", "Q4M8", "image/heic", "2026-04-02_receipt_Q4M8.heic"),
        ("Café Zoë\x00", "Q4M8", "IMAGE/JPEG; q=1", "2026-04-02_cafe-zoe_Q4M8.jpg"),
        ("Shop", "../x", "evil/../type", "2026-04-02_shop_x.bin"),
        ("Shop", "", "image/webp", "2026-04-02_shop_rcp02K1M.webp"),
        ("x" * 300, "Q4M8", "image/gif", f"2026-04-02_{'x' * 40}_Q4M8.gif"),
    ],
)
def test_exp_3_names_are_safe(merchant: str, code: str, kind: str, name: str) -> None:
    entry = shop(merchant=merchant, receipt_code=code, pictures=(Picture("p", kind),))
    assert picture_names(ledger_of(entry))[entry.id] == (name,)


def test_exp_3_names_that_would_be_one_get_numbers() -> None:
    pictures = (Picture("p", "image/jpeg"),)
    entries = [shop(id=f"r{number}", pictures=pictures) for number in range(3)]
    names = picture_names(ledger_of(*entries))
    assert [name for entry in entries for name in names[entry.id]] == [
        "2026-04-02_millers-market_Q4M8.jpg",
        "2026-04-02_millers-market_Q4M8_2.jpg",
        "2026-04-02_millers-market_Q4M8_3.jpg",
    ]


def test_exp_3_volumes_keep_their_limit_and_lose_nothing() -> None:
    entries = [
        shop(id=f"r{number}", receipt_code=f"N{number}", pictures=(Picture(f"p{number}", "image/jpeg"),))
        for number in range(40)
    ]
    volumes = list(archive(ledger_of(*entries), lambda picture: picture.id.encode() * 300, volume_bytes=9_000))
    assert len(volumes) > 3
    assert [volume.name for volume in volumes] == [f"receipts-{number}.zip" for number in range(1, len(volumes) + 1)]
    assert max(len(volume.content) for volume in volumes) <= 9_000
    names = [name for volume in volumes for name in _opened(volume.content)]
    assert len(names) == len(set(names)) == 42
    assert names[:2] == ["transactions.csv", "items.csv"]


def test_exp_3_a_volume_is_45_mb() -> None:
    entries = [
        shop(id=f"r{number}", receipt_code=f"N{number}", pictures=(Picture("p", "image/jpeg"),)) for number in range(4)
    ]
    sizes = [len(volume.content) for volume in archive(ledger_of(*entries), lambda _: bytes(14_990_000))]
    assert VOLUME_BYTES == 45_000_000
    assert len(sizes) == 2
    assert 44_900_000 < sizes[0] <= 45_000_000


@settings(deadline=None, max_examples=40)
@given(any_ledger())
def test_ra_9_exp_3_any_archive_opens_with_safe_names_and_the_same_bytes(ledger: Ledger) -> None:
    (volume,), (again,) = archive(ledger, _bytes), archive(ledger, _bytes)
    assert volume == again
    assert volume.content == again.content
    pictures = [name for name in _opened(volume.content) if not name.endswith(".csv")]
    assert [name for name in pictures if not _SAFE.fullmatch(name)] == []
    assert len({name.lower() for name in pictures}) == sum(len(entry.pictures) for entry in ledger.entries)
