"""The operator's commands of `main.py`: doctor, connect, backup, restore, trace, admin."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from bot.assembly.operator_shell import Shell

F = TypeVar("F", bound=Callable[..., Any])


def _spoken(function: F) -> F:
    """Say errors of ours in one line instead of a traceback."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        from bot.core.errors import ParleyError

        try:
            return function(*args, **kwargs)
        except ParleyError as error:
            raise click.ClickException(str(error)) from error

    return run  # type: ignore[return-value]


@click.command()
@click.option("--offline", is_flag=True, help="Leave the vendors out.")
@click.option("--new-key", is_flag=True, help="Print a fresh key for SECRET_KEYS and end.")
@_spoken
def doctor(offline: bool, new_key: bool) -> None:
    """Look at settings, keys, database, disk, backups, models and vendors."""
    from bot.assembly import doctor as doctors
    from bot.core.clock import SystemClock
    from bot.core.settings import read_settings

    if new_key:
        click.echo(doctors.new_key())
        return
    settings = read_settings()

    async def look() -> int:
        failed = 0
        async for finding in doctors.examine(settings, SystemClock(), offline=offline):
            click.echo(str(finding))
            failed += finding.level == "FAIL"
        return failed

    if asyncio.run(look()):
        raise SystemExit(1)


@click.command()
@click.option("--undo", is_flag=True, help="Point the Twilio number back to where it pointed before.")
@_spoken
def connect(undo: bool) -> None:
    """Tell Telegram and Twilio where our doors are."""
    asyncio.run(_connect(undo))


async def _connect(undo: bool) -> None:
    from bot.assembly import connect as connects
    from bot.assembly.services import register_services
    from bot.core.errors import Misconfigured
    from bot.core.settings import read_settings
    from bot.engine.registry import Registry

    settings, registry = read_settings(), Registry()
    register_services(registry, settings)
    if settings.telegram_bot_token and settings.telegram_enabled and not undo:
        with connects.opened(settings) as (database, writers):
            writers.start()
            try:
                changed = await connects.connect_telegram(settings, registry.catalogue, database, writers)
            finally:
                await writers.stop()
                await database.close()
        click.echo(f"Telegram: {'set up' if changed else 'already so'}")
    if settings.twilio_from.startswith("+") and settings.sms_enabled:
        if not settings.public_url and not undo:
            raise Misconfigured("PUBLIC_URL", "is missing; Twilio needs an address to send to")
        await connects.connect_twilio(settings, undo=undo, say=click.echo)


@click.command()
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder; usual: DATA_DIR/backups"
)
@_spoken
def backup(folder: Path | None) -> None:
    """Make a checked copy of the database; the server may run."""
    from bot.assembly.backups import back_up
    from bot.core.clock import SystemClock
    from bot.core.settings import read_settings

    click.echo(back_up(read_settings(), SystemClock().now(), folder))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_spoken
def restore(file: Path) -> None:
    """Put a copy back. The server must be stopped; mail stays paused until operators resume it."""
    from bot.assembly.backups import restore as put_back
    from bot.core.clock import SystemClock
    from bot.core.settings import read_settings

    kept = put_back(read_settings(), file, SystemClock().now())
    click.echo(f"restored {file.name}" + (f"; the old file is {kept}" if kept else ""))
    click.echo("Mail is paused. Start the server, look at /status and /case, then /mail resume.")


@click.command()
@click.argument("identifier", type=int)
@_spoken
def trace(identifier: int) -> None:
    """Tell one message's story, by the id of an event, a message or a call. Nothing that was said is shown."""
    from bot.assembly.tracing import trace as tell
    from bot.core.settings import read_settings
    from storage.database import Database

    with Database(read_settings().database).engine().connect() as connection:
        lines = tell(connection, identifier)
    if not lines:
        raise click.ClickException("no event, message or call has this id")
    click.echo("\n".join(lines))


class _Catalogue(click.Group):
    """The commands below, and every other word of the staff's catalogue, which a service may add to."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command of the terminal's own, else the staff's of that name."""
        return super().get_command(ctx, cmd_name) or _chat_command(cmd_name)


@click.group(cls=_Catalogue)
def admin() -> None:
    """Enrol operators, and run their commands from here: those below, and any other that /whoami lists."""


def _shell() -> Shell:
    from bot.assembly.operator_shell import Shell
    from bot.assembly.services import register_services
    from bot.core.settings import read_settings
    from bot.engine.registry import Registry

    settings, registry = read_settings(), Registry()
    register_services(registry, settings)
    return Shell(settings, registry)


@admin.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["owner", "admin", "support", "support_viewer", "marketing", "finance"]),
    help="What they may do; the first one is the owner, others begin as support_viewer.",
)
@click.option("--telegram", metavar="USER_ID", help="Only this Telegram user may take it.")
@_spoken
def enroll(name: str, role: str | None, telegram: str | None) -> None:
    """Invite an operator: prints the secret for an authenticator app, once."""
    secret, uri, invite = _shell().enroll(name, role=role, telegram=telegram)
    click.echo(f"Secret for an authenticator app: {secret}\n{uri}")
    click.echo(
        f"First login, within 24 hours, in a private chat with the bot: /login CODE{f' {invite}' if invite else ''}"
    )


def _change(name: str, action: str) -> None:
    if not _shell().change(name, action):
        raise click.ClickException(f"there is no operator {name}")
    click.echo(f"{name}: {action} done")


@admin.command()
@click.argument("name")
@_spoken
def unlock(name: str) -> None:
    """Undo the locks of an operator after wrong codes."""
    _change(name, "unlock")


@admin.command()
@click.argument("name")
@_spoken
def disable(name: str) -> None:
    """Take an operator's power away at once."""
    _change(name, "disable")


@admin.command()
@click.argument("words", nargs=-1, required=True)
@_spoken
def confirm(words: tuple[str, ...]) -> None:
    """Do what a dry run showed: its words with a fresh code of any operator ("refund A-23456 CODE")."""
    click.echo(_shell().run(words[0], " ".join(words[1:])))


def _chat_command(name: str) -> click.Command:
    @_spoken
    def run(words: tuple[str, ...], folder: Path | None) -> None:
        click.echo(_shell().run(name, " ".join(words), folder=folder))

    params: list[click.Parameter] = [click.Argument(["words"], nargs=-1)]
    if name in ("export", "stats"):
        place = click.Path(path_type=Path, file_okay=False, exists=True)
        params.append(click.Option(["--to", "folder"], type=place, help="Folder for the files; usual: this one."))
    else:
        run = functools.partial(run, folder=None)
    return click.Command(name, callback=run, params=params, help=f"The staff's /{name}, as in the chat.")


_CHAT = (
    "dead", "job", "case", "retry", "refund", "mail", "city", "stats", "status", "who", "audit", "coachusage",
    "coachtalk", "user", "role", "staff", "gate", "export",
)  # fmt: skip
for _name in _CHAT:
    admin.add_command(_chat_command(_name))


@click.command()
@_spoken
def registration() -> None:
    """Print what carriers ask of a sender of texts, from the texts that people get."""
    from bot.assembly.registration import material
    from bot.assembly.services import register_services
    from bot.core.settings import read_settings
    from bot.engine.registry import Registry

    settings, registry = read_settings(), Registry()
    register_services(registry, settings)
    for question, answer in material(registry, settings.public_url or "https://your.address"):
        click.echo(f"{question}:\n  {answer}\n")


COMMANDS: tuple[click.Command, ...] = (doctor, connect, backup, restore, trace, registration, admin)
"""What `cli.py` adds to `main`."""
