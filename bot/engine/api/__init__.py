"""What the HTTP API is made of, without HTTP: resources that services register, calls, answers, and deeds.

A service adds its `Route`s to the registry; `bot.web.api` serves them. What only reads gets a unit of work that cannot
write; what writes is a deed (`bot.engine.api.deeds`): a turn of that person, in their queue and in one commit, like a
message of theirs.
"""

from bot.engine.api.routes import Call, Handle, Nothing, Reply, Route, Upload

__all__ = ["Call", "Handle", "Nothing", "Reply", "Route", "Upload"]
