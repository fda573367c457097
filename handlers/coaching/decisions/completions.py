"""Tasks that a message calls done: by id, in lists and ranges, or by the plain content of one task (DD-9)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from handlers.coaching.decisions.clauses import Clause, Joint, split
from handlers.coaching.decisions.days import Calendar, find_days
from handlers.coaching.decisions.lexicon import any_of, data, finder
from handlers.coaching.decisions.mentions import Day, Finds, Kind
from handlers.coaching.decisions.skeleton import TOKEN, build
from handlers.coaching.decisions.stance import LEAD, Stance, judge
from handlers.coaching.decisions.text import Message, flat
from handlers.coaching.decisions.values import Category, Completion, Context, Task

_ID = (
    r"(?:(?:tasks?|tareas?|steps?|items?|la|el|las|los|no\.|#)\s?)?(?<![\w.$€£¥₹,:/-])"
    r"(?P<{}>[1-9]\d?\.\d{{1,2}}|c\d{{1,2}})(?![\w$€£]|[.,:/]\d|\s?%)"
)
_LINK = r"\s?(?:,\s?(?:and\s|y\s)?|and|&|\+|/|y|plus)\s?"
_RANGE = r"\s?(?:-|to|through|thru|until|a|hasta|al)\s?"
_FINISHED_VERBS = (
    r"(?:finish(?:ed)?|complet(?:ed)?|did|done|wrapped up|knocked out|checked off|"
    r"got|termine|acabe|complete|hice|hicimos|terminamos|acabamos|just finished|"
    r"have finished|have done|have completed)"
)
_FIRST = re.compile(
    r"^(?:\W|\b(?:ok|so|and|yes|hey|coach|finally|just|also|now|already|i|we|"
    r"have|had|am|has|well|update|good news|woohoo|yay|then|y|ya|he|hemos|por fin|"
    r"alright|today|this week|hoy|esta semana|all|great|fully|successfully|officially|"
    r"phew|ayer|yesterday|last night|this morning|earlier)\b)*$"
)
_BE = (
    r"(?:\s(?:is|are|was|were|has been|have been|got|gets|now|all|just|finally|"
    r"already|been|have|has|fully|officially|today|both|esta|estan|ya|ya esta|"
    r"ya estan|quedo|quedaron|ha sido|fue|looks|also|successfully|up and|set and)"
    r"|\W(?:s|re)\b|[:,-])*\s+"
)
_SO = re.compile(r"\W*(?:and\s)?(?:so|which means|that means|meaning|hence|therefore|asi que)\s.*T\d")
"""What follows a reason and names its task: "the server is up, so 1.1 is done"."""


def find_task_ids(finds: Finds, context: Context) -> None:
    """Add the lists and ranges of task ids; versions, prices, times and measures are none."""
    first = _ID.format("a")
    pattern = re.compile(
        rf"{first}(?P<more>(?:(?:{_LINK}|{_RANGE})(?:the\s|la\s|task\s)?(?:[1-9]\d?\.\d{{1,2}}|"
        rf"c\d{{1,2}})(?![\w%]|[.,:]\d))*)"
    )
    known = {task.id for task in context.tasks}
    for match in pattern.finditer(finds.flat):
        before, after = (
            finds.flat[max(0, match.start() - 14) : match.start()],
            finds.flat[match.end() : match.end() + 14],
        )
        says_task = re.match(r"task|tarea|step|item", match[0])
        if not says_task and (
            re.search(any_of("completions", "not_ids_before") + r"\s$", before)
            or re.match(rf"\s?{any_of('completions', 'not_ids_after')}", after)
            or re.match(r"\s?%", after)
        ):
            continue
        ids = _ids(match["a"] + (match["more"] or ""), [task.id for task in context.tasks])
        if (
            known
            and not says_task
            and not any(task in known for task in ids)
            and not re.search(r"done|finish|complet", finds.flat)
        ):
            continue
        finds.add(Kind.TASK, *match.span(), " ".join(ids))


def _ids(text: str, known: Sequence[str]) -> list[str]:
    found: list[str] = []
    for part in re.finditer(rf"(?P<a>[1-9]\d?\.\d{{1,2}}|c\d{{1,2}})(?:{_RANGE}(?P<b>[1-9]\d?\.\d{{1,2}}))?", text):
        a, b = part["a"], part["b"]
        if b and a.split(".")[0] == b.split(".")[0]:
            phase, low, high = a.split(".")[0], int(a.split(".")[1]), int(b.split(".")[1])
            inside = [task for task in known if task.split(".")[0] == phase and low <= int(task.split(".")[1]) <= high]
            found += inside or [a, b]
        else:
            found += [part for part in (a, b) if part]
    return found


def find_completions(message: Message, context: Context, decided: set[Category]) -> list[Completion]:
    """Return the known tasks that the message calls done, in the order of the plan.

    A task whose decision the message makes is not read from its content: saving the decision offers its tick (TK-3).
    """
    if not context.tasks:
        return []
    finds = Finds(message.flat, [])
    find_task_ids(finds, context)
    find_days(finds, Calendar(context.today, context.locale))
    finds.mentions = [m for m in finds.mentions if not isinstance(m.value, Day) or _is_to_come(m.value, context)]
    reading = build(message, finds.mentions)
    known = {task.id: place for place, task in enumerate(context.tasks)}
    found: dict[str, str] = {}
    parts = split(reading)
    for clause, after, stance in zip(parts, [*parts[1:], None][: len(parts)], judge(parts), strict=True):
        text = clause.text
        if _is_open(clause, stance, text):
            continue
        is_reason = after is not None and _SO.match(after.text) is not None
        quote = message.original(*reading.span(clause.start, clause.end))
        if any(reading.mention(token).kind is Kind.DAY for token in TOKEN.findall(text)):
            continue
        by_id = [task for token in re.findall(r"T\d+", text) for task in str(reading.mention(token).value).split()]
        if by_id and finder("completions", "finished").search(text):
            for task in by_id:
                found.setdefault(task, quote)
        elif not by_id and not is_reason:
            for plan_task in context.tasks:
                if not set(plan_task.decisions) & {category.value for category in decided} and is_done(text, plan_task):
                    found.setdefault(plan_task.id, quote)
    return [Completion(task, found[task]) for task in sorted((t for t in found if t in known), key=lambda t: known[t])]


def _is_to_come(day: Day, context: Context) -> bool:
    return day.day is None or (not day.is_month and day.day > context.today)


def _is_open(clause: Clause, stance: Stance, text: str) -> bool:
    """Say whether the clause is no finished statement of the person."""
    if stance.refused in ("question", "condition", "command", "tag") or "?" in clause.mark or clause.joint is Joint.IF:
        return True
    if stance.refused == "third party" and not re.match(
        LEAD + r"(?:the\s|my\s|our\s)?(?:stripe|paypal|members?|survey|founders|payments?)\b", text
    ):
        return True
    if finder("stance", "hedges", "words").search(re.sub(r"\bmay\b", "", text)) and stance.refused == "hedge":
        return True
    return bool(finder("completions", "open").search(text) or finder("completions", "old").search(text))


def is_done(text: str, task: Task) -> bool:
    """Say whether a finished clause names the content of the task."""
    return _by_words(text, task.id) or _by_phrases(text, task) or _by_title(text, task)


@cache
def _task_patterns(task: str) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    entry = data("completions")["tasks"].get(task)
    if entry is None:
        return None
    things, done, did = (any_of("completions", "tasks", task, key) for key in ("things", "done", "did"))
    finished = any_of("completions", "finished")
    passive = re.compile(
        rf"^(?P<lead>.*?){things}(?P<rest>(?:\s(?:for|with|to|in|on|of|and|de|y|con)"
        rf"\s(?:[\w'-]+\s?){{1,5}}?)?){_BE}(?:{done}|{finished})"
    )
    active = re.compile(
        rf"^(?P<lead>.*?)\b(?:{did}|{finished}|{_FINISHED_VERBS})(?:\s(?:with|up|all|"
        rf"of|out|both|the|my|our|a|an|setting up|writing|building|making|sending|"
        rf"posting|planning|running|to|for|on|in|el|la|los|las|con|de|mis|mi|un|una|"
        rf"first|new|whole|entire|some|every|each|those|this|personal|connecting|preparing|{re.escape('50')})"
        rf")*\s{things}"
    )
    return passive, active


def _by_words(text: str, task: str) -> bool:
    patterns = _task_patterns(task)
    if patterns is None:
        return False
    passive, active = patterns
    if (match := passive.search(text)) and _leads(match["lead"]):
        return True
    return bool((match := active.search(text)) and _leads(match["lead"]))


def _leads(lead: str) -> bool:
    """Say whether what stands before leaves the clause the person's own: "just", "I have", "and the"."""
    words = re.sub(
        (
            r"\b(?:the|my|our|and|this|week's|month's|personal|launch|el|la|los|las|mi|"
            r"nuestro|with|all|of|first|a|new|both|is|are|set|up|got|everything|stripe|"
            r"payments?|connected|test|purchase|went|through|channels|roles|server|ready|"
            r"done|finished|live|to|it|so|weekly|monthly|for|that|as|in|on|month|"
            r"week|next|today's|welcome|bot|rules|text|posted|sent|out)\b"
        ),
        " ",
        lead,
    )
    return bool(_FIRST.match(words))


