"""`main.py chat`: plays any conversation in a terminal, through the demo's vendors, and saves it as a transcript test.

The clock stands still but for a few seconds a line and what `:wait` asks for, so a saved session gives the same answers
at any speed. Lines may also come from a file or a pipe.
"""

from __future__ import annotations

import asyncio
import logging
import re
import shlex
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.assembly.demo import Demo
from bot.assembly.handsets import Channel, Shown, open_handset
from bot.assembly.transcript import Step, Transcript
from bot.core.clock import FixedClock, SystemClock
from bot.core.errors import Misconfigured
from bot.core.settings import Settings, read_settings
from bot.engine.registry import Registry
from bot.web.simulator import SAMPLE_NUMBER, SAMPLE_WORDS, sample_ticket, voice_clip

LINE_TAKES = timedelta(seconds=5)
"""What a person needs for a line: albums settle, senders keep their pace, nobody looks like a robot."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_KINDS = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".heic": "image/heic",
    ".webp": "image/webp",
}
_KINDS |= {".gif": "image/gif", ".pdf": "application/pdf"}
HELP = """\
:photo PATH [PATH ...]   send pictures         :wait 10m|2h|1d|1w   move the clock forward
:voice PATH              send a voice clip     :pay [decline|abandon|bank]   use the open pay page
:speak WORDS             say words as a clip   :post EVENT   in_transit, delivered, returned_to_sender, ...
:tap N or LABEL          press a button        :letters      list what was printed
:ticket [NUMBER]         photograph a made-up ticket
:save FILE               keep this session as a transcript test
:help                    this list             :quit         leave"""


class Mistyped(Exception):
    """A command that cannot be done; its words are for the person at the keyboard."""


class Session:
    """One conversation with its transcript."""

    def __init__(self, demo: Demo, channel: Channel, files: Path) -> None:
        self._demo, self._files = demo, files
        self.handset = open_handset(demo, channel)
        self.transcript = Transcript(channel, demo.clock.now())
        self._buttons: tuple[str, ...] = ()
        self._commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "photo": self._photo,
            "voice": self._voice,
            "speak": self._speak,
            "ticket": self._ticket,
            "tap": self._tap,
            "wait": self._wait,
            "pay": self._pay,
            "post": self._post,
        }

    async def play(self, line: str) -> list[str]:
        """Do one line and return what came back; raise Mistyped when it cannot be done."""
        if line.startswith(":"):
            await self._command(line)
        else:
            await self.handset.say(line)
        await self._demo.time.advance(LINE_TAKES)
        step = Step(line, [self._written(shown) for shown in self.handset.news()])
        self.transcript.steps.append(step)
        return step.replies

    async def _command(self, line: str) -> None:
        name, _, rest = line[1:].partition(" ")
        command = self._commands.get(name)
        if command is None:
            raise Mistyped(f"there is no :{name}; see :help")
        try:
            await command(rest.strip())
        except (OSError, LookupError, ValueError) as error:
            raise Mistyped(str(error)) from error

    def _written(self, shown: Shown) -> str:
        """Write a message down, with its buttons, links and files below it."""
        lines = [shown.text]
        if shown.file:
            name, data = shown.file
            (self._files / name).write_bytes(data)
            lines.append(f"({name})")
        lines += [f"({label}: {address})" for label, address in shown.links]
        if shown.buttons:
            self._buttons = shown.buttons
            lines.append(" ".join(f"[{label}]" for label in shown.buttons))
        return "\n".join(line for line in lines if line)

    # -- commands --------------------------------------------------------------------------------------------------

    async def _photo(self, rest: str) -> None:
        paths = shlex.split(rest)
        if not paths:
            raise Mistyped(":photo needs the path of a picture")
        await self.handset.photos([_upload(path) for path in paths], "")

    async def _voice(self, rest: str) -> None:
        await self.handset.voice(_upload(rest)[0])

    async def _speak(self, rest: str) -> None:
        words = rest or SAMPLE_WORDS
        clip = voice_clip(words)
        speech: Any = self._demo.fakes.get("speech")
        if speech:
            speech.teach(clip, words)
        await self.handset.voice(clip)

    async def _ticket(self, rest: str) -> None:
        made = sample_ticket(self._demo.clock.now().date() - timedelta(days=4), rest or SAMPLE_NUMBER)
        model: Any = self._demo.fakes.get("claude")
        if model:
            model.teach(made.photo, made.lines, [made.fields])
        await self.handset.photos([(made.photo, "image/jpeg")], "")

    async def _tap(self, rest: str) -> None:
        if rest.isdigit() and not 1 <= int(rest) <= len(self._buttons):
            raise Mistyped(f"there are {len(self._buttons)} buttons")
        await self.handset.tap(self._buttons[int(rest) - 1] if rest.isdigit() else rest)

    async def _wait(self, rest: str) -> None:
        await self._demo.time.advance(span(rest))

    async def _pay(self, rest: str) -> None:
        stripe: Any = self._demo.fakes.get("stripe")
        if stripe is None:
            raise Mistyped("Stripe is not built in here; pay at its own page")
        stripe.expire_due()
        open_sessions = [session["id"] for session in stripe.checkout.shelf if session["status"] == "open"]
        if not open_sessions:
            raise Mistyped("no pay page is open")
        match rest:
            case "":
                stripe.pay(open_sessions[-1])
            case "bank":
                stripe.pay(open_sessions[-1], "us_bank_account")
            case "decline":
                stripe.decline(open_sessions[-1])
            case "abandon":
                pass
            case _:
                raise Mistyped(":pay, :pay decline, :pay bank or :pay abandon")

    async def _post(self, rest: str) -> None:
        lob: Any = self._demo.fakes.get("lob")
        letters = [letter["id"] for letter in lob.letters.shelf] if lob else []
        if not letters:
            raise Mistyped("no letter was printed")
        try:
            lob.post.happen(letters[-1], rest)
        except Exception as error:
            raise Mistyped(str(error)) from error

    def letters(self) -> str:
        """Return the printed letters, one a line."""
        lob: Any = self._demo.fakes.get("lob")
        lines = [
            f"{letter['id']}  to {letter['to']['name'] or letter['to'].get('company')}, {letter['_pages']} pages"
            for letter in (lob.letters.shelf if lob else [])
        ]
        return "\n".join(lines) or "no letter was printed"


def _upload(path: str) -> tuple[bytes, str]:
    """Read a file with its media type by its name's end."""
    file = Path(path).expanduser()
    return file.read_bytes(), _KINDS.get(file.suffix.lower(), "image/jpeg")


