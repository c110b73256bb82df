"""Synthetic cohorts: labelled cases of nobody, what they are worth for training, and whether they leak anybody."""
