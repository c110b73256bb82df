"""Measurements against other programs on one generated CT: ``make bench`` writes ``docs/benchmarks.md``.

Every measurement is a module of its own that runs in a process of its own and prints one JSON object as its last line.
"""
