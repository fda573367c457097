"""What a test process does once instead of thousands of times, because each test starts an app of its own.

A server parses its texts, compiles its SQL and looks through its own objects for garbage once in a life of months;
measured over the suite these three were two fifths of all processor time, and no test is about any of them.
"""

from __future__ import annotations

import gc
from functools import cache, wraps
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.core import texts
from storage.database import Database

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_KNOWN: dict[type[sa.Dialect], sa.Engine] = {}
"""By kind of database and driver the engine whose dialect and compiled statements the later ones take."""


def begin() -> None:
    """Let all apps of this process share what is equal for them."""
    texts.read = cache(texts.read)
    open_writer, open_reader = Database.engine, Database._open_reader

    @wraps(open_writer)
    def writer(self: Database) -> sa.Engine:
        return _shared(open_writer(self))

    @wraps(open_reader)
    def reader(self: Database) -> AsyncEngine:
        engine = open_reader(self)
        _shared(engine.sync_engine)
        return engine

    Database.engine = writer  # type: ignore[method-assign]
    Database._open_reader = reader  # type: ignore[method-assign]


def pytest_collection_finish() -> None:
    """Keep what was imported and collected, a million objects, out of every later search for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _shared(engine: sa.Engine) -> sa.Engine:
    known = _KNOWN.get(type(engine.dialect))
    if known is None or known.dialect.server_version_info is None:  # that one never connected
        _KNOWN[type(engine.dialect)] = engine
        return engine
    engine.dialect = engine.pool._dialect = known.dialect
    engine._compiled_cache = known._compiled_cache
    return engine
