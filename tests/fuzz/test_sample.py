"""A sample of the damaged files of ``python -m tests.fuzz.run``: none crashes, raises, hangs, or writes anywhere."""

import sys

import pytest

from tests.fuzz import run
from tests.fuzz.variants import KINDS

SAMPLE = 500


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is limited the Linux way")
def test_damaged_files_open_or_are_refused_with_a_sentence() -> None:
    every = list(run.all_variants())
    assert len(every) >= 20_000
    chosen = every[:: len(every) // SAMPLE][:SAMPLE]
    assert {variant.kind for variant, _ in chosen} == set(KINDS)
    results = list(run.tried(chosen))
    assert len(results) == SAMPLE + 1
    assert [result for result in results if run.is_bad(result)] == []
