"""The tools that draw in segmentations, by the names that the grid knows them by."""

from typing import Literal

__all__ = ["DRAWING", "Drawing"]

Drawing = Literal["brush", "eraser", "fill", "threshold"]
DRAWING: tuple[Drawing, ...] = ("brush", "eraser", "fill", "threshold")
