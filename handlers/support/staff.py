"""What staff may do in support, as rows of the staff's catalogue; what is typed most has a short name too.

Classes and permissions are those of sections 11 to 13 of the business rules; the gate alone decides who may.
"""

from __future__ import annotations

from bot.engine.registry import Registry
from bot.engine.staff import Act, Risk, StaffCommand
from handlers.support import acting, banning, desk, drafting, looking, reply_mode

_T = "T-1042"
ROWS: tuple[tuple[str, int, str, str, Act], ...] = (
    ("tickets", 0, "ticket.list", "/tickets [mine]", looking.queue),
    ("ticket show", 0, "ticket.view", f"/ticket show {_T}", looking.show),
    ("ticket take", 2, "ticket.assign", f"/ticket take {_T}", acting.take),
    ("ticket assign", 2, "ticket.assign", f"/ticket assign {_T} NAME", acting.assign),
    ("ticket prio", 2, "ticket.assign", f"/ticket prio {_T} low|medium|high|urgent", acting.prio),
    ("ticket note", 2, "ticket.note", f"/ticket note {_T} WORDS", acting.note),
    ("ticket reply", 2, "ticket.reply", f"/ticket reply {_T} [--open] [WORDS]", reply_mode.reply),
    ("ticket draft", 2, "ticket.reply", f"/ticket draft {_T}", drafting.ask),
    ("ticket wait", 2, "ticket.reply", f"/ticket wait {_T}", acting.wait),
    ("ticket resolve", 2, "ticket.resolve", f"/ticket resolve {_T}", acting.resolve),
    ("ticket reopen", 2, "ticket.resolve", f"/ticket reopen {_T}", acting.reopen),
    ("ticket merge", 2, "ticket.resolve", f"/ticket merge {_T} INTO-{_T}", acting.merge),
    ("ticket", 0, "ticket.view", f"/ticket {_T}", looking.show),
    ("take", 2, "ticket.assign", f"/take {_T}", acting.take),
    ("assign", 2, "ticket.assign", f"/assign {_T} NAME", acting.assign),
    ("reply", 2, "ticket.reply", f"/reply {_T} [--open] WORDS", acting.reply),
    ("note", 2, "ticket.note", f"/note {_T} WORDS", acting.note),
    ("close", 2, "ticket.resolve", f"/close {_T}", acting.resolve),
    ("away", 0, "ticket.assign", "/away on|off", desk.away),
    ("desk show", 0, "ticket.list", "/desk show", desk.desk_show),
    ("desk set", 2, "sla.set", "/desk set NAME skills|languages|capacity ...", desk.desk_set),
    ("sla show", 0, "sla.view", "/sla show", desk.sla_show),
    ("sla set", 2, "sla.set", "/sla set PRIORITY response|resolution|escalate MINUTES", desk.sla_set),
    ("sla report", 0, "sla.view", "/sla report [DAYS] [chart]", desk.sla_report),
    ("calendar show", 0, "sla.view", "/calendar show", desk.calendar_show),
    ("user ban", 2, "person.suspend", f"/user ban PERSON|{_T} REASON", banning.refuse),
    ("user shadowban", 2, "person.suspend", f"/user shadowban PERSON|{_T} REASON", banning.shadow),
    ("user unban", 2, "person.suspend", f"/user unban PERSON|{_T}", banning.lift),
    ("calendar set", 2, "sla.set", "/calendar set DAY HOURS", desk.calendar_set),
)


def register(registry: Registry) -> None:
    """Register the rows."""
    for name, risk, permission, usage, act in ROWS:
        target = "ticket" if permission.startswith("ticket.") else "support"
        target = "person" if name.startswith("user ") else target
        registry.staff_command(StaffCommand(name, Risk(risk), permission, usage, act, target))
    registry.on(f"call:{desk.DRAWN}")(desk.sla_drawn)
