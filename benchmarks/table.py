"""The page of results: one Markdown table, what was to be reached, and how to read it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.ct_study import SHAPE, VOXEL_BYTES

__all__ = ["render"]

Results = Mapping[str, Mapping[str, float]]

MEMORY_LIMIT_MB = 250 + 1.5 * VOXEL_BYTES / 1e6
MEMORY_ALL_LIMIT_MB = 250 + 2 * VOXEL_BYTES / 1e6


@dataclass(frozen=True)
class Row:
    """A line of the table.

    ``sources`` name, for each program of the section's heading, the measurement and its value; ``limit`` gives what was
    to be reached from all results (None where nothing was, or what it is compared with is missing).
    """

    what: str
    digits: int
    sources: Mapping[str, tuple[str, str]]
    target: str = "–"
    limit: Callable[[Results], float | None] = field(default=lambda results: None)

    def values(self, results: Results) -> dict[str, float]:
        """Return the value of each program that has one."""
        found = {program: results.get(run, {}).get(name) for program, (run, name) in self.sources.items()}
        return {program: value for program, value in found.items() if value is not None}


@dataclass(frozen=True)
class Section:
    """A table of its own: what is measured on what, and the programs that are measured beside ours."""

    title: str
    about: str
    others: tuple[str, ...]
    rows: tuple[Row, ...]


def _fixed(limit: float) -> Callable[[Results], float | None]:
    return lambda results: limit


def _times(factor: float, run: str, name: str) -> Callable[[Results], float | None]:
    def limit(results: Results) -> float | None:
        other = results.get(run, {}).get(name)
        return None if other is None else factor * other

    return limit


def _quickest(factor: float, run: str, *names: str) -> Callable[[Results], float | None]:
    """Return a limit against the quickest of some values; None where one of them is missing."""

    def limit(results: Results) -> float | None:
        others = [results.get(run, {}).get(name) for name in names]
        found = [value for value in others if value is not None]
        return factor * min(found) if len(found) == len(names) else None

    return limit


OURS = "MedGAN Viewer"
_AT_ONCE = "getscu, TCP_NODELAY"
# What moves planes through the scan: what is moved, and the milliseconds for a step.
_PLANES = (
    ("mpr", "Move the crosshair through the 3 planes of MPR", 33.0),
    ("turn", "Turn the lines of MPR, 3 planes", 50.0),
    ("slab", "Scroll a slab of 20 mm, maximum, 1 pane", 50.0),
    ("mpr_slab", "Move the crosshair through 3 slabs of 20 mm", 50.0),
    ("turn_slab", "Turn the lines of MPR, 3 slabs of 20 mm", 50.0),
)
_VIEWING = (
    Row("The machine itself: one and the same work, median (ms)", 1, {OURS: ("unrest", "p50_ms")}),
    Row("The same, 99th percentile (medians)", 2, {OURS: ("unrest", "p99_medians")}),
    Row("Find the series from the headers (s)", 2, {OURS: ("reader", "list_s"), "SimpleITK": ("simpleitk", "list_s")}),
    Row(
        "First image on the screen after the click (s)",
        2,
        {OURS: ("viewer", "first_s"), "napari": ("napari", "first_s")},
        "≤ 0.5",
        _fixed(0.5),
    ),
    Row(
        "Complete after the click, in the window (s)",
        2,
        {
            OURS: ("viewer", "complete_s"),
            "SimpleITK": ("simpleitk", "complete_s"),
            "dcm2niix": ("dcm2niix", "complete_s"),
            "napari": ("napari", "complete_s"),
        },
        "≤ 1.0 × SimpleITK",
        _times(1.0, "simpleitk", "complete_s"),
    ),
    Row(
        "Complete, the reader alone (s)",
        2,
        {OURS: ("reader", "complete_s"), "SimpleITK": ("simpleitk", "complete_s")},
    ),
    Row(
        "Memory with the scan open (MB)",
        0,
        {
            OURS: ("viewer", "memory_mb"),
            "bare pyqtgraph": ("bare", "memory_mb"),
            "napari": ("napari", "memory_mb"),
        },
        f"≤ {MEMORY_LIMIT_MB:.0f}",
        _fixed(MEMORY_LIMIT_MB),
    ),
    Row(
        "Scroll, 4 panes with an overlay, median (ms)",
        1,
        {
            OURS: ("viewer", "scroll_p50_ms"),
            "bare pyqtgraph": ("bare", "scroll_p50_ms"),
            "napari": ("napari", "scroll_p50_ms"),
        },
    ),
    Row(
        "Scroll, 4 panes with an overlay, 99th percentile (ms)",
        1,
        {
            OURS: ("viewer", "scroll_p99_ms"),
            "bare pyqtgraph": ("bare", "scroll_p99_ms"),
            "napari": ("napari", "scroll_p99_ms"),
        },
        "≤ 16.7",
        _fixed(16.7),
    ),
    Row(
        "The same, processor time for a step (ms)",
        1,
        {
            OURS: ("viewer", "scroll_cpu_ms"),
            "bare pyqtgraph": ("bare", "scroll_cpu_ms"),
            "napari": ("napari", "scroll_cpu_ms"),
        },
    ),
    *(
        Row(
            f"{what}, 99th percentile (ms)",
            1,
            {OURS: ("planes", f"{key}_p99_ms"), **({"napari": ("napari", f"{key}_p99_ms")} if key == "slab" else {})},
            f"≤ {limit:g}",
            _fixed(limit),
        )
        for key, what, limit in _PLANES
    ),
    Row(
        "Longest stall when turned planes come to rest (ms)", 0, {OURS: ("planes", "rest_stall_ms")}, "≤ 50", _fixed(50)
    ),
    Row(
        "Longest stall when turned slabs of 20 mm come to rest (ms)",
        0,
        {OURS: ("planes", "rest_slab_stall_ms")},
        "≤ 50",
        _fixed(50),
    ),
    Row("Turned slabs of 20 mm exact after coming to rest, 3 panes (s)", 1, {OURS: ("planes", "rest_slab_s")}),
    Row(
        "Memory after all of it, with a synthetic image compared (MB)",
        0,
        {OURS: ("planes", "memory_all_mb")},
        f"≤ {MEMORY_ALL_LIMIT_MB:.0f}",
        _fixed(MEMORY_ALL_LIMIT_MB),
    ),
    Row(
        "Switch the way of comparing, 4 panes, 99th percentile (ms)",
        1,
        {OURS: ("viewer", "switch_p99_ms")},
        "≤ 16.7",
        _fixed(16.7),
    ),
    Row(
        "Switch the way of comparing, 4 panes (steps by a slice)",
        2,
        {OURS: ("viewer", "switch_steps")},
        "≤ 1.2",
        _fixed(1.2),
    ),
    *(
        Row(
            f"Move of a {tool} of 20 mm over a segmentation, 99th percentile, processor time (ms)",
            1,
            {OURS: ("brush", f"{key}_p99_ms"), "napari": ("napari", f"{key}_p99_ms")},
            "≤ 16.7",
            _fixed(16.7),
        )
        for key, tool in (("disc", "brush"), ("ball", "ball"))
    ),
    Row(
        "Start to an interactive window (s)",
        2,
        {
            OURS: ("viewer", "startup_s"),
            "bare pyqtgraph": ("bare", "startup_s"),
            "napari": ("napari", "startup_s"),
        },
        "≤ 2.5 × bare pyqtgraph",
        _times(2.5, "bare", "startup_s"),
    ),
    Row("Longest stall of the window during a run (ms)", 0, {OURS: ("run", "stall_ms")}, "≤ 50", _fixed(50)),
    Row("Cancel (s)", 2, {OURS: ("run", "cancel_s")}, "≤ 1", _fixed(1.0)),
    Row("Visible slice of a warm run (s)", 2, {OURS: ("run", "visible_s")}, "≤ 0.5", _fixed(0.5)),
)
_TRAINING = (
    *(
        Row(
            f"Training at {side}², watched, for an image (ms)",
            1,
            {OURS: ("training", f"lab_ms_{side}"), "bare PyTorch": ("training", f"bare_ms_{side}")},
            "≤ 1.11 × bare PyTorch",
            _times(1 / 0.9, "training", f"bare_ms_{side}"),
        )
        for side in (128, 192)
    ),
    *(
        Row(
            f"Simulating an image to train on at {side}² (ms)",
            1,
            {OURS: ("training", f"simulation_ms_{side}")},
            "≤ 1.0 × training",
            _times(1.0, "training", f"lab_ms_{side}"),
        )
        for side in (128, 192)
    ),
)
_PATHS = {
    "eager": "eager",
    "eager, bf16": "eager_bf16",
    "compiled, bf16": "compiled",
    "ONNX Runtime": "onnxruntime",
    "OpenVINO": "openvino",
}
_INFERENCE = (
    *(
        Row(
            f"A slice of {size} × {size} through the trunk, 2 threads (ms)",
            1,
            {
                OURS: ("inference", f"chosen_{size}"),
                **{words: ("inference", f"{name}_{size}") for words, name in _PATHS.items()},
            },
            "≤ 1.15 × the quickest",
            _quickest(1.15, "inference", *(f"{name}_{size}" for name in _PATHS.values())),
        )
        for size in (256, 192)
    ),
    Row("150 slices made to MR by a warm worker (s)", 1, {OURS: ("inference", "synthesis_s")}, "≤ 25", _fixed(25.0)),
    Row("The slice that is looked at, of those (s)", 2, {OURS: ("inference", "visible_s")}, "≤ 0.5", _fixed(0.5)),
    Row("Most memory of the worker (MB)", 0, {OURS: ("inference", "worker_mb")}),
    Row(
        "A slice of 192 × 192 of a batch of 32, on a graphics card (µs)",
        0,
        {OURS: ("inference", "card_us")},
        "≤ 200",
        _fixed(200.0),
    ),
)
_BATCH = (
    Row(
        "Device idle in a batch of 40 studies (% of the time)",
        1,
        {OURS: ("batch", "idle_percent")},
        "≤ 10",
        _fixed(10.0),
    ),
    Row("A study on one Ray worker of one core (s)", 2, {OURS: ("batch", "one_s")}),
    Row(
        "A study on two Ray workers of one core each (s)",
        2,
        {OURS: ("batch", "two_s")},
        "≤ one worker / 1.8",
        _times(1 / 1.8, "batch", "one_s"),
    ),
)
_DICOM = (
    Row(
        "Index of 20,000 files, the first time (s)",
        1,
        {OURS: ("indexing", "index_s"), "pydicom": ("indexing", "pydicom_s")},
        "≤ 2 × pydicom",
        _times(2.0, "indexing", "pydicom_s"),
    ),
    Row("Index of the same files again (s)", 2, {OURS: ("indexing", "again_s")}, "≤ 0.3", _fixed(0.3)),
    *(
        Row(
            f"Load 200 slices of {name} (s)",
            2,
            {OURS: ("decoding", f"{key}_warm_s"), "one thread": ("decoding", f"{key}_thread_s")},
            "≤ 0.625 × one thread",
            _times(1 / 1.6, "decoding", f"{key}_thread_s"),
        )
        for key, name in (("jpeg_lossless", "JPEG Lossless"), ("jpeg2000", "JPEG 2000"))
    ),
    Row(
        "Retrieve a study of 400 images from Orthanc (s)",
        2,
        {OURS: ("archive", "get_s"), "getscu": ("archive", "getscu_s"), _AT_ONCE: ("archive", "getscu_at_once_s")},
        "≤ 1.25 × getscu",
        _times(1 / 0.8, "archive", "getscu_s"),
    ),
)
SECTIONS = (
    Section(
        "Looking and running",
        f"One generated CT of {SHAPE[0]} × {SHAPE[1]} × {SHAPE[2]} voxels of 16 bits, uncompressed DICOM, "
        f"{VOXEL_BYTES / 1e6:.0f} MB, in the page cache.",
        ("SimpleITK", "dcm2niix", "bare pyqtgraph", "napari"),
        _VIEWING,
    ),
    Section(
        "Running the trunk",
        "The network of CT → MR, one slice at a time on the processor; 150 slices of 512² of a simulated head CT.",
        tuple(_PATHS),
        _INFERENCE,
    ),
    Section("Training", "The networks of CT → MR, batches of 8.", ("bare PyTorch",), _TRAINING),
    Section("Batch", "Simulated head CTs of 20 slices of 256² each, CT → MR.", (), _BATCH),
    Section(
        "DICOM and the archive",
        "Generated CT files in the page cache; Orthanc on the same machine.",
        ("pydicom", "one thread", "getscu", _AT_ONCE),
        _DICOM,
    ),
)


def _cells(row: Row, others: Sequence[str], results: Results) -> list[str]:
    values = row.values(results)
    ours, limit = values.get(OURS), row.limit(results)
    cells = [row.what]
    for program in (OURS, *others):
        value = values.get(program)
        if value is None:
            cells.append("–")
        elif program == OURS or not ours:
            cells.append(f"{value:.{row.digits}f}")
        else:
            cells.append(f"{value:.{row.digits}f} ({ours / value:.2f} ×)")
    reached = "–" if limit is None or ours is None else ("yes" if ours <= limit else "**no**")
    return [*cells, row.target, reached]


def _table(section: Section, results: Results) -> str:
    heading = ["", OURS, *section.others, "to reach", "reached"]
    lines = [heading, ["---"] + ["---:"] * (len(heading) - 2) + ["---"]]
    lines += [_cells(row, section.others, results) for row in section.rows]
    return "\n".join((f"## {section.title}\n\n{section.about}\n", *("| " + " | ".join(line) + " |" for line in lines)))


def render(results: Results, failures: Sequence[str], machine: str, date: str, rounds: int) -> str:
    """Return the page in Markdown. Ratios in brackets are ours divided by theirs: below 1 we are quicker or smaller."""
    tables = "\n\n".join(_table(section, results) for section in SECTIONS)
    missing = "".join(f"\n- Not measured: {failure}" for failure in failures)
    return f"""# Benchmarks

