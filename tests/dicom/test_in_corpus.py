"""Every file that comes with pydicom opens, or is refused with one sentence."""

from pathlib import Path

import pydicom
import pytest

from medgan_viewer.dicom import assemble, index

FOLDERS = [Path(pydicom.__file__).parent / "data" / name for name in ("test_files", "charset_files")]
FILES = sorted(path for folder in FOLDERS for path in folder.rglob("*") if path.is_file() and path.suffix != ".py")

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}/{path.name}" for path in FILES])
def test_the_file_opens_or_is_refused_with_one_sentence(path: Path) -> None:
    catalog = index.scan([path])
    assert catalog.studies or catalog.refused
    for study in catalog.studies:
        for series in study.series:
            pending = assemble.open_stack(series)
            assert pending.read_all()
            assert pending.is_complete
            assert all(_is_sentence(problem.reason) for problem in pending.problems)
            if pending.ready[len(series.instances) // 2]:
                assert assemble.thumbnail(series).shape == (96, 96)
    for refusal in catalog.refused:
        assert _is_sentence(refusal.reason)


def _is_sentence(reason: str) -> bool:
    return reason[:1].isupper() and reason.endswith(".") and "\n" not in reason
