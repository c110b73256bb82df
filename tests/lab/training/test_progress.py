"""A training on a terminal."""

import io

import pytest

from medgan_viewer.lab.training.progress import TerminalProgress, duration, progress_line
from medgan_viewer.lab.training.run_folder import Alarm, RunState

RAISED = Alarm(400, "mode_collapse", True, "The samples are alike.", "Add R1.")
HALF = RunState("running", phase="adversarial", step=50, steps=100, seconds_left=754.0, images_per_second=21.26)


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("seconds", "said"), [(4.4, "4 s"), (89, "89 s"), (600, "10 min"), (3600, "1 h 00 min"), (11_099, "3 h 05 min")]
)
def test_that_a_time_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_that_the_line_tells_phase_steps_speed_and_time_left() -> None:
    bar = "█" * 12 + "·" * 12
    assert progress_line(HALF) == f"adversarial {bar} 50/100, 21.3 images/s, 13 min left"


def test_that_a_paused_training_says_so_instead_of_a_time() -> None:
    paused = RunState("paused", phase="adversarial", step=1, steps=100, seconds_left=754.0)
    assert progress_line(paused).endswith("1/100, paused")


def test_that_the_line_is_drawn_over_and_alarms_stay() -> None:
    terminal = Terminal()
    shown = TerminalProgress(terminal)
    shown.update(HALF)
    shown.say(RAISED)
    shown.update(HALF)
    shown.clear()
    # What a terminal shows: every line from its last carriage return on.
    lines = [line.rpartition("\r")[2] for line in terminal.getvalue().replace("\x1b[K", "").split("\n")]
    assert lines == ["! Step 400: The samples are alike.", "  What to try: Add R1.", ""]
    assert terminal.getvalue().count(progress_line(HALF)) == 2


def test_that_a_file_gets_only_alarms_and_that_they_are_over() -> None:
    file = io.StringIO()
    shown = TerminalProgress(file)
    shown.update(HALF)
    shown.say(RAISED)
    shown.say(Alarm(900, "mode_collapse", False, "No longer: the samples are alike."))
    shown.clear()
    assert file.getvalue().splitlines() == [
        "! Step 400: The samples are alike.",
        "  What to try: Add R1.",
        "Step 900: No longer: the samples are alike.",
    ]
