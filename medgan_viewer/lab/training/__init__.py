"""From a recipe to a run's folder: the trainer, its processes and clocks, checkpoints and what is written of it."""
