"""`/healthz`: the process answers. `/readyz`: database, migrations, delivery heartbeat, disk (rule OBS-1).

Neither needs a login nor shows personal data, and a vendor's outage never fails them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import orjson
from aiohttp import web

from storage.database import Database
from storage.migrate import current, head

LEAST_FREE = 0.02
STALE_SECONDS = 60.0


class Health:
    """Answers the two questions of a load balancer. `beat_age` tells how long ago the pumps ran, in seconds."""

    def __init__(self, database: Database, data_dir: Path, beat_age: Callable[[], float]) -> None:
        self._database, self._data_dir, self._beat_age = database, data_dir, beat_age

    async def alive(self, request: web.Request) -> web.Response:
        """Say that the process answers."""
        return web.json_response({"status": "ok"})

    async def ready(self, request: web.Request) -> web.Response:
        """Check each part; 503 when one fails."""
        checks = {
            "database": False,
            "migrations": False,
            "delivery": self._beat_age() < STALE_SECONDS,
            "disk": self._has_disk(),
        }
        try:
            checks["migrations"] = await self._database.read(current) == head()
            checks["database"] = True
        except Exception:
            checks["database"] = False
        status = 200 if all(checks.values()) else 503
        body = orjson.dumps({"status": "ok" if status == 200 else "failing", "checks": checks})
        return web.Response(body=body, status=status, content_type="application/json")

    def _has_disk(self) -> bool:
        folder = self._data_dir if self._data_dir.exists() else Path()
        usage = shutil.disk_usage(folder)
        return usage.free / usage.total > LEAST_FREE