def _by_phrases(text: str, task: Task) -> bool:
    """Read the plan's own done phrases: all words of one phrase in a short finished clause."""
    for phrase in task.done_phrases:
        if (
            all(re.search(rf"(?<![a-z]){re.escape(flat(part))}(?![a-z])", text) for part in phrase)
            and len(text.split()) <= 14
        ):
            lead = text.split(flat(phrase[0]))[0]
            return _leads(lead)
    return False


_SMALL = frozenset(
    [
        "the",
        "a",
        "an",
        "to",
        "of",
        "and",
        "with",
        "for",
        "in",
        "on",
        "up",
        "your",
        "my",
        "our",
        "one",
        "run",
        "add",
        "show",
        "put",
        "set",
        "pick",
        "write",
        "turn",
        "start",
        "plan",
        "it",
        "every",
        "as",
        "by",
        "at",
    ]
)


def _by_title(text: str, task: Task) -> bool:
    """Read the title of a task of the person's own: all its telling words in a finished clause."""
    if data("completions")["tasks"].get(task.id) is not None or not task.title:
        return False
    words = [word for word in re.findall(r"[a-z0-9]+", flat(task.title)) if word not in _SMALL]
    told = [word for word in words if re.search(rf"(?<![a-z]){re.escape(word[:5])}", text)]
    return (
        len(words) > 1
        and len(told) == len(words)
        and bool(
            finder("completions", "finished").search(text)
            or re.search(r"\b(?:i|we)\s(?:have\s|just\s)?\w+(?:ed|ade|ote|ilt|nt|an|eld)\b|\b\w+ed\b", text)
        )
    )
