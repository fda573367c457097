"""Mail over its own protocols: taking mails apart, reading mailboxes over IMAP, sending over SMTP."""

from integrations.mail.imap import ImapAdapter
from integrations.mail.inbox import InboundMailbox
from integrations.mail.opener import MailOpener
from integrations.mail.smtp import SmtpAdapter

__all__ = ["ImapAdapter", "InboundMailbox", "MailOpener", "SmtpAdapter"]
