"""A study that was closed comes back as it was left when it is opened again, while the program runs and after it."""

import errno
import shutil
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pydicom
import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.display import Window
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import Judgement, Layer
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.core.registration import Rigid
from medgan_viewer.ui import session_file
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.session import Session
from medgan_viewer.ui.session_desk import Desk
from medgan_viewer.ui.session_file import Kept, KeptSession
from medgan_viewer.ui.views.camera import Camera
from medgan_viewer.ui.views.links import Place
from tests.dicom.export_builder import write_source
from tests.ui.test_session import Start, _add_results, _open, _save, starting

pytestmark = pytest.mark.window

_CAMERA = Camera(20.0, 18.0, 4.0, -3.0, 2.5)
_WHEN = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Start]:
    yield from starting(qtbot)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what was asked; the answer was yes."""
    said: list[str] = []

    def yes(_parent: object, _title: str, words: str, *_buttons: object) -> QMessageBox.StandardButton:
        said.append(words)
        return QMessageBox.StandardButton.Yes

    monkeypatch.setattr(QMessageBox, "question", yes)
    return said


def _begin(start: Start, folder: Path) -> tuple[MainWindow, Session]:
    """Start a window that knows that its session keeps results."""
    window, session = start(folder)
    window.results_kept = session.keeps_results
    return window, session


def _study(window: MainWindow, uid: str) -> Study:
    return window.document.catalog.study_of(uid)[0]


def _close(window: MainWindow, uid: str) -> None:
    window.studies.close_asked.emit(_study(window, uid))


def _visible(window: MainWindow) -> dict[str, bool]:
    return {layer.uid: layer.visible for layer in window.document.layers}


def _written(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session._closed._leaving, timeout=20_000)


def _looked(qtbot: QtBot, window: MainWindow, session: Session, folder: Path) -> str:
    """Open a folder again, and wait until what was kept of it was looked for."""
    _open(qtbot, window, folder)
    qtbot.waitUntil(lambda: not session._closed._awaited and not window.loader.busy, timeout=20_000)
    uid = window.document.selected_series
    assert uid is not None
    return uid


def _judged(qtbot: QtBot, window: MainWindow, uid: str) -> Judgement:
    _add_results(qtbot, window, uid)
    (finding,) = window.document.findings("heat")
    said = Judgement(finding, "rejected", _WHEN, 0.6, "plexus")
    window.document.set_judgement("heat", finding, said)
    return said


def _again_from_its_folder(window: MainWindow, folder: Path, _key: str) -> None:
    window.open_paths([folder])


def _again_from_the_recent_studies(window: MainWindow, folder: Path, key: str) -> None:
    window.recents.open_asked.emit(folder, key)


def _again_from_an_archive(window: MainWindow, folder: Path, _key: str) -> None:
    window.open_paths([Path(shutil.make_archive(str(folder), "zip", folder))])


@pytest.mark.parametrize(
    "again",
    [_again_from_its_folder, _again_from_the_recent_studies, _again_from_an_archive],
    ids=lambda one: one.__name__,
)
def test_a_closed_study_comes_back_with_verdicts_windows_zoom_results_and_layout(
    qtbot: QtBot, start: Start, tmp_path: Path, asked: list[str], again: Callable[[MainWindow, Path, str], None]
) -> None:
    window, _ = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    said = _judged(qtbot, window, uid)
    grid, document = window.grid, window.document
    labels: Layer = document.layer("labels").changed(visible=True)
    document.change_layer(labels)
    grid.set_layout_name("1x2")
    grid.show_series(uid, grid.panes[0])
    grid.show_layer("image", grid.panes[1])
    grid.set_linked(False)
    grid.panes[0].set_index(1)
    grid.panes[0].ask_camera(_CAMERA)
    grid.set_overlay_visible(True)
    document.set_window(uid, Window(321, 45))
    document.set_window("image", Window(0.5, 0.25))
    marked = (KeyImage(uid, 3, "image"),)
    document.set_key_images(marked)
    key = study_key(_study(window, uid))
    visible = _visible(window)
    _close(window, uid)
    assert asked == [], "nothing is lost"
    assert document.layers == ()
    assert not grid.overlay_shown
    again(window, tmp_path / "study", key)
    qtbot.waitUntil(lambda: len(document.layers) == 3 and not window.loader.busy, timeout=20_000)
    qtbot.waitUntil(lambda: bool(document.findings("heat")), timeout=20_000)
    assert document.judgements("heat") == (said,)
    assert document.verdict("heat", said.finding) == "rejected"
    assert _visible(window) == visible
    assert document.key_images == marked
    assert grid.layout_name == "1x2"
    assert [pane.shown and (pane.shown.series_uid, pane.shown.layer_uid) for pane in grid.visible_panes] == [
        (uid, None),
        (uid, "image"),
    ]
    assert grid.panes[0].slice_index() == 1
    assert grid.panes[0].camera == _CAMERA
    assert grid.overlay_visible
    assert document.window(uid) == Window(321, 45)
    assert document.window("image") == Window(0.5, 0.25)
    # What stands in the pane is marked as ever.
    assert grid.panes[1].capture() is not None
    assert grid.panes[1].mark_places


def test_its_own_files_go_once_the_session_holds_it_again(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    _judged(qtbot, window, uid)
    _save(qtbot, session)
    place = tmp_path / "session" / "closed" / study_key(_study(window, uid))
    voxels = {path.name: path.stat().st_ino for path in (tmp_path / "session").glob("*.npz")}
    _close(window, uid)
    _written(qtbot, session)
    assert {path.name: path.stat().st_ino for path in place.glob("*.npz")} == voxels, "no voxels are written twice"
    _looked(qtbot, window, session, tmp_path / "study")
    assert place.exists()
    _save(qtbot, session)
    qtbot.waitUntil(lambda: not place.exists(), timeout=20_000)
    kept = session_file.read(tmp_path / "session")
    assert kept is not None
    assert len(kept.layers) == 3


def test_no_file_of_a_closed_study_is_named_by_the_patient_or_holds_the_name(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    window, session = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    _judged(qtbot, window, uid)
    key = study_key(_study(window, uid))
    _close(window, uid)
    _written(qtbot, session)
    (place,) = (tmp_path / "session" / "closed").iterdir()
    assert place.name == key
    names = {path.name for path in place.iterdir()}
    assert all(set(Path(name).stem) <= set("0123456789abcdef") for name in names - {"session.json"})
    text = (place / "session.json").read_text(encoding="utf-8")
    for secret in ("Müller", "Zoë", "P-17", "19500101", str(tmp_path)):
        assert secret not in text


def test_nothing_of_a_closed_study_stays_in_memory(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    _judged(qtbot, window, uid)
    voxels = [weakref.ref(layer.volume.array) for layer in window.document.layers]
    _close(window, uid)
    qtbot.waitUntil(lambda: not any(one() is not None for one in voxels), timeout=20_000)
    assert not session._closed._leaving
    assert not session._voxels


def test_a_series_that_is_not_shown_has_its_window_when_it_comes_up(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = _begin(start, tmp_path / "session")
    first, second = _two_series(qtbot, window, tmp_path / "study")
    document = window.document
    window.open_series(second)
    document.set_window(second, Window(2000, 300))
    window.open_series(first)
    document.set_window(first, Window(81, 41))
    # It may be closed again before the other one is looked at.
    for _ in range(2):
        _close(window, first)
        assert _looked(qtbot, window, session, tmp_path / "study") == first
        assert document.window(first) == Window(81, 41)
        assert document.opened(second) is None
    window.open_series(second)
    assert document.window(second) == Window(2000, 300)
    _close(window, first)
    assert _looked(qtbot, window, session, tmp_path / "study") == second, "the one that was looked at"


def _two_series(qtbot: QtBot, window: MainWindow, folder: Path) -> tuple[str, str]:
    write_source(folder / "a", changes={"SeriesNumber": 1})
    write_source(folder / "b", changes={"SeriesNumber": 2})
    for path in folder.rglob("*.dcm"):
        dataset = pydicom.dcmread(path)
        dataset.StudyInstanceUID = "1.2.826.0.1.3680043.8.498.1"
        dataset.save_as(path)
    _open(qtbot, window, folder)
    (study,) = window.document.catalog.studies
    first, second = (series.uid for series in study.series)
    return first, second


def _two_studies(qtbot: QtBot, window: MainWindow, folder: Path) -> tuple[str, str]:
    """Show two patients' studies side by side."""
    for name, patient in (("a", "P-1"), ("b", "Q-2")):
        write_source(folder / name, changes={"PatientID": patient})
    window.open_paths([folder])
    qtbot.waitUntil(lambda: len(window.document.catalog.studies) == 2 and not window.loader.busy, timeout=20_000)
    window.grid.set_layout_name("1x2")
    first, second = (study.series[0].uid for study in window.document.catalog.studies)
    window.open_series_in(first, window.grid.panes[0])
    window.open_series_in(second, window.grid.panes[1])
    qtbot.waitUntil(lambda: not window.loader.busy, timeout=20_000)
    return first, second


