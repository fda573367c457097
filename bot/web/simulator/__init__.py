"""The simulator of demo mode: two phones beside a desk in one page, and the doors under `/demo/` that it uses.

The phones speak the vendors' own formats: the page drives the fakes' phones through `/demo/phone/...`, the fakes post
to the real routes and the real adapters answer them. The page is plain HTML, CSS and JavaScript without a build step.
"""

from bot.web.simulator.clip import SAMPLE_WORDS, voice_clip
from bot.web.simulator.doors import Simulator
from bot.web.simulator.ticket import SAMPLE_NUMBER, SampleTicket, sample_ticket

__all__ = ["SAMPLE_NUMBER", "SAMPLE_WORDS", "SampleTicket", "Simulator", "sample_ticket", "voice_clip"]
