"""What Twilio's refusals mean to us, by the one table of its codes."""

from __future__ import annotations

from bot.core.calls.outcome import UNAUTHORIZED, Again, Outcome, Refused, Unknown
from bot.core.twilio_codes import BAD_CREDENTIALS, QUEUE_FULL, QUEUE_PAUSE, Act, act_of
from integrations.http import Reply, retry_after


def outcome_of(reply: Reply, *, harmless: bool = False) -> Outcome:
    """Judge an answer that is no success.

    A refusal's code is Twilio's own number as text, or `status_<n>` where Twilio gave none. After a server's error the
    message may have been taken, so only a look-up allows another try.
    """
    code = _code(reply)
    act = Act.NOTHING if code is None else act_of(code)
    if reply.status == 429 or act is Act.BACK_OFF:
        return Again("rate_limited", retry_after(reply.headers))
    if reply.status >= 500 or reply.status < 400:
        reason = f"status_{reply.status}"
        return Again(reason, retry_after(reply.headers)) if harmless else Unknown(reason)
    if act is Act.SLOW:
        return Again(QUEUE_FULL, QUEUE_PAUSE, whole_vendor=False)
    if code == BAD_CREDENTIALS or reply.status == 401:
        return Again(UNAUTHORIZED)
    return Refused(f"status_{reply.status}" if code is None else str(code), f"status_{reply.status}")


def _code(reply: Reply) -> int | None:
    code = reply.record().get("code")
    return int(str(code)) if isinstance(code, int | str) and str(code).isdecimal() else None
