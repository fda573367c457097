"""A speech service as a local server: OpenAI-compatible transcription that hears what a test or the demo taught it.

A clip's text is found by its SHA-256; any other clip gets the default text, silence gets none.
"""

from integrations.fakes.speech.server import SpeechFake

__all__ = ["SpeechFake"]
