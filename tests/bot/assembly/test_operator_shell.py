"""Operators from the terminal: the same functions, audited as the terminal's."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pyotp
import pytest
import sqlalchemy as sa

from bot.assembly.operator_shell import Shell, ensure_demo_operator
from handlers.admin.tfa import totp_uri
from storage import operators
from storage.audit import audit, link
from tests.bot.assembly.town import Town, settings_for, town


def _shell(here: Town) -> Shell:
    return Shell(here.settings, here.app.registry, clock=here.clock)


async def _acts(here: Town) -> list[str]:
    rows = await here.app.database.read(lambda c: list(c.execute(sa.select(audit).order_by(audit.c.id))))
    return [f"{row.actor} {row.action} {row.object or ''}".strip() for row in rows]


@pytest.mark.parametrize(
    ("command", "words", "answer"),
    [
        ("dead", "list", "No dead letters."),
        ("status", "", "mail: on"),
        ("stats", "today", "new persons: 0"),
        ("who", "", "Nobody is enrolled."),
        ("case", "find A-23456", "No such case."),
        ("mail", "pause", "Mail is paused"),
        ("city", "list", "us-ca-san_francisco: sells"),
        ("retry", "77", "No such payment."),
        ("frob", "", "There is no such command."),
        ("gate", "show", "unlock: 10 min"),
    ],
)
async def test_the_terminal_runs_the_commands_of_the_chat(
    tmp_path: Path, command: str, words: str, answer: str
) -> None:
    async with town(tmp_path) as here:
        assert answer in _shell(here).run(command, words)


async def test_fr_11_what_the_terminal_does_is_audited_as_the_terminals(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        shell = _shell(here)
        shell.run("mail", "pause")
        assert f"{shell.actor} mail.pause" in await _acts(here)
        assert shell.actor.startswith("terminal:")


async def test_enrolled_at_the_terminal_and_logged_in_on_telegram_by_invitation(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await here.app.start(listen=False)
        secret, uri, invite = _shell(here).enroll("ann", role="owner", telegram=None)
        assert uri == totp_uri("ann", secret)
        code = pyotp.TOTP(secret).at(here.clock.now())
        from bot.core.events import Event

        async def say(user: int, text: str) -> None:
            payload = {"text": text, "chat_id": user}
            handle = f"{here.app.telegram.bot_id}:{user}"
            event = Event("telegram", f"{user}:{text}", "text", payload, channel="telegram", handle=handle)
            await here.app.writers.run(here.app.dispatcher.intake(event))

        await say(6, f"/login {code}")
        await say(6, f"/login {code} {'x' * 22}")
        assert "ann: owner, invited" in _shell(here).run("who", "")
        await say(5, f"/login {code} {invite}")
        assert "ann: owner, active, logged in" in _shell(here).run("who", "")
        assert _shell(here).change("ann", "disable")
        assert "ann: owner, disabled" in _shell(here).run("who", "")


VERIFY = "verify us-ca-san_francisco | phone | J. Doe | 2026-11-20 | as printed"


async def test_a_wrong_code_leaves_the_record_as_it_was(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        shell = _shell(here)
        assert "city verify us-ca-san_francisco CODE" in shell.run("city", VERIFY)
        assert "not right" in shell.run("city", "verify us-ca-san_francisco 000000")
        assert not any(" city." in act for act in await _acts(here))


async def test_reg_3_an_unchanged_record_is_verified_with_a_fresh_code(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        secret, _ = await ensure_demo_operator(here.app.writers)
        code, shell = pyotp.TOTP(secret).at(here.clock.now()), _shell(here)
        shell.run("city", VERIFY)
        assert "is verified as of 2026-11-20" in shell.run("city", f"verify us-ca-san_francisco {code}")
        assert "us-ca-san_francisco: sells; verified 2026-11-20" in shell.run("city", "list")
        shell.run("city", VERIFY)
        assert "not right" in shell.run("city", f"verify us-ca-san_francisco {code}")


async def test_au_5_the_chain_is_checked_at_the_terminal_and_the_damaged_number_named(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        shell = _shell(here)
        for _ in range(3):
            shell.run("mail", "pause")
        assert "The audit is right: " in shell.run("audit", "verify")
        assert f"{shell.actor} audit.verify audit" in await _acts(here)
        with here.app.database.engine().begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER audit_no_update")
            fifth = sa.select(link.c.entry_id).where(link.c.seq == 2)
            connection.execute(audit.update().where(audit.c.id.in_(fifth)).values(actor="operator:nobody"))
        assert "The audit is DAMAGED at #2 (altered)" in shell.run("audit", "verify")


async def test_au_6_the_audit_is_exported_at_the_terminal_into_files_that_nobody_else_reads(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        shell, out = _shell(here), tmp_path / "out"
        out.mkdir()
        secret, _ = await ensure_demo_operator(here.app.writers)
        shell.run("mail", "pause")
        assert "code" in shell.run("export", "audit jsonl", folder=out)
        assert list(out.iterdir()) == [], "an export takes a fresh code, here too"
        code = pyotp.TOTP(secret).at(here.clock.now())
        said = shell.run("export", f"audit jsonl action mail.pause {code}", folder=out)
        (file,) = out.iterdir()
        assert f"Audit: 1 entries.\nwritten: {file}" in said
        assert (file.name, file.stat().st_mode & 0o777) == ("20261120T180000Z-audit-1.jsonl", 0o600)
        (entry,) = [orjson.loads(line) for line in file.read_bytes().splitlines()]
        assert (entry["action"], entry["actor"]) == ("mail.pause", shell.actor)
        assert f"{shell.actor} audit.export audit" in await _acts(here)


async def test_rp_2_reports_are_read_at_the_terminal_and_their_tables_written(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        shell = _shell(here)
        assert "MRR now: none" in shell.run("stats", "mrr chart")
        said = shell.run("stats", "users 7d csv", folder=tmp_path)
        assert "new: 0" in said
        (file,) = (Path(name) for name in re.findall("written: (.*)", said))
        assert (file.parent, file.name) == (tmp_path, "20261120T180000Z-users-2026-11-14.csv")
        assert file.read_bytes().startswith(b"figure,channel,persons")


async def test_cm_1_every_command_of_the_catalogue_answers_at_the_terminal(tmp_path: Path) -> None:
    """With nothing behind its words: a usage, a refusal or an answer, and never an error."""
    async with town(tmp_path, billing_enabled=True, support_enabled=True, campaigns_enabled=True,
                    quotes_enabled=True) as here:  # fmt: skip
        shell, silent = _shell(here), []
        here.app.registry.complete()
        for name in sorted(here.app.registry.staff):
            first, _, rest = name.partition(" ")
            if not shell.run(first, rest, folder=tmp_path):
                silent.append(name)
        assert silent == []


async def test_the_demos_operator_is_made_once_and_keeps_its_secret(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        first, uri = await ensure_demo_operator(here.app.writers)
        again, _ = await ensure_demo_operator(here.app.writers)
        assert first == again
        assert f"secret={first}" in uri
        other, _ = await ensure_demo_operator(here.app.writers, secret="A" * 32)
        assert other == "A" * 32
        row = await here.app.writers.run(lambda work: operators.by_name(work, "operator"))
        assert row.state == "open"


async def test_two_operators_named_alike_are_one_and_the_old_secret_dies(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        old, _, _ = _shell(here).enroll("ann", role="owner", telegram="5")
        new, _, _ = _shell(here).enroll("ann", role="owner", telegram="5")
        row = await here.app.writers.run(lambda work: operators.by_name(work, "ann"))
        kept = await here.app.writers.run(lambda work: operators.secret_of(work, row))
        assert kept == new != old
        assert new.encode() not in row.secret


def test_without_keys_the_shell_says_what_is_missing(tmp_path: Path) -> None:
    from bot.core.errors import Misconfigured
    from bot.engine.registry import Registry

    with pytest.raises(Misconfigured, match="SECRET_KEYS"):
        Shell(settings_for(tmp_path, secret_keys=""), Registry())


async def test_the_first_who_is_enrolled_is_the_owner_and_others_begin_as_new_staff_do(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        shell = _shell(here)
        shell.enroll("ann", role=None, telegram="5")
        row = await here.app.writers.run(lambda work: operators.by_name(work, "ann"))
        await here.app.writers.run(lambda work: operators.change(work, row.id, state="active"))
        for name, role in (("bob", None), ("carl", "finance"), ("ann", None)):
            shell.enroll(name, role=role, telegram=None)
        rows = await here.app.writers.run(operators.everyone)
        assert {row.name: row.role for row in rows} == {"ann": "owner", "bob": "support_viewer", "carl": "finance"}
