"""Receipts by mail: from the raw bytes of a mail to drafts, and the words by which a person arranges it.

`opening.open_mail` (pure, outside of turns; it alone needs the HTML parser) makes a `Mail` of bytes; `drafts_of` says
which receipts it holds. The rest decides whose mail is taken, what waits in quarantine, and which mailboxes are read.
"""

from handlers.receipts.mail.reading import MailReceipt, drafts_of, is_receipt
from handlers.receipts.mail.sorting import Kind, Way
from handlers.receipts.mail.words import register

__all__ = ["Kind", "MailReceipt", "Way", "drafts_of", "is_receipt", "register"]
