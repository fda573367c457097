"""Folding SQLite's log back into the file beside the writer, so that no commit has to do it while everybody waits.

A thread with a connection of its own copies what the log holds; that stops nobody. What was written meanwhile is
little, and the writer itself folds it in after its next commit: only when all of it is folded does the log begin anew.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

LEAST_SECONDS, LEAST_COMMITS = 0.5, 64
"""The log is folded after this time and this many commits: a page that changed often meanwhile is copied once."""
FOLD = "PRAGMA wal_checkpoint(PASSIVE)"
log = logging.getLogger("parley.database")


class Folder:
    """Counts the commits of a writer and folds the log beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._helper = ThreadPoolExecutor(1, thread_name_prefix="parley-fold")
        self._commits, self._last = 0, time.monotonic()
        self._folding: Future[bool] | None = None
        self._connection: sqlite3.Connection | None = None
        self.folded = 0

    def committed(self, writer: Any) -> None:
        """Take note of a commit of this connection, which has no transaction open now."""
        self._commits += 1
        if self._folding is not None:
            if self._folding.done():
                self._finish(writer, self._folding.result())
        elif self._commits >= LEAST_COMMITS and time.monotonic() - self._last >= LEAST_SECONDS:
            self._folding = self._helper.submit(self._fold)

    def _finish(self, writer: Any, well: bool) -> None:
        if well:
            writer.execute(FOLD).fetchone()
            self.folded += 1
        self._folding, self._commits, self._last = None, 0, time.monotonic()

    def _fold(self) -> bool:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
                self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute(FOLD).fetchone()
        except sqlite3.Error:
            log.warning("the log was not folded; a commit will do it", exc_info=True)
            return False
        return True

    def close(self) -> None:
        """Wait for what runs and give the connection back."""
        self._helper.shutdown()
        if self._connection is not None:
            self._connection.close()
