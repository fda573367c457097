"""PostgreSQL as a careful hand writes it: asyncpg, one transaction a message, the reply in the webhook response.

It does about half of Parley's work: dedup row, state, two history rows, an appeal at the end; nothing is encrypted,
no outbox, no quota, no audit.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
from typing import Any

from aiohttp import web

from bot.assembly.serving import until_stopped
from tests.bench import steps
from tests.bench.script import PATH

SCHEMA = """
CREATE TABLE inbox(update_id BIGINT PRIMARY KEY, chat_id BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT now());
CREATE TABLE state(chat_id BIGINT PRIMARY KEY, step TEXT, draft JSONB NOT NULL);
CREATE TABLE history(id BIGSERIAL PRIMARY KEY, chat_id BIGINT NOT NULL, direction TEXT NOT NULL, body TEXT NOT NULL,
                     at TIMESTAMPTZ NOT NULL DEFAULT now());
CREATE INDEX ON history(chat_id, id);
CREATE TABLE appeal(id BIGSERIAL PRIMARY KEY, chat_id BIGINT NOT NULL, draft JSONB NOT NULL);
"""
CLAIM = "INSERT INTO inbox(update_id, chat_id) VALUES($1, $2) ON CONFLICT DO NOTHING"
SAVE = "INSERT INTO state VALUES($1, $2, $3) ON CONFLICT(chat_id) DO UPDATE SET step = $2, draft = $3"
NOTE = "INSERT INTO history(chat_id, direction, body) VALUES($1, 'in', $2), ($1, 'out', $3)"


async def turn(pool: Any, number: int, chat: int, text: str) -> str:
    """Run one message in one transaction and return the reply."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(CLAIM, number, chat)
        row = await connection.fetchrow("SELECT step, draft FROM state WHERE chat_id = $1 FOR UPDATE", chat)
        state, draft, reply = steps.answer(row[0] if row else None, json.loads(row[1]) if row else {}, text)
        await connection.execute(SAVE, chat, state, json.dumps(draft))
        await connection.execute(NOTE, chat, text, reply)
        if reply == steps.DONE:
            await connection.execute("INSERT INTO appeal(chat_id, draft) VALUES($1, $2)", chat, json.dumps(draft))
    return reply


async def main() -> None:
    """Serve until stopped."""
    pool = await importlib.import_module("asyncpg").create_pool(os.environ["DATABASE_URL"], min_size=16, max_size=16)
    await pool.execute(SCHEMA)

    async def hook(request: web.Request) -> web.Response:
        update = json.loads(await request.read())
        chat = update["message"]["chat"]["id"]
        reply = await turn(pool, update["update_id"], chat, update["message"]["text"])
        return web.json_response({"method": "sendMessage", "chat_id": chat, "text": reply})

    site = web.Application()
    site.router.add_post(PATH, hook)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"]), backlog=1024).start()
    await until_stopped()
    await runner.cleanup()
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main())
