"""Freezes the scans of an exam: ``python -m medgan_viewer.lab.evaluation.exams.freeze head-scans``.

Only when they are changed on purpose: every number that was measured on the old ones is void then.
"""

import argparse
import sys
from collections.abc import Sequence

from medgan_viewer.lab.evaluation.exams import store
from medgan_viewer.lab.evaluation.exams.definition import load_scans
from medgan_viewer.lab.sources.simulated_heads import data_folder

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate all patients of the scans and write what their pictures measure."""
    parser = argparse.ArgumentParser(description="Freeze the scans of an exam.")
    parser.add_argument("scans", help="such as head-scans")
    store.freeze(load_scans(parser.parse_args(arguments).scans), data_folder(None))
    return 0


if __name__ == "__main__":
    sys.exit(main())
