"""What synthetic cases are worth: networks trained on real cases, on real and synthetic ones, on synthetic ones alone.

Two experiments on patients that nobody trained on: outlines of tumours (`tumours`, with heads of `medgan-viewer
cohort`) and kinds of tumours (`kinds`, with generated slices). `python -m medgan_viewer.lab.worth` runs them.
"""
