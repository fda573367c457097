"""The coach's turn with a language model: what is said is taken and paid for, asked about, answered and booked.

`answer` is what the flow gives a person's words to; the model's answer comes as an event (`register`). What the model
says changes nothing: what it found is held against the person's words and the rules, and waits for a yes.
"""

from handlers.coaching.talk.ports import Found, Ports
from handlers.coaching.talk.register import register
from handlers.coaching.talk.settings import TalkSettings
from handlers.coaching.talk.taking import answer

__all__ = ["Found", "Ports", "TalkSettings", "answer", "register"]
