"""`python -m medgan_viewer.lab.proofs`: prove the families of GANs, in minutes or in full, and write their table.

Without options: the short run, everything that takes minutes, one seed of each. With --full: all seeds and all entries,
stored after each, so that an interrupted run goes on where it was. With --table alone: nothing is run, the document is
written from what is stored.
"""

import argparse
import os
from pathlib import Path

from medgan_viewer.errors import MedganError


def main(arguments: list[str] | None = None) -> int:
    """Run and return 0 when every claim holds, 1 when one does not."""
    options = _parser().parse_args(arguments)
    # Before torch is loaded: each case has one thread, here and in the processes that are started.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        return _run(options)
    except MedganError as error:
        raise SystemExit(error.sentence) from error


def _run(options: argparse.Namespace) -> int:
    from medgan_viewer.lab.proofs.registry import cases
    from medgan_viewer.lab.proofs.runner import run
    from medgan_viewer.lab.proofs.store import Store, stored_folder
    from medgan_viewer.lab.proofs.table import write_document

    sound = True
    folder: Path | None = options.results
    if options.full:
        folder = folder or stored_folder()
    try:
        if options.full or not options.table:
            chosen = cases(short=not options.full, only=options.only)
            sound = run(chosen, Store(folder) if folder else None, options.jobs, _say)
    finally:
        if options.table:
            _say(f"Written: {write_document(Store(folder or stored_folder()))}")
    return 0 if sound else 1


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m medgan_viewer.lab.proofs", description=__doc__)
    parser.add_argument("--full", action="store_true", help="all seeds and entries; hours on one core; resumable")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this proof only (may be repeated)")
    parser.add_argument("--results", type=Path, help="folder of results (full run: resources/proofs; short run: none)")
    parser.add_argument("--table", action="store_true", help="write docs/gan-families.md from the stored results")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="processes at once")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
