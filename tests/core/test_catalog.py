"""Catalogues: what is open, and how two become one."""

from dataclasses import replace
from pathlib import Path

import pytest

from medgan_viewer.core.catalog import Catalog, Instance, Patient, Refusal, Series, Study


def series(uid: str, number: int | None = 1, path: str = "a.dcm") -> Series:
    instance = Instance(Path(path), f"{uid.partition('#')[0]}.1", "1.2", 1, 4, 5, None, None, None, None)
    return Series(uid, "study", number, "CT", "", "HEAD", None, (instance,))


def other_images(one: Series) -> Series:
    return replace(one, instances=tuple(replace(i, sop_instance_uid=str(i.path)) for i in one.instances))


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


def test_a_series_of_which_a_part_is_opened_again_stays_whole() -> None:
    parts = [series("1").instances[0], replace(series("1").instances[0], sop_instance_uid="1.2", path=Path("b.dcm"))]
    whole = replace(series("1"), instances=tuple(parts))
    for part in parts:
        (merged,) = Catalog((study(whole),)).merged(Catalog((study(replace(whole, instances=(part,))),))).studies
        assert merged.series == (whole,)
    other = replace(parts[1], sop_instance_uid="1.3")
    anew = replace(whole, instances=(other,), description="other images")
    (merged,) = Catalog((study(whole),)).merged(Catalog((study(anew),))).studies
    assert merged.series == (anew,)


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


A, B = Patient("Name", "1"), Patient("Other", "2")


def owners(catalog: Catalog) -> dict[str, tuple[str, str]]:
    """Return patient and file of every series UID, which must be unique."""
    found = [(s.uid, (one.patient.name, s.instances[0].path.name)) for one in catalog.studies for s in one.series]
    assert len({uid for uid, _ in found}) == len(found)
    return dict(found)


def test_a_copy_under_another_patient_has_series_of_its_own() -> None:
    original = Catalog((study(series("1", path="a"), patient=A),))
    copy = Catalog((study(series("1", path="b"), patient=B),))
    merged = original.merged(copy)
    assert owners(merged) == {"1": ("Name", "a"), "1#2": ("Other", "b")}
    assert merged.study_of("1#2")[0].patient == B
    assert merged.series("1#2").series_instance_uid == "1"
    assert merged.merged(copy) == merged
    assert merged.merged(original) == Catalog(merged.studies)


def test_a_copy_that_is_still_being_read_keeps_its_uid_while_it_grows() -> None:
    catalog = Catalog((study(series("1", path="a"), patient=A),))
    catalog = catalog.merged(Catalog((study(series("1", path="b"), patient=B),)))
    grown = Catalog((study(series("1", path="b"), other_images(series("1#2", path="c")), patient=B),))
    catalog = catalog.merged(grown)
    assert owners(catalog) == {"1": ("Name", "a"), "1#2": ("Other", "b"), "1#3": ("Other", "c")}
    assert catalog.merged(grown) == catalog


def test_two_patients_opened_together_in_another_order_replace_themselves() -> None:
    catalog = Catalog((study(series("1", path="a"), patient=A),))
    both = Catalog((study(series("1", path="b"), patient=B), study(series("1#2", path="a"), patient=A)))
    for _ in range(2):
        catalog = catalog.merged(both)
        assert owners(catalog) == {"1": ("Name", "a"), "1#3": ("Other", "b")}


def test_a_part_that_appears_late_does_not_take_the_uid_of_another_patient() -> None:
    first = Catalog((study(series("1", path="a"), patient=A), study(series("1#2", path="b"), patient=B)))
    parts = study(series("1", path="a"), other_images(series("1#2", path="c")), patient=A)
    later = Catalog((parts, study(series("1#3", path="b"), patient=B)))
    merged = first.merged(later)
    assert owners(merged) == {"1": ("Name", "a"), "1#2": ("Other", "b"), "1#4": ("Name", "c")}
    assert merged.merged(later) == merged


def test_a_part_of_a_split_series_knows_its_own_series_instance_uid() -> None:
    assert series("1.2.3#2").series_instance_uid == "1.2.3"
    assert series("1.2.3").series_instance_uid == "1.2.3"
