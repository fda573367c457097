"""Files on Telegram: ids that anyone of the bot may send again, and links that die after an hour."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.fakes.kit import FakeServer
from integrations.fakes.telegram import limits
from integrations.fakes.telegram.refusals import Refused, bad

_SUFFIX = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "audio/ogg": "ogg", "application/pdf": "pdf"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture's measures and its thumbnail."""

    width: int
    height: int
    thumbnail: bytes


class Files:
    """The stored files of one bot."""

    def __init__(self, server: FakeServer) -> None:
        self._server, self._shelf = server, server.book.shelf("file")
        self._links = server.book.shelf("link")

    def keep(self, data: bytes, folder: str, media_type: str) -> dict[str, Any]:
        """Store bytes and return the fields that every file object has."""
        file_id, number = self._server.make_id("AgAC", 44), len(self._shelf)
        unique = "AQAD" + hashlib.sha256(data).hexdigest()[:12]
        suffix = _SUFFIX.get(media_type, "bin")
        self._server.attachments.put(file_id, data)
        path = f"{folder}/file_{number}.{suffix}"
        facts = {"file_id": file_id, "unique": unique, "size": len(data), "path": path, "media_type": media_type}
        self._shelf.put(file_id, facts)
        return {"file_id": file_id, "file_unique_id": unique, "file_size": len(data)}

    def known(self, file_id: str) -> bool:
        """Tell whether the id names a stored file."""
        return file_id in self._shelf

    def media_type(self, file_id: str) -> str:
        """Return a stored file's type."""
        return str(self._shelf[file_id]["media_type"])

    def data(self, file_id: str) -> bytes:
        """Return a stored file's bytes."""
        return self._server.attachments.get(file_id) or b""

    def link(self, file_id: str) -> dict[str, Any]:
        """Answer getFile: a File with a path that works for an hour."""
        found = self._shelf.get(file_id)
        if found is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if found["size"] > limits.DOWNLOAD_BYTES:
            raise bad("file is too big")
        until = self._server.clock.now() + limits.LINK_LIFE
        self._links.put(found["path"], {"file_id": file_id, "until": until.isoformat()})
        return {
            "file_id": file_id,
            "file_unique_id": found["unique"],
            "file_size": found["size"],
            "file_path": found["path"],
        }

    def download(self, path: str) -> bytes:
        """Return the bytes behind a path given by getFile; refuse unknown and dead ones."""
        link = self._links.get(path)
        if link is None or datetime.fromisoformat(link["until"]) <= self._server.clock.now():
            raise Refused(404, "Not Found")
        return self.data(link["file_id"])


def look_at(data: bytes) -> Picture | None:
    """Decode a picture; None when it is none."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            image.thumbnail((90, 90))
            small = io.BytesIO()
            image.convert("RGB").save(small, "JPEG")
    except (UnidentifiedImageError, OSError, ValueError):
        return None
    return Picture(width, height, small.getvalue())


def photo_sizes(files: Files, data: bytes) -> list[dict[str, Any]]:
    """Store a photo and return its sizes, smallest first, as messages carry them."""
    picture = look_at(data)
    if picture is None:
        return [{**files.keep(data, "photos", "image/jpeg"), "width": 1280, "height": 960}]
    scale = 90 / max(picture.width, picture.height, 90)
    small = {"width": max(1, int(picture.width * scale)), "height": max(1, int(picture.height * scale))}
    return [
        {**files.keep(picture.thumbnail, "thumbnails", "image/jpeg"), **small},
        {**files.keep(data, "photos", "image/jpeg"), "width": picture.width, "height": picture.height},
    ]
