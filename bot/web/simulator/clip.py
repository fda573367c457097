"""Voice clips for those who have no microphone at hand: valid Ogg Opus that plays silence and names its words.

The words stand in the clip's comment header, so that clips of different words differ; the fake speech service is
taught what each one says. [RFC 3533 for the pages, RFC 7845 for the Opus headers]
"""

from __future__ import annotations

import struct

SAMPLE_WORDS = "The sign was hidden behind a tree, so I could not see it when I parked."
_SILENT_FRAME = b"\xf8\xff\xfe"
_FRAME_SAMPLES = 960
_FRAMES_A_WORD = 20
_SERIAL = 0x50_41_52_4C


def voice_clip(words: str) -> bytes:
    """Return a clip that says `words`, to those who were told; about 0.4 s a word."""
    frames = max(len(words.split()), 1) * _FRAMES_A_WORD
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48_000, 0, 0)
    comment = f"DESCRIPTION={words}".encode()
    tags = b"OpusTags" + struct.pack("<I", 6) + b"parley" + struct.pack("<II", 1, len(comment)) + comment
    pages = [_page(0, [head], 0, 2), _page(1, [tags], 0, 0)]
    for start in range(0, frames, 200):
        count = min(200, frames - start)
        last = 4 if start + count == frames else 0
        pages.append(_page(len(pages), [_SILENT_FRAME] * count, (start + count) * _FRAME_SAMPLES, last))
    return b"".join(pages)


def _page(number: int, packets: list[bytes], position: int, flags: int) -> bytes:
    lacing = b"".join(b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets)
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, position, _SERIAL, number, 0) + bytes([len(lacing)])
    page = head + lacing + b"".join(packets)
    return page[:22] + struct.pack("<I", _checksum(page)) + page[26:]


def _checksum(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ (0x04C11DB7 if crc & 0x80000000 else 0)
        crc &= 0xFFFFFFFF
    return crc
