"""The command line: the same services as the window, without Qt and without torch in this process."""

import argparse
import importlib
import logging
import logging.handlers
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, Protocol

import medgan_viewer
from medgan_viewer import settings
from medgan_viewer.commands import console
from medgan_viewer.errors import MedganError, UsageError

__all__ = ["COMMANDS", "log_file", "main"]

_log = logging.getLogger(__name__)


class Command(Protocol):
    """A module in ``medgan_viewer.commands``."""

    SUMMARY: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""

    def execute(self, arguments: argparse.Namespace) -> int:
        """Do it; return the exit code."""


COMMANDS: tuple[tuple[str, str], ...] = (
    ("view", "medgan_viewer.commands.view"),
    ("info", "medgan_viewer.commands.info"),
    ("models", "medgan_viewer.commands.models"),
    ("run", "medgan_viewer.commands.run"),
    ("batch", "medgan_viewer.commands.batch"),
    ("archive", "medgan_viewer.commands.archive"),
    ("convert", "medgan_viewer.commands.convert"),
    ("deidentify", "medgan_viewer.commands.deidentify"),
    ("import-model", "medgan_viewer.commands.import_model"),
    ("train", "medgan_viewer.commands.train"),
    ("evaluate", "medgan_viewer.commands.evaluate"),
    ("package", "medgan_viewer.commands.package"),
    ("sample", "medgan_viewer.commands.sample"),
    ("cohort", "medgan_viewer.commands.cohort"),
    ("demo", "medgan_viewer.commands.demo"),
    ("doctor", "medgan_viewer.commands.doctor"),
)
"""Name and module of every command. Only the module of the command that was asked for does any work."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, like everything else here."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}; `{self.prog} --help` shows what is possible.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 0 only when all that was asked for was done, 2 for a request that makes no sense."""
    _start_log()
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except UsageError as error:
        console.complain(error.sentence)
        return 2
    except MedganError as error:
        _log.error("%s", type(error).__name__)
        console.complain(error.sentence)
        return 1
    except KeyboardInterrupt:
        console.complain("Cancelled.")
        return 130
    except BrokenPipeError:
        # Whoever read the output has had enough; nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        # Without the error's own words: they may quote a file's content, and the log holds no patient data.
        frames = "".join(traceback.format_tb(error.__traceback__))
        _log.error("unexpected %s\n%s", type(error).__name__, frames)
        console.complain(
            f"Something went wrong inside the program ({type(error).__name__}); details are in {log_file()}."
        )
        return 1


def log_file() -> Path:
    """Return the log file. It holds no patient data."""
    return settings.log_folder() / "medgan-viewer.log"


def _run(arguments: list[str]) -> int:
    parser, commands = _parser()
    if not arguments or (arguments[0] not in commands and not arguments[0].startswith("-")):
        # Files without a command, as a desktop passes them: show them.
        arguments = ["view", *arguments]
    parsed = parser.parse_args(arguments)
    return commands[parsed.command].execute(parsed)


def _parser() -> tuple[argparse.ArgumentParser, dict[str, Command]]:
    parser = _Parser(
        prog="medgan-viewer",
        description="Views DICOM studies and runs generative models on them. Research use only, not for diagnosis.",
    )
    parser.add_argument("--version", action="version", version=f"medgan-viewer {medgan_viewer.__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands: dict[str, Command] = {}
    for name, module in COMMANDS:
        command: Command = importlib.import_module(module)
        command.add_arguments(subparsers.add_parser(name, help=command.SUMMARY, description=command.SUMMARY))
        commands[name] = command
    return parser, commands


def _start_log() -> None:
    """Log to a file of at most 1 MB and its predecessor; without one where the folder cannot be written."""
    # Libraries' warnings are for programmers and may quote a file: they reach neither the terminal nor the log.
    logging.captureWarnings(True)
    root = logging.getLogger("medgan_viewer")
    if root.handlers:
        return
    try:
        log_file().parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            log_file(), maxBytes=1 << 20, backupCount=1, encoding="utf-8", delay=True
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    root.propagate = False
