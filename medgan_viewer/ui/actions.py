"""Every action once: its name, its keys and what it says. Menus, tooltips, the key sheet and the settings read this.

A new action is a row of ``TABLE`` and a handler in the window. Its keys are those it has by default: the user may give
it others (``ui/keys.py``), so no tooltip and no sentence elsewhere names a key; tooltips get theirs here.
The words are English and marked for translation; ``tr`` translates them where they show.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

__all__ = ["HOLD_TO_REVEAL", "REMAPPABLE", "TABLE", "ActionSpec", "create", "key_text", "set_keys"]


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action. ``on_image`` keys work while an image has the keyboard, not while a slider has it."""

    id: str
    text: str
    keys: tuple[str, ...]
    group: str
    tooltip: str
    checkable: bool = False
    on_image: bool = False


def _tool(name: str, text: str, key: str, tooltip: str) -> ActionSpec:
    return ActionSpec(f"tool.{name}", text, (key,), "Tools", tooltip, checkable=True)


def _measuring(kind: str, text: str, key: str, tooltip: str) -> ActionSpec:
    return ActionSpec(f"measure.{kind}", text, (key,), "Measure", tooltip, checkable=True)


def _segmenting(tool: str, text: str, key: str, tooltip: str) -> ActionSpec:
    return ActionSpec(f"segment.{tool}", text, (key,), "Segment", tooltip, checkable=True)


def _layout(rows: int, columns: int, tooltip: str) -> ActionSpec:
    return ActionSpec(f"layout.{rows}x{columns}", f"{rows}×{columns}", (), "Layout", tooltip, checkable=True)


