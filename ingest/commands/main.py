"""Wires the commands together and turns every error into one line and an exit code.

The one table from error to exit code is `_explain`. No traceback reaches a user; CAHOT_DEBUG=1 shows it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from ingest.commands import (
    backing_up,
    demo,
    detect,
    doctoring,
    export,
    mapping,
    open311,
    operating,
    people,
    phone,
    reprocessing,
    sending,
    serving,
    webhooks,
)
from ingest.commands.screen import UnusableInput, WrongUsage, complain

DONE, UNUSABLE, USAGE = 0, 1, 2  # INTERFACE: 0 done, 1 the input was unusable, 2 wrong usage
INTERRUPTED = 130  # 128 + SIGINT, as shells expect

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Finds road defects in the accelerometer and GPS traces of ordinary drives.",
)
app.command("demo")(demo.demo)
app.command("phone")(phone.phone)
app.command("serve")(serving.serve)
app.command("work")(serving.work)
app.command("backup")(backing_up.backup)
app.command("restore")(backing_up.restore)
app.command("doctor")(doctoring.doctor)
app.command("detect")(detect.detect)
app.command("map")(mapping.map_defects)
app.command("import")(sending.send)
app.command("export")(export.export)
app.command("reprocess")(reprocessing.reprocess)
app.command("backlog")(reprocessing.backlog)
app.add_typer(people.app, name="users")
app.add_typer(operating.codes, name="codes")
app.add_typer(operating.devices, name="devices")
app.add_typer(operating.audit, name="audit")
app.add_typer(open311.app, name="open311")
app.add_typer(webhooks.app, name="webhooks")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs `cahot` with `arguments` (the process's own by default) and exits."""
    told = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        code = _run(told)
        sys.stdout.flush()
    except BrokenPipeError:  # `cahot detect … | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = DONE
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        if os.environ.get("CAHOT_DEBUG"):
            raise
        code, line = _explain(error)
        complain(line)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    """Exit code of the command; its errors come as they are, not as typer would print them."""
    command = typer.main.get_command(app)
    try:
        with command.make_context("cahot", arguments) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    return DONE


def _explain(error: Exception) -> tuple[int, str]:
    """Exit code and the one line for stderr."""
    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        return USAGE, f"{error.format_message().rstrip('.')}; see: {context.command_path if context else 'cahot'} --help"
    from detection import CahotError  # late: a mistyped option need not wait for scipy
    from detection.errors import PartMissing
    from detection.export import UnwritableOutput
    from detection.readers import InvalidColumns

    match error:
        case WrongUsage() | UnwritableOutput() | InvalidColumns() | PartMissing():
            return USAGE, str(error)
        case UnusableInput() | CahotError():
            return UNUSABLE, str(error)
        case ModuleNotFoundError() if _is_of_the_server(error.name):
            return USAGE, f"this command needs the server parts ({error.name} is missing); pip install 'cahot[server]'"
        case OSError():
            what = f"{error.filename}: " if error.filename else ""
            return UNUSABLE, f"{what}{error.strerror or error}"
    return UNUSABLE, f"unexpected {type(error).__name__}: {error}; CAHOT_DEBUG=1 shows where, please report it"


def _is_of_the_server(module: str | None) -> bool:
    return (module or "").split(".")[0] in {"fastapi", "starlette", "uvicorn", "sqlalchemy", "alembic"}
