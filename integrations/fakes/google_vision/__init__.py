"""Google Cloud Vision as a local server: text detection behind an API key, for pictures that it was taught."""

from integrations.fakes.google_vision.server import GoogleVisionFake

__all__ = ["GoogleVisionFake"]
