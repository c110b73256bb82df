"""`python -m medgan_viewer.lab.worth`: measure what synthetic cases are worth, and write docs/worth.md.

Every training is stored as soon as it ends: an interrupted run goes on where it was. Arms with synthetic cases are run
where a cohort (--heads) or a generator (--slices) is given; the first seed of all arms comes before the second.
"""

import argparse
import os
from pathlib import Path

from medgan_viewer.errors import MedganError, UsageError


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for and return 0. Raises SystemExit with a sentence."""
    options = _parser().parse_args(arguments)
    # Before torch is loaded: each training has one thread.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        _run(options)
    except MedganError as error:
        raise SystemExit(error.sentence) from error
    return 0


def _run(options: argparse.Namespace) -> None:
    from medgan_viewer.lab.proofs.store import Store
    from medgan_viewer.lab.worth.kinds import KindWorth
    from medgan_viewer.lab.worth.running import run
    from medgan_viewer.lab.worth.table import stored_folder, write_document
    from medgan_viewer.lab.worth.tumours import TumourWorth, keep_cohort

    store = Store(options.results or stored_folder())
    if options.table:
        _say(f"Written: {write_document(store)}")
        return
    experiments = (TumourWorth(options.heads), KindWorth(dict(map(_generator, options.slices))))
    chosen = [one for one in experiments if one.name in (options.only or (one.name,))]
    if options.heads is not None and any(one.name == TumourWorth.name for one in chosen):
        keep_cohort(options.heads, store.folder)
    run(chosen, store, options.most, _say)


def _generator(words: str) -> tuple[float, Path]:
    """Return the part of the real data and the run out of PERCENT=RUN. Raises UsageError."""
    from medgan_viewer.lab.worth.arms import PARTS

    percent, _, run = words.partition("=")
    parts = {f"{100 * part:.0f}": part for part in PARTS}
    if percent not in parts or not Path(run).is_dir():
        raise UsageError(f"{words}: name a generator as PERCENT=RUN, PERCENT one of {', '.join(parts)}.")
    return parts[percent], Path(run)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m medgan_viewer.lab.worth", description=__doc__)
    parser.add_argument("--heads", type=Path, help="a cohort of heads, made by medgan-viewer cohort as NIfTI")
    parser.add_argument(
        "--slices", action="append", default=[], metavar="PERCENT=RUN", help="a run of tumour-slices (may be repeated)"
    )
    parser.add_argument("--only", choices=("tumours", "kinds"), action="append", help="this experiment only")
    parser.add_argument("--results", type=Path, help="folder of results (default: resources/worth)")
    parser.add_argument("--most", type=int, default=0, metavar="N", help="stop after N trainings (default: all)")
    parser.add_argument("--table", action="store_true", help="run nothing; write docs/worth.md from the stored results")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
