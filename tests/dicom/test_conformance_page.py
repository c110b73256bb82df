"""The conformance statement names tests that exist, and the classes of the objects that are written and read."""

import re
from pathlib import Path

import pytest

from medgan_viewer.dicom import read_results

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the tables under a heading, without their heads."""
    lines = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0].splitlines()
    table = [line for line, below in zip(lines, [*lines[1:], ""], strict=True) if not below.startswith("|---")]
    table = [line for line in table if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def named(text: str) -> set[str]:
    return set(re.findall(r"`(?:tests/\w+/)?(test_\w+)(?:\.py)?`", text))


def test_every_test_that_is_named_exists() -> None:
    files = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    functions = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named(PAGE) - files - functions == set()
    assert len(named(PAGE)) > 30


@pytest.mark.parametrize("row", rows("Images that are read"), ids=lambda row: row[0][:30])
def test_every_line_on_images_names_its_test(row: list[str]) -> None:
    assert len(row) == 3
    assert named(row[2]) or "tests/fuzz" in row[2]


@pytest.mark.parametrize("row", rows("Objects"), ids=lambda row: row[0][:30])
def test_every_line_on_what_is_written_names_its_test(row: list[str]) -> None:
    assert len(row) in (3, 5)
    assert named(row[-1])


def test_every_row_of_the_table_of_what_is_written_is_there() -> None:
    written = {row[0].split()[0].strip(",;") for row in rows("Objects")}
    objects = {"synthetic", "segmentation", "heat", "findings", "measurements", "key", "picture"}
    assert written == objects | {"PNG", "GIF", "MP4", "PDF", "NIfTI-1", "NRRD", "CSV"}


@pytest.mark.parametrize("row", rows("Results that are read"), ids=lambda row: row[0][:30])
def test_every_line_on_results_names_its_test(row: list[str]) -> None:
    assert len(row) == 4
    assert named(row[3])


@pytest.mark.parametrize("row", rows("The tests behind these lines"), ids=lambda row: row[0][:30])
def test_every_other_line_names_its_test(row: list[str]) -> None:
    assert len(row) == 2
    assert named(row[1]) or "test_that_a_tilted" in row[1]


def test_the_classes_of_results_that_are_read_are_those_in_the_code() -> None:
    read = PAGE.partition("## Results that are read")[2].partition("\n## ")[0].lower()
    for kind in set(read_results.CLASSES.values()):
        word = {"report": "sr, tid 1500"}.get(kind, kind)
        assert word in read
