"""Work in other processes: events, runner, worker, shared arrays."""
