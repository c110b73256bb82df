"""What the machine itself does to a wait: the same work of plain Python again and again, nothing shown.

On a machine of one's own each takes the same; on one that is shared the slowest hundredth tells by how much percentiles
of waits are others' doing.
"""

import statistics
import time

from benchmarks.measure import percentile, report

_TIMES, _NUMBERS = 500, 100_000


def main() -> None:
    """Measure and report the median, and the 99th percentile in medians."""
    times = []
    for _ in range(_TIMES):
        start = time.monotonic()
        sum(number * number % 7 for number in range(_NUMBERS))
        times.append(time.monotonic() - start)
    median = statistics.median(times)
    report(p50_ms=1000 * median, p99_medians=percentile(times, 99) / median)


if __name__ == "__main__":
    main()
