"""The commands of `main.py`. Each imports what it needs when it runs: `--help` answers at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from bot.assembly.commands_operator import COMMANDS


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Parley: parking-ticket appeals posted as real letters, and receipts that become books, by SMS and Telegram."""


def _stop_on_misconfigured(function: Callable[..., Any]) -> Callable[..., Any]:
    import functools

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        from bot.core.errors import Misconfigured

        try:
            return function(*args, **kwargs)
        except Misconfigured as error:
            raise click.ClickException(str(error)) from error

    return run


@main.command()
@click.option("--no-webhook-replies", is_flag=True, help="Send every reply by the Bot API.")
@_stop_on_misconfigured
def serve(no_webhook_replies: bool) -> None:
    """Serve webhooks (or poll Telegram), deliver, and run the jobs."""
    from bot.assembly.serving import run_server

    run_server(telegram_webhook_replies=not no_webhook_replies)


@main.command()
@click.option(
    "--as", "channel", type=click.Choice(["sms", "telegram"]), default="sms", help="Whose capabilities it has."
)
@click.option("--script", type=click.Path(path_type=Path), help="Play the lines of a file (or a saved session).")
@click.option("--save", type=click.Path(path_type=Path), help="Save the session as a transcript test.")
@click.option("--data", type=click.Path(path_type=Path), help="Keep the session's state in this folder.")
@_stop_on_misconfigured
def chat(channel: Any, script: Path | None, save: Path | None, data: Path | None) -> None:
    """Play a conversation in this terminal, with simulated vendors."""
    from bot.assembly.chat import chat as play

    play(channel, script=script, save=save, data=data)


@main.command()
@_stop_on_misconfigured
def migrate() -> None:
    """Bring the database schema up to this release."""
    from bot.core.settings import read_settings
    from storage.database import Database
    from storage.migrate import head
    from storage.migrate import migrate as apply

    changed = apply(Database(read_settings().database))
    click.echo(f"schema {head()}: {'migrated' if changed else 'nothing to do'}")


@main.group(name="try")
def try_() -> None:
    """Run one recogniser on lines of standard input; one JSON object a line."""


def _lines(check: Callable[[dict[str, Any]], dict[str, Any]], unread: dict[str, Any] | None = None) -> None:
    import orjson

    refused = {"error": "each line must be one JSON object", **(unread or {})}

    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        try:
            request = orjson.loads(line)
        except orjson.JSONDecodeError:
            request = None
        answer = check(request) if isinstance(request, dict) else refused
        sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
        sys.stdout.buffer.flush()


@try_.command()
def citation() -> None:
    """Check a citation: {"city", "number", "issued", "notice", "today"} in, deadline and mail-by out."""
    from handlers.appeals.trial import check

    _lines(check, check(None))


@try_.command()
def optout() -> None:
    """Check whether a text ends our messages: {"text", "channel"} in, {"optout", "ask", "reason"} out."""
    from bot.engine.optout import try_optout

    _lines(try_optout)


@try_.command()
def expense() -> None:
    """Read an expense: {"text", "today", "currency"} in, amount, merchant, date or the reason why none out."""
    from handlers.receipts.typed.trial import NO_ANSWER, check

    _lines(check, NO_ANSWER)


@try_.command()
def decisions() -> None:
    """Read a coaching message: {"text", "today", "locale", "currency"} in, decisions and completed tasks out."""
    from handlers.coaching.decisions.trial import NO_ANSWER, check

    _lines(check, NO_ANSWER)


@try_.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--currency", default="USD", help="The person's currency, an ISO 4217 code.")
@click.option("--country", default=None, help="The person's country, an ISO 3166 code.")
@click.option("--received", type=click.DateTime(["%Y-%m-%d"]), help="The day on which they arrived; today by default.")
def receipt(files: tuple[Path, ...], currency: str, country: str | None, received: datetime | None) -> None:
    """Read pictures and PDFs of receipts: vendor, date, total, tax and more, one JSON object a file."""
    import asyncio

    import orjson

    from bot.assembly.receipt_trial import try_receipts
    from bot.core.clock import SystemClock
    from handlers.receipts.reading import Context

    day = (received or SystemClock().now()).date()

    async def print_lines() -> None:
        async for line in try_receipts(files, Context(day, currency.upper(), country.upper() if country else None)):
            sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
            sys.stdout.buffer.flush()

    asyncio.run(print_lines())


for _command in COMMANDS:
    main.add_command(_command)
