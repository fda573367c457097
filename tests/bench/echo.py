"""The yardstick: a bare aiohttp echo of the same update, nothing kept. `--uvloop`: Parley's loop and JSON.

Ratios are taken to the plain one, as the targets mean it; the other tells how much the loop and the JSON library give.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import orjson
from aiohttp import web

from bot.assembly.serving import run, until_stopped
from tests.bench.script import PATH

_fast = "--uvloop" in sys.argv


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value) if _fast else json.dumps(value).encode()


async def echo(request: web.Request) -> web.Response:
    """Answer a message with its own text."""
    message = (orjson.loads if _fast else json.loads)(await request.read())["message"]
    reply = {"method": "sendMessage", "chat_id": message["chat"]["id"], "text": message["text"]}
    return web.Response(body=_dumps(reply), content_type="application/json")


async def main() -> None:
    """Serve until stopped."""
    app = web.Application()
    app.router.add_post(PATH, echo)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"]), backlog=1024).start()
    await until_stopped()
    await runner.cleanup()


if __name__ == "__main__":
    if _fast:
        run(main())
    else:
        asyncio.run(main())
