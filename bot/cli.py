"""One command, `chengfatong`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
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
    directory = verbs.add_parser("directory", help="the directory of providers").add_subparsers(
        dest="step", required=True
    )
    imported = directory.add_parser("import", help="replace it by CSV, Excel or HSDS JSON files, whole or not at all")
    imported.add_argument("--if-changed", action="store_true", help="do nothing when the content is the same")
    imported.add_argument("paths", nargs="+", type=Path)
    directory.add_parser("check", help="read files, apply nothing").add_argument("paths", nargs="+", type=Path)
    directory.add_parser("export", help="print it as HSDS JSON")
    return top


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
