"""Playing through slices or time points: where a number of steps leads, from the start again or there and back."""

from typing import Literal

__all__ = ["Course", "played"]

Course = Literal["loop", "bounce"]


def played(position: int, count: int, steps: int, course: Course, direction: int = 1) -> tuple[int, int]:
    """Return position (from 0) and direction (1 or −1) after so many steps through ``count`` pictures.

    A loop begins again after the last picture. Bouncing turns round at both ends and shows each end once.
    """
    if count < 2:
        return 0, direction
    if course == "loop":
        return (position + direction * steps) % count, direction
    # There and back is one round of 2 (count − 1) steps.
    turn = 2 * (count - 1)
    phase = (position if direction > 0 else turn - position) + steps
    phase %= turn
    return (phase, 1) if phase < count - 1 else (turn - phase, -1)
