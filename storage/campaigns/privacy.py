"""The tables of campaigns; of a person they hold only that something was sent."""

from __future__ import annotations

import sqlalchemy as sa

from storage.campaigns.broadcasts import broadcast
from storage.campaigns.flags import flag
from storage.campaigns.recipients import erase, recipient

TABLES: tuple[sa.Table, ...] = (recipient, broadcast, flag)

__all__ = ["TABLES", "erase"]
