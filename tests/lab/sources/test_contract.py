"""Every data source keeps the same promises: the same batches for the same Draw, whatever the number of processes."""

from itertools import combinations

import pytest
import torch

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.sources import SOURCES, DataSource, check_arguments, source
from medgan_viewer.lab.sources.base import Refusal, check_patients, check_refusals
from tests.lab.sources.small_sources import SMALL_SOURCES

INTEGERS = {"label", "segmentation", "lesions"}


@pytest.fixture(scope="module", params=list(SMALL_SOURCES))
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> DataSource:
    made: DataSource = SMALL_SOURCES[request.param](tmp_path_factory.mktemp("source"))
    return made


def test_that_every_kind_is_tested_here() -> None:
    assert {name.split(" ")[0] for name in SMALL_SOURCES} == set(SOURCES)


def test_that_the_same_draw_gives_the_same_batch_and_another_another(small: DataSource) -> None:
    first, again, other = (small.batch(4, Draw(seed)) for seed in (3, 3, 4))
    assert first.keys() == again.keys()
    assert all(first[name].equal(again[name]) for name in first)
    same_each_time = getattr(small, "shape", "") == "dirac"
    assert same_each_time or any(not first[name].equal(other[name]) for name in first)


def test_that_the_shares_of_two_processes_interleave_to_the_batch_of_one(small: DataSource) -> None:
    whole = small.batch(6, Draw(5))
    for rank in (0, 1):
        share = small.batch(3, Draw(5, rank=rank, world=2))
        for name, values in share.items():
            assert values.equal(whole[name][rank::2]), name


def test_that_no_patient_is_in_two_splits(small: DataSource) -> None:
    check_patients(small.patients)
    for first, second in combinations(small.patients.values(), 2):
        assert not set(first) & set(second)
    assert small.patients["train"]


def test_that_batches_have_the_shapes_and_types_that_the_source_says(small: DataSource) -> None:
    batch = small.batch(3, Draw(1))
    for name, values in batch.items():
        assert len(values) == 3
        assert values.dtype == (torch.int64 if name in INTEGERS else torch.float32), name
        assert values.isfinite().all()
    if "source" in batch:
        assert batch["source"].shape == (3, small.source_channels, *small.size)
    picture = batch.get("target", batch.get("image"))
    assert picture is not None or small.target_channels == 0
    if picture is not None and picture.ndim == 4:
        assert picture.shape == (3, small.target_channels, *small.size)
    for name in INTEGERS & batch.keys() - {"lesions"}:
        assert 0 <= int(batch[name].min()) <= int(batch[name].max()) < small.classes


def test_that_pictures_stay_within_what_a_network_is_given(small: DataSource) -> None:
    batch = small.batch(4, Draw(2))
    for name in ("source", "target", "image"):
        if name in batch and batch[name].ndim == 4:
            assert -1.5 <= float(batch[name].min()) <= float(batch[name].max()) <= 3.1


def test_that_every_split_with_patients_gives_batches(small: DataSource) -> None:
    for split, patients in small.patients.items():
        if patients:
            assert all(len(values) == 2 for values in small.batch(2, Draw(0), split).values())


def test_that_an_unknown_kind_and_an_unknown_argument_are_sentences() -> None:
    with pytest.raises(UsageError, match="no data source wavelets: choose one of toy"):
        source("wavelets")
    with pytest.raises(UsageError, match="toy takes no radius"):
        source("toy", radius=3)
    with pytest.raises(UsageError, match="needs inputs"):
        check_arguments("simulated_heads", {})


def test_that_a_patient_in_train_and_test_is_refused_without_naming_him() -> None:
    with pytest.raises(UsageError, match=r"1 of the patients are in train and in test") as caught:
        check_patients({"train": ["Doe", "Roe"], "validation": [], "test": ["Doe"]})
    assert "Doe" not in str(caught.value)


def test_that_more_than_a_twentieth_of_unreadable_files_stops_the_start() -> None:
    refusal = Refusal("a.dcm", "It holds no pixels.")
    check_refusals([refusal], 20)
    with pytest.raises(UsageError, match=r"2 of 39 files did not open, the first one a\.dcm"):
        check_refusals([refusal, refusal], 39)
