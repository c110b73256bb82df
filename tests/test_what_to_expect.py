"""The page of what to expect names pictures and tests that are there, and no picture lies there that nothing names."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
PAGE = (ROOT / "docs" / "what-to-expect.md").read_text(encoding="utf-8")
PAGES = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
# A row: its tick, what is expected, the picture, and the test with its file.
ROW = re.compile(
    r"\| (?P<tick>✓|) ?\| (?P<words>[^|]+) \| \[(?P<name>[a-z-]+)\]\(images/(?P<picture>[a-z-]+)\.webp\) \| "
    r"(?:\[(?P<test>[^]]+)\]\(\.\./(?P<file>tests/[a-z_/]+\.py)\))? ?\|"
)
LINES = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| ✓ | what |")]
ROWS = [match for line in LINES if (match := ROW.fullmatch(line))]


def test_that_every_row_is_one() -> None:
    assert len(ROWS) == len(LINES) > 80


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["words"][:60])
def test_that_a_row_is_ticked_with_a_test_that_is_there_or_says_what_is_missing(row: re.Match[str]) -> None:
    assert row["name"] == row["picture"]
    assert bool(row["tick"]) is ("**Missing:**" not in row["words"])
    if not row["tick"]:
        return
    source = (ROOT / row["file"]).read_text(encoding="utf-8")
    assert f"def test_{row['test'].replace(' ', '_')}(" in source


def test_that_every_picture_that_is_named_is_there_and_no_other_one() -> None:
    written = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"images/([\w-]+\.\w+)", written))
    assert named == {path.name for path in IMAGES.iterdir()}


def test_that_the_script_takes_the_pictures_of_the_page() -> None:
    script = (ROOT / "docs" / "make_pictures.py").read_text(encoding="utf-8")
    taken = re.findall(r'album\.(?:take|keep)\(\s*"([a-z-]+)"', script)
    assert sorted(taken) == sorted({row["picture"] for row in ROWS})


def test_that_the_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in IMAGES.iterdir()) < 2_500_000
