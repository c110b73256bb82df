"""Leak tests of heads, on real ones: who is a copy and who is somebody else."""

from pathlib import Path

import numpy as np

from medgan_viewer.lab.cohort import head_leaks
from medgan_viewer.lab.virtual_patient.anatomy import load_head


def test_that_a_larger_and_a_bent_copy_of_a_training_head_are_caught_and_a_stranger_is_none(shared_data: Path) -> None:
    """Seven seconds of one core, most of them to register five heads: the measure itself is what is tried."""
    trained, other, stranger = (load_head(shared_data / "head_labels", number) for number in (1, 13, 14))
    plain, held_out = (head_leaks.describe(one, (1.0, 1.0, 1.0)) for one in (trained, other))
    larger = head_leaks.describe(np.roll(trained, 3, axis=1), (1.06, 1.06, 1.06))
    nobody = head_leaks.describe(stranger, (1.0, 1.0, 1.0))
    verdict = head_leaks.judge_heads([nobody, larger], [plain], [held_out])
    assert verdict.copies == (1,)
    found = {finding.test: finding for finding in verdict.findings}
    assert found["planted copy"].passed
    assert not found["copies"].passed
    assert not verdict.passed
