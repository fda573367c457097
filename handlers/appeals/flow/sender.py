"""Part 5 goes on, the sender: who owns the car, the name, the address for the city's answer.

    B> Who is the registered owner of the car? 1 Me 2 Someone else
    U> 1
    B> Your full name as on the registration?
    U> Dana Reyes
    B> Where should the city answer you? Street, unit, city, state, ZIP.
    U> 1 example way apt 4 sf ca 94110

The address is checked by the post office's list; when that is not possible the person confirms it (rule LET-9).
"""

from __future__ import annotations

import re
from datetime import timedelta

from bot.core.calls import Done, Outcome
from bot.core.calls.lob import AddressVerdict, VerifyAddress
from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import Call, Goto, Next
from bot.engine.turn import Turn
from handlers.appeals import records
from handlers.appeals.flow.flow import AddressMeant, ask, calling, changed, draft_of, onward, part, result, take
from handlers.appeals.flow.postal import Typed, read_address, split_name
from handlers.appeals.flow.proof import prepare
from handlers.appeals.flow.rules import authorization_of, city_of
from handlers.appeals.flow.signature import signature_due
from handlers.appeals.flow.ticket import fields_wanted
from handlers.appeals.flow.words_meant import NO, SKIP, means, ok_choice
from handlers.appeals.letter import NAME_ON_ENVELOPE, needs_envelope_name
from handlers.appeals.statement import clean, foreign_letters

NAME_LONGEST = 100
_CHECKING = timedelta(seconds=20)
_UNWANTED = re.compile(r"[\[\]{}<>@\d_=|\\]")


@part(6)
def due_sender(turn: Turn) -> str | None:
    """Name the open question about the sender."""
    draft = draft_of(turn)
    facts = draft.facts
    if facts.signer_role is None:
        return "signer"
    form = authorization_of(city_of(turn))
    if facts.signer_role == "other" and form and form not in draft.proof_asked:
        return "authorization"
    if signature_due(turn):
        return "signature"
    if facts.signer_name is None:
        return "name"
    if needs_envelope_name(facts.signer_name) and facts.envelope_name is None:
        return "envelope"
    if facts.address_check is None:
        return "address_meant" if draft.address_meant else "address"
    return "telephone" if draft.telephone is None and "telephone" in fields_wanted(turn) else None


@ask("signer")
def ask_signer(turn: Turn) -> Ask:
    """Ask who owns the car."""
    choices = (
        Choice("owner", key="appeals.signer.owner", words=("me", "i am", "i do", "myself", "mine", "yes")),
        Choice("other", key="appeals.signer.other", words=("someone", "else", "not me", "no")),
        Choice("company", key="appeals.signer.company", words=("company", "business", "my company", "rental")),
    )
    return Ask("appeals.signer.ask", choices=choices, expects=("choice",))


@take("signer")
def take_signer(turn: Turn, answer: Answer) -> Next:
    """Take who owns the car (gate G12)."""
    draft_of(turn).facts.signer_role = answer.choice  # type: ignore[assignment]
    changed(turn)
    return onward(turn)


@ask("authorization")
def ask_authorization(turn: Turn) -> Ask:
    """Ask for the city's form with which somebody else may sign."""
    skip = Choice("skip", key="appeals.skip", words=SKIP, quiet=True)
    return Ask("appeals.signer.form", choices=(skip,), expects=("picture", "choice"))


@take("authorization")
def take_authorization(turn: Turn, answer: Answer) -> Next:
    """Take the form as an exhibit; without it the owner has to sign."""
    if answer.pictures:
        return prepare(turn, answer)
    form = authorization_of(city_of(turn))
    if answer.choice == "skip" and form:
        draft_of(turn).proof_asked.append(form)
        return onward(turn)
    raise Mistake("appeals.proof.send_or_skip")


# -- name --------------------------------------------------------------------------------------------------------------


@ask("name", kept=lambda turn: draft_of(turn).facts.signer_name)
def ask_name(turn: Turn) -> Ask:
    """Ask for the name."""
    return Ask("appeals.name.ask")


