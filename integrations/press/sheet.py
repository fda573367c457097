"""The fields of a paper about money (a quote, a receipt), as `TypesetSheet.document` carries them, checked first.

Every text is literal: no field is ever read as markup. Amounts come as they are printed; the press adds nothing up.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from integrations.press.document import Optional, Pair, Required


class SheetDocument(BaseModel):
    """A heading, who to whom, facts beside them, a table whose last columns are numbers, sums, notes.

    `name` is what a reader calls the file, such as in the list of open ones; the heading unless it is given.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Required
    name: Optional = ""
    seller: list[Required] = Field(min_length=1)
    buyer_lead: Optional = ""
    buyer: list[Required] = []
    facts: list[Pair] = []
    columns: list[Required] = Field(min_length=2, max_length=6)
    rows: list[list[Optional]] = Field(max_length=500)
    sums: list[Pair] = []
    notes: list[Required] = []
    demo: bool
