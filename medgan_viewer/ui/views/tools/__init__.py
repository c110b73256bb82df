"""Measuring and annotating with the mouse, and how figures are drawn."""
