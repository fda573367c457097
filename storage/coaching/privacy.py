"""What goes when a person deletes a project or all their data, and what stays: counts and costs (rule PJ-3)."""

from __future__ import annotations

import sqlalchemy as sa

from storage.coaching.acts import act
from storage.coaching.care import care, checkin, promise
from storage.coaching.decisions import decision
from storage.coaching.messages import message, summary
from storage.coaching.model_calls import model_call
from storage.coaching.profiles import profile
from storage.coaching.projects import pause, project, template
from storage.coaching.proposals import proposal
from storage.coaching.tasks import event, task
from storage.coaching.turns import spend, turn

OF_PROJECT = (event, decision, proposal, act, summary, message, promise, checkin, pause, task)
"""Tables whose rows go with their project."""
OF_PERSON = (care, profile)
KEPT = (turn, model_call, spend, template)
"""The ledger of messages and costs, without a word of the person, and the templates."""

TABLES: tuple[sa.Table, ...] = (*OF_PROJECT, project, *OF_PERSON, *KEPT)
