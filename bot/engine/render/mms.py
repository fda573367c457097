"""Pictures in texts (MMS): where number and carrier take them, small ones only; everything else is a link (CHN-2).

United States and Canadian numbers take pictures from each other. Carriers cut at 0.6 to 1.5 MB, so a message holds at
most 600 kB. Twilio fetches a picture from a private link of ours that lives for an hour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

MOST_BYTES = 600_000
MOST_PICTURES = 10
LIFE = timedelta(hours=1)
_KINDS = (".png", ".jpg", ".jpeg", ".gif")
_ELSEWHERE = frozenset(
    {"242", "246", "264", "268", "284", "345", "441", "473", "649", "658", "664", "721", "758", "767", "784"}
    | {"809", "829", "849", "868", "869", "876"}
)
"""Area codes behind +1 that are neither in the United States nor in Canada."""

File = tuple[int, str]


@dataclass(frozen=True, slots=True)
class PictureTexts:
    """Whether pictures are sent at all, and from which number or messaging service (`MG...`)."""

    is_on: bool = False
    sender: str = ""

    def reach(self, number: str) -> bool:
        """Tell whether a picture can go to a number."""
        ours = self.sender.startswith("MG") or _is_american(self.sender)
        return self.is_on and ours and _is_american(number)

    def parted(self, number: str, files: Sequence[File], sizes: Mapping[int, int]) -> tuple[list[File], list[File]]:
        """Return the files that go as pictures, and those that need a link; an unknown size needs one."""
        pictures: list[File] = []
        left = MOST_BYTES if self.reach(number) else 0
        for blob, name in files:
            size = sizes.get(blob, 0)
            if 0 < size <= left and name.lower().endswith(_KINDS) and len(pictures) < MOST_PICTURES:
                pictures.append((blob, name))
                left -= size
        return pictures, [one for one in files if one not in pictures]


def _is_american(number: str) -> bool:
    digits = number.removeprefix("+1")
    return number.startswith("+1") and len(digits) == 10 and digits.isdecimal() and digits[:3] not in _ELSEWHERE
