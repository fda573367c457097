"""Checkpoints of SQLite's log beside the writer, so that no commit has to make one while everybody waits.

A thread with a connection of its own copies what the log holds into the file; that stops nobody. What was written
meanwhile is little, and the writer itself copies it after its next commit: only when all is copied does the log begin
anew.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

LEAST_SECONDS, LEAST_COMMITS = 0.5, 64
"""A checkpoint comes after this time and this many commits: a page that changed often meanwhile is copied once."""
PASSIVE = "PRAGMA wal_checkpoint(PASSIVE)"
log = logging.getLogger("parley.database")


class Checkpointer:
    """Counts the commits of a writer and makes checkpoints beside it; `made` counts those that began the log anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._helper = ThreadPoolExecutor(1, thread_name_prefix="parley-checkpoint")
        self._commits, self._last = 0, time.monotonic()
        self._under_way: Future[bool] | None = None
        self._connection: sqlite3.Connection | None = None
        self.made = 0

    def committed(self, writer: Any) -> None:
        """Take note of a commit of this connection, which has no transaction open now."""
        self._commits += 1
        if self._under_way is not None:
            if self._under_way.done():
                self._finish(writer, self._under_way.result())
        elif self._commits >= LEAST_COMMITS and time.monotonic() - self._last >= LEAST_SECONDS:
            self._under_way = self._helper.submit(self._copy)

    def _finish(self, writer: Any, well: bool) -> None:
        if well:
            writer.execute(PASSIVE).fetchone()
            self.made += 1
        self._under_way, self._commits, self._last = None, 0, time.monotonic()

    def _copy(self) -> bool:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
                self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute(PASSIVE).fetchone()
        except sqlite3.Error:
            log.warning("no checkpoint was made; a commit will make it", exc_info=True)
            return False
        return True

    def close(self) -> None:
        """Wait for what runs and give the connection back."""
        self._helper.shutdown()
        if self._connection is not None:
            self._connection.close()