Made by `make bench`; do not edit by hand. {date}, on {machine}.

Medians of up to {rounds} rounds; in each the programs take turns, each in a process of its own, so that the ratios
hold on a busy machine too where seconds do not. In brackets: ours divided by theirs.

{tables}

## How to read it

- **SimpleITK** is its `ImageSeriesReader`; it shows nothing, so its first image is its last. **dcm2niix** finds the
  series and writes an uncompressed NIfTI file as well. Neither has a window.
- **Bare pyqtgraph** is a window with four image views and an overlay in each, and nothing else: no panels, no text, no
  marks. It gets its voxels, and its memory, through SimpleITK. **napari** reads no DICOM series of its own; its voxels
  come through SimpleITK too. *Memory* is that of the process with the window, not of the worker that runs models.
- *The machine itself* does one and the same piece of plain Python 500 times; by as much as its slowest hundredth takes
  longer than its median, any 99th percentile here is the doing of what else runs on the hardware.
- *Interactive* means painted and answering events within 20 ms three times in a row, counted from the start of the
  process. *Scroll* is from a step by one slice to the end of the repaint of all four panes.
- *MPR* is three planes in one window; the *crosshair* goes by a voxel along every axis, so that all three change, and
  the *lines* turn by a degree, which changes all three as well. What moves is drawn coarsely and comes to *rest* when
  the lines are let go: then it is cut exactly, in pieces, and a *stall* is a gap between two rounds of the window's
  event loop. *All of it* is the scan, a synthetic image of its size over it, all the rows above in one window, each way
  of comparing in turned slabs, and then the four panes again. napari's slab is the maximum of its thick slices.
