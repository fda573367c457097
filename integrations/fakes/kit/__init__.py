"""What every fake vendor is made of: a server, an append-only book, fault switches, signed webhooks, recordings.

A fake subclasses `FakeServer`, registers its operations, keeps its state on `Shelf`s (so that every change is a row of
the book and a restart on the same path remembers everything), and sends its events through `Webhooks`.
"""

from integrations.fakes.kit.book import Attachments, Book, Shelf
from integrations.fakes.kit.faults import HOOK_FAULTS, REQUEST_FAULTS, Fault, Faults
from integrations.fakes.kit.form import Form, Upload, nested, read_form
from integrations.fakes.kit.recording import RECORDINGS_VARIABLE, Recorder
from integrations.fakes.kit.server import FakeServer, Handler, advance_clock, reply
from integrations.fakes.kit.webhooks import DAYS_3, Hook, Webhooks

__all__ = [
    "DAYS_3",
    "HOOK_FAULTS",
    "RECORDINGS_VARIABLE",
    "REQUEST_FAULTS",
    "Attachments",
    "Book",
    "FakeServer",
    "Fault",
    "Faults",
    "Form",
    "Handler",
    "Hook",
    "Recorder",
    "Shelf",
    "Upload",
    "Webhooks",
    "advance_clock",
    "nested",
    "read_form",
    "reply",
]
