"""EXP-3: both tables and every picture in a ZIP, in volumes of at most 45 MB.

Volumes are made one after the other, so that never more than one is in memory. The same ledger and pictures give the
same bytes: members carry the earliest date that the format knows, and pictures are stored as they are.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from handlers.receipts.exports.export_file import ExportFile, PictureReader
from handlers.receipts.exports.ledger import Ledger, Picture
from handlers.receipts.exports.picture_names import picture_names
from handlers.receipts.exports.tables import entries_csv, items_csv

VOLUME_BYTES = 45_000_000
_END_BYTES = 22
_MEMBER_BYTES = 30 + 46
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16


def archive(
    ledger: Ledger, read_picture: PictureReader, *, bom: bool = False, volume_bytes: int = VOLUME_BYTES
) -> Iterator[ExportFile]:
    """Give `receipts.zip`, or `receipts-1.zip`, `receipts-2.zip` ... when it is too large for one file.

    The tables are in the first volume. A single picture larger than a volume stands alone in one.
    """
    volume = _Volume()
    for table in (entries_csv(ledger, bom=bom), items_csv(ledger, bom=bom)):
        volume.add(table.name, table.content, zipfile.ZIP_DEFLATED)
    number = 1
    for name, picture in _members(ledger):
        content = read_picture(picture)
        if volume.size_with(name, content) > volume_bytes:
            yield volume.closed(f"receipts-{number}.zip")
            volume, number = _Volume(), number + 1
        volume.add(name, content, zipfile.ZIP_STORED)
    yield volume.closed("receipts.zip" if number == 1 else f"receipts-{number}.zip")


def _members(ledger: Ledger) -> Iterator[tuple[str, Picture]]:
    names = picture_names(ledger)
    for entry in ledger.entries:
        yield from zip(names.get(entry.id, ()), entry.pictures, strict=True)


class _Volume:
    """A ZIP file being written; it knows how large it would become."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        self._zip = zipfile.ZipFile(self._bytes, "w")
        self._directory_bytes = _END_BYTES

    def size_with(self, name: str, content: bytes) -> int:
        return self._bytes.tell() + self._directory_bytes + len(content) + _MEMBER_BYTES + 2 * len(name)

    def add(self, name: str, content: bytes, compression: int) -> None:
        member = zipfile.ZipInfo(name, _EARLIEST)
        member.create_system, member.external_attr, member.compress_type = 3, _MODE, compression
        self._zip.writestr(member, content)
        self._directory_bytes += 46 + len(name)

    def closed(self, name: str) -> ExportFile:
        self._zip.close()
        return ExportFile(name, "application/zip", self._bytes.getvalue())
