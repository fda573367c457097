"""How people say what the coach obeys: each command with its ways of being asked for, matched as whole messages.

Words reach this module folded, without a slash before them or an end mark behind; a question keeps its mark.
"""

from __future__ import annotations

import re

from bot.core.fold import fold

ID = r"(?:c\d{1,3}|\d{1,2}\.\d{1,2})"
_IDS = rf"(?:tasks? )?(?P<ids>#?{ID}(?:(?:\s*(?:,|and|&|\+)\s*|\s+)#?{ID})*)"
_NOTE = r"(?P<note>\s*[:-] .{1,300}|)"
_SHOW = r"(?:(?:can you |please )*(?:show|give|see|list)(?: me)? |what(?:'?s| is)(?: in)? |my |)"
_I = r"(?:(?:i|we)(?:'ve| have)? )?(?:just |already )?"
_WHO = r"(?:i|we)"
_LEAD = r"(?:so |and |ok |okay )?"
_UNABLE = r"(?:i )?(?:have )?(?:no idea|do not know|don'?t know|no clue)"

COACH = re.compile(
    r"(?:coach|coaching|my coach|open coach|community coach|entrenador)"
    r"|(?:can you |could you |please )*coach me(?: please)?\??"
)
START = re.compile(r"(?:start|begin|new) (?:a |my |another )?(?:new )?(?:project|coaching|community)")
PROJECTS = re.compile(r"(?:my )?projects")
PROJECT = re.compile(r"(?:project )?(p-[a-z0-9]{4,8})")
PROFILE = re.compile(r"(?:my )?profile(?: (?P<rest>.+))?")
PAUSE = re.compile(
    rf"(?:pause|(?:{_WHO} (?:need|want|would like) (?:to )?)?(?:have |take )?a (?:short )?(?:break|rest|pause))"
    r"(?: (?:it|project|coaching|the project|my project|for now|from this))?"
    r"(?: (?P<length>(?:for )?(?:\d{1,3}|[a-z]{1,5}) (?:day|week|month)s?))?"
)
MODEL = re.compile(
    r"(?:model|ai|claude) (?P<way>on|off)|(?P<no>no (?:model|ai|claude)"
    r"|(?:please )?(?:stop using|do not use|don't use|dont use|without|turn off|switch off) (?:the |an |any )?"
    r"(?:model|ai|claude)(?: please)?"
    r"|(?:please )?(?:do not|don't|dont|stop) (?:send|share|sending|sharing) my (?:messages|words|data) "
    r"(?:to|with) (?:the |an |any )?(?:model|ai|claude|anthropic))"
)
UNPAUSE = re.compile(r"(?:unpause|resume|continue) (?:coaching|project|my project|the project|plan)|unpause")

