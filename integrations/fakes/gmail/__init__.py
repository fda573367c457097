"""Google's token service and Gmail's mailbox, as far as reading goes.

`deliver(raw)` puts a mail into the mailbox; the consent page agrees by itself, or denies with `deny`. Codes, PKCE,
tokens with an end, revocation and a history that can be forgotten are kept as Google documents them.
"""

from integrations.fakes.gmail.server import GmailFake

__all__ = ["GmailFake"]
