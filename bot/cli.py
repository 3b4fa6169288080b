"""One command, `chengfatong`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from datetime import date
from pathlib import Path

from bot.errors import ChengfatongError, InvalidImport
from bot.platform.settings import ROOT, Settings, load


def parser() -> argparse.ArgumentParser:
    """Return the command's grammar; docs/operating.md and docker/ are held against it."""
    top = argparse.ArgumentParser(prog="chengfatong", description="The 澄法通 public-legal-service assistant.")
    verbs = top.add_subparsers(dest="verb", required=True)
    verbs.add_parser("run", help="start everything on this machine")
    verbs.add_parser("gateway", help="serve citizens (one part of run)")
    verbs.add_parser("actions", help="serve the engine's actions (one part of run)")
    verbs.add_parser("worker", help="retention and counting (one part of run)")
    verbs.add_parser("doctor", help="what is configured, reachable and stale")
    evaluate = verbs.add_parser("evaluate", help="score the trained engine on a file of messages")
    evaluate.add_argument("file", type=Path)
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    citizens = verbs.add_parser("citizens", help="citizens' personal data").add_subparsers(dest="step", required=True)
    citizens.add_parser("rotate", help="seal with the current key what older keys sealed")
    for step, help_text in (("export", "print a copy of all that is kept"), ("erase", "erase all that is kept")):
        who = citizens.add_parser(step, help=help_text)
        who.add_argument("who", metavar="USER|PHONE", help="web:<sender>, wechat:<openid> or a phone number")
    reach = verbs.add_parser("reach", help="how a citizen can be told something, and what became of the last notices")
    reach.add_argument("who", metavar="USER|PHONE|REFERENCE", help="as for citizens, or an appointment's reference")
    _staff_parser(verbs)
    _knowledge_parser(verbs)
    _wechat_parser(verbs)
    verbs.add_parser("backup", help="write the district's data to a file").add_argument("file", type=Path)
    restored = verbs.add_parser("restore", help="put a backup back, whole or not at all")
    restored.add_argument("file", type=Path)
    restored.add_argument("--replace", action="store_true", help="give up the data that the district has now")
    directory = verbs.add_parser("directory", help="the directory of providers").add_subparsers(
        dest="step", required=True
    )
    imported = directory.add_parser("import", help="replace it by CSV, Excel or HSDS JSON files, whole or not at all")
    imported.add_argument("--if-changed", action="store_true", help="do nothing when the content is the same")
    imported.add_argument("paths", nargs="+", type=Path)
    directory.add_parser("check", help="read files, apply nothing").add_argument("paths", nargs="+", type=Path)
    directory.add_parser("export", help="print it as HSDS JSON")
    return top


def _staff_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from bot.console.model import HIRED, LEAVE_REASONS

    staff = verbs.add_parser("staff", help="accounts, today's list, leave, the audit log").add_subparsers(
        dest="step", required=True
    )
    add = staff.add_parser("add", help="make an account and print its first password")
    add.add_argument("name")
    add.add_argument("--role", required=True, choices=HIRED)
    add.add_argument("--listing", default="", help="the directory's id of the practitioner")
    staff.add_parser("list", help="all accounts")
    staff.add_parser("reset", help="a new first password").add_argument("name")
    staff.add_parser("disable", help="let an account open nothing").add_argument("name")
    staff.add_parser("today", help="a day's appointments").add_argument("--day", type=date.fromisoformat)
    leave = staff.add_parser("leave", help="take a practitioner, a place or a room out of the book for a time")
    leave.add_argument("actor", help="an id of the directory or of rooms.csv")
    leave.add_argument("start", metavar="from", help="2026-12-01 or 2026-12-01T08:30")
    leave.add_argument("end", metavar="to", help="the same; a day counts to its end")
    leave.add_argument("--why", required=True, choices=LEAVE_REASONS)
    audit = staff.add_parser("audit", help="who did what")
    audit.add_argument("--check", action="store_true", help="look for changed, missing and moved entries")
    audit.add_argument("--known", default="", metavar="HASH", help="with --check: a hash that an earlier check printed")


def _knowledge_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    knowledge = verbs.add_parser("knowledge", help="the answers and the law they rest on").add_subparsers(
        dest="step", required=True
    )
    knowledge.add_parser("check", help="hold every entry and citation against the rules and the statutes")
    stale = knowledge.add_parser("stale", help="entries whose law changed since they were reviewed")
    stale.add_argument("--db", type=Path, metavar="FILE", help="a newer laws.db, before it is installed")
    stale.add_argument("--day", type=date.fromisoformat, help="another day than today, to look ahead")
    stale.add_argument("--who", action="store_true", help="also the pseudonyms of those who relied on them")


