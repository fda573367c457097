"""The fields of a letter, as `TypesetLetter.document` carries them, checked at the door.

Every text is literal: no field is ever read as markup. `blob` fields are blob ids of print copies made by
`integrations.pictures`. Line breaks inside `statement`, `contact`, `agency` and captions are kept.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Required = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Optional = Annotated[str, StringConstraints(max_length=4000)]
Pair = tuple[Required, Required]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ground(_Part):
    """A reason as the user picked it, with the answers given to its questions (label, answer)."""

    title: Required
    details: list[Pair] = []


class Exhibit(_Part):
    """A piece of evidence: its letter, the user's caption, its print copies; forms keep a whole page each."""

    letter: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    caption: Annotated[str, StringConstraints(max_length=300)] = ""
    blobs: list[int] = Field(min_length=1)
    whole_page: bool = False


class Signature(_Part):
    """The typed name, the line that says how it was signed, the signer's role, and a picture of a hand signature."""

    name: Required
    line: Required
    role: Optional = ""
    blob: int | None = None


class LetterDocument(_Part):
    """A whole letter, in the order in which it is printed (rule LET-5)."""

    contact: list[Required] = Field(min_length=2)
    date: Required
    agency: list[Required] = Field(min_length=2)
    re: Required
    salutation: Required
    opening: Required
    grounds_lead: Optional = ""
    grounds: list[Ground] = []
    statement_lead: Optional = ""
    statement: list[Required] = []
    translation: Optional = ""
    fields_lead: Optional = ""
    fields: list[Pair] = []
    exhibits_lead: Optional = ""
    exhibits: list[Exhibit] = Field(default=[], max_length=10)
    request: Required
    closing: Required
    signature: Signature
    citation: Required
    demo: bool
