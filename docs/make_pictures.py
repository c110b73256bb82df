"""Start the program on the virtual patient, drive it as a hand would, and write the pictures of docs/images.

    make docs            # or, in the program's environment: python docs/make_pictures.py [NAME…]

Nothing but the virtual patient is opened and no face is drawn. Each picture is taken only when what it shows has
happened: where a key or a gesture does not do what it should, the program ends with one sentence and writes nothing.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from desk import Album, Desk, context_menu, dialog_of, in_rows, link_of, menu_part, part_of, picture_of, popped
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from medgan_viewer.core.layers import HeatLayer, ImageLayer, LabelLayer
from medgan_viewer.errors import MedganError
from medgan_viewer.ui.views.pane import Pane

FOLDER = Path(__file__).resolve().parent / "images"
SIZE = (1360, 820)


# -- the scenes, in their order: each begins with what the one before left ------------------------------------------


def _looking(desk: Desk, album: Album) -> None:
    """Windows, corners, crosshair, layouts, MPR, slab, cine, keys, menus."""
    window, grid = desk.window, desk.window.grid
    album.take("layouts", popped(desk, window.layout_picker))
    # Hung on opening: brain beside bone.
    desk.expect(grid.layout_name == "1x2", "hanging the head CT")
    album.take("presets", grid)
    window.hanging.set_on_opening(False)
    grid.set_layout_name("1x1")
    pane = desk.show("CT")
    desk.press("2")
    width = window.document.window(desk.series("CT").uid).width
    desk.drag(pane, (0.6, 0.5), (0.75, 0.45))
    desk.expect(window.document.window(desk.series("CT").uid).width > width, "a wider window")
    desk.point(pane, (0.45, 0.4))
    album.take("corners", grid)
    menu = context_menu(desk, pane)
    album.take("context-menu", menu)
    menu.close()
    grid.set_layout_name("2x2")
    for number, kind in enumerate(("CT", "T1", "T2", "FLAIR")):
        desk.show(kind, number)
    desk.point(grid.visible_panes[0], (0.4, 0.45), Qt.KeyboardModifier.ShiftModifier)
    album.take("crosshair", grid)
    desk.press("F8")
    desk.expect(grid.visible_panes[0].patient_hidden, "hiding the patient")
    album.take("hidden", window, crop=QRect(0, 0, SIZE[0] // 2, SIZE[1] // 2))
    desk.press("F8")
    _planes(desk, album)


def _planes(desk: Desk, album: Album) -> None:
    """Take the three planes, slabs, playing and the sheet of keys."""
    window, grid = desk.window, desk.window.grid
    desk.show("FLAIR", 0)
    desk.do("layout.mpr")
    desk.wait(lambda: len(grid.visible_panes) >= 3, "the three planes")
    # The sagittal plane would show a profile; the coronal one is cut behind the face.
    album.take("mpr", grid, crop=QRect(0, 0, grid.width(), grid.height() // 2))
    desk.do("layout.mpr")
    grid.set_layout_name("1x1")
    desk.show("CT", 0)
    desk.press("2")
    desk.press("U")
    desk.expect(grid.slab is not None, "a slab")
    album.take("slab", grid)
    desk.press("U")
    desk.press("C")
    desk.press("C")
    album.take("cine", window, crop=part_of(window, window.cine_bar))
    window.cine_bar.hide()
    desk.press("?")
    sheet = dialog_of(desk)
    sheet.resize(1000, 900)
    album.take("keys", sheet)
    sheet.close()
    desk.do("file.settings")
    settings = dialog_of(desk)
    settings.resize(720, 900)
    album.take("settings", settings)
    settings.close()


def _measuring(desk: Desk, album: Album) -> None:
    """Measure on the CT, mark a key image and show what undo would take back."""
    window, grid = desk.window, desk.window.grid
    pane = desk.show("CT")
    desk.press("D")
    desk.drag(pane, (0.4, 0.3), (0.6, 0.3))
    desk.press("E")
    desk.drag(pane, (0.42, 0.5), (0.48, 0.6))
    desk.press("A")
    desk.drag(pane, (0.55, 0.45), (0.56, 0.65))
    QTest.mouseClick(
        pane, Qt.MouseButton.LeftButton, pos=QPoint(round(0.63 * pane.width()), round(0.6 * pane.height()))
    )
    desk.press("W")
    desk.expect(len(window.document.annotations.all) == 3, "measuring")
    album.take("measuring", grid, window.measurements)
    album.take("undo", menu_part(desk, "edit.undo"))
    album.take("reopen", menu_part(desk, "file.reopen"))
    desk.press("K")
    desk.expect(window.document.key_images, "marking a key image")
    album.take("key-image", window, crop=QRect(0, SIZE[1] // 2, SIZE[0], SIZE[1] - SIZE[1] // 2))
    desk.press("K")
    while window.document.annotations.all:
        desk.press("Ctrl+Z")


def _models(desk: Desk, album: Album) -> None:
    """Run models and take what they show while they run, beside the original and over it."""
    window, grid = desk.window, desk.window.grid
    desk.show("T1")
    link_of(window.models, "Why not").click()
    album.take("models", window.models)
    link_of(window.models, "Hide").click()
    grid.set_layout_name("1x2")
    desk.show("T1")
    window.run_model("head-mr-to-ct", desk.series("T1").uid)
    desk.wait(lambda: window.runs.states[0].done >= 3, "the first slices")
    album.take("running", window)
    desk.wait(lambda: not window.runs.states[0].active, "a run to end")
    image = next(layer for layer in window.document.layers if isinstance(layer, ImageLayer))
    grid.show_layer(image.uid, grid.visible_panes[1])
    album.take("side-by-side", window)
    _comparing(desk, album, image)


def _comparing(desk: Desk, album: Album, image: ImageLayer) -> None:
    """Take each way of comparing, of the CT of the scanner with the one that a model made."""
    window, grid = desk.window, desk.window.grid
    grid.set_layout_name("1x1")
    pane = desk.show("T1")
    taken = []
    for keys, way in (("X", "swipe"), ("Shift+X", "checkered")):
        desk.press(keys)
        desk.expect(grid.comparison == way, way)
        taken.append(picture_of(pane))
    desk.press("Shift+X")
    window.document.change_layer(image.changed(visible=True, opacity=0.5))
    grid.set_overlay_visible(True)
    desk.settle()
    taken.append(picture_of(pane))
    grid.set_revealed(True)
    desk.settle()
    revealed = picture_of(pane)
    grid.set_revealed(False)
    desk.settle()
    album.keep("revealed", in_rows([taken[-1], revealed]))
    grid.set_overlay_visible(False)
    taken.append(picture_of(_difference(desk)))
    album.keep("comparing", in_rows(taken[:2], taken[2:]))
    grid.set_comparison(None)
    grid.set_pair(None)


def _difference(desk: Desk) -> Pane:
    """Subtract the scanner's CT from the one that a model made of the MR."""
    grid = desk.window.grid
    image = next(layer for layer in desk.window.document.layers if isinstance(layer, ImageLayer))
    pane = desk.show("CT")
    grid.set_pair((desk.series("CT").uid, image.uid))
    grid.set_comparison("difference")
    desk.wait(lambda: grid.comparison == "difference", "a difference")
    desk.settle()
    return pane