def _wechat_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    wechat = verbs.add_parser("wechat", help="the account's menu and QR codes").add_subparsers(
        dest="step", required=True
    )
    menu = wechat.add_parser("menu", help="the account's menu, from data/wechat/menu.yml")
    menu.add_argument("what", choices=("push", "check"), help="replace the platform's, or compare with it")
    code = wechat.add_parser("qr", help="make a QR code that says where it hangs, and write its picture")
    code.add_argument("kind", choices=("village", "room", "staff"))
    code.add_argument("name", help="a village or town by name or code; a place or person by id or name")
    code.add_argument("--days", type=int, choices=range(1, 31), metavar="1-30", help="let it end; otherwise it stays")
    code.add_argument("--file", type=Path, help="where the picture goes; by default a file here, named by the code")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; an error is one line on stderr and exit code 1."""
    given = parser().parse_args(arguments)
    try:
        return _dispatch(given, load())
    except InvalidImport as refused:
        print(*refused.problems, f"chengfatong: {refused}", sep="\n", file=sys.stderr)
    except ChengfatongError as error:
        print(f"chengfatong: {error}", file=sys.stderr)
    except OSError as error:
        reason = "the disk is full; free some space" if error.errno == 28 else str(error)
        print(f"chengfatong: {reason}", file=sys.stderr)
    return 1


def _dispatch(given: argparse.Namespace, settings: Settings) -> int:
    # Each part imports only what it needs: the worker does not pay for the gateway's start.
    if given.verb == "run":
        from bot.platform import run

        run.main(settings)
    elif given.verb == "gateway":
        from bot.channels import server as gateway

        gateway.main(settings)
    elif given.verb == "actions":
        from actions.server import main as serve_actions

        serve_actions(settings)
    elif given.verb == "worker":
        from bot.platform import worker

        worker.main(settings)
    elif given.verb == "doctor":
        from bot.platform import doctor

        return asyncio.run(doctor.main(settings))
    elif given.verb == "evaluate":
        _evaluate(given)
    elif given.verb == "citizens":
        return _citizens(given, settings)
    elif given.verb == "reach":
        from bot.reach import commands as reach

        return asyncio.run(reach.show(settings, given.who))
    elif given.verb == "knowledge":
        return _knowledge(given, settings)
    elif given.verb == "wechat":
        return asyncio.run(_wechat(given, settings))
    elif given.verb == "staff":
        return asyncio.run(_staff(given, settings))
    elif given.verb in ("backup", "restore"):
        _backup(given, settings)
    else:
        _directory(given, settings)
    return 0


def _evaluate(given: argparse.Namespace) -> None:
    python = str(ROOT / ".venv" / "engine" / "bin" / "python")
    more = ["--json"] if given.json else []
    os.execv(python, [python, "-m", "bot.understanding.evaluate", str(given.file), *more])  # noqa: S606 - ours


def _citizens(given: argparse.Namespace, settings: Settings) -> int:
    from bot.citizens import commands

    if given.step == "rotate":
        return asyncio.run(commands.rotate(settings))
    asyncio.run((commands.export if given.step == "export" else commands.erase)(settings, given.who))
    return 0


def _knowledge(given: argparse.Namespace, settings: Settings) -> int:
    from bot.knowledge import commands

    if given.step == "check":
        return commands.check()
    return asyncio.run(commands.stale(settings, given.db, given.day, given.who))


async def _staff(given: argparse.Namespace, settings: Settings) -> int:
    from bot.console import commands

    if given.step == "add":
        await commands.add(settings, given.name, given.role, given.listing)
    elif given.step == "list":
        await commands.show(settings)
    elif given.step == "today":
        await commands.today(settings, given.day)
    elif given.step == "leave":
        await commands.leave(settings, given.actor, given.start, given.end, given.why)
    elif given.step == "audit":
        return await (commands.check(settings, given.known) if given.check else commands.newest_entries(settings))
    else:
        await (commands.reset if given.step == "reset" else commands.disable)(settings, given.name)
    return 0


async def _wechat(given: argparse.Namespace, settings: Settings) -> int:
    from bot.channels.wechat import commands

    if given.step == "qr":
        await commands.make_code(settings, given.kind, given.name, given.days, given.file)
    elif given.what == "check":
        return await commands.check_menu(settings)
    else:
        await commands.push_menu(settings)
    return 0


def _backup(given: argparse.Namespace, settings: Settings) -> None:
    from bot.platform import commands

    if given.verb == "backup":
        asyncio.run(commands.back_up(settings, given.file.absolute()))
    else:
        asyncio.run(commands.restore(settings, given.file, given.replace))


def _directory(given: argparse.Namespace, settings: Settings) -> None:
    from bot.platform import commands

    if given.step == "check":
        commands.check(settings, given.paths)
    elif given.step == "import":
        asyncio.run(commands.import_files(settings, given.paths, given.if_changed))
    else:
        asyncio.run(commands.export(settings))


if __name__ == "__main__":
    sys.exit(main())