def test_beside_another_study_only_its_own_pane_comes_back(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, _ = _begin(start, tmp_path / "session")
    first, second = _two_studies(qtbot, window, tmp_path / "both")
    said = _judged(qtbot, window, first)
    grid, document = window.grid, window.document
    grid.set_linked(False)
    grid.panes[0].ask_camera(_CAMERA)
    grid.panes[0].set_index(4)
    document.set_window(second, Window(999, 99))
    _close(window, first)
    grid.panes[1].set_index(2)
    window.open_paths([tmp_path / "both"])
    qtbot.waitUntil(lambda: document.judgements("heat") == (said,) and not window.loader.busy, timeout=20_000)
    assert grid.layout_name == "1x2"
    assert [pane.shown and pane.shown.series_uid for pane in grid.visible_panes] == [first, second]
    assert (grid.panes[0].camera, grid.panes[0].slice_index()) == (_CAMERA, 4)
    assert grid.panes[1].slice_index() == 2
    assert document.window(second) == Window(999, 99)


def test_a_layout_is_not_set_up_over_another_study(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = _begin(start, tmp_path / "session")
    first, second = _two_studies(qtbot, window, tmp_path / "both")
    grid, document = window.grid, window.document
    grid.set_layout_name("mpr")
    grid.show_series(first, grid.panes[0])
    grid.set_layout_name("1x1")
    window.open_series(first)
    for pane in grid.panes[1:]:
        pane.show_content(None)
    grid.set_layout_name("mpr")
    document.set_window(first, Window(321, 45))
    _close(window, first)
    grid.set_layout_name("1x1")
    window.open_series(second)
    window.open_paths([tmp_path / "both" / "a", tmp_path / "both" / "b"])
    qtbot.waitUntil(lambda: len(document.catalog.studies) == 2 and not window.loader.busy, timeout=20_000)
    qtbot.waitUntil(lambda: bool(session._closed.back), timeout=20_000)
    assert grid.layout_name == "1x1"
    assert grid.panes[0].shown is not None
    assert grid.panes[0].shown.series_uid == second
    window.open_series(first)
    assert document.window(first) == Window(321, 45)


def test_links_that_were_made_since_stay(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    _close(window, uid)
    window.grid.set_places({"another space": Place(1, Rigid())})
    _looked(qtbot, window, session, tmp_path / "study")
    assert set(window.grid.places) == {"another space"}


def test_a_series_that_is_not_there_any_more_is_not_selected(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = _begin(start, tmp_path / "session")
    first = _open(qtbot, window, write_source(tmp_path / "study"))
    one_study = {"StudyInstanceUID": _study(window, first).uid}
    added = write_source(tmp_path / "study" / "later", changes=one_study)
    _open(qtbot, window, tmp_path / "study")
    (second,) = _study(window, first).series_uids - {first}
    window.document.select_series(second)
    _close(window, first)
    shutil.rmtree(added)
    assert _looked(qtbot, window, session, tmp_path / "study") == first
    assert _study(window, first).series_uids == {first}


def test_results_never_come_back_on_other_images(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    _judged(qtbot, window, uid)
    said: list[str] = []
    session.notice.connect(said.append)
    _close(window, uid)
    (tmp_path / "study" / "004.dcm").unlink()
    _looked(qtbot, window, session, tmp_path / "study")
    assert window.document.layers == ()
    assert said == ["3 results were not brought back: the images are not those any more, or the file is damaged."]


@pytest.mark.parametrize("content", ["{", '{"schema": 2, "session": {}, "layers": []}'], ids=["damaged", "newer"])
def test_what_cannot_be_read_is_put_aside_in_one_sentence_and_the_study_comes_up_as_new(
    qtbot: QtBot, start: Start, tmp_path: Path, content: str
) -> None:
    window, session = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    window.grid.set_layout_name("2x2")
    _close(window, uid)
    _written(qtbot, session)
    (place,) = (tmp_path / "session" / "closed").iterdir()
    (place / "session.json").write_text(content)
    window.grid.set_layout_name("1x1")
    said: list[str] = []
    session.notice.connect(said.append)
    _looked(qtbot, window, session, tmp_path / "study")
    assert len(said) == 1
    assert "put aside" in said[0]
    assert "Müller" not in said[0]
    assert (place / "session.unreadable").read_text() == content
    assert window.grid.layout_name == "1x1"
    assert window.document.selected_series == uid


def test_a_full_disk_is_one_sentence_and_the_next_closing_asks(
    qtbot: QtBot, start: Start, tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    window, session = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    _add_results(qtbot, window, uid)
    said: list[str] = []
    session.notice.connect(said.append)

    def full(_layer: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(session_file, "write_voxels", full)
    _close(window, uid)
    _written(qtbot, session)
    assert len(said) == 1
    assert said[0].startswith("How a study was left cannot be kept: ")
    assert "the disk is full" in said[0]
    assert list((tmp_path / "session").rglob("*.npz")) == []
    again = _looked(qtbot, window, session, tmp_path / "study")
    _add_results(qtbot, window, again)
    _close(window, again)
    assert len(asked) == 1
    assert "3 results" in asked[0]


def test_keeping_nothing_removes_what_was_closed_and_keeps_no_more(
    qtbot: QtBot, start: Start, tmp_path: Path, asked: list[str]
) -> None:
    window, session = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    _add_results(qtbot, window, uid)
    _close(window, uid)
    session.set_keeping(False)
    qtbot.waitUntil(lambda: [path.name for path in (tmp_path / "session").iterdir()] == ["lock"], timeout=20_000)
    _looked(qtbot, window, session, tmp_path / "study")
    assert window.document.layers == ()
    _add_results(qtbot, window, uid)
    _close(window, uid)
    assert len(asked) == 1, "it is lost"
    _open(qtbot, window, tmp_path / "study")
    window.close()
    assert list((tmp_path / "session").iterdir()) == []


def test_a_program_that_ends_at_once_still_keeps_what_was_closed(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    said = _judged(qtbot, window, uid)
    # Whatever the background has to do is dropped when the window ends.
    session._background.close()
    _close(window, uid)
    window.close()
    again, other = _begin(start, tmp_path / "session")
    _looked(qtbot, again, other, tmp_path / "study")
    assert again.document.judgements("heat") == (said,)


def test_a_study_that_was_open_at_the_end_comes_back_when_it_is_opened_by_itself(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    window, _ = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    said = _judged(qtbot, window, uid)
    window.grid.set_layout_name("mpr")
    window.close()
    again, session = _begin(start, tmp_path / "session")
    _looked(qtbot, again, session, tmp_path / "study")
    assert again.document.judgements("heat") == (said,)
    assert again.grid.layout_name == "mpr"
    again.close()
    # Reopened with the session, it is the session's.
    third, session = _begin(start, tmp_path / "session")
    with qtbot.waitSignal(session.offered, timeout=20_000):
        session.look()
    with qtbot.waitSignal(session.reopened, timeout=20_000):
        session.reopen()
    assert len(third.document.layers) == 3
    _save(qtbot, session)
    qtbot.waitUntil(lambda: not list((tmp_path / "session" / "closed").iterdir()), timeout=20_000)


def test_a_study_closed_before_it_came_back_is_kept_as_it_was(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    said = _judged(qtbot, window, uid)
    _close(window, uid)
    _written(qtbot, session)
    closed_at_once: list[bool] = []

    def close(scanning: bool) -> None:
        if not scanning:
            closed_at_once.append(bool(session._closed._awaited))
            _close(window, uid)

    window.loader.scanning_changed.connect(close)
    window.open_paths([tmp_path / "study"])
    qtbot.waitUntil(lambda: bool(closed_at_once), timeout=20_000)
    window.loader.scanning_changed.disconnect(close)
    assert closed_at_once == [True]
    _looked(qtbot, window, session, tmp_path / "study")
    assert window.document.judgements("heat") == (said,)


def test_a_study_closed_as_soon_as_it_was_there_is_kept_too(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    window, session = _begin(start, tmp_path / "session")
    closed_at_once: list[bool] = []

    def close(scanning: bool) -> None:
        if not scanning:
            closed_at_once.append(bool(session._closed._awaited))
            window.grid.set_layout_name("2x2")
            window.studies.close_asked.emit(window.document.catalog.studies[0])

    window.loader.scanning_changed.connect(close)
    window.open_paths([write_source(tmp_path / "study")])
    qtbot.waitUntil(lambda: bool(closed_at_once), timeout=20_000)
    window.loader.scanning_changed.disconnect(close)
    assert closed_at_once == [True]
    window.grid.set_layout_name("1x1")
    _looked(qtbot, window, session, tmp_path / "study")
    assert window.grid.layout_name == "2x2"


def test_the_oldest_go_where_there_are_too_many(tmp_path: Path) -> None:
    desk = Desk("1x1", 0, (None,), ())
    kept = Kept(KeptSession(_WHEN, True, (), (), desk))
    for number in range(session_file.MOST_CLOSED + 3):
        session_file.write_closed(tmp_path, f"{number:02}", kept, [])
    names = sorted(path.name for path in (tmp_path / "closed").iterdir())
    assert len(names) == session_file.MOST_CLOSED
    assert names[-1] == f"{session_file.MOST_CLOSED + 2:02}"


def test_voxels_are_copied_where_a_file_cannot_have_two_names(
    qtbot: QtBot, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_paths: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", refused)
    window, session = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    _add_results(qtbot, window, uid)
    _save(qtbot, session)
    _close(window, uid)
    _looked(qtbot, window, session, tmp_path / "study")
    assert {layer.uid for layer in window.document.layers} == {"image", "heat", "labels"}


def test_what_changes_later_is_kept_where_bringing_a_study_back_failed(
    qtbot: QtBot, start: Start, tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    window, session = _begin(start, tmp_path / "session")
    uid = _open(qtbot, window, write_source(tmp_path / "study"))
    _judged(qtbot, window, uid)
    _close(window, uid)
    _written(qtbot, session)

    def fail(*_: object) -> None:
        raise ArithmeticError("on purpose")

    with monkeypatch.context() as patched, qtbot.capture_exceptions() as raised:
        patched.setattr("medgan_viewer.ui.session.bring_back", fail)
        _looked(qtbot, window, session, tmp_path / "study")
    assert [kind for kind, *_ in raised] == [ArithmeticError]
    # What was wanted before does not count.
    session._timer.stop()
    window.document.set_window(uid, Window(321, 45))
    assert session._timer.isActive(), "the change will be kept"
    assert asked == []
