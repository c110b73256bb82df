"""Every action once: its name, its keys and what it says. Menus, tooltips, the key sheet and the settings read this.

A new action is a row of ``TABLE`` and a handler in the window. Its keys are those it has by default: the user may give
it others (``ui/keys.py``), so no tooltip and no sentence elsewhere names a key; tooltips get theirs here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

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


def _tool(name: str, key: str, does: str) -> ActionSpec:
    return ActionSpec(f"tool.{name}", name.capitalize(), (key,), "Tools", f"Left drag {does}", checkable=True)


def _measuring(kind: str, name: str, key: str, gives: str) -> ActionSpec:
    return ActionSpec(f"measure.{kind}", name, (key,), "Measure", f"{name}: {gives}", checkable=True)


def _segmenting(tool: str, name: str, key: str, does: str) -> ActionSpec:
    return ActionSpec(f"segment.{tool}", name, (key,), "Segment", f"{name}: {does}", checkable=True)


def _layout(rows: int, columns: int) -> ActionSpec:
    across = f"{columns} pane{'s' * (columns > 1)} across"
    name, says = f"{rows}×{columns}", f"{rows} row{'s' * (rows > 1)}, {across}"
    return ActionSpec(f"layout.{rows}x{columns}", name, (), "Layout", says, checkable=True)


TABLE: tuple[ActionSpec, ...] = (
    ActionSpec("file.open_folder", "Open a folder…", ("Ctrl+O",), "File", "Open every study in a folder"),
    ActionSpec("file.open_files", "Open files…", ("Ctrl+Shift+O",), "File", "Open DICOM or NIfTI files"),
    ActionSpec("file.recent", "Recent studies", ("Ctrl+R",), "File", "Studies that were looked at lately"),
    ActionSpec("file.virtual", "Open the virtual patient", (), "File", "Open a head that belongs to nobody, to try"),
    ActionSpec("file.export", "Export…", ("Ctrl+E",), "File", "Write results as DICOM or pictures"),
    ActionSpec("file.archives", "Archives…", (), "File", "Query the hospital's archive, retrieve and send"),
    ActionSpec("file.import_model", "Import model…", (), "File", "Add an ONNX file or a MONAI bundle as a model"),
    ActionSpec(
        "file.remember",
        "Remember opened folders",
        (),
        "File",
        "Keep what headers say, so that a folder opened before shows at once; off forgets it",
        checkable=True,
    ),
    ActionSpec("file.lab", "Lab…", (), "File", "Train models and watch trainings"),
    ActionSpec(
        "file.reopen", "Reopen where I was", ("Ctrl+Shift+R",), "File", "Studies, layout and results as they were"
    ),
    ActionSpec("file.settings", "Settings…", ("Ctrl+,",), "File", "All that can be chosen, keys and mouse among it"),
    ActionSpec("file.quit", "Quit", ("Ctrl+Q",), "File", "End the program"),
    ActionSpec("edit.undo", "Undo", ("Ctrl+Z",), "Edit", "Take the last edit back"),
    ActionSpec("edit.redo", "Redo", ("Ctrl+Y",), "Edit", "Do it again"),
    _tool("window", "W", "changes width (→) and level (↑) of the window"),
    _tool("scroll", "S", "moves through the slices"),
    _tool("pan", "T", "moves the image"),
    _tool("zoom", "Z", "zooms"),
    _tool("crosshair", "H", "moves the crosshair in every linked view"),
    ActionSpec("measure.again", "Measure", ("M",), "Measure", "Take the measuring tool that was used last"),
    _measuring("distance", "Distance", "D", "a length in mm"),
    _measuring("angle", "Angle", "A", "the angle between three points"),
    _measuring("cobb", "Cobb angle", "Shift+A", "the angle between two lines"),
    _measuring("rectangle", "Rectangle", "B", "values and area in a box"),
    _measuring("ellipse", "Ellipse", "E", "values and area in an ellipse"),
    _measuring("freehand", "Freehand", "F", "values and area in an outline"),
    _measuring("probe", "Probe", "V", "the value of a pixel"),
    _measuring("arrow", "Arrow", "Shift+D", "an arrow with words"),
    _measuring("text", "Text", "Shift+T", "words on the image"),
    ActionSpec("measure.copy", "Copy the measurements", ("Ctrl+Shift+C",), "Measure", "All of the study, as text"),
    ActionSpec(
        "segment.edit",
        "Edit segmentations",
        ("Ctrl+B",),
        "Segment",
        "Draw in what a model made, or draw your own",
        checkable=True,
    ),
    ActionSpec("segment.new", "New segmentation", (), "Segment", "Add an empty segmentation to this series"),
    _segmenting("brush", "Brush", "Shift+B", "left drag paints the chosen segment"),
    _segmenting("eraser", "Eraser", "Shift+E", "left drag takes the chosen segment away"),
    _segmenting("fill", "Fill a region", "Shift+F", "a click inside a closed outline fills it"),
    _segmenting("threshold", "Threshold brush", "Shift+V", "paints only where the image's values are in a range"),
    ActionSpec("segment.ball", "3D brush", (), "Segment", "Paint with a ball through the slices", checkable=True),
    ActionSpec("segment.larger", "Larger brush", ("+",), "Segment", "A larger brush; Alt and the wheel too"),
    ActionSpec("segment.smaller", "Smaller brush", ("-",), "Segment", "A smaller brush; Alt and the wheel too"),
    ActionSpec(
        "segment.interpolate", "Fill between slices", ("Shift+I",), "Segment", "Fill the slices between drawn ones"
    ),
    ActionSpec("image.next_slice", "Next slice", ("Up",), "Image", "One slice on", on_image=True),
    ActionSpec("image.previous_slice", "Previous slice", ("Down",), "Image", "One slice back", on_image=True),
    ActionSpec("image.next_ten", "Ten slices on", ("Shift+Up",), "Image", "Ten slices on", on_image=True),
    ActionSpec("image.previous_ten", "Ten slices back", ("Shift+Down",), "Image", "Ten slices back", on_image=True),
    ActionSpec("image.first", "First slice", ("Home",), "Image", "The first slice", on_image=True),
    ActionSpec("image.last", "Last slice", ("End",), "Image", "The last slice", on_image=True),
    ActionSpec("image.previous_series", "Previous series", ("Left",), "Image", "The series before", on_image=True),
    ActionSpec("image.next_series", "Next series", ("Right",), "Image", "The next series", on_image=True),
    ActionSpec(
        "image.reset", "Reset the view", ("Space",), "Image", "Zoom, position and turn as opened", on_image=True
    ),
    ActionSpec(
        "image.key",
        "Key image",
        ("K",),
        "Image",
        "Mark the slice shown as a key image, for the report and the archive; again takes the mark away",
        checkable=True,
    ),
    ActionSpec("image.invert", "Invert", ("I",), "Image", "Black becomes white"),
    ActionSpec("image.rotate", "Rotate", ("R",), "Image", "A quarter turn"),
    ActionSpec("window.auto", "Automatic window", ("0",), "Window", "0.5th to 99.5th percentile of the slice"),
    ActionSpec("window.cycle", "Next window of the series", ("1",), "Window", "The windows stored in the series"),
    ActionSpec("window.2", "Brain 80/40", ("2",), "Window", "CT brain"),
    ActionSpec("window.3", "Subdural 200/75", ("3",), "Window", "CT subdural"),
    ActionSpec("window.4", "Stroke 40/40", ("4",), "Window", "CT stroke"),
    ActionSpec("window.5", "Soft tissue 400/40", ("5",), "Window", "CT soft tissue"),
    ActionSpec("window.6", "Liver 150/90", ("6",), "Window", "CT liver"),
    ActionSpec("window.7", "Mediastinum 400/50", ("7",), "Window", "CT mediastinum"),
    ActionSpec("window.8", "Lung 1500/−600", ("8",), "Window", "CT lung"),
    ActionSpec("window.9", "Bone 2500/480", ("9",), "Window", "CT bone"),
    *(_layout(rows, columns) for rows in (1, 2, 3) for columns in (1, 2, 3)),
    ActionSpec("layout.mpr", "MPR", (), "Layout", "Axial, coronal and sagittal with one crosshair", checkable=True),
    ActionSpec("layout.maximise", "One pane large", ("F10",), "Layout", "The active pane alone, and back"),
    ActionSpec("layout.next_pane", "Next pane", ("Ctrl+Tab",), "Layout", "Make the next pane the active one"),
    ActionSpec("layout.turn_left", "Turn the lines of MPR to the left", ("Alt+Left",), "Layout", "5° anticlockwise"),
    ActionSpec("layout.turn_right", "Turn the lines of MPR to the right", ("Alt+Right",), "Layout", "5° clockwise"),
    ActionSpec("layout.straighten", "Straighten the lines of MPR", ("Alt+Up",), "Layout", "Along the grid again"),
    ActionSpec("layout.save", "Save this layout…", (), "Layout", "Keep layout, series and windows as a protocol"),
    ActionSpec(
        "layout.hang",
        "Hang studies on opening",
        (),
        "Layout",
        "The first hanging protocol that fits a study is applied when it opens",
        checkable=True,
    ),
    ActionSpec("slab.off", "Plane", (), "Slab", "The plane alone, no slab", checkable=True),
    ActionSpec("slab.maximum", "MIP", (), "Slab", "The largest value within the slab", checkable=True),
    ActionSpec("slab.minimum", "MinIP", (), "Slab", "The smallest value within the slab", checkable=True),
    ActionSpec("slab.mean", "Average", (), "Slab", "The mean of the values within the slab", checkable=True),
    ActionSpec("slab.toggle", "Slab on and off", ("U",), "Slab", "The slab used last, or the plane alone"),
    ActionSpec("slab.thicker", "Thicker slab", ("]",), "Slab", "The next thickness"),
    ActionSpec("slab.thinner", "Thinner slab", ("[",), "Slab", "The thickness before"),
    ActionSpec("slab.thickness", "Thickness…", (), "Slab", "How many millimetres the slab is thick"),
    ActionSpec("cine.play", "Play", ("C",), "Cine", "Play through the slices, and stop", checkable=True),
    ActionSpec("cine.faster", "Faster", (".",), "Cine", "More pictures a second"),
    ActionSpec("cine.slower", "Slower", (",",), "Cine", "Fewer pictures a second"),
    ActionSpec("cine.bounce", "There and back", (), "Cine", "Turn round at the ends", checkable=True),
    ActionSpec("cine.time", "Play time points", (), "Cine", "Time points instead of slices", checkable=True),
    ActionSpec("compare.link", "Link", ("L",), "Compare", "Panes of one space move together", checkable=True),
    ActionSpec(
        "compare.link_by_hand",
        "Link by hand",
        ("Shift+L",),
        "Compare",
        "Take the middles of the panes for the same place, and part them again",
    ),
    ActionSpec(
        "compare.register",
        "Link by registration",
        ("Ctrl+L",),
        "Compare",
        "Find from the images how another examination lies to the one in the active pane, and link them",
    ),
    *(
        ActionSpec(f"compare.share_{what}", f"Link {words}", (), "Compare", does, checkable=True)
        for what, words, does in (
            ("slices", "slices", "Linked panes scroll together"),
            ("zoom", "zoom and place", "Linked panes zoom and move together"),
            ("window", "windows", "Linked panes of one scale share a window"),
            ("crosshair", "the crosshair", "The crosshair stands at the same place in linked panes"),
        )
    ),
    ActionSpec("compare.prior", "Prior beside current", ("J",), "Compare", "Another study of this patient"),
    ActionSpec("compare.overlay", "Overlay", ("O",), "Compare", "Results over the originals", checkable=True),
    ActionSpec("compare.swipe", "Swipe", ("X",), "Compare", "Original left, synthetic right of a line", checkable=True),
    ActionSpec(
        "compare.checkered",
        "Checkerboard",
        ("Shift+X",),
        "Compare",
        "Original and synthetic in turn, field by field",
        checkable=True,
    ),
    ActionSpec("compare.flicker", "Flicker", ("G",), "Compare", "Original and synthetic by turns", checkable=True),
    ActionSpec("compare.flicker_rate", "Rate of flickering…", (), "Compare", "How often the picture changes"),
    ActionSpec(
        "compare.difference",
        "Difference",
        ("Y",),
        "Compare",
        "Synthetic minus original, in colours with a scale; drag to change its range",
        checkable=True,
    ),
    ActionSpec("compare.difference_range", "Range of the difference…", (), "Compare", "Up to where its colours go"),
    ActionSpec(
        "compare.with",
        "Compare with…",
        ("Shift+Y",),
        "Compare",
        "Another series, model or run in the place of the original",
    ),
    ActionSpec(
        "compare.keep",
        "Keep a copy to compare",
        (),
        "Compare",
        "Of the synthetic image shown, before another run takes its place",
    ),
    ActionSpec("finding.next", "Next finding", ("N",), "Findings", "Go to the next finding"),
    ActionSpec("finding.previous", "Previous finding", ("P",), "Findings", "Go to the previous finding"),
    ActionSpec("finding.accept", "Accept the finding", ("Return",), "Findings", "Accept", on_image=True),
    ActionSpec(
        "finding.reject",
        "Reject the finding",
        ("Del",),
        "Findings",
        "Delete the chosen annotation, else reject",
        on_image=True,
    ),
    ActionSpec(
        "view.hide_patient", "Hide patient data", ("F8",), "View", "For teaching and screenshots", checkable=True
    ),
    ActionSpec("view.panels", "Hide the panels", ("F9",), "View", "Only the images", checkable=True),
    ActionSpec("view.light", "Light look", (), "View", "Light panels; around the image it stays black", checkable=True),
    ActionSpec("view.full_screen", "Full screen", ("F11",), "View", "Full screen and back", checkable=True),
    ActionSpec(
        "help.cancel",
        "Cancel what runs",
        ("Esc",),
        "View",
        "Leave what is being drawn, cancel a run, leave full screen",
    ),
    ActionSpec("help.keys", "Keys", ("?",), "Help", "All keys"),
    ActionSpec("help.updates", "Look for a newer version", (), "Help", "Ask the release feed that the settings name"),
    ActionSpec("help.about", "About", (), "Help", "Version, licence and what it is not"),
)

# Held, not pressed, so it is no QAction.
HOLD_TO_REVEAL = ActionSpec(
    "compare.reveal", "Hold to reveal the original", ("Q",), "Compare", "While the key is held no result is drawn"
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
    action.setToolTip(f"{spec.tooltip} ({key_text(keys)})" if keys else spec.tooltip)


def create(handlers: Mapping[str, Callable[..., object]], window: QWidget, image_area: QWidget) -> dict[str, QAction]:
    """Return the actions by id, connected to their handlers; every spec needs one.

    A checkable action calls its handler with the new state. Raises KeyError where a handler is missing.
    """
    actions: dict[str, QAction] = {}
    for spec in TABLE:
        action = QAction(spec.text, window)
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