def span(text: str) -> timedelta:
    """Read `10m`, `2h`, `1d12h`; raise ValueError otherwise."""
    parts = re.findall(r"(\d+)\s*([smhdw])", text)
    if not parts or re.sub(r"(\d+)\s*([smhdw])\s*", "", text):
        raise ValueError("write a time as 10m, 2h, 1d or 1w")
    return sum((timedelta(**{_UNITS[unit]: int(count)}) for count, unit in parts), timedelta())


@asynccontextmanager
async def open_session(
    channel: Channel, *, start: datetime | None = None, data: Path | None = None, registry: Registry | None = None
) -> AsyncIterator[Session]:
    """Open a demo of its own, on a folder (a temporary one without `data`), and a conversation in it."""
    with tempfile.TemporaryDirectory(prefix="parley-chat-") as folder:
        settings = chat_settings(data or Path(folder))
        standing = FixedClock(start or SystemClock().now().replace(microsecond=0))
        clock = standing if data is None else None
        async with Demo.open(settings, registry=registry, clock=clock) as demo:
            yield Session(demo, channel, Path(folder))


def chat_settings(data: Path) -> Settings:
    """Return the settings of a demo that stands alone beside a running one."""
    return read_settings(parley_mode="demo", data_dir=data, database_url="", port=0, host="127.0.0.1", public_url="")


async def run_chat(channel: Channel, *, script: Iterable[str] | None, save: Path | None, data: Path | None) -> None:
    """Play lines of a script, of a pipe or of a keyboard until they end."""
    async with open_session(channel, data=data) as session:
        typed = script is None and sys.stdin.isatty()
        if typed:
            print(f"Parley as {channel}, in demo mode. :help lists commands, :quit leaves.")
        async for line in _lines(script):
            if not typed:
                print(f"> {line}")
            if line in (":quit", ":q"):
                break
            await _perform(session, line)
        if save:
            _save(session, save)


async def _perform(session: Session, line: str) -> None:
    match line.partition(" "):
        case (":help", _, _):
            print(HELP)
        case (":letters", _, _):
            print(session.letters())
        case (":save", _, path) if path:
            _save(session, Path(path))
        case _:
            try:
                replies = await session.play(line)
            except Mistyped as error:
                replies = []
                print(f"! {error}")
            for reply in replies:
                print("< " + reply.replace("\n", "\n  "), flush=True)


def _save(session: Session, path: Path) -> None:
    path = path.expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(session.transcript.dump(), encoding="utf-8")
    print(f"saved {len(session.transcript.steps)} steps as {path}")


async def _lines(script: Iterable[str] | None) -> AsyncIterator[str]:
    """Yield lines without the empty ones, comments, and a transcript's replies (so that one can be played)."""
    source = _typed() if script is None and sys.stdin.isatty() else _given(script)
    async for raw in source:
        line = raw.strip()
        if line.startswith(("#", "<")) or not line or (script is not None and raw.startswith("  ")):
            continue
        yield line.removeprefix("> ")


async def _given(script: Iterable[str] | None) -> AsyncIterator[str]:
    if script is not None:
        for line in script:
            yield line.rstrip("\n")
        return
    while line := await asyncio.to_thread(sys.stdin.readline):
        yield line.rstrip("\n")


async def _typed() -> AsyncIterator[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.patch_stdout import patch_stdout

    words = re.findall(r"^(:\w+)|\s{3}(:\w+)", HELP, re.MULTILINE)
    completer = WordCompleter(sorted({a or b for a, b in words}), sentence=True)
    prompt: PromptSession[str] = PromptSession("> ", completer=completer, complete_while_typing=False)
    while True:
        with patch_stdout():
            try:
                yield await prompt.prompt_async()
            except (EOFError, KeyboardInterrupt):
                return


def chat(channel: Channel, *, script: Path | None, save: Path | None, data: Path | None) -> None:
    """Run the terminal; raise Misconfigured when the demo cannot start."""
    from bot.assembly.logs import set_up_logs
    from bot.assembly.serving import run

    set_up_logs("ERROR")
    logging.getLogger("parley.alerts").setLevel(logging.CRITICAL)  # an operator's business, not the player's
    if script is not None and not script.exists():
        raise Misconfigured("--script", f"there is no file {script}")
    lines = script.read_text(encoding="utf-8").splitlines() if script else None
    run(run_chat(channel, script=lines, save=save, data=data))
