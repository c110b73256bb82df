"""Documents with computed scans in them, for tests of panels and runs."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from medgan_viewer.core.catalog import Catalog, Instance, Patient, Series, Study
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import Code, HeatLayer, ImageLayer, LabelLayer, Provenance, Segment
from medgan_viewer.core.volume import SliceStack

FRAME = "1.2.3.4"
SHAPE = (6, 40, 30)


def stack(shape: tuple[int, int, int] = SHAPE, modality: str = "CT") -> SliceStack:
    """Return evenly spaced axial slices of 1 × 1 × 3 mm whose value is 100·slice + row."""
    slices, rows, _ = shape
    array = np.zeros(shape, np.int16)
    array += (100 * np.arange(slices))[:, None, None].astype(np.int16) + np.arange(rows)[None, :, None].astype(np.int16)
    origins = np.array([[-15.0, -20.0, 3.0 * k] for k in range(slices)])
    return SliceStack(
        array,
        origins,
        np.array([0.0, 1.0, 0.0]),
        np.array([1.0, 0.0, 0.0]),
        np.full(slices, 3.0),
        FRAME,
        modality,
        "HU",
    )


def series(uid: str = "1.1", modality: str = "CT", contrast: str | None = None, count: int = SHAPE[0]) -> Series:
    """Return a head series without files."""
    instances = tuple(
        Instance(
            Path(f"{uid}-{k}.dcm"),
            f"{uid}.{k}",
            "1.2.840.10008.5.1.4.1.1.2",
            k,
            SHAPE[1],
            SHAPE[2],
            (-15.0, -20.0, 3.0 * k),
            (1, 0, 0, 0, 1, 0),
            (1, 1),
            3,
        )
        for k in range(count)
    )
    return Series(uid, "1", 1, modality, f"{modality} head", "HEAD", FRAME, instances, contrast)


def document(*made: Series, opened: bool = True) -> Document:
    """Return a document of one study with these series (a head CT by default), read to the end."""
    held = Document()
    listed = made or (series(),)
    patient = Patient("Doe^Jane", "ID-1", "19700101", "F", "055Y")
    study = Study("1", patient, "20261112", "Head", "", "", listed)
    held.add_catalog(Catalog((study,)))
    if opened:
        for one in listed:
            shape = (len(one.instances), *SHAPE[1:])
            held.open_series(OpenSeries(study, one, stack(shape, one.modality), np.ones(shape[0], bool)))
    return held


def provenance() -> Provenance:
    """Return where a test's result comes from."""
    return Provenance(
        "test-model",
        "Test model",
        "1.0",
        "ab" * 32,
        ("1.1",),
        "cpu",
        "fp32",
        datetime(2026, 11, 12, tzinfo=UTC),
        "Apache-2.0",
        "Research only.",
        ("Knows nothing of children.",),
    )


def image_layer(held: Document, uid: str = "image", source: str = "1.1", *, ready: bool = True) -> ImageLayer:
    """Return a synthetic image of 0 to 1000 over a source."""
    opened = held.opened(source)
    assert opened is not None
    array = np.full(opened.volume().shape, 500, np.int16)
    return ImageLayer(
        uid=uid,
        name="Synthetic T1",
        source_series_uid=source,
        volume=opened.volume().with_array(array, modality="MR", unit="a.u.", synthetic=True),
        ready=np.full(array.shape[0], ready),
        provenance=provenance(),
        contrast="T1",
        window=(1000.0, 500.0),
    )


def label_layer(held: Document, uid: str = "labels", source: str = "1.1") -> LabelLayer:
    """Return a segmentation: 1 in a block of 2 × 10 × 10 voxels, 2 in one of 1 × 5 × 4."""
    opened = held.opened(source)
    assert opened is not None
    array = np.zeros(opened.volume().shape, np.uint8)
    array[1:3, 5:15, 5:15] = 1
    array[4, 5:10, 5:9] = 2
    anatomy = Code("123037004", "SCT", "Anatomical Structure")
    return LabelLayer(
        uid=uid,
        name="Anatomy",
        source_series_uid=source,
        volume=opened.volume().with_array(array, unit=""),
        ready=np.ones(array.shape[0], bool),
        provenance=provenance(),
        segments=(
            Segment(1, "Brain", "#3fa7d6", Code("12738006", "SCT", "Brain"), anatomy),
            Segment(2, "Bone", "#f2e8cf", Code("272673000", "SCT", "Bone"), anatomy),
        ),
    )


def heat_layer(held: Document, uid: str = "heat", source: str = "1.1") -> HeatLayer:
    """Return a heat map with a hot region (0.9) of 300 voxels and a warm one (0.6) of 100."""
    opened = held.opened(source)
    assert opened is not None
    array = np.zeros(opened.volume().shape, np.float32)
    array[1:4, 5:15, 5:15] = 0.9
    array[5, 20:30, 15:25] = 0.6
    return HeatLayer(
        uid=uid,
        name="Anomaly",
        source_series_uid=source,
        volume=opened.volume().with_array(array, unit=""),
        ready=np.ones(array.shape[0], bool),
        provenance=provenance(),
        threshold=0.5,
    )
