"""The shipped scans on this machine: what was frozen elsewhere must come out here too."""

import pytest

from medgan_viewer import resources
from medgan_viewer.lab.evaluation.exams import store
from medgan_viewer.lab.evaluation.exams.definition import load_scans
from medgan_viewer.lab.evaluation.exams.scans import simulate_patient


# Ten seconds of one core, which on a machine that does much else at the same time may be many minutes.
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", ["head-scans", "field-scans", "lesion-scans", "metal-scans"])
def test_that_the_frozen_scans_are_what_this_program_simulates(name: str) -> None:
    # No smaller piece of a patient shows that nothing on the way from a map to a scan changed.
    # The hard scan comes out of the same steps; every exam compares both before it begins.
    data = resources.shared_data()
    if data is None or not (data / "head_labels").is_dir():
        pytest.skip("the head maps are not here (set MEDGAN_DATA)")
    whole = load_scans(name)
    made = simulate_patient(whole, data, 0, whole.heads[0], {"easy": whole.easy})
    assert set(made.scans) == {"easy"}
    store.check_statistics(whole, made)
