"""Questions as data: what is asked, what may be answered, and what an answer is.

A prompt is written once; the channel's capability record decides how it looks (buttons or numbered lines).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from bot.core.calls.channels import StoredMedia

Expected = Literal["text", "choice", "picture", "voice", "table"]
TABLES = frozenset({"application/json", "text/csv"})
"""Media types of files with data in them: no pictures, whatever else takes files."""


class Choice(msgspec.Struct, frozen=True):
    """One choice: its value, its label (a text key, or the words themselves as `text`), and more words that mean it.

    A `quiet` one has a button, but no line of its own where choices are numbered: the question names its word ("Reply
    OK"). A `standing` one has a button that acts by itself, also when another question is open by then: the name under
    which a service registered it, with its argument (`receipt:undo:R7K2`), at most 63 bytes.
    """

    value: str
    key: str = ""
    text: str = ""
    words: tuple[str, ...] = ()
    quiet: bool = False
    standing: str = ""


class Ask(msgspec.Struct, frozen=True):
    """A question: text key with arguments, what it expects, its choices.

    `many` lets several choices be given at once. `link` is a page to open (label key, URL). `files` are blobs to show
    with the question (blob id, file name). `open_choices` says that words which match no choice are an answer too.
    Of questions `in_place` the next one takes the place of the one whose button was pressed, where messages can change.
    """

    key: str
    args: Mapping[str, object] = msgspec.field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    expects: tuple[Expected, ...] = ("text",)
    many: bool = False
    open_choices: bool = False
    link: tuple[str, str] | None = None
    files: tuple[tuple[int, str], ...] = ()
    help_key: str | None = None
    in_place: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What the person answered: words, the chosen values (`choice` is the first), pictures or voice clips."""

    text: str = ""
    choices: tuple[str, ...] = ()
    media: tuple[StoredMedia, ...] = ()

    @property
    def choice(self) -> str | None:
        """The first chosen value."""
        return self.choices[0] if self.choices else None

    @property
    def pictures(self) -> tuple[StoredMedia, ...]:
        """Pictures and PDFs that were stored."""
        return tuple(m for m in self.media if m.blob and not _is_other(m.media_type or ""))

    @property
    def tables(self) -> tuple[StoredMedia, ...]:
        """Files with data: JSON and CSV."""
        return tuple(m for m in self.media if m.blob and m.media_type in TABLES)

    @property
    def voices(self) -> tuple[StoredMedia, ...]:
        """Voice clips that were stored."""
        return tuple(m for m in self.media if m.blob and (m.media_type or "").startswith("audio/"))


def _is_other(media_type: str) -> bool:
    return media_type.startswith(("audio/", "video/")) or media_type in TABLES


Arguments = Mapping[str, Any]