def _results(desk: Desk, album: Album) -> None:
    """Segment, look for what is unusual, judge it and write the report."""
    window, grid = desk.window, desk.window.grid
    grid.set_layout_name("1x2")
    desk.show("FLAIR", 0)
    (labels,) = (layer for layer in desk.run("head-anatomy", "FLAIR") if isinstance(layer, LabelLayer))
    desk.show("FLAIR", 0)
    grid.set_layout_name("1x1")
    pane = desk.show("FLAIR")
    desk.expect(not grid.overlay_visible, "leaving the image as it is until the reader asks")
    desk.press("O")
    desk.expect(grid.overlay_visible, "drawing the segmentation")
    labels = next(layer for layer in window.document.layers if isinstance(layer, LabelLayer))
    filled = picture_of(pane)
    window.document.change_layer(labels.changed(outline=True))
    desk.settle()
    row = window.layers.row(labels.uid)
    desk.expect(row, "a row for the segmentation")
    album.keep("segmentation", in_rows([filled, picture_of(pane), picture_of(row or window.layers)]))
    window.document.change_layer(labels.changed(outline=True, visible=False))
    heat = next(layer for layer in desk.run("head-anomaly", "FLAIR") if isinstance(layer, HeatLayer))
    desk.expect(window.document.findings(heat.uid), "findings")
    desk.press("N")
    desk.expect(not window.document.layer(heat.uid).visible, "going to a finding without its heat map")
    before = picture_of(window, part_of(window, grid))
    desk.press("O")
    desk.expect(window.document.layer(heat.uid).visible, "drawing the heat map")
    window.banner.hide()
    album.keep("results-off", in_rows([before, picture_of(window, part_of(window, grid))]))
    desk.press("Return")
    desk.expect(window.document.judgement(heat.uid, window.document.findings(heat.uid)[0]), "accepting a finding")
    album.take("findings", window)
    album.take("layers", window.layers, crop=QRect(0, 0, window.layers.width(), 1000))
    desk.do("file.export")
    dialog = dialog_of(desk)
    from medgan_viewer.ui.dialogs.export import ExportDialog
    from medgan_viewer.ui.dialogs.report_preview import ReportPreview

    assert isinstance(dialog, ExportDialog)
    dialog.choices.paper.preview.click()
    desk.wait(lambda: any(w.isVisible() for w in QApplication.topLevelWidgets() if isinstance(w, ReportPreview)), "it")
    preview = next(w for w in QApplication.topLevelWidgets() if isinstance(w, ReportPreview) and w.isVisible())
    album.take("report", dialog, preview)
    preview.close()
    dialog.close()


