"""python-telegram-bot as its documentation shows it: ConversationHandler, PicklePersistence with its default interval.

Updates come in by a custom webhook (its own needs another web server): the door parses and queues them, as theirs
does. It writes its state every 60 seconds, so a kill loses what came since.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from typing import Any

from aiohttp import web
from telegram import Update
from telegram.ext import (
    Application,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

from bot.assembly.serving import until_stopped
from tests.bench import steps
from tests.bench.script import PATH, TOKEN

Context = ContextTypes.DEFAULT_TYPE


async def begin(update: Update, context: Context) -> str:
    """Open the conversation."""
    _draft(context).clear()
    await _say(update, steps.ASK["city"])
    return "city"


def question(field: str) -> Any:
    """Return the callback that takes the answer to a question."""

    async def take(update: Update, context: Context) -> str | None:
        assert update.message is not None
        state, draft, reply = steps.answer(field, _draft(context), update.message.text or "")
        _draft(context).update(draft)
        await _say(update, reply)
        return state

    return take


async def confirm(update: Update, context: Context) -> int | str:
    """End the conversation."""
    assert update.message is not None
    state, _, reply = steps.answer("confirm", _draft(context), update.message.text or "")
    _draft(context).clear()
    await _say(update, reply)
    return ConversationHandler.END if state is None else state


def _draft(context: Context) -> dict[str, str]:
    assert context.user_data is not None
    draft: dict[str, str] = context.user_data
    return draft


async def _say(update: Update, text: str) -> None:
    assert update.message is not None
    await update.message.reply_text(text)


def build() -> Application[Any, Any, Any, Any, Any, Any]:
    """Return the application with its one conversation."""
    base = os.environ["TELEGRAM_API_BASE"]
    persistence = PicklePersistence(os.environ["DATA_DIR"] + "/peer.pickle")
    application = (
        Application.builder().token(TOKEN).base_url(f"{base}/bot").persistence(persistence).updater(None).build()
    )
    words = filters.TEXT & ~filters.COMMAND
    states: dict[object, list[Any]] = {f: [MessageHandler(words, question(f))] for f in steps.FIELDS}
    states["confirm"] = [MessageHandler(words, confirm)]
    entry: list[Any] = [CommandHandler("appeal", begin)]
    application.add_handler(
        ConversationHandler(entry, states, entry, allow_reentry=True, persistent=True, name="appeal")
    )
    return application


async def main() -> None:
    """Serve until stopped."""
    logging.disable(logging.WARNING)
    application = build()

    async def hook(request: web.Request) -> web.Response:
        await application.update_queue.put(Update.de_json(json.loads(await request.read()), application.bot))
        return web.Response()

    site = web.Application()
    site.router.add_post(PATH, hook)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    async with application:
        await application.start()
        await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"]), backlog=1024).start()
        await until_stopped()
        await application.stop()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
