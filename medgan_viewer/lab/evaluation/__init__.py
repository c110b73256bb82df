"""Scoring a run on patients that it was not trained on: one module for each kind of truth, or of its absence."""
