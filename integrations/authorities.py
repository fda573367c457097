"""The authorities whose certificates we believe: the system's, read with the first https connection.

aiohttp makes two TLS contexts of its own when it is imported and reads all authorities into both, which takes a
thirteenth of the start and a MiB, also of a process that never makes an https connection. Imported by `import_aiohttp`
these two know no authority: our clients bring a context, and one that forgets it is refused by every server.
"""

from __future__ import annotations

import importlib
import ssl
import sys
from functools import cache


def import_aiohttp() -> None:
    """Import aiohttp without authorities, unless it is imported already."""
    if "aiohttp" in sys.modules:
        return
    ssl.SSLContext.set_default_verify_paths = _read_none  # type: ignore[method-assign]
    try:
        importlib.import_module("aiohttp")
    finally:
        del ssl.SSLContext.set_default_verify_paths  # what it inherits shows again


def _read_none(self: ssl.SSLContext) -> None:
    """Stand for the reading of authorities."""


def tls_for(base_url: str) -> ssl.SSLContext | bool:
    """Return what aiohttp takes as `ssl` for a client of this address; a plain one reads no authorities."""
    return True if base_url.startswith("http:") else _context()


@cache
def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(("http/1.1",))
    return context
