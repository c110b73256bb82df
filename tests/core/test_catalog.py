"""Catalogues: what is open, and how two become one."""

from dataclasses import replace
from pathlib import Path

import pytest

from medgan_viewer.core.catalog import Catalog, Instance, Patient, Refusal, Series, Study


def series(uid: str, number: int | None = 1, path: str = "a.dcm") -> Series:
    instance = Instance(Path(path), f"{uid}.1", "1.2", 1, 4, 5, None, None, None, None)
    return Series(uid, "study", number, "CT", "", "HEAD", None, (instance,))


def study(*parts: Series, uid: str = "study", patient: Patient | None = None) -> Study:
    return Study(uid, patient or Patient("Name", "1"), "", "", "", "", parts)


def test_a_series_is_found_with_its_study() -> None:
    catalog = Catalog((study(series("1"), uid="a"), study(series("2"), uid="b")))
    assert catalog.study_of("2")[0].uid == "b"
    assert catalog.series("1").uid == "1"
    with pytest.raises(KeyError):
        catalog.series("3")


def test_series_of_one_study_come_together_in_order_of_their_numbers() -> None:
    first = Catalog((study(series("1", 5), series("2", None)),))
    merged = first.merged(Catalog((study(series("3", 2)),)))
    assert [one.uid for one in merged.studies[0].series] == ["3", "1", "2"]


def test_a_series_opened_again_replaces_itself() -> None:
    old, new = series("1"), replace(series("1"), description="again")
    (merged,) = Catalog((study(old),)).merged(Catalog((study(new),))).studies
    assert merged.series == (new,)


def test_studies_of_two_patients_stay_apart_though_they_share_a_uid() -> None:
    other = study(series("2"), patient=Patient("Other", "2"))
    merged = Catalog((study(series("1")),)).merged(Catalog((other,)))
    assert [one.patient.name for one in merged.studies] == ["Name", "Other"]


def test_a_refused_file_that_opens_later_is_no_longer_refused() -> None:
    first = Catalog(refused=(Refusal(Path("a.dcm"), "cut off"), Refusal(Path("b.dcm"), "cut off")))
    merged = first.merged(Catalog((study(series("1", path="a.dcm")),), (Refusal(Path("b.dcm"), "empty"),)))
    assert merged.refused == (Refusal(Path("b.dcm"), "empty"),)


def test_merging_with_nothing_changes_nothing() -> None:
    catalog = Catalog((study(series("1")),), (Refusal(Path("b.dcm"), "cut off"),))
    assert catalog.merged(Catalog()) == catalog
    assert Catalog().merged(catalog) == catalog


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Patient("A", "1"), Patient("A", "1", "19700101"), True),
        (Patient("A", "1"), Patient("A", "2"), False),
        (Patient("A", "1"), Patient("B", "1"), False),
        (Patient(), Patient(), False),
        (Patient(identifier="1"), Patient(identifier="1"), True),
    ],
)
def test_two_records_are_one_person_only_if_known_and_alike(one: Patient, other: Patient, same: bool) -> None:
    assert one.is_same(other) == same


def test_a_part_of_a_split_series_knows_its_own_series_instance_uid() -> None:
    assert series("1.2.3#2").series_instance_uid == "1.2.3"
    assert series("1.2.3").series_instance_uid == "1.2.3"
