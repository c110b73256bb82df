"""Hanging protocols: what is read, what is refused with one sentence, and which series hangs where."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medgan_viewer import resources
from medgan_viewer.core.catalog import Patient, Series, Study
from medgan_viewer.core.display import Window
from medgan_viewer.core.hanging import Choice, PanePlan, Protocol, chosen_series, load, read, text_of
from medgan_viewer.core.slabs import Slab
from medgan_viewer.errors import ReadError

GOOD = """
schema = 1
name = "Mine"
layout = "2x2"
[for]
modality = ["CT"]
description = "head"
[[pane]]
window = "brain"
[[pane]]
modality = "MR"
contrast = ["T2"]
results = "original"
plane = "coronal"
window = [400, -20.5]
slab = { mode = "MIP", mm = 10 }
"""


def _series(uid: str, modality: str = "MR", contrast: str | None = None, description: str = "") -> Series:
    return Series(uid, "1", 1, modality, description, "HEAD", None, (), contrast=contrast)


def _study(*series: Series) -> Study:
    return Study("1", Patient(), "", "", "", "", series)


def test_a_file_says_what_hangs_where(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, encoding="utf-8")
    found = read(path)
    assert found == Protocol(
        "Mine",
        "2x2",
        (
            PanePlan(window=Window(80, 40)),
            PanePlan(Choice(("MR",), ("T2",)), "original", "coronal", Window(400, -20.5), Slab("maximum", 10)),
        ),
        Choice(("CT",), (), ("head",)),
    )
    assert found.path == path


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("schema = 1", "schema = 2", "schema"),
        ('name = "Mine"', 'name = " "', "name"),
        ('"2x2"', '"4x4"', "layout"),
        ('"2x2"', '"1x1"', "1 panes, and 2"),
        ('"brain"', '"brian"', "Brain, Subdural"),
        ("[400, -20.5]", "[0, 5]", "window"),
        ("[400, -20.5]", "[true, 5]", "window"),
        ("mm = 10", "mm = -1", "slab"),
        ("mm = 10", 'mm = "a"', "slab"),
        ('"original"', '"everything"', "results"),
        ('"coronal"', '"diagonal"', "plane"),
        ('["T2"]', "[2]", "contrast"),
        ("contrast", "contrats", "contrats"),
        ("[for]", "[four]", "four"),
        ("[[pane]]", "[pane]", "pane"),
        ('name = "Mine"', "name = ", ""),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence_and_the_others_are_read(
    tmp_path: Path, before: str, after: str, says: str
) -> None:
    (tmp_path / "a.toml").write_text(GOOD.replace(before, after), encoding="utf-8")
    (tmp_path / "b.toml").write_text(GOOD, encoding="utf-8")
    protocols, problems = load([tmp_path, tmp_path / "none"])
    assert [protocol.name for protocol in protocols] == ["Mine"]
    (problem,) = problems
    assert problem.startswith("a.toml: ")
    assert "\n" not in problem
    assert says in problem


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[" * 5000, b"#" * 100_000])
def test_a_file_that_is_no_toml_is_skipped(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.toml").write_bytes(content)
    with pytest.raises(ReadError, match="skipped"):
        read(tmp_path / "bad.toml")


def test_every_bundled_protocol_is_read() -> None:
    protocols, problems = load([resources.path("hanging")])
    assert not problems
    assert [protocol.name for protocol in protocols] == [
        "Head CT: brain and bone",
        "Brain MR: T1, T2, FLAIR, contrast",
        "Original | synthetic",
        "Original | overlay | heat map | findings",
    ]


def test_bundled_protocols_are_for_the_studies_that_they_name_alone() -> None:
    head, brain, *others = load([resources.path("hanging")])[0]
    ct, mr = _study(_series("a", "CT")), _study(_series("b", "MR"))
    knee = _study(replace(_series("c", "MR"), body_part="KNEE"))
    assert (head.fits(ct), head.fits(mr)) == (True, False)
    assert (brain.fits(ct), brain.fits(mr), brain.fits(knee)) == (False, True, False)
    assert not any(protocol.fits(study) for protocol in others for study in (ct, mr, knee))


def test_each_series_hangs_where_it_fits_and_none_twice_while_there_are_others() -> None:
    brain = load([resources.path("hanging")])[0][1]
    flair, t2, t1, late = (_series(name, contrast=name) for name in ("FLAIR", "T2", "T1", "T1+C"))
    assert chosen_series(brain, _study(flair, t2, t1, late), "FLAIR") == ["T1", "T2", "FLAIR", "T1+C"]
    again = _series("T1 again", contrast="T1")
    assert chosen_series(brain, _study(t1, again), "T1") == ["T1", None, None, "T1 again"]


def test_capitals_make_no_difference_to_what_a_series_must_be() -> None:
    choice = Choice(("mr",), ("t1+c",), ("Head",))
    series = _series("a", "MR", "T1+C", "HEAD axial")
    assert choice.fits(series, _study(series))
    assert not choice.fits(replace(series, contrast=None), _study(series))


def test_a_pane_without_a_condition_shows_what_was_opened() -> None:
    head = load([resources.path("hanging")])[0][0]
    assert chosen_series(head, _study(_series("a", "CT"), _series("b", "CT")), "b") == ["b", "b"]


_NAMES = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: bool(text.strip()))
_WORDS = st.lists(st.text(st.characters(codec="utf-8")), max_size=3).map(tuple)


@given(name=_NAMES.map(str.strip), words=_WORDS, width=st.floats(0.1, 1e6), centre=st.floats(-1e6, 1e6))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, name: str, words: tuple[str, ...], width: float, centre: float
) -> None:
    plan = PanePlan(
        Choice(("CT",), (), words), "synthetic", "sagittal", Window(width, centre), Slab("mean", width % 400 + 0.5)
    )
    protocol = Protocol(name, "1x3", (plan, PanePlan()), Choice(("CT", "MR"), (), words), overlay=True)
    path = tmp_path_factory.mktemp("hanging") / "x.toml"
    path.write_text(text_of(protocol), encoding="utf-8")
    assert read(path) == protocol
