"""Dates and ages of DICOM are read as people write them, and anything else is left as it is."""

import pytest

from medgan_viewer.ui.dicom_words import age_text, date_text, in_english


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
