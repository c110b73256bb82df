"""Use the program at random for as long as wanted: ``python -m tests.ui.random_user --actions N --seed S``.

Prints the seed, memory at regular marks, and at a fault what was done last. Exit code 1: a fault, or growing memory.
Nothing is imported at module level but the standard library: the program's worker process runs this module again.
"""

import argparse
import faulthandler
import importlib
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.ui.random_user_driver import RandomUser
    from tests.ui.random_user_watch import Mark

# An action that takes longer is told with where the program stands; it is not ended.
_LONG_SECONDS = 600
# What the program imports when it is first needed: hundreds of megabytes that would look like growth.
_IMPORTED_LATE = (
    "highdicom", "SimpleITK", "pynetdicom", "dicomweb_client", "scipy.ndimage", "keyring",
    "medgan_viewer.ui.lab_window", "medgan_viewer.ui.dialogs.archives", "medgan_viewer.ui.dialogs.export",
    "medgan_viewer.ui.dialogs.import_model",
)  # fmt: skip


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Use the program at random; return 0 where nothing was found."""
    parser = argparse.ArgumentParser(description="Use MedGAN Viewer at random and look for faults.")
    parser.add_argument("--actions", type=int, default=20_000, help="how many things to do (default 20,000)")
    parser.add_argument("--seed", type=int, default=0, help="decides what is done")
    parser.add_argument("--every", type=int, default=0, help="measure memory after so many (default a fortieth of all)")
    parser.add_argument("--trace", type=Path, default=None, help="a file for each thing that was done, for a crash")
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("MEDGAN_PRECISION", "fp32")
    faulthandler.enable()
    every = options.every or max(options.actions // 40, 250)
    _say(f"seed {options.seed}, {options.actions} actions, memory is measured after each {every}")
    trace = None if options.trace is None else options.trace.absolute()
    with tempfile.TemporaryDirectory(prefix="random-user-") as folder:
        return _use(Path(folder), options.actions, options.seed, every, trace)


def _use(folder: Path, actions: int, seed: int, every: int, trace: Path | None) -> int:
    from medgan_viewer import app
    from tests.ui.random_user_driver import RandomUser, with_small_models
    from tests.ui.random_user_studies import write_models, write_studies
    from tests.ui.random_user_watch import Watch, locked_in

    for name in _IMPORTED_LATE:
        importlib.import_module(name)
    # What the standard asks of each object, 200,000 lists and dictionaries, which stay from the first export on.
    importlib.import_module("highdicom._standard_utils").get_module_attribute_map()
    users: list[RandomUser] = []
    studies, packages = write_studies(folder / "studies"), write_models(folder / "models")
    with locked_in(folder, lambda parent: users[0].folders(parent) if users else []):
        application = app._application()
        with Watch() as watch, with_small_models(packages, studies[0]):
            user = RandomUser(studies, folder / "scratch", seed, watch)
            users.append(user)
            if trace is not None:
                written = trace.open("w", encoding="utf-8", buffering=1)
                user.told = lambda words: written.write(f"{words}\n")
            marks = _live(user, actions, every)
            if not watch.faults:
                user.leave()
        del application
    for fault in watch.faults:
        _say(fault)
    if watch.faults:
        _say("\nWhat was done last:\n" + "\n".join(user.lately))
    return 1 if watch.faults or _grows(marks) else 0


def _live(user: "RandomUser", actions: int, every: int) -> "list[Mark]":
    marks: list[Mark] = []
    while user.done < actions and not user.watch.faults:
        faulthandler.dump_traceback_later(_LONG_SECONDS, repeat=True)
        user.live(min(every, actions - user.done))
        if not user.watch.faults:
            marks.append(user.rest())
            _say(f"{user.done:>7}  {marks[-1]}  ({time.process_time():.0f} s of processor)")
    faulthandler.cancel_dump_traceback_later()
    return marks


def _grows(marks: "Sequence[Mark]") -> bool:
    from tests.ui.random_user_watch import LARGEST_GROWTH, growth, judged

    kind = judged()
    each = growth(marks, kind) if marks else None
    if each is None:
        _say("Too few marks to judge memory by.")
        return False
    allowed = f"{LARGEST_GROWTH:.0f} are allowed"
    _say(f"Memory that is {kind} grows by {each:.0f} bytes an action after the warm-up; {allowed}.")
    return each > LARGEST_GROWTH


def _with_one_allocator() -> None:
    """Begin anew, with Python's small objects in the C library's memory, where all that is held can be counted.

    Unless it is said where they are to be: PYTHONMALLOC=pymalloc is how the program runs otherwise.
    """
    if sys.platform.startswith("linux") and "PYTHONMALLOC" not in os.environ:
        os.environ["PYTHONMALLOC"] = "malloc"
        os.execv(sys.executable, sys.orig_argv)


if __name__ == "__main__":
    _with_one_allocator()
    sys.exit(main())
