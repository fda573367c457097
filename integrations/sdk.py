"""Loads a vendor's SDK at its first call, beside the event loop, and only the part of it that we use."""

from __future__ import annotations

import asyncio
import importlib
import sys
import threading
from types import ModuleType

_lock = threading.Lock()


async def load(name: str, *, without: tuple[str, ...] = ()) -> ModuleType:
    """Import an SDK in a thread and return it.

    An SDK that can work with several HTTP clients tries each of them while it is imported, so that those we do not use
    are loaded and stay: `without` names modules that it must not find, unless they are there already. (`stripe` with
    its other clients takes 14 MiB, without them 2.) The lock keeps another SDK from being imported meanwhile.
    """
    return await asyncio.to_thread(_load, name, without)


def _load(name: str, without: tuple[str, ...]) -> ModuleType:
    with _lock:
        hidden = [other for other in without if other not in sys.modules]
        sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None says that there is no such module
        try:
            return importlib.import_module(name)
        finally:
            for other in hidden:
                del sys.modules[other]
