"""A Ray cluster on this machine, as a process of its own: ``nodes FOLDER COUNT`` starts COUNT machines of one core.

It writes the cluster's address as its first line, kills the machine whose number stands on a line of its input, and
ends with all that it started when its input ends, however its parent came to that. What Ray writes goes below FOLDER,
whose path must be short: sockets lie in it.
"""

import os
import sys
from typing import Any

MEMORY = 100 * 1024 * 1024


def main(folder: str, count: int) -> None:
    """Serve until the input ends."""
    os.environ.update(RAY_TMPDIR=folder, RAY_USAGE_STATS_ENABLED="0", RAY_DISABLE_IMPORT_WARNING="1")
    from ray import cluster_utils

    common: dict[str, Any] = {"include_dashboard": False, "object_store_memory": MEMORY}
    cluster = cluster_utils.Cluster(True, head_node_args={**common, "num_cpus": 0, "node_ip_address": "127.0.0.1"})
    try:
        machines = [
            cluster.add_node(num_cpus=1, node_ip_address="127.0.0.1", object_store_memory=MEMORY) for _ in range(count)
        ]
        sys.stdout.write(f"{cluster.address}\n")
        sys.stdout.flush()
        for line in sys.stdin:
            cluster.remove_node(machines[int(line)], allow_graceful=False)
            sys.stdout.write(f"{line.strip()} is dead\n")
            sys.stdout.flush()
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
