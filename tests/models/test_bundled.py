"""Every model that ships with the program is opened and run; every task is what its registry says."""

import hashlib
from typing import get_args

import numpy as np
import pytest

from medgan_viewer.core.layers import HeatLayer, ImageLayer, LabelLayer
from medgan_viewer.core.volume import Volume
from medgan_viewer.jobs.events import Finished
from medgan_viewer.models import networks, registry
from medgan_viewer.models.manifest import Package, Task
from medgan_viewer.models.tasks import TASKS, task_of
from medgan_viewer.services import InferenceService
from tests.jobs.recorder import Recorder
from tests.models.scans import affine, series

PACKAGES = registry.scan(registry.folders()[:1])[0]
KINDS = {"synthesis": ImageLayer, "segmentation": LabelLayer, "anomaly": HeatLayer}


def phantom(modality: str, noise: float = 4) -> Volume:
    """Return a round head with skull, brain and ventricles in five thick slices, with noise of so many units."""
    rows, columns = np.mgrid[-64:64, -64:64]
    radius = np.hypot(rows / 1.1, columns)
    values = {"CT": (-1000, 20, 900, 35, 5), "MR": (0, 700, 60, 450, 150)}[modality]
    image = np.select([radius < 10, radius < 44, radius < 48, radius < 54], values[:0:-1], values[0])
    added = np.random.default_rng(0).normal(0, noise, (5, *image.shape))
    return Volume(
        np.rint(image + added).astype(np.int16),
        affine((5.0, 1.5, 1.5)),
        "1.9",
        modality,
        "HU" if modality == "CT" else "",
    )


def cases() -> list[tuple[Package, str, str | None]]:
    """Return each package with each modality it takes, and with its first contrast where that counts."""
    return [
        (package, modality, next(iter(package.manifest.requires.contrasts), None) if modality == "MR" else None)
        for package in PACKAGES
        if package.manifest.task != "classification"
        for modality in package.manifest.requires.modalities
    ]


@pytest.mark.parametrize(("package", "modality", "contrast"), cases(), ids=lambda value: getattr(value, "id", value))
def test_that_a_model_runs_on_the_series_it_asks_for(
    service: InferenceService, events: Recorder, package: Package, modality: str, contrast: str | None
) -> None:
    control = package.manifest.control
    restores = control is not None and control.name == "strength"
    volume = phantom(modality, noise=20 if restores else 4)
    further = [
        (series(other.modality, contrast=other.contrasts[0], uid=f"1.2.{number}"), volume)
        for number, other in enumerate(package.manifest.requires.inputs[1:], 4)
    ]
    run = service.start(package, series(modality, contrast=contrast), volume, further=further)
    end = events.end_of(run.job_id)
    assert isinstance(end, Finished), end
    for layer in run.layers:
        assert isinstance(layer, KINDS[package.manifest.task])
        assert layer.complete
        array = layer.volume.array
        assert array.shape[1:] == volume.shape[1:]
        thinner = package.manifest.preprocessing.slice_spacing_mm
        # Thick slices are divided into such as are nearest to what the model wants, and cover what they covered.
        assert layer.volume.spacing[0] == pytest.approx(2.5 if thinner else 5.0)
        assert len(array) * layer.volume.spacing[0] == pytest.approx(5 * 5.0)
        # The head with its skull: inside the brain of a phantom a right CT hardly varies.
        head, air = array[:, 12:116, 16:112], array[:, :6, :6]
        if isinstance(layer, ImageLayer):
            assert head.std() > 10
            if restores:
                # What is restored stays where it was, and loses half of its noise.
                source = volume.array[:, :6, :6]
                assert abs(air.mean() - source.mean()) < source.std() / 2
                assert air.std() < source.std() / 2
            else:
                assert (air == (-1000 if layer.volume.modality == "CT" else 0)).all()
        elif isinstance(layer, LabelLayer):
            assert set(np.unique(array)) <= {0, *(segment.label for segment in layer.segments)}
            # A phantom has anatomy; a model of disease rightly finds none in it.
            anatomy = any(segment.category.meaning == "Anatomical Structure" for segment in layer.segments)
            assert head.any() or not anatomy
            assert not air.any()
        else:
            assert isinstance(layer, HeatLayer)
            assert 0 <= array.min() <= array.max() <= 1
            assert not air.any()
            assert layer.threshold in {threshold for _, threshold in layer.thresholds}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.id)
def test_that_a_package_is_complete_and_states_its_limits(package: Package) -> None:
    manifest = package.manifest
    assert hashlib.sha256(package.weights.read_bytes()).hexdigest() == manifest.weights_sha256
    assert manifest.network in dict(networks.NETWORKS)
    assert manifest.limits
    assert manifest.licence
    assert manifest.training_data
    assert "research" in manifest.intended_use.lower()
    assert manifest.evaluation.rows
    assert (package.folder / "LICENSE").is_file()
    card = package.card.read_text(encoding="utf-8")
    assert "Limits" in card


def test_that_every_task_a_manifest_may_name_is_registered() -> None:
    assert [name for name, _ in TASKS] == list(get_args(Task))
    for package in PACKAGES:
        makes_pictures = bool(task_of(package.manifest).output_types(package.manifest))
        assert makes_pictures == (package.manifest.task != "classification")