@take("name")
def take_name(turn: Turn, answer: Answer) -> Next:
    """Take the name, and the address when it stands in the same message (rule CONV-4)."""
    name, rest = split_name(clean(answer.text))
    facts = draft_of(turn).facts
    facts.signer_name, facts.envelope_name = _name(name), None
    facts.signature = None
    changed(turn)
    if rest:
        turn.say("appeals.name.taken", name=facts.signer_name)
        return _check(turn, read_address(rest, records.registry_of(turn.work).place_names))
    return onward(turn)


def _name(text: str) -> str:
    name = " ".join(text.split()).strip(" ,;")
    if foreign_letters(name):
        raise Mistake("appeals.script")
    letters = sum(c.isalpha() for c in name)
    if letters < 2 or len(name) > NAME_LONGEST or _UNWANTED.search(name) or not _printable(name):
        raise Mistake("appeals.name.unread")
    return name


def _printable(name: str) -> bool:
    return all(c.isalpha() or c in " .,'’-&/" or c == "\u0301" for c in name)


@ask("envelope")
def ask_envelope(turn: Turn) -> Ask:
    """Ask for a shorter form of the name, for the envelope only."""
    return Ask("appeals.envelope.ask", {"most": NAME_ON_ENVELOPE})


@take("envelope")
def take_envelope(turn: Turn, answer: Answer) -> Next:
    """Take the envelope form; the letter keeps the full name (AC-54)."""
    name = _name(clean(answer.text))
    if needs_envelope_name(name):
        raise Mistake("appeals.envelope.too_long", length=len(name), most=NAME_ON_ENVELOPE)
    draft_of(turn).facts.envelope_name = name
    changed(turn)
    return onward(turn)


# -- address -----------------------------------------------------------------------------------------------------------


def _shown_address(turn: Turn) -> str | None:
    facts = draft_of(turn).facts
    return (
        ", ".join(filter(None, (facts.line1, facts.line2, facts.city, f"{facts.state} {facts.zip}")))
        if facts.line1
        else None
    )


@ask("address", kept=_shown_address, free_text=True)
def ask_address(turn: Turn) -> Ask:
    """Ask for the return address."""
    return Ask("appeals.address.ask")


@take("address")
def take_address(turn: Turn, answer: Answer) -> Next:
    """Take the address and have it checked."""
    draft = draft_of(turn)
    draft.unit_asked = False
    text = clean(answer.text)
    if len(foreign_letters(text)) >= 3:
        raise Mistake("appeals.script")
    return _check(turn, read_address(text, records.registry_of(turn.work).place_names))


def _check(turn: Turn, typed: Typed) -> Next:
    draft = draft_of(turn)
    draft.facts.country, draft.facts.address_check = typed.country, None
    changed(turn)
    if typed.country != "US":
        return onward(turn)
    draft.address_meant = AddressMeant(
        line1=typed.line1, line2=typed.line2, city=typed.city, state=typed.state, zip=typed.zip
    )
    return _verify(turn, draft.address_meant)


def _verify(turn: Turn, meant: AddressMeant) -> Next:
    call = VerifyAddress(meant.line1, meant.line2, meant.city, meant.state, meant.zip)
    return calling(turn, Call(call, then="address_checked", limit=_CHECKING))


@result("address_checked")
def address_checked(turn: Turn, outcome: Outcome) -> Next:
    """Take the post office's answer (rule LET-9)."""
    draft = draft_of(turn)
    meant = draft.address_meant
    if meant is None:
        return onward(turn)
    verdict = outcome.result if isinstance(outcome, Done) else None
    if not isinstance(verdict, AddressVerdict):
        meant.verdict = "unavailable"
        return Goto("address_meant")
    match verdict.deliverability:
        case "deliverable" | "deliverable_unnecessary_unit":
            draft.address_meant = _standard(verdict, meant)
            return Goto("address_meant")
        case "deliverable_missing_unit" | "deliverable_incorrect_unit" if not draft.unit_asked:
            draft.unit_asked = True
            return Goto("unit")
        case "deliverable_missing_unit" | "deliverable_incorrect_unit":
            meant.verdict = "as_typed"
            return Goto("address_meant")
    draft.undeliverable += 1
    if draft.undeliverable < 2:
        draft.address_meant = None
        turn.say("appeals.address.undeliverable")
        return Goto("address")
    meant.verdict = "undeliverable"
    return Goto("address_meant")


