"""Lob as a local server: letters that are really parsed, address verification, signed events, a post that delivers.

`LobFake(clock, book_path, webhook_url=..., webhook_secret=...)`; its API base is `fake.api_base`. The desk (`/_desk`)
is the printer's counter of the demo: see the letters and their PDFs, and play the post's events by hand.
"""

from integrations.fakes.lob.server import LobFake

__all__ = ["LobFake"]
