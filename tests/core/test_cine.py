"""Where playing leads."""

import pytest

from medgan_viewer.core.cine import Course, played


def _course(count: int, course: Course, steps: int, start: int = 0, direction: int = 1) -> list[int]:
    """Return the positions of single steps."""
    positions = [start]
    for _ in range(steps):
        start, direction = played(start, count, 1, course, direction)
        positions.append(start)
    return positions


def test_a_loop_begins_again_after_the_last_picture() -> None:
    assert _course(4, "loop", 6) == [0, 1, 2, 3, 0, 1, 2]
    assert _course(4, "loop", 3, start=1, direction=-1) == [1, 0, 3, 2]


def test_bouncing_shows_every_end_once() -> None:
    assert _course(4, "bounce", 8) == [0, 1, 2, 3, 2, 1, 0, 1, 2]
    assert _course(2, "bounce", 3) == [0, 1, 0, 1]


@pytest.mark.parametrize("course", ["loop", "bounce"])
@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("start", [0, 2, 4])
def test_steps_that_are_left_out_lead_to_where_single_steps_lead(course: Course, direction: int, start: int) -> None:
    single = _course(5, course, 23, start, direction)
    assert [played(start, 5, steps, course, direction)[0] for steps in range(24)] == single


@pytest.mark.parametrize("course", ["loop", "bounce"])
@pytest.mark.parametrize("count", [0, 1])
def test_one_picture_is_not_played(course: Course, count: int) -> None:
    assert played(0, count, 7, course) == (0, 1)
