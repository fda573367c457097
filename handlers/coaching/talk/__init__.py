"""The coach's turn with a language model: what is said is taken and paid for, asked about, answered and booked.

`take` is what a flow gives a person's words to; the answer comes as an event (`register`). What the model says changes
nothing: proposals go through `ports.Ports`, which the rest of coaching fills in.
"""

from handlers.coaching.talk.answering import register
from handlers.coaching.talk.ports import Candidate, Ports
from handlers.coaching.talk.settings import CoachSettings
from handlers.coaching.talk.taking import Taken, take

__all__ = ["Candidate", "CoachSettings", "Ports", "Taken", "register", "take"]
