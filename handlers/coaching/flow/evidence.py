"""Photos that show that a task was done: kept with an event of the task (TK-1).

    U> (photo) done 1.3
    B> Task 1.3 done. Progress: 1 of 5 decisions, 1 of 22 tasks (9%). Reply UNDO to take it back.
       Photo kept with task 1.3. TASK 1.3 shows it.

A picture is the coach's only when its caption names a task; all others go where pictures went before.
"""

from __future__ import annotations

import re

from bot.core.calls.channels import StoredMedia
from bot.core.prompts import Answer
from bot.engine.turn import Turn
from handlers.coaching.flow import commands, phrases
from handlers.coaching.flow.asked import NOTE
from handlers.coaching.flow.record import heard_id, with_reply
from handlers.coaching.flow.seen import Seen, see
from storage.coaching import tasks
from storage.coaching.tasks import PlanTask

_NAMED = re.compile(
    r"(?:(?:a |the |my )?(?:photo|picture|pic|proof|evidence|screenshot|foto|prueba|captura)s? )?"
    rf"(?:(?:for|of|to|de|para) )?(?:(?:task|tarea) )?#?(?P<id>{phrases.ID})"
)
_MOST = 5
"""Photos that one message may add to a task."""


def claims(turn: Turn, answer: Answer) -> bool:
    """Take pictures whose caption names a task of the person's plan; False for all others."""
    top = turn.conversation.top
    if NOTE not in turn.conversation.notes or (top is not None and not top.flow.startswith("coach")):
        return False
    seen, words = see(turn), phrases.plain(answer.text)
    if seen is None:
        return False
    ids = phrases.done_ids(words)
    named = _NAMED.fullmatch(words)
    if not ids and named is None:
        return False
    heard_id(turn, seen, answer.text)
    with_reply(turn, seen, lambda: _take(turn, seen, ids, named["id"] if named else ids[0], answer.pictures))
    return True


def _take(turn: Turn, seen: Seen, ids: list[str], one: str, pictures: tuple[StoredMedia, ...]) -> None:
    if ids:
        commands.tick(turn, seen, ids)
    task = seen.task(one)
    if task is None:
        if not ids:
            turn.say("coaching.unknown_task", id=one)
        return
    for picture in pictures[:_MOST]:
        _keep(turn, seen, task, picture)
    turn.say("coaching.evidence_kept", id=task.task_id)


def _keep(turn: Turn, seen: Seen, task: PlanTask, picture: StoredMedia) -> None:
    tasks.record(
        turn.work, turn.person.id, seen.id, task_id=task.task_id, kind="note", day=seen.today, evidence=picture.blob
    )
