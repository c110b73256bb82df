"""The shipped scans on this machine: what was frozen elsewhere must come out here too."""

import pytest

from medgan_viewer import resources
from medgan_viewer.lab.evaluation.exams import store
from medgan_viewer.lab.evaluation.exams.definition import load_scans
from medgan_viewer.lab.evaluation.exams.scans import simulate_patient


def test_that_the_frozen_scans_are_what_this_program_simulates() -> None:
    data = resources.shared_data()
    if data is None or not (data / "head_labels").is_dir():
        pytest.skip("the head maps are not here (set MEDGAN_DATA)")
    whole = load_scans("head-scans")
    made = simulate_patient(whole, data, 0, whole.heads[0], {"easy": whole.easy, "hard": whole.hard})
    store.check_statistics(whole, made)