TABLE: tuple[ActionSpec, ...] = (
    ActionSpec(
        "file.open_folder", marked("Open a folder…"), ("Ctrl+O",), "File", marked("Open every study in a folder")
    ),
    ActionSpec(
        "file.open_files", marked("Open files…"), ("Ctrl+Shift+O",), "File", marked("Open DICOM or NIfTI files")
    ),
    ActionSpec(
        "file.recent", marked("Recent studies"), ("Ctrl+R",), "File", marked("Studies that were looked at lately")
    ),
    ActionSpec(
        "file.virtual",
        marked("Open the virtual patient"),
        (),
        "File",
        marked("Open a head that belongs to nobody, to try"),
    ),
    ActionSpec("file.export", marked("Export…"), ("Ctrl+E",), "File", marked("Write results as DICOM or pictures")),
    ActionSpec(
        "file.archives", marked("Archives…"), (), "File", marked("Query the hospital's archive, retrieve and send")
    ),
    ActionSpec(
        "file.import_model",
        marked("Import model…"),
        (),
        "File",
        marked("Add an ONNX file or a MONAI bundle as a model"),
    ),
    ActionSpec(
        "file.remember",
        marked("Remember opened folders"),
        (),
        "File",
        marked("Keep what headers say, so that a folder opened before shows at once; off forgets it"),
        checkable=True,
    ),
    ActionSpec("file.lab", marked("Lab…"), (), "File", marked("Train models and watch trainings")),
    ActionSpec(
        "file.reopen",
        marked("Reopen where I was"),
        ("Ctrl+Shift+R",),
        "File",
        marked("Studies, layout and results as they were"),
    ),
    ActionSpec(
        "file.settings",
        marked("Settings…"),
        ("Ctrl+,",),
        "File",
        marked("All that can be chosen, keys and mouse among it"),
    ),
    ActionSpec("file.quit", marked("Quit"), ("Ctrl+Q",), "File", marked("End the program")),
    ActionSpec("edit.undo", marked("Undo"), ("Ctrl+Z",), "Edit", marked("Take the last edit back")),
    ActionSpec("edit.redo", marked("Redo"), ("Ctrl+Y",), "Edit", marked("Do it again")),
    _tool("window", marked("Window"), "W", marked("Left drag changes width (→) and level (↑) of the window")),
    _tool("scroll", marked("Scroll"), "S", marked("Left drag moves through the slices")),
    _tool("pan", marked("Pan"), "T", marked("Left drag moves the image")),
    _tool("zoom", marked("Zoom"), "Z", marked("Left drag zooms")),
    _tool("crosshair", marked("Crosshair"), "H", marked("Left drag moves the crosshair in every linked view")),
    ActionSpec(
        "measure.again", marked("Measure"), ("M",), "Measure", marked("Take the measuring tool that was used last")
    ),
    _measuring("distance", marked("Distance"), "D", marked("Distance: a length in mm")),
    _measuring("angle", marked("Angle"), "A", marked("Angle: the angle between three points")),
    _measuring("cobb", marked("Cobb angle"), "Shift+A", marked("Cobb angle: the angle between two lines")),
    _measuring("rectangle", marked("Rectangle"), "B", marked("Rectangle: values and area in a box")),
    _measuring("ellipse", marked("Ellipse"), "E", marked("Ellipse: values and area in an ellipse")),
    _measuring("freehand", marked("Freehand"), "F", marked("Freehand: values and area in an outline")),
    _measuring("probe", marked("Probe"), "V", marked("Probe: the value of a pixel")),
    _measuring("arrow", marked("Arrow"), "Shift+D", marked("Arrow: an arrow with words")),
    _measuring("text", marked("Text"), "Shift+T", marked("Text: words on the image")),
    ActionSpec(
        "measure.copy",
        marked("Copy the measurements"),
        ("Ctrl+Shift+C",),
        "Measure",
        marked("All of the study, as text"),
    ),
    ActionSpec(
        "segment.edit",
        marked("Edit segmentations"),
        ("Ctrl+B",),
        "Segment",
        marked("Draw in what a model made, or draw your own"),
        checkable=True,
    ),
    ActionSpec(
        "segment.new", marked("New segmentation"), (), "Segment", marked("Add an empty segmentation to this series")
    ),
    _segmenting("brush", marked("Brush"), "Shift+B", marked("Brush: left drag paints the chosen segment")),
    _segmenting("eraser", marked("Eraser"), "Shift+E", marked("Eraser: left drag takes the chosen segment away")),
    _segmenting(
        "fill", marked("Fill a region"), "Shift+F", marked("Fill a region: a click inside a closed outline fills it")
    ),
    _segmenting(
        "threshold",
        marked("Threshold brush"),
        "Shift+V",
        marked("Threshold brush: paints only where the image's values are in a range"),
    ),
    ActionSpec(
        "segment.ball",
        marked("3D brush"),
        (),
        "Segment",
        marked("Paint with a ball through the slices"),
        checkable=True,
    ),
    ActionSpec(
        "segment.larger", marked("Larger brush"), ("+",), "Segment", marked("A larger brush; Alt and the wheel too")
    ),
    ActionSpec(
        "segment.smaller", marked("Smaller brush"), ("-",), "Segment", marked("A smaller brush; Alt and the wheel too")
    ),
    ActionSpec(
        "segment.interpolate",
        marked("Fill between slices"),
        ("Shift+I",),
        "Segment",
        marked("Fill the slices between drawn ones"),
    ),
    ActionSpec(
        "segment.surfaces",
        marked("Surfaces in 3D"),
        ("Ctrl+Shift+B",),
        "Segment",
        marked("The segments as surfaces that can be turned, in a window of their own"),
    ),
    ActionSpec("image.next_slice", marked("Next slice"), ("Up",), "Image", marked("One slice on"), on_image=True),
    ActionSpec(
        "image.previous_slice", marked("Previous slice"), ("Down",), "Image", marked("One slice back"), on_image=True
    ),
    ActionSpec(
        "image.next_ten", marked("Ten slices on"), ("Shift+Up",), "Image", marked("Ten slices on"), on_image=True
    ),
    ActionSpec(
        "image.previous_ten",
        marked("Ten slices back"),
        ("Shift+Down",),
        "Image",
        marked("Ten slices back"),
        on_image=True,
    ),
    ActionSpec("image.first", marked("First slice"), ("Home",), "Image", marked("The first slice"), on_image=True),
    ActionSpec("image.last", marked("Last slice"), ("End",), "Image", marked("The last slice"), on_image=True),
    ActionSpec(
        "image.previous_series",
        marked("Previous series"),
        ("Left",),
        "Image",
        marked("The series before"),
        on_image=True,
    ),
    ActionSpec(
        "image.next_series", marked("Next series"), ("Right",), "Image", marked("The next series"), on_image=True
    ),
    ActionSpec(
        "image.reset",
        marked("Reset the view"),
        ("Space",),
        "Image",
        marked("Zoom, position and turn as opened"),
        on_image=True,
    ),
    ActionSpec(
        "image.key",
        marked("Key image"),
        ("K",),
        "Image",
        marked("Mark the slice shown as a key image, for the report and the archive; again takes the mark away"),
        checkable=True,
    ),
    ActionSpec("image.invert", marked("Invert"), ("I",), "Image", marked("Black becomes white")),
    ActionSpec("image.rotate", marked("Rotate"), ("R",), "Image", marked("A quarter turn")),
    ActionSpec(
        "window.auto", marked("Automatic window"), ("0",), "Window", marked("0.5th to 99.5th percentile of the slice")
    ),
    ActionSpec(
        "window.cycle",
        marked("Next window of the series"),
        ("1",),
        "Window",
        marked("The windows stored in the series"),
    ),
    ActionSpec("window.2", marked("Brain 80/40"), ("2",), "Window", marked("CT brain")),
    ActionSpec("window.3", marked("Subdural 200/75"), ("3",), "Window", marked("CT subdural")),
    ActionSpec("window.4", marked("Stroke 40/40"), ("4",), "Window", marked("CT stroke")),
    ActionSpec("window.5", marked("Soft tissue 400/40"), ("5",), "Window", marked("CT soft tissue")),
    ActionSpec("window.6", marked("Liver 150/90"), ("6",), "Window", marked("CT liver")),
    ActionSpec("window.7", marked("Mediastinum 400/50"), ("7",), "Window", marked("CT mediastinum")),
    ActionSpec("window.8", marked("Lung 1500/−600"), ("8",), "Window", marked("CT lung")),
    ActionSpec("window.9", marked("Bone 2500/480"), ("9",), "Window", marked("CT bone")),
    _layout(1, 1, marked("1 row, 1 pane across")),
    _layout(1, 2, marked("1 row, 2 panes across")),
    _layout(1, 3, marked("1 row, 3 panes across")),
    _layout(2, 1, marked("2 rows, 1 pane across")),
    _layout(2, 2, marked("2 rows, 2 panes across")),
    _layout(2, 3, marked("2 rows, 3 panes across")),
    _layout(3, 1, marked("3 rows, 1 pane across")),
    _layout(3, 2, marked("3 rows, 2 panes across")),
    _layout(3, 3, marked("3 rows, 3 panes across")),
    ActionSpec(
        "layout.mpr",
        marked("MPR"),
        (),
        "Layout",
        marked("Axial, coronal and sagittal with one crosshair"),
        checkable=True,
    ),
    ActionSpec(
        "layout.maximise", marked("One pane large"), ("F10",), "Layout", marked("The active pane alone, and back")
    ),
    ActionSpec(
        "layout.window",
        marked("Pane in a window of its own"),
        ("F12",),
        "Layout",
        marked("For a second monitor, which is remembered; again brings the pane back"),
        checkable=True,
    ),
    ActionSpec(
        "layout.next_pane", marked("Next pane"), ("Ctrl+Tab",), "Layout", marked("Make the next pane the active one")
    ),
    ActionSpec(
        "layout.turn_left",
        marked("Turn the lines of MPR to the left"),
        ("Alt+Left",),
        "Layout",
        marked("5° anticlockwise"),
    ),
    ActionSpec(
        "layout.turn_right",
        marked("Turn the lines of MPR to the right"),
        ("Alt+Right",),
        "Layout",
        marked("5° clockwise"),
    ),
    ActionSpec(
        "layout.straighten",
        marked("Straighten the lines of MPR"),
        ("Alt+Up",),
        "Layout",
        marked("Along the grid again"),
    ),
    ActionSpec(
        "layout.save",
        marked("Save this layout…"),
        (),
        "Layout",
        marked("Keep layout, series and windows as a protocol"),
    ),
    ActionSpec(
        "layout.hang",
        marked("Hang studies on opening"),
        (),
        "Layout",
        marked("The first hanging protocol that fits a study is applied when it opens"),
        checkable=True,
    ),
    ActionSpec("slab.off", marked("Plane"), (), "Slab", marked("The plane alone, no slab"), checkable=True),
    ActionSpec("slab.maximum", marked("MIP"), (), "Slab", marked("The largest value within the slab"), checkable=True),
    ActionSpec(
        "slab.minimum", marked("MinIP"), (), "Slab", marked("The smallest value within the slab"), checkable=True
    ),
    ActionSpec(
        "slab.mean", marked("Average"), (), "Slab", marked("The mean of the values within the slab"), checkable=True
    ),
    ActionSpec(
        "slab.toggle", marked("Slab on and off"), ("U",), "Slab", marked("The slab used last, or the plane alone")
    ),
    ActionSpec("slab.thicker", marked("Thicker slab"), ("]",), "Slab", marked("The next thickness")),
    ActionSpec("slab.thinner", marked("Thinner slab"), ("[",), "Slab", marked("The thickness before")),
    ActionSpec("slab.thickness", marked("Thickness…"), (), "Slab", marked("How many millimetres the slab is thick")),
    ActionSpec(
        "cine.play", marked("Play"), ("C",), "Cine", marked("Play through the slices, and stop"), checkable=True
    ),
    ActionSpec("cine.faster", marked("Faster"), (".",), "Cine", marked("More pictures a second")),
    ActionSpec("cine.slower", marked("Slower"), (",",), "Cine", marked("Fewer pictures a second")),
    ActionSpec("cine.bounce", marked("There and back"), (), "Cine", marked("Turn round at the ends"), checkable=True),
    ActionSpec(
        "cine.time", marked("Play time points"), (), "Cine", marked("Time points instead of slices"), checkable=True
    ),
    ActionSpec(
        "compare.link", marked("Link"), ("L",), "Compare", marked("Panes of one space move together"), checkable=True
    ),
    ActionSpec(
        "compare.link_by_hand",
        marked("Link by hand"),
        ("Shift+L",),
        "Compare",
        marked("Take the middles of the panes for the same place, and part them again"),
    ),
    ActionSpec(
        "compare.register",
        marked("Link by registration"),
        ("Ctrl+L",),
        "Compare",
        marked("Find from the images how another examination lies to the one in the active pane, and link them"),
    ),
    *(
        ActionSpec(f"compare.share_{what}", words, (), "Compare", does, checkable=True)
        for what, words, does in (
            ("slices", marked("Link slices"), marked("Linked panes scroll together")),
            ("zoom", marked("Link zoom and place"), marked("Linked panes zoom and move together")),
            ("window", marked("Link windows"), marked("Linked panes of one scale share a window")),
            (
                "crosshair",
                marked("Link the crosshair"),
                marked("The crosshair stands at the same place in linked panes"),
            ),
        )
    ),
    ActionSpec(
        "compare.prior", marked("Prior beside current"), ("J",), "Compare", marked("Another study of this patient")
    ),
    ActionSpec(
        "compare.overlay", marked("Overlay"), ("O",), "Compare", marked("Results over the originals"), checkable=True
    ),
    ActionSpec(
        "compare.swipe",
        marked("Swipe"),
        ("X",),
        "Compare",
        marked("Original left, synthetic right of a line"),
        checkable=True,
    ),
    ActionSpec(
        "compare.checkered",
        marked("Checkerboard"),
        ("Shift+X",),
        "Compare",
        marked("Original and synthetic in turn, field by field"),
        checkable=True,
    ),
    ActionSpec(
        "compare.flicker",
        marked("Flicker"),
        ("G",),
        "Compare",
        marked("Original and synthetic by turns"),
        checkable=True,
    ),
    ActionSpec(
        "compare.flicker_rate", marked("Rate of flickering…"), (), "Compare", marked("How often the picture changes")
    ),
    ActionSpec(
        "compare.difference",
        marked("Difference"),
        ("Y",),
        "Compare",
        marked("Synthetic minus original, in colours with a scale; drag to change its range"),
        checkable=True,
    ),
    ActionSpec(
        "compare.difference_range",
        marked("Range of the difference…"),
        (),
        "Compare",
        marked("Up to where its colours go"),
    ),
    ActionSpec(
        "compare.difference_colours",
        marked("Colours of the difference…"),
        (),
        "Compare",
        marked("Colour maps that are even, also to colour-blind eyes"),
    ),
    ActionSpec(
        "compare.with",
        marked("Compare with…"),
        ("Shift+Y",),
        "Compare",
        marked("Another series, model or run in the place of the original"),
    ),
    ActionSpec(
        "compare.keep",
        marked("Keep a copy to compare"),
        (),
        "Compare",
        marked("Of the synthetic image shown, before another run takes its place"),
    ),
    ActionSpec("finding.next", marked("Next finding"), ("N",), "Findings", marked("Go to the next finding")),
    ActionSpec(
        "finding.previous", marked("Previous finding"), ("P",), "Findings", marked("Go to the previous finding")
    ),
    ActionSpec(
        "finding.accept", marked("Accept the finding"), ("Return",), "Findings", marked("Accept"), on_image=True
    ),
    ActionSpec(
        "finding.reject",
        marked("Reject the finding"),
        ("Del",),
        "Findings",
        marked("Delete the chosen annotation, else reject"),
        on_image=True,
    ),
    ActionSpec(
        "view.hide_patient",
        marked("Hide patient data"),
        ("F8",),
        "View",
        marked("For teaching and screenshots"),
        checkable=True,
    ),
    ActionSpec("view.panels", marked("Hide the panels"), ("F9",), "View", marked("Only the images"), checkable=True),
    ActionSpec(
        "view.light",
        marked("Light look"),
        (),
        "View",
        marked("Light panels; around the image it stays black"),
        checkable=True,
    ),
    ActionSpec(
        "view.full_screen", marked("Full screen"), ("F11",), "View", marked("Full screen and back"), checkable=True
    ),
    ActionSpec(
        "help.cancel",
        marked("Cancel what runs"),
        ("Esc",),
        "View",
        marked("Leave what is being drawn, cancel a run, leave full screen"),
    ),
    ActionSpec("help.keys", marked("Keys"), ("?",), "Help", marked("All keys")),
    ActionSpec(
        "help.updates",
        marked("Look for a newer version"),
        (),
        "Help",
        marked("Ask the release feed that the settings name"),
    ),
    ActionSpec("help.about", marked("About"), (), "Help", marked("Version, licence and what it is not")),
)

