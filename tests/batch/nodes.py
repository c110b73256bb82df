"""A Ray cluster on this computer, as a process of its own: ``nodes FOLDER CORES… [--bind]``, a machine for each number.

The first one is the head. It writes the cluster's address as its first line, kills the machine that a line of its input
names (2 is the second), and ends with all that it started when its input ends, however its parent came to that. What
Ray writes goes below FOLDER, whose path must be short: sockets lie in it. With ``--bind`` the first machine runs on the
first core alone, the second one on the second.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

PATIENCE_SECONDS = 300
CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else [0]


def bind(place: int, wanted: bool) -> None:
    """Bind what is started from now on to one core, where that is wanted."""
    if wanted and sys.platform == "linux":
        os.sched_setaffinity(0, {CORES[place % len(CORES)]})


def main(folder: str, cores: Sequence[int], bound: bool) -> None:
    """Serve until the input ends."""
    bind(0, bound)
    # Ray runs what it is given at the lowest priority but one.
    os.environ.update(RAY_TMPDIR=folder, RAY_USAGE_STATS_ENABLED="0", RAY_worker_niceness="0")
    from ray import cluster_utils

    # Nobody reads logs or adds machines here: that saves two processes.
    common: dict[str, Any] = {"object_store_memory": 100 << 20, "include_log_monitor": False, "no_monitor": True}
    head = {**common, "include_dashboard": False, "num_cpus": cores[0]}
    cluster = cluster_utils.Cluster(True, head_node_args=head)
    try:
        machines = [cluster.head_node]
        for place, count in enumerate(cores[1:], start=1):
            bind(place, bound)
            machines.append(cluster.add_node(wait=False, num_cpus=count, **common))
        cluster.wait_for_nodes(timeout=PATIENCE_SECONDS)
        sys.stdout.write(f"{cluster.address}\n")
        sys.stdout.flush()
        for line in sys.stdin:
            cluster.remove_node(machines[int(line) - 1], allow_graceful=False)
            sys.stdout.write(f"{int(line)} is dead\n")
            sys.stdout.flush()
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main(sys.argv[1], [int(count) for count in sys.argv[2:] if count != "--bind"], "--bind" in sys.argv)
