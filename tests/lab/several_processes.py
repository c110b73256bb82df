"""Trains the small GAN in one of several processes, with the arguments RUN PENALTY BATCH DEVICES."""

import sys
from pathlib import Path

import torch

from medgan_viewer.lab.sources.toy import ToySource
from medgan_viewer.lab.training import processes
from medgan_viewer.lab.training.schedule import Training, TrainingPhase
from medgan_viewer.lab.training.trainer import Trainer
from tests.lab.toy_methods import ToyGan

STEPS = 24


def main(run: str, penalty: str, batch: str, devices: str) -> None:
    """Train with a batch of so many samples in each process."""
    torch.set_num_threads(1)
    phases = (
        TrainingPhase("reconstruction", 4, adversarial=False),
        TrainingPhase("adversarial", STEPS - 4, adversarial=True),
    )
    training = Training(
        phases, batch=int(batch), learning_rate=1e-2, clip_gradient=1.0, measure_every=1, sample_every=0, save_every=10
    )
    fabric = processes.start("fp32", int(devices))
    Trainer(training, ToyGan(penalty, seed=fabric.global_rank), ToySource("ring"), Path(run), fabric=fabric).train()


if __name__ == "__main__":
    main(*sys.argv[1:])
