"""What can be told of a clip without hearing it: its codec, its length, whether it is silent."""

from __future__ import annotations

import io
import wave
from array import array
from dataclasses import dataclass

_MAGIC = {b"OggS": "ogg", b"fLaC": "flac", b"\x1aE\xdf\xa3": "webm", b"ID3": "mp3", b"RIFF": "wav"}
_OPUS_RATE = 48_000
_QUIET = 200


@dataclass(frozen=True, slots=True)
class Clip:
    """A recognised clip."""

    codec: str
    seconds: float
    silent: bool


def examine(data: bytes) -> Clip | None:
    """Return what a clip is, or None for bytes that no transcriber takes."""
    codec = next((name for magic, name in _MAGIC.items() if data.startswith(magic)), None)
    if data[4:8] == b"ftyp":
        codec = "mp4"
    if codec is None and len(data) > 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        codec = "mp3"
    match codec:
        case None:
            return None
        case "wav":
            return _wav(data)
        case "ogg":
            return Clip("ogg", _ogg_seconds(data), _same_bytes(data[4:]))
    return Clip(codec, len(data) / 4000, _same_bytes(data[8:]))


def _wav(data: bytes) -> Clip | None:
    try:
        with wave.open(io.BytesIO(data)) as sound:
            frames = sound.readframes(sound.getnframes())
            seconds, width = sound.getnframes() / sound.getframerate(), sound.getsampwidth()
    except (wave.Error, EOFError, ZeroDivisionError):
        return None
    if width != 2:
        return Clip("wav", seconds, _same_bytes(frames))
    samples = array("h", frames[: len(frames) // 2 * 2])
    return Clip("wav", seconds, max(map(abs, samples), default=0) < _QUIET)


def _ogg_seconds(data: bytes) -> float:
    """Read the length off the last page's position."""
    page = data.rfind(b"OggS")
    position = int.from_bytes(data[page + 6 : page + 14], "little", signed=True) if len(data) >= page + 14 else 0
    return max(position, 0) / _OPUS_RATE


def _same_bytes(data: bytes) -> bool:
    return len(set(data)) <= 1
