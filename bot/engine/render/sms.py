"""SMS: GSM-7 where possible, numbered lines for choices, the brand first, one link on a line of its own at the end."""

from __future__ import annotations

from bot.core.calls.channels import SendSms
from bot.core.sms import normalise

BRAND = "Parley: "
BODY_LIMIT = 1600
VALIDITY = {"code": 300, "reply": 600, "notice": 14400, "nudge": 3600, "offer": 3600}


def render_sms(
    to: str,
    text: str,
    *,
    labels: list[str],
    link: tuple[str, str] | None,
    pages: list[str],
    brand: bool,
    purpose: str,
) -> SendSms:
    """Return the one message that shows a text with its choices and at most one link."""
    lines = [text] if text else []
    lines += [f"{number} {words}" for number, words in enumerate(labels, 1) if words]
    url = link[1] if link else (pages[0] if pages else None)
    if url:
        lines.append(url)
    body = "\n".join(lines)
    if brand and not body.startswith(BRAND):
        body = BRAND + body
    return SendSms(to=to, body=_fit(normalise(body)), validity_seconds=VALIDITY[purpose])


def _fit(body: str) -> str:
    return body if len(body) <= BODY_LIMIT else body[: BODY_LIMIT - 3].rstrip() + "..."