def _others(desk: Desk, album: Album, folder: Path) -> None:
    """Show a second examination, a second patient and a picture in colours beside the first."""
    from medgan_viewer.lab import virtual_patient

    window, grid = desk.window, desk.window.grid
    grid.set_overlay_visible(False)
    album.take("linking", menu_part(desk, "compare.share_slices"))
    first = desk.series("CT").instances[0].path.parent
    desk.open(_second_examination(first, folder / "second"))
    grid.set_layout_name("1x2")
    desk.show("CT", 0, 0)
    second = desk.show("CT", 1, 1)
    desk.press("Shift+L")
    desk.expect(second.link_note, "linking by hand")
    album.take("by-hand", grid)
    desk.press("Shift+L")
    desk.press("Ctrl+L")
    desk.wait(lambda: not window.registering.active and bool(second.link_note), "the registration")
    album.take("registered", grid)
    desk.open(virtual_patient.ensure_study(folder, 43))
    desk.show("CT", 0, 0)
    other = desk.show("CT", 1, 2)
    desk.expect(other.warned, "a warning of two patients")
    album.take("patients", grid)
    desk.open(_colours(folder / "colours"))
    grid.set_layout_name("1x1")
    desk.show("OT", 0, 3)
    album.take("colour", window)


def _second_examination(source: Path, folder: Path) -> Path:
    """Write the CT of a folder once more as another examination of the same patient, a year earlier."""
    import pydicom
    from pydicom.uid import generate_uid

    folder.mkdir()
    for path in sorted(source.glob("*.dcm")):
        data = pydicom.dcmread(path)
        if data.Modality != "CT":
            continue
        for name in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "SOPInstanceUID"):
            setattr(data, name, generate_uid(entropy_srcs=[str(data[name].value), "second"]))
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
        data.StudyDate = data.SeriesDate = "20250105"
        x, y, z = (float(value) for value in data.ImagePositionPatient)
        data.ImagePositionPatient = [x + 12, y - 8, z + 30]
        data.save_as(folder / path.name)
    return folder


def _colours(folder: Path) -> Path:
    """Write a secondary capture in colours: fields of eight colours, which show nobody."""
    import numpy as np
    import pydicom
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    folder.mkdir()
    fields = np.arange(8).repeat(60)
    pixels = np.zeros((240, 480, 3), np.uint8)
    pixels[:] = 60 + 180 * np.stack([fields & 1, fields >> 1 & 1, fields >> 2], axis=-1)
    data = pydicom.Dataset()
    data.file_meta = pydicom.dataset.FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        setattr(data, name, generate_uid(entropy_srcs=[name, "colours"]))
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.PatientName, data.PatientID, data.Modality = "Test^Chart", "CHART", "OT"
    data.SeriesDescription, data.ConversionType, data.InstanceNumber = "Eight colours", "SYN", 1
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = 240, 480, 3, "RGB"
    data.PlanarConfiguration, data.BitsAllocated, data.BitsStored, data.HighBit = 0, 8, 8, 7
    data.PixelRepresentation, data.PixelData = 0, pixels.tobytes()
    data.save_as(folder / "chart.dcm", enforce_file_format=True)
    return folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pictures and write them, all or, where names are given, those alone; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="pictures to write; all by default")
    names = parser.parse_args(arguments).names
    # No display is needed, nobody's own settings show, and Qt keeps to itself what it cannot do without a display.
    os.environ |= {"QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "default.warning=false"}
    with tempfile.TemporaryDirectory() as own:
        for name, part in (("MEDGAN_CONFIG", "settings"), ("MEDGAN_LOGS", "logs"), ("XDG_DATA_HOME", "data")):
            os.environ[name] = str(Path(own) / part)
        try:
            pictures = _pictures(Path(own))
        except MedganError as error:
            sys.stderr.write(f"{error.sentence}\n")
            return 1
    FOLDER.mkdir(exist_ok=True)
    for name, content in pictures.items():
        if not names or name in names:
            (FOLDER / f"{name}.webp").write_bytes(content)
            sys.stdout.write(f"{name}: {len(content) // 1024} kB\n")
    return 0


def _pictures(own: Path) -> dict[str, bytes]:
    from medgan_viewer.app import make_window
    from medgan_viewer.lab import virtual_patient
    from medgan_viewer.settings import cache_folder
    from medgan_viewer.ui.style import apply_theme
    from medgan_viewer.ui.theme import DARK

    application = QApplication(sys.argv[:1])
    apply_theme(application, DARK)
    window = make_window()
    window.hanging.set_on_opening(True)
    window.resize(*SIZE)
    window.show()
    desk = Desk(window)
    album = Album(desk)
    try:
        desk.open(virtual_patient.ensure_study(cache_folder()))
        desk.wait(lambda: window.models.package("head-anomaly") is not None, "the models to be found")
        _looking(desk, album)
        _measuring(desk, album)
        _models(desk, album)
        _results(desk, album)
        _others(desk, album, own)
    finally:
        window.close()
        desk.settle()
    return album.pictures


if __name__ == "__main__":
    sys.exit(main())