_FINISHED = r"(?:off|(?:as |is )?(?:done|complete|completed|finished))"
_DROP_WHAT = (
    r"price|pricing|platform|tiers?|structure|benefits|content|perks|date|(?:opening|launch) date|timeline|opening"
)
COMMANDS = tuple(
    (re.compile(pattern, re.I | re.S), name)
    for pattern, name in (
        (rf"{_SHOW}(?:my |the )?plan(?:(?: phase)? (?P<n>\d))?\??", "plan"),
        (rf"(?:{_SHOW}|what happens in |what do {_WHO} do in )phase (?P<n>\d)\??", "plan"),
        (rf"(?:{_SHOW}|explain |tell me about )(?:task|tarea|step) #?(?P<ids>{ID})\??", "task"),
        (rf"(?:what(?:'?s| is)|tell me about|why|how|explain) #?(?P<ids>{ID})\??", "task"),
        (r"why|how|explain|how so|tell me more about it", "explain"),
        (rf"(?:done|tick|complete|hecho|check|{_I}did)(?: off)?:? {_IDS}{_NOTE}", "done"),
        (rf"(?:mark|set|tick|check|cross) (?:off )?{_IDS}(?P<note>) {_FINISHED}", "done"),
        (r"done|finished|complete|completed|tick", "done_next"),
        (rf"skip {_IDS}{_NOTE}", "skip"),
        (rf"(?:i )?(?:do not|don'?t) (?:want|need) (?:to )?(?:do )?{_IDS}{_NOTE}", "skip"),
        (rf"(?:reopen|undo|untick|not done) {_IDS}", "reopen"),
        (rf"(?:mark |set )?(?:tasks? )?(?P<ids>{ID}) (?:as |is )?(?:not done|open|undone|todo)", "reopen"),
        (rf"(?:start|starting|begin|started|working on) {_IDS}", "started"),
        (rf"(?:{_SHOW}|what are )(?:my |the )?decisions?(?P<all> all| history)?(?: so far)?\??", "decisions"),
        (rf"what(?P<all>) (?:have|did) {_WHO} (?:decided?|saved?)(?: so far| already)?\??", "decisions"),
        (r"(?P<all>(?:decision )?history)", "decisions"),
        (rf"{_SHOW}(?:my |the )?progress\??", "progress"),
        (r"(?:how far(?: along)?|where|how) (?:am i|are we)(?: doing| standing| now)?\??", "progress"),
        (rf"where do {_WHO} stand\??|how(?:'?s| is) it going\??", "progress"),
        (r"next(?: step| task)?|what(?:'?s| is)? (?:the )?(?:next|first)(?: step| task)?\??", "next"),
        (rf"{_LEAD}(?:what now|now what)\??|where do {_WHO} (?:start|begin)\??", "next"),
        (rf"{_LEAD}what (?:do|should|can|must) {_WHO} do(?: now| next| first)*\??", "next"),
        (rf"(?:i'?m |i am )?(?:stuck|lost|ready)|{_UNABLE} what to do(?: now| next)?", "next"),
        (rf"{_LEAD}(?:let'?s|lets) (?:go|start|begin|do (?:it|this))", "next"),
        (PAUSE.pattern, "pause"),
        (r"finish(?: (?:it|project|the project|my project))?", "finish"),
        (r"abandon(?: (?:it|project|the project|my project))?", "abandon"),
        (r"delete (?:project|the project|my project)", "delete"),
        (rf"(?:forget|drop|remove|delete|clear) (?:the |my )?(?P<what>{_DROP_WHAT})(?: decision)?", "drop"),
    )
)
"""Each way of asking with the name of its command; the first that fits decides."""

_WANTED = r"(?:communit(?:y|ies)|memberships?|members? (?:area|club)|fan club|discord(?: server)?|patreon|skool)"
_WANTS = re.compile(
    r"\b(?:start|launch|build|creat|open|begin|run|set(?:ting)? up|grow|mak|sell|offer)\w*\s(?:\w+\s){0,4}?"
    rf"{_WANTED}\b"
    r"|\bmoneti[sz]\w+ (?:\w+ ){0,2}(?:audience|channel|followers|fans|subscribers|community|stream)\b"
)
_ELSEWHERE = re.compile(
    r"\b(?:tickets?|citations?|fines?|fined|appeal|parking|parked|receipts?|service|college|gym|lot)\b"
)


def wants_coach(text: str) -> bool:
    """Tell whether words ask for what the coach is there for: a community, a membership, money from an audience."""
    plain = fold(text)
    return _WANTS.search(plain) is not None and _ELSEWHERE.search(plain) is None


def plain(text: str) -> str:
    """Return words as the patterns here want them."""
    return fold(text).strip().removeprefix("/").rstrip(" .!")


def done_ids(words: str) -> list[str]:
    """Return the ids of the tasks that plain words call done, as DONE 1.2 does; none for all other words."""
    found = next((one for pattern, name in COMMANDS if name == "done" and (one := pattern.fullmatch(words))), None)
    return [] if found is None else list(dict.fromkeys(re.findall(ID, found["ids"], re.I)))
