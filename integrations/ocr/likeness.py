"""How a picture looks as a whole, in 64 bits: two photos of one receipt differ in few of them (rule DUP-2).

A difference hash: the picture is made 9 by 8 grey fields, and each bit says whether a field is brighter than the one
to its right. It does not mind scale, compression or brightness.
"""

from __future__ import annotations

from itertools import pairwise

from PIL import Image

_WIDE, _HIGH = 9, 8


def perceptual_hash(picture: Image.Image) -> int:
    """Return the difference hash of an upright picture, 0 <= h < 2**64."""
    fields = list(picture.convert("L").resize((_WIDE, _HIGH), Image.Resampling.BOX).tobytes())
    rows = [fields[start : start + _WIDE] for start in range(0, _WIDE * _HIGH, _WIDE)]
    bits = [left > right for row in rows for left, right in pairwise(row)]
    return sum(bit << place for place, bit in enumerate(bits))
