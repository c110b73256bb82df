"""Speed and memory as they stand on a card."""

from pathlib import Path

import pytest

from medgan_viewer import resources
from medgan_viewer.errors import JobError
from medgan_viewer.lab.evaluation.exams import speed


def test_that_speed_is_measured_in_a_process_of_its_own() -> None:
    measured = speed.measure(resources.path("models", "head-anomaly"))
    assert 0 < measured["seconds_a_slice"] < 60
    assert measured["megabytes"] is None or measured["megabytes"] > 50


def test_that_the_speed_of_no_package_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="speed of the model"):
        speed.measure(tmp_path)