# Held, not pressed, so it is no QAction.
HOLD_TO_REVEAL = ActionSpec(
    "compare.reveal",
    marked("Hold to reveal the original"),
    ("Q",),
    "Compare",
    marked("While the key is held no result is drawn"),
)
# What the user may give other keys to.
REMAPPABLE: tuple[ActionSpec, ...] = (*TABLE, HOLD_TO_REVEAL)


def key_text(keys: Sequence[str]) -> str:
    """Return keys as they are printed on this system's keyboards, "" where there are none."""
    native = (QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
    return " ".join(text.replace("Return", "Enter") for text in native)


def set_keys(action: QAction, spec: ActionSpec, keys: Sequence[str]) -> None:
    """Give an action its keys, and a tooltip that teaches them."""
    action.setShortcuts([QKeySequence(key) for key in keys])
    action.setToolTip(f"{tr(spec.tooltip)} ({key_text(keys)})" if keys else tr(spec.tooltip))


def create(handlers: Mapping[str, Callable[..., object]], window: QWidget, image_area: QWidget) -> dict[str, QAction]:
    """Return the actions by id, connected to their handlers; every spec needs one.

    A checkable action calls its handler with the new state. Raises KeyError where a handler is missing.
    """
    actions: dict[str, QAction] = {}
    for spec in TABLE:
        action = QAction(tr(spec.text), window)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        set_keys(action, spec, spec.keys)
        handler = handlers[spec.id]
        if spec.checkable:
            action.triggered.connect(handler)
        else:
            action.triggered.connect(lambda _checked=False, call=handler: call())
        if spec.on_image:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            image_area.addAction(action)
        else:
            window.addAction(action)
        actions[spec.id] = action
    return actions
