"""Templates with escaping always on, and the headers that every page of ours carries."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web

_FOLDER = Path(__file__).parent.parent / "templates"
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action {}; base-uri 'none'"
_FORMS = {False: "'self' https:", True: "'self' https: http:"}
"""Where a form may lead: browsers hold the redirect to the checkout, whose domain is the operator's choice, to this."""


def headers_for(*, demo: bool) -> dict[str, str]:
    """Return the headers of a page; in demo mode the simulator's desk may show it in a frame."""
    return {**HEADERS, "X-Frame-Options": "SAMEORIGIN"} if demo else HEADERS


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(_FOLDER)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def page(name: str, status: int = 200, **values: object) -> web.Response:
    """Render a template as a response."""
    text = _environment().get_template(name).render(values)
    demo = bool(values.get("demo"))
    headers = {**headers_for(demo=demo), "Content-Security-Policy": _POLICY.format(_FORMS[demo])}
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)
