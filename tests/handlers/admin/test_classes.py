"""The class of every command of staff that the rules name, over all services of a release (section 13)."""

from __future__ import annotations

from bot.assembly.services import register_services
from bot.core.settings import Settings, with_business
from bot.engine.registry import Registry

RULES = {
    0: """login, lock, whoami, tfa status, role list, tickets, ticket show, away, sla show, sla report, calendar show,
        coupon show, coupon list, coupon stats, coachusage, model show, audit verify, stats today, stats mrr,
        stats funnel, stats costs, flag list, job list, dead, webhook list, org show, gate show""",
    1: """user find, user show, quota show, sub show, pay find, pay show, letter show, find, audit who, audit target,
        audit since, export audit, export tickets, export coupons, export revenue, export usage, stats staff, job show,
        apikey list""",
    2: """tfa setup, user note, user restore, ticket take, ticket assign, ticket prio, ticket note, ticket reply,
        ticket wait, ticket resolve, ticket reopen, ticket merge, sla set, calendar set, coupon new, coupon off,
        coupon assign, grant, revoke, quota adjust, sub trial, pay relink, letter hold, broadcast new,
        broadcast preview, broadcast stop, flag on, flag off, incident on, incident off, job retry, webhook off,
        webhook replay, apikey revoke, quote approve, quote decline""",
    3: """tfa codes, tfa disable, user suspend, user merge, user unmerge, staff disable, coupon bulk, sub change,
        sub cancel, sub comp, pay refund, pay offline, letter retry, letter release, broadcast send, job drop,
        webhook add, org set""",
    4: "role grant, role revoke, staff invite, staff enable, gate set, tfa reset",
}


def test_section_13_every_command_that_the_rules_name_is_there_with_its_class() -> None:
    registry = Registry()
    register_services(registry, with_business(Settings(_env_file=None, parley_mode="demo")))
    registry.complete()
    wanted = {" ".join(name.split()): risk for risk, names in RULES.items() for name in names.split(",")}
    assert {name: int(registry.staff[name].risk) for name in wanted if name in registry.staff} == wanted
    assert registry.staff["grant"].is_grave is not None, "for more than 30 days it is as class 3"
    coded = {name for name, row in registry.staff.items() if row.needs_code}
    assert coded >= {name for name in registry.staff if name.startswith("export ")}
    assert all(row.foresee for row in registry.staff.values() if row.risk >= 3)
