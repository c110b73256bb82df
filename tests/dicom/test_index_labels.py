"""Contrast and body part, from the words and times that real series carry."""

import pytest

from medgan_viewer.dicom.labels import body_part, mr_contrast

Times = tuple[float | None, float | None, float | None]
UNKNOWN: Times = (None, None, None)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("T1post B Ax T1 +C", "T1+C"),
        ("T1pre_reg B Ax T1", "T1"),
        ("T1prereg", "T1"),
        ("FLAIR_reg B Ax Flair(10000 TR)", "FLAIR"),
        ("t2_tse_tra_512", "T2"),
        ("T2reg", "T2"),
        ("t2_tirm_tra_dark-fluid_fs", "FLAIR"),
        ("T2 FLAIR", "FLAIR"),
        ("AX T1 FLAIR", "T1"),
        ("t1_mprage_sag_p2_iso", "T1"),
        ("t1_mprage_sag KM", "T1+C"),
        ("AX T1 GD", "T1+C"),
        ("AX T1 W/O CONTRAST", "T1"),
        ("T1 POSTERIOR FOSSA", "T1"),
        ("SAG 3D BRAVO", "T1"),
        ("PD TSE", "PD"),
        ("ep2d_diff_3scan_trace", "DWI"),
        ("ep2d_diff_ADC", "ADC"),
        ("AX T2* GRE", "T2*"),
        ("SWI_Images", "SWI"),
        ("COR STIR", "STIR"),
        ("Synthetic T1", "T1"),
        ("LOCALIZER", None),
        ("T12 vertebra", None),
        ("", None),
    ],
)
def test_contrast_is_read_from_the_words(words: str, expected: str | None) -> None:
    assert mr_contrast(words, "", UNKNOWN) == expected


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((500.0, 9.5, None), "T1"),
        ((4000.0, 92.0, None), "T2"),
        ((10000.0, 90.0, 2600.0), "FLAIR"),
        ((3000.0, 15.0, None), "PD"),
        ((1600.0, 45.0, None), None),
        ((9000.0, 90.0, 300.0), None),
        ((None, 90.0, None), None),
    ],
)
def test_without_a_telling_word_the_times_decide_where_they_leave_no_doubt(times: Times, expected: str | None) -> None:
    assert mr_contrast("axial brain", "", times) == expected


def test_the_words_win_over_the_times() -> None:
    assert mr_contrast("T1", "", (4000.0, 92.0, None)) == "T1"


def test_an_agent_in_the_header_means_enhanced_unless_the_words_say_before() -> None:
    assert mr_contrast("AX T1", "10ml multihance", UNKNOWN) == "T1+C"
    assert mr_contrast("AX T1 PRE", "10ml multihance", UNKNOWN) == "T1"
    assert mr_contrast("AX FLAIR", "10ml multihance", UNKNOWN) == "FLAIR"


@pytest.mark.parametrize(
    ("examined", "words", "expected"),
    [
        ("HEAD", "", "HEAD"),
        ("BRAIN", "CT CHEST", "HEAD"),
        ("", "CT CHEST WITHOUT CONTRAST", "CHEST"),
        ("", "Thorax nativ", "CHEST"),
        ("", "cMRT Schädel", "HEAD"),
        ("", "CT HEAD AND ABDOMEN", ""),
        ("", "Routine", ""),
        ("knee", "brain", "KNEE"),
        ("  ", "MR BRAIN", "HEAD"),
    ],
)
def test_the_body_part_comes_from_its_attribute_else_from_the_words(examined: str, words: str, expected: str) -> None:
    assert body_part(examined, words) == expected
