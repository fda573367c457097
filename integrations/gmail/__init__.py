"""Gmail through its HTTP API, read only, with the operator's own OAuth client."""

from integrations.gmail.adapter import GmailAdapter
from integrations.gmail.consent import SCOPE, authorise_url

__all__ = ["SCOPE", "GmailAdapter", "authorise_url"]
