"""A Ray cluster on this machine, as a process of its own: ``nodes FOLDER CORES…`` starts a machine for each number.

The first one is the head. It writes the cluster's address as its first line, kills the machine that a line of its input
names (2 is the second), and
ends with all that it started when its input ends, however its parent came to that. What Ray writes goes below FOLDER,
whose path must be short: sockets lie in it.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any


def main(folder: str, cores: Sequence[int]) -> None:
    """Serve until the input ends."""
    os.environ.update(RAY_TMPDIR=folder, RAY_USAGE_STATS_ENABLED="0")
    from ray import cluster_utils

    common: dict[str, Any] = {"object_store_memory": 100 << 20}
    cluster = cluster_utils.Cluster(True, head_node_args={**common, "include_dashboard": False, "num_cpus": cores[0]})
    try:
        machines = [cluster.head_node, *(cluster.add_node(num_cpus=count, **common) for count in cores[1:])]
        sys.stdout.write(f"{cluster.address}\n")
        sys.stdout.flush()
        for line in sys.stdin:
            cluster.remove_node(machines[int(line) - 1], allow_graceful=False)
            sys.stdout.write(f"{int(line)} is dead\n")
            sys.stdout.flush()
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main(sys.argv[1], [int(count) for count in sys.argv[2:]])
