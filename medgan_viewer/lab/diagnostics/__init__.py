"""Watching a training: what is measured (`measure`, with torch) and what the numbers mean (`alarms`, without)."""