def _standard(verdict: AddressVerdict, typed: AddressMeant) -> AddressMeant:
    """Return the post office's form; a unit that it does not know is kept (rule LET-9)."""
    unit = verdict.secondary_line
    inside = typed.line2 and typed.line2.split()[-1].casefold() in verdict.primary_line.casefold().split()
    return AddressMeant(
        line1=verdict.primary_line or typed.line1,
        line2=unit or ("" if inside else typed.line2),
        city=verdict.city or typed.city,
        state=verdict.state or typed.state,
        zip=verdict.zip or typed.zip,
        verdict="verified",
    )


@ask("address_meant")
def ask_address_meant(turn: Turn) -> Ask:
    """Show the address as it will stand on the envelope."""
    meant = draft_of(turn).address_meant
    if meant is None:
        return ask_address(turn)
    shown = ", ".join(filter(None, (meant.line1, meant.line2, meant.city, f"{meant.state} {meant.zip}")))
    choices = (ok_choice(), Choice("again", key="appeals.type_again", words=NO, quiet=True))
    key = "refused_twice" if meant.verdict == "undeliverable" else meant.verdict
    return Ask(f"appeals.address.{key}", {"address": shown}, choices=choices, expects=("text", "choice"))


@take("address_meant")
def take_address_meant(turn: Turn, answer: Answer) -> Next:
    """Take OK, or the address typed again."""
    draft = draft_of(turn)
    meant = draft.address_meant
    if meant is None:
        return take_address(turn, answer)
    if answer.choice == "again":
        draft.address_meant = None
        return Goto("address", forget=True)
    if answer.choice != "ok":
        return take_address(turn, answer)
    facts = draft.facts
    facts.line1, facts.line2, facts.city, facts.state, facts.zip = (
        meant.line1,
        meant.line2,
        meant.city,
        meant.state,
        meant.zip,
    )
    facts.address_check, draft.address_meant = meant.verdict, None  # type: ignore[assignment]
    if facts.address_check == "undeliverable" and facts.mail_class == "certified":
        facts.mail_class = None
    changed(turn)
    return onward(turn)


@ask("unit")
def ask_unit(turn: Turn) -> Ask:
    """Ask for the unit that the post office misses."""
    none = Choice("none", key="appeals.unit.none", words=(*NO, *SKIP), quiet=True)
    return Ask("appeals.unit.ask", choices=(none,), expects=("text", "choice"))


@take("unit")
def take_unit(turn: Turn, answer: Answer) -> Next:
    """Take the unit and check again; without one the address is used as typed."""
    draft = draft_of(turn)
    meant = draft.address_meant
    if meant is None:
        return Goto("address")
    if answer.choice == "none" or means(answer.text, ("none", *NO)):
        meant.verdict = "as_typed"
        return Goto("address_meant")
    unit = " ".join(clean(answer.text).split())
    if not re.fullmatch(r"[\w #.\-/]{1,30}", unit) or foreign_letters(unit):
        raise Mistake("appeals.unit.unread")
    meant.line2 = f"Apt {unit.upper()}" if re.fullmatch(r"\w{1,5}", unit) else unit
    return _verify(turn, meant)


# -- telephone ---------------------------------------------------------------------------------------------------------


@ask("telephone", kept=lambda turn: draft_of(turn).telephone)
def ask_telephone(turn: Turn) -> Ask:
    """Ask for a telephone number, where the city wants it in the letter."""
    return Ask("appeals.telephone.ask")


@take("telephone")
def take_telephone(turn: Turn, answer: Answer) -> Next:
    """Take a US telephone number."""
    digits = re.sub(r"\D", "", clean(answer.text)).removeprefix("1")
    if len(digits) != 10 or digits[0] in "01" or digits[3] in "01":
        raise Mistake("appeals.telephone.unread")
    draft_of(turn).telephone = f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
    changed(turn)
    return onward(turn)
