"""Everything that can go wrong, as one tree.

    ParleyError
      Mistake        the person's answer does not fit; has a text key, the question is asked again
      Refusal        not allowed, over a limit, unverified; has a text key, nothing changes
      Trouble        something of ours or a vendor's failed
        Temporary    worth another try, after `retry_after` when it is known
        Permanent    another try cannot help
      Misconfigured  a setting is missing or unsafe; stops the start and names the setting
      Problem        a request to the HTTP API that is not served; has a status, a code and a plain message

Raise near the cause, translate once at the edge.
"""

from __future__ import annotations

from datetime import timedelta


class ParleyError(Exception):
    """Root of all errors that Parley raises on purpose."""


class Spoken(ParleyError):
    """An error that a person is told about, by a text key and its arguments."""

    def __init__(self, key: str, **args: object) -> None:
        super().__init__(key)
        self.key, self.args_ = key, args


class Mistake(Spoken):
    """The answer does not fit the question: say why and ask again."""


class Refusal(Spoken):
    """What was asked for is not allowed: say why; nothing changes."""


class Trouble(ParleyError):
    """Something failed that the person did not cause."""


class Temporary(Trouble):
    """Another try may work."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Permanent(Trouble):
    """Another try cannot work."""


class Misconfigured(ParleyError):
    """A setting is missing or unsafe: `setting` names it, the message says what to do."""

    def __init__(self, setting: str, advice: str) -> None:
        super().__init__(f"{setting}: {advice}")
        self.setting = setting


class Problem(ParleyError):
    """A request to the HTTP API is not served (rule API-3); `field` names what is wrong in it.

    The message never repeats what was sent and is the same for what does not exist and for what is somebody else's.
    """

    def __init__(
        self, status: int, code: str, message: str, *, field: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.field, self.retry_after = status, code, message, field, retry_after
