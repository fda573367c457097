"""The audit: what people with power did, in the transaction of the change, sealed into a chain soon after (section 10).

`entries` holds the rows as turns write them, `chain` numbers and hashes them, `segments` ends their life after seven
years, `search` finds them, `triggers` let the database refuse whatever else would change them.
"""

from storage.audit import triggers  # noqa: F401 - adds the triggers to the tables
from storage.audit.chain import link, segment
from storage.audit.entries import ADD, audit, record

__all__ = ["ADD", "audit", "link", "record", "segment"]
