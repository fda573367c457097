"""Model text is untrusted output: what must not reach a person is taken out of it (rule CH-2).

Control, bidirectional and zero-width characters go. A link stays only when its host is on the allow-list; of another
one nothing is left but the words that it stood under. Line breaks are kept, three of them become two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

ALLOWED_HOSTS = ("discord.com", "circle.so", "stripe.com")
"""Hosts that a coach may name, beside our own; their subdomains too."""

_ENDINGS = (
    "ai app biz blog cc chat cloud club cn co com dev edu eu fm fr gg gift gov info io link live ly mobi net news "
    "online org page pro ru shop site so store stream team tech top tv uk vip website wiki xyz zone "
    "ar br buzz cfd ch cl click cz de dk example fi gq icu jp kr ml monster mx nl pl pw sbs su tk ws"
)
"""Endings by which a bare name is a link; with a path behind it, every ending makes one ("pay.me/x", not "call.me")."""
_LABELS = r"(?:[\w-]+\.)+"
_HOST = rf"{_LABELS}(?:(?:{'|'.join(_ENDINGS.split())})(?![\w-])|[a-z]{{2,24}}(?=(?::\d+)?/\w))"
_NEXT_SENTENCE = re.compile(r"[\w.-]+\.[A-Z][a-z]+")
_MARKDOWN = re.compile(r"!?\[(?P<words>[^\[\]\n]*)\]\((?P<url>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s[^()]*)?\)")
_LINK = re.compile(
    rf"(?<![\w@.])(?P<url>[a-z][a-z0-9+.-]*://[^\s<>\"]*|www\.[^\s<>\"]+|mailto:\S+|{_HOST}(?::\d+)?(?:[/?#][^\s<>\"]*)?)",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?)]}'\"*_"
_SPACES, _BREAKS = re.compile(r"[ \t]{2,}"), re.compile(r"\n{3,}")
_BEFORE_STOP = re.compile(r" +([.,;:!?](?:\s|$))")


def clean(text: str, own_host: str = "") -> str:
    """Return a model's text as a person may see it; what is clean already stays as it is."""
    hosts = (*ALLOWED_HOSTS, own_host.lower()) if own_host else ALLOWED_HOSTS
    visible = "".join(_seen(text.replace("\r\n", "\n").replace("\r", "\n")))
    named = _MARKDOWN.sub(lambda link: _words(link, hosts), visible)
    kept = _LINK.sub(lambda link: _link(link["url"], hosts), named)
    if kept != visible:
        kept = _BEFORE_STOP.sub(r"\1", _SPACES.sub(" ", kept))
    return _BREAKS.sub("\n\n", kept).strip()


def _seen(text: str) -> Iterable[str]:
    for one in text:
        if one in "\n\u2028\u2029":
            yield "\n"
        elif one == "\t":
            yield " "
        elif unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn") or one == "\u200d":
            yield one


def _words(link: re.Match[str], hosts: Iterable[str]) -> str:
    words, url = link["words"].strip(), link["url"]
    if not _is_allowed(url, hosts):
        return words
    return url if words in ("", url) else f"{words} ({url})"


def _link(url: str, hosts: Iterable[str]) -> str:
    bare = url.rstrip(_TRAILING)
    if _NEXT_SENTENCE.fullmatch(bare) or _is_allowed(bare, hosts):
        return url
    return url[len(bare) :]


def _is_allowed(url: str, hosts: Iterable[str]) -> bool:
    if "://" not in url:
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or "\\" in url or not host.isascii():
        return False
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def cut_at_sentence(text: str, longest: int) -> tuple[str, str]:
    """Return the longest beginning of whole sentences within so many characters, and the rest."""
    if len(text) <= longest:
        return text, ""
    ends = [end.end() for end in _SENTENCE_END.finditer(text) if end.end() <= longest]
    at = ends[-1] if ends else max(text.rfind(" ", 0, longest + 1), 0) or longest
    return text[:at].rstrip(), text[at:].lstrip()


def whole_sentences(text: str) -> str:
    """Return a text that broke off up to its last sentence end; all of it when there is none (rule MC-5)."""
    ends = [end.end() for end in _SENTENCE_END.finditer(text)]
    return text[: ends[-1]].rstrip() if ends else text


_SENTENCE_END = re.compile(r"[.!?…][\"')\]]*(?=\s|$)|\n")
