"""Telegram: HTML with everything escaped, inline buttons, texts split below 4,096 characters (rules TG-3, TG-7)."""

from __future__ import annotations

import html
from collections.abc import Iterator

from bot.core.calls.channels import Button, SendTelegram

TEXT_LIMIT, CAPTION_LIMIT, LABEL_LIMIT = 4096, 1024, 40


def split(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """Split a text at line ends, spaces or anywhere, so that no part is longer than `limit` UTF-16 units."""
    parts: list[str] = []
    rest = text
    while _units(rest) > limit:
        cut = _cut(rest, limit)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip("\n ")
    return [*parts, rest] if rest or not parts else parts


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _cut(text: str, limit: int) -> int:
    units, end = 0, 0
    for end, character in enumerate(text):  # noqa: B007
        units += 2 if ord(character) > 0xFFFF else 1
        if units > limit:
            break
    for mark in ("\n\n", "\n", " "):
        found = text.rfind(mark, end // 2, end)
        if found > 0:
            return found
    return end


def rows(labels: list[str]) -> list[list[int]]:
    """Group button numbers into rows: short labels side by side, up to 3 in a row."""
    grouped: list[list[int]] = []
    width = 99
    for number, text in enumerate(labels):
        if width + len(text) + 4 > 34 or len(grouped[-1]) == 3:
            grouped.append([])
            width = 0
        grouped[-1].append(number)
        width += len(text) + 4
    return grouped


def render_telegram(
    chat_id: int,
    text: str,
    *,
    labels: list[str],
    datas: list[str],
    link: tuple[str, str] | None,
    files: list[tuple[int, str]],
) -> Iterator[SendTelegram]:
    """Yield the messages that show a text, its files before it, and its buttons under the last part.

    Telegram takes no button to a plain http address (a demo on this machine): such a link stands in the text.
    """
    buttons = [[Button(labels[n], data=datas[n]) for n in row] for row in rows(labels)]
    if link and link[1].startswith("https://"):
        buttons.insert(0, [Button(link[0], url=link[1])])
    elif link:
        text = f"{text}\n{link[0]}: {link[1]}"
    for blob, name in files:
        if name.lower().endswith((".png", ".jpg", ".jpeg")):
            yield SendTelegram(chat_id, "", photo=blob, filename=name)
        else:
            yield SendTelegram(chat_id, "", document=blob, filename=name)
    parts = split(text)
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part or (last and buttons):
            # Escaping may lengthen a part: what no longer fits goes as plain text, which needs none.
            marked = html.escape(part, quote=False)
            fits = _units(marked) <= TEXT_LIMIT
            yield SendTelegram(chat_id, marked if fits else part, html=fits, buttons=buttons if last else [])
