"""Surfaces of a segmentation in three dimensions, in a window of their own.

Only ``opening`` is imported before it is opened.
"""
