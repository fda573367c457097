"""Walking a flow: asking, taking an answer, following where it leads.

One answer may lead through several steps that need no question; the walk ends at the first step that asks, waits or
ends. A step that leads in a circle without asking is a bug and raises.
"""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from bot.core.calls import Outcome
from bot.core.errors import Permanent
from bot.core.prompts import Answer, Ask
from bot.engine import allowance
from bot.engine.flow import Call, End, Enter, Goto, Hush, Next, Park, Stay
from bot.engine.state import Frame, Parked
from bot.engine.turn import Turn
from storage.schema import micros

_TRAIL = 60
SLOW = timedelta(seconds=20)
"""After this a person on SMS is told that the work goes on (rules CONV-6, UX-24)."""


def open_flow(
    turn: Turn, name: str, text: str = "", draft: dict[str, object] | None = None, step: str | None = None
) -> None:
    """Put a flow on top and let it use the words that opened it."""
    flow = turn.registry.flows[name]
    frame = Frame(flow=name, step=step or flow.first, draft=draft or {}, version=flow.version)
    turn.conversation.frames.append(frame)
    turn.conversation.misses = 0
    if draft is None:
        for starter in flow.starters:
            follow(turn, starter(turn, text) or Stay())
    turn.keep_draft()


def take(turn: Turn, answer: Answer) -> None:
    """Give an answer to the open step and follow where it leads."""
    frame = turn.conversation.top
    if frame is None:
        raise LookupError("no flow is open")
    step = turn.registry.flows[frame.flow].steps[frame.step]
    if step.take is None:
        raise Permanent(f"step {step.name} takes no answer")
    follow(turn, step.take(turn, answer))


def take_result(turn: Turn, frame: Frame, outcome: Outcome) -> None:
    """Give a call's outcome to the flow that waits for it."""
    flow = turn.registry.flows[frame.flow]
    name, frame.call, frame.then, frame.told_slow = frame.then, None, None, False
    if name is None:
        raise Permanent(f"flow {frame.flow} waits for no result")
    follow(turn, flow.results[name](turn, outcome))


def follow(turn: Turn, step: Next) -> None:
    """Do what a step said."""
    conversation = turn.conversation
    frame = conversation.top
    if frame is None:
        return
    flow = turn.registry.flows[frame.flow]
    match step:
        case Goto(name, forget):
            if name not in flow.steps:
                raise Permanent(f"flow {flow.name} has no step {name}")
            if not forget and frame.step != name:
                frame.trail = [*[s for s in frame.trail if s != name], frame.step][-_TRAIL:]
            frame.step = name
            conversation.misses = 0
        case Call():
            refused = allowance.refusal(turn, step.call)
            if refused is not None:
                follow(turn, flow.results[step.then](turn, refused))
                return
            frame.call = turn.call(
                step.call, key=step.key, then="flow", policy=step.policy, limit=step.limit, typing=True
            )
            frame.then = step.then
            if turn.channel == "sms":
                turn.timer("slow", f"slow:{frame.call}", turn.now + SLOW, call=frame.call)
            turn.silent = True
            conversation.misses = 0
        case Stay():
            pass
        case Hush():
            turn.silent = True
        case End():
            conversation.frames.pop()
            conversation.prompt = None
        case Park():
            park(turn)
        case Enter(name, draft, at, replace):
            turn.keep_draft()
            if replace:
                conversation.frames.pop()
            open_flow(turn, name, "", dict(draft), at)
        case _:
            assert_never(step)
    if flow.on_change and conversation.top is frame:
        flow.on_change(turn)


def park(turn: Turn) -> None:
    """Move the flow on top to the parked ones, its draft kept for 30 days."""
    frame = turn.conversation.frames[-1]
    flow = turn.registry.flows[frame.flow]
    frame.call = frame.then = None
    turn.keep_draft()
    if flow.on_park:
        flow.on_park(turn)
    turn.conversation.frames.pop()
    turn.conversation.parked = [p for p in turn.conversation.parked if p.frame.draft != frame.draft][-4:]
    turn.conversation.parked.append(Parked(frame, micros(turn.now)))
    turn.conversation.prompt = None
    turn.conversation.misses = 0


def leave(turn: Turn) -> bool:
    """Park the flow on top; False for one that stands where no effort was made, which is dropped."""
    frame = turn.conversation.frames[-1]
    step = turn.registry.flows[frame.flow].steps.get(frame.step)
    if step is None or step.effort:
        park(turn)
        return True
    follow(turn, End())
    return False


def has_answers(turn: Turn) -> bool:
    """Tell whether the person entered something in the flow on top that leaving would put away."""
    frame = turn.conversation.top
    if frame is None:
        return False
    step = turn.registry.flows[frame.flow].steps.get(frame.step)
    effort = step is None or step.effort
    return effort and was_entered(turn)


def was_entered(turn: Turn) -> bool:
    """Tell whether the flow on top holds anything yet, of the person's or of what it was opened for."""
    frame = turn.conversation.top
    return frame is not None and bool(frame.trail or turn.draft.model_dump(exclude_defaults=True))


def resume(turn: Turn) -> bool:
    """Bring back the flow that was parked last; False when there is none."""
    if not turn.conversation.parked:
        return False
    frame = turn.conversation.parked.pop().frame
    turn.conversation.frames.append(frame)
    flow = turn.registry.flows[frame.flow]
    if flow.on_resume:
        flow.on_resume(turn)
    return True


def back(turn: Turn) -> bool:
    """Return to the step before; False at the first one."""
    frame = turn.conversation.top
    if frame is None or not frame.trail:
        return False
    frame.step = frame.trail.pop()
    frame.call = frame.then = None
    turn.conversation.misses = 0
    return True


def question(turn: Turn) -> Ask | None:
    """Return the question that is open, or None when nothing is asked or a call is waited for."""
    frame = turn.conversation.top
    if frame is None or frame.call is not None:
        return None
    flow = turn.registry.flows[frame.flow]
    step = flow.steps.get(frame.step)
    if step is None:
        frame.step, frame.trail = flow.first, []
        step = flow.steps[flow.first]
    return step.ask(turn) if step.ask else None