- A *warm run* is a model's second run on a series of the virtual patient; its visible slice is counted from the press
  of Run to the repaint; slices are being scrolled while its *stalls* are looked for.
- *Idle* is the worker process without a job, from the end of a batch's first run to that of its last one; while it runs
  a series, the next one is loaded and the last one written. A *Ray worker* is a machine of a local cluster, bound to
  one core with all that it runs.
- *The trunk* goes the way that the program chose, in an environment like an installed one but for the others: PyTorch
  with the network as it is written (**eager**; in bf16 with channels last), its compiler with frozen weights
  (**compiled**; it needs a C++ compiler), **ONNX Runtime** and **OpenVINO** as they choose. All take turns in one
  process; the shortest of each one's rounds counts, after two to warm up. Where a path is missing there is no verdict.
- *150 slices* are counted from the start of the run to its end, with preparing and writing; a *warm worker* has run the
  model before. A *batch* on a graphics card is counted with its way there; without a card there is a dash.
- *Training* is a step of the CT → MR networks against their discriminator, with the diagnostics of every 50th step
  counted in, beside the textbook's loop of the same networks on the same batches; at most 1.11 times its time is at
  least 0.90 times its images a second. *Simulating* makes an image of as many channels anew. Both are the processor's
  time, or on a graphics card the seconds until it is done.
- *Index* is the processor's time for finding and reading every header and keeping the answer; **pydicom** reads the
  same headers and does nothing with them. *Load* is by the decoding processes that the window keeps, and by the same
  code in **one thread**. **getscu** is dcmtk's as Debian ships it, which holds short answers back (Nagle's algorithm),
  some 40 ms an image, and beside it the same program told not to by the variable TCP_NODELAY.
- Windows are drawn by the processor, without a GPU, in a virtual X server where there is no display.{missing}
"""
