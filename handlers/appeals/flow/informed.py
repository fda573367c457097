"""Where a letter is the wrong tool: the plain sentence, the real free route, and what can still be done here.

A refusal of a gate ends the letter path (rule ST-2). The answers stay; a corrected one opens it again (rule ST-25).
"""

from __future__ import annotations

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import consent
from bot.engine.flow import Goto, Next, Park, Stay
from bot.engine.turn import Turn
from handlers.appeals import gates, reminders
from handlers.appeals.alarms import alarm
from handlers.appeals.flow import keeping
from handlers.appeals.flow.corrections import correct
from handlers.appeals.flow.flow import ask, before_each, draft_of, excerpt, take
from handlers.appeals.flow.later import ended
from handlers.appeals.flow.rules import SIGNATURE, city_of, clock_rules, plan_of, refusal
from handlers.appeals.flow.shown import (
    city_page,
    deadline_line,
    keep_page,
    place_name,
    refused_reasons,
    routes,
    rule_line,
)
from handlers.appeals.flow.words_meant import means

_DATES_HELP = frozenset(
    {
        "unknown_city",
        "upl_blocked",
        "no_letter_route",
        "record_not_usable",
        "past_deadline",
        "too_late_for_mail",
        "mail_paused",
    }
)
_STAFF = {"number_rejected": "number_rejected"}


@before_each
def stopped(turn: Turn) -> Next | None:
    """Tell of the first gate that refuses, or return None."""
    draft = draft_of(turn)
    found = refusal(turn)
    if found is None:
        if draft.informed:
            draft.informed = None
            keeping.reopen(turn)
        return None
    return inform(turn, found)


def inform(turn: Turn, found: gates.Refusal) -> Next:
    """Say why no letter goes, show the free routes once, and leave the case informed."""
    draft = draft_of(turn)
    said = f"{found.reason}:{draft.facts.city_id}:{draft.facts.number}"
    if draft.informed != found.reason or draft.informed_said != said:
        draft.informed, draft.informed_said = found.reason, said
        keeping.inform(turn, found.reason)
        reason = SIGNATURE if SIGNATURE in found.detail else found.reason
        turn.say(f"appeals.informed.{reason}", **_args(turn, found))
        _say_routes(turn, found)
        if found.reason in _STAFF:
            alarm(turn, _STAFF[found.reason], draft.case_id, key=f"{found.reason}:{draft.case_id}")
    _say_dates(turn, found)
    return Goto("informed")


def _say_dates(turn: Turn, found: gates.Refusal) -> None:
    """Say the last day, or how many days there are; by SMS the days stand on our page, where there is one."""
    if found.reason not in _DATES_HELP or found.reason == "past_deadline":
        return
    if draft_of(turn).facts.issue_date is not None:
        turn.lines.append(deadline_line(turn))
    elif turn.channel != "sms" or not turn.files:
        turn.lines.append(rule_line(turn))


def _args(turn: Turn, found: gates.Refusal) -> dict[str, object]:
    draft, city, planned = draft_of(turn), city_of(turn), plan_of(turn)
    papers = [e.text for e in city.mail.enclosures if e.id in found.detail] if city else []
    return {
        "city": place_name(turn),
        "agency": draft.facts.agency_answer or "",
        "papers": excerpt(" and ".join(papers), 90),
        "line": deadline_line(turn) if planned and planned.deadline else "",
        "second": turn.text("appeals.informed.second_clock") if planned and planned.waits_for_notice else "",
        "mail": excerpt(city.mail.what_may_be_mailed or "", 70 if turn.channel == "sms" else 300) if city else "",
    }


def _say_routes(turn: Turn, found: gates.Refusal) -> None:
    """Name the free ways: on our own page by SMS, in the message on Telegram."""
    city = city_of(turn)
    if city is None or not found.routes or found.reason == "wrong_agency":
        return
    if turn.channel == "sms":
        turn.say("appeals.routes.sms_page")
        turn.show(keep_page(turn, city_page(turn, city, found.routes)), "free-ways.txt")
    else:
        turn.say("appeals.routes.list", routes="\n".join(routes(turn, found.routes)))
        turn.lines += filter(None, [refused_reasons(turn, city)])


@ask("informed")
def ask_informed(turn: Turn) -> Ask:
    """Ask what to do instead."""
    draft = draft_of(turn)
    options = []
    if draft.informed in _DATES_HELP and draft.facts.issue_date is None and clock_rules(turn):
        options.append(Choice("dates", key="appeals.informed.dates"))
    if draft.facts.issue_date is not None:
        options.append(Choice("save", key="appeals.informed.save", words=("save",)))
    planned = plan_of(turn)
    if planned and planned.waits_for_notice and draft.informed in ("past_deadline", "too_late_for_mail"):
        options.append(Choice("notice", key="appeals.informed.notice_came"))
        options.append(Choice("wait", key="appeals.informed.wait"))
    if draft.informed == "enclosure_missing":
        options.append(Choice("papers", key="appeals.informed.papers"))
    if draft.informed == "signer_not_allowed" and SIGNATURE in draft.proof_asked:
        options.append(Choice("signature", key="appeals.informed.papers"))
    options.append(Choice("change", key="appeals.informed.change", words=("change", "edit")))
    expects = ("choice", "text", "picture") if draft.informed == "number_rejected" else ("choice", "text")
    return Ask("appeals.informed.ask", choices=tuple(options), expects=expects)  # type: ignore[arg-type]


@take("informed")
def take_informed(turn: Turn, answer: Answer) -> Next:
    """Save the dates, correct an answer, or send what was missing."""
    draft = draft_of(turn)
    if answer.pictures:
        from handlers.appeals.flow.proof import prepare

        turn.say("appeals.informed.photo_kept")
        return prepare(turn, answer)
    match answer.choice:
        case "dates":
            return Goto("issued")
        case "save":
            turn.say("appeals.informed.saved")
            return ended(turn, Park())
        case "notice":
            draft.facts.situation = "late_notice"
            return Goto("notice")
        case "wait":
            return _wait(turn)
        case "papers":
            city = city_of(turn)
            required = {e.id for e in gates.missing_enclosures(city, frozenset())} if city else set()
            draft.proof_asked = [item for item in draft.proof_asked if item not in required]
            draft.proof_done = False
            from handlers.appeals.flow.proof import due_proof

            return Goto(due_proof(turn) or "informed")
        case "signature":
            return Goto("signature")
        case "change":
            turn.say("appeals.edit.which")
            return Stay()
    return _words(turn, answer)


def _wait(turn: Turn) -> Next:
    """Wait for the late notice with the person, who asked to be reminded of it (DL-3, REM-8)."""
    case_id = draft_of(turn).case_id
    if case_id is not None:
        consent.agree(turn, "appeals.informed.wait")
        reminders.wait_for_notice(turn, case_id)
    turn.say("appeals.informed.waiting")
    return ended(turn, Park())


def _words(turn: Turn, answer: Answer) -> Next:
    """Take a new number, or the name of an answer to change."""
    found = correct(turn, answer.text)
    if found is not None:
        return found
    if draft_of(turn).informed == "number_rejected" and not means(answer.text, ("ok",)):
        from handlers.appeals.flow.number import take_number

        return take_number(turn, answer)
    raise Mistake("appeals.informed.what")
