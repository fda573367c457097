"""The asynchronous engine for readers, without SQLAlchemy's object mapper.

`sqlalchemy.ext.asyncio` imports the mapper for its sessions, which nothing here uses: 41 modules, 5 MiB and a tenth of
the start. Only its `engine` module is wanted, so it is imported as if the package were empty; the package itself is
then forgotten, and whoever imports it later gets all of it as usual.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_PACKAGE = "sqlalchemy.ext.asyncio"


def open_reader(url: str, **options: Any) -> AsyncEngine:
    """Return an asynchronous engine; the options are those of `create_async_engine`."""
    engine: AsyncEngine = _engine_module().create_async_engine(url, **options)
    return engine


def _engine_module() -> Any:
    name = f"{_PACKAGE}.engine"
    if _PACKAGE in sys.modules or name in sys.modules:
        return importlib.import_module(name)
    found = importlib.util.find_spec(_PACKAGE)
    assert found is not None  # noqa: S101
    sys.modules[_PACKAGE] = importlib.util.module_from_spec(found)
    try:
        return importlib.import_module(name)
    finally:
        del sys.modules[_PACKAGE]
