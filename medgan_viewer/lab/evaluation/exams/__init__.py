"""Exams: what a model is measured on, fixed in files before any model was trained, the same on every machine."""
