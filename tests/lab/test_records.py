"""What is kept as JSON comes back as it was, on lines that a person reads and a diff shows."""

import json
from pathlib import Path

import pytest

from medgan_viewer.lab import records


def test_that_what_fits_on_a_line_is_on_one_and_everything_comes_back(tmp_path: Path) -> None:
    content = {
        "short": [1, 2.5, None],
        "rows": [{"setting": "easy", "patients": {f"patient {n}": n / 7 for n in range(12)}}, {}],
        "words": 'größer "als" [eins]',
    }
    records.write(tmp_path / "kept.json", content)
    text = (tmp_path / "kept.json").read_text(encoding="utf-8")
    assert json.loads(text) == content
    assert text.splitlines()[1] == ' "short": [1, 2.5, null],'
    assert ' "words": "größer \\"als\\" [eins]"' in text.splitlines()
    assert max(len(line) for line in text.splitlines()) <= 120


def test_that_a_number_that_is_none_is_refused_and_the_file_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    records.write(path, {"kept": 1})
    with pytest.raises(ValueError, match="JSON"):
        records.write(path, {"kept": float("nan")})
    assert json.loads(path.read_text(encoding="utf-8")) == {"kept": 1}
