"""Reading what is printed: from lines with places to the fields of a receipt, pure and the same every time.

`read_receipt` takes pages as any reader gives them (local OCR, a cloud reader, a text layer) and what is known of the
person; it answers with fields, ranked totals and what has to be asked. `page_of_text` makes a page of plain text;
`receipts_on` parts a picture of several receipts.
"""

from handlers.receipts.reading.extractor import read_receipt
from handlers.receipts.reading.results import Context, Field, Flag, Item, Question, Reading, TaxLine, TotalCandidate
from handlers.receipts.reading.rows import page_of_text
from handlers.receipts.reading.several import read_as_one, receipts_on

__all__ = [
    "Context",
    "Field",
    "Flag",
    "Item",
    "Question",
    "Reading",
    "TaxLine",
    "TotalCandidate",
    "page_of_text",
    "read_as_one",
    "read_receipt",
    "receipts_on",
]
