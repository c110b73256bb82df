"""Names, dates and ages of DICOM are read as people write them, and anything else is left as it is."""

import pytest

from medgan_viewer.ui.dicom_words import age_text, date_text, in_english, person_name


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("20261112", "12 Nov 2026"),
        ("2026-01-05", "5 Jan 2026"),
        ("", ""),
        ("2026", "2026"),
        ("20261312", "20261312"),
        ("yesterda", "yesterda"),
    ],
)
def test_a_date_is_read(stored: str, read: str) -> None:
    assert date_text(stored, in_english) == read


@pytest.mark.parametrize(
    ("stored", "read"),
    [("061Y", "61 y"), ("003M", "3 months"), ("012W", "12 weeks"), ("002D", "2 days"), ("", ""), ("Y", "Y"),
     ("061", "061"), ("²³4Y", "²³4Y")],
)  # fmt: skip
def test_an_age_is_read(stored: str, read: str) -> None:
    assert age_text(stored, in_english) == read


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("Roe^Ada", "Roe, Ada"),
        ("Roe^Ada^Maria^Dr", "Roe, Ada Maria Dr"),
        ("Roe^^^Dr", "Roe, Dr"),
        ("^Ada", "Ada"),
        ("Ada Roe", "Ada Roe"),
        ("Wang^Xiaodong=王^小東=", "Wang, Xiaodong=王, 小東"),
        ("^^", ""),
        ("", ""),
    ],
)
def test_a_name_is_read_alike_everywhere(stored: str, read: str) -> None:
    assert person_name(stored) == read
