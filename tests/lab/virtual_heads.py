"""Generated heads, each made once for all test modules of a process: making one takes seconds."""

from functools import cache

from medgan_viewer.lab.virtual_patient import VirtualHead, generate_head

__all__ = ["virtual_head"]


@cache
def virtual_head(seed: int) -> VirtualHead:
    """Return the head of ``seed``; do not change its arrays."""
    return generate_head(seed)
