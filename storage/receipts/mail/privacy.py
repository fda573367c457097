"""What goes of a person's mail when they delete their data: addresses, mailboxes and their secrets, what waits."""

from __future__ import annotations

import sqlalchemy as sa

from storage.blobs import blob
from storage.receipts.mail.addresses import mail_address
from storage.receipts.mail.consents import mail_consent
from storage.receipts.mail.mailboxes import mail_import, mailbox
from storage.receipts.mail.quarantine import mail_quarantine, mail_seen
from storage.receipts.mail.senders import mail_sender
from storage.work import Work

TABLES = (mail_address, mail_sender, mail_quarantine, mail_seen, mailbox, mail_import, mail_consent)
"""Every table of this package."""


def erase(work: Work, person_id: int) -> None:
    """Delete everything of a person, with the mails that waited and the secrets of mailboxes."""
    for column, table in ((mail_quarantine.c.blob_id, mail_quarantine), (mailbox.c.secret_blob, mailbox)):
        files = sa.select(column).where(table.c.person_id == person_id, column.is_not(None))
        work.claim(blob.delete().where(blob.c.id.in_(files)))
    for table in TABLES:
        work.claim(table.delete().where(table.c.person_id == person_id))
