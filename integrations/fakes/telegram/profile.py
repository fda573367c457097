"""What a bot says of itself: commands by scope and language, menu button, descriptions, name."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from integrations.fakes.kit import FakeServer
from integrations.fakes.telegram import limits
from integrations.fakes.telegram.arguments import Arguments
from integrations.fakes.telegram.refusals import bad

_SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")


class Profile:
    """setMyCommands and its kin."""

    def __init__(self, server: FakeServer) -> None:
        self._shelf = server.book.shelf("profile")

    @property
    def methods(self) -> dict[str, Callable[[Arguments], Any]]:
        """Return the methods by name."""
        texts = (
            ("Description", "description", limits.DESCRIPTION),
            ("ShortDescription", "short_description", limits.SHORT_DESCRIPTION),
            ("Name", "name", 64),
        )
        table: dict[str, Callable[[Arguments], Any]] = {
            "setMyCommands": self.set_commands,
            "getMyCommands": lambda call: self._get(f"commands:{_scope(call)}", []),
            "deleteMyCommands": lambda call: self._put(f"commands:{_scope(call)}", []),
            "setChatMenuButton": self.set_menu_button,
            "getChatMenuButton": self.menu_button,
        }
        for suffix, field, most in texts:
            table[f"setMy{suffix}"] = partial(self._set_text, field, most)
            table[f"getMy{suffix}"] = partial(self._text, field)
        return table

    def _get(self, key: str, default: Any) -> Any:
        return (self._shelf.get(key) or {"value": default})["value"]

    def _put(self, key: str, value: Any) -> bool:
        self._shelf.put(key, {"value": value}, kind="profile.set")
        return True

    def set_commands(self, call: Arguments) -> bool:
        """Keep the commands of a scope and language."""
        commands = call.structure("commands")
        if not isinstance(commands, list):
            raise bad("can't parse commands: Array expected")
        if len(commands) > limits.COMMANDS:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        kept = []
        for item in commands:
            name, description = str(item.get("command", "")).removeprefix("/"), str(item.get("description", "")).strip()
            if not _COMMAND.fullmatch(name):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(description) <= limits.COMMAND_DESCRIPTION:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
            kept.append({"command": name, "description": description})
        return self._put(f"commands:{_scope(call)}", kept)

    def set_menu_button(self, call: Arguments) -> bool:
        """Keep the menu button of a chat or of all."""
        button = call.structure("menu_button") or {"type": "default"}
        if button.get("type") not in ("default", "commands", "web_app"):
            raise bad("menu button type is invalid")
        return self._put(f"menu:{call.text('chat_id')}", button)

    def menu_button(self, call: Arguments) -> Any:
        """Return the menu button of a chat, else the one for all."""
        common = self._get("menu:", {"type": "commands"})
        return self._get(f"menu:{call.text('chat_id')}", common)

    def _text(self, field: str, call: Arguments) -> dict[str, Any]:
        return {field: self._get(f"{field}:{_language(call)}", "")}

    def _set_text(self, field: str, most: int, call: Arguments) -> bool:
        text = call.text(field)
        if len(text) > most:
            raise bad(f"{field.upper()}_TOO_LONG" if field != "description" else "BOT_DESCRIPTION_TOO_LONG")
        return self._put(f"{field}:{_language(call)}", text)


def _language(call: Arguments) -> str:
    code = call.text("language_code")
    if code and not _LANGUAGE.fullmatch(code):
        raise bad("invalid language code specified")
    return code


def _scope(call: Arguments) -> str:
    scope = call.structure("scope") or {"type": "default"}
    needed = _SCOPES.get(str(scope.get("type")))
    if needed is None:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    if any(scope.get(name) is None for name in needed):
        raise bad("can't parse BotCommandScope: chat_id is empty")
    return ":".join([scope["type"], *(str(scope[name]) for name in needed), _language(call)])
