"""Writes a cohort of heads: images, masks and a table, all marked as synthetic; none that fails its leak tests.

Every case is a folder: images of each contrast, the anatomy as a segmentation, and the lesions as another. The folder
appears whole or not at all. Nothing in it names anybody, as there is nobody.
"""

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import medgan_viewer
from medgan_viewer import resources
from medgan_viewer.core.layers import Code, LabelLayer, Provenance, Segment
from medgan_viewer.core.volume import Volume
from medgan_viewer.dicom import atomic, nifti
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.cohort import head_leaks
from medgan_viewer.lab.cohort.heads import Factors, Ranges, draw_factors, make_head, ventricles_ml
from medgan_viewer.lab.cohort.leaks import Verdict
from medgan_viewer.lab.simulation.tissues import LABEL_SEGMENTS, label_table
from medgan_viewer.lab.virtual_patient.anatomy import training_folder
from medgan_viewer.lab.virtual_patient.head import VirtualHead
from medgan_viewer.lab.virtual_patient.scanner import PROTOCOLS, Protocol, Scan, scan_head
from medgan_viewer.lab.virtual_patient.study import Identity, write_scan

__all__ = [
    "CONTRASTS",
    "FAILED_MARK",
    "MODEL",
    "TABLE",
    "Format",
    "Order",
    "check_new",
    "check_verdict",
    "protocol_of",
    "words_of",
    "write_cohort",
    "write_record",
    "write_table",
]

Format = Literal["nifti", "dicom"]
MODEL = "head-cohort"
"""What the generator of heads is called."""
TABLE = "cohort.csv"
FAILED_MARK = "LEAK TESTS FAILED"
NOT_TESTED = "not made: the heads that the model was fitted to are not on this computer"
_PROTON_DENSITY = Protocol("PD", "MR", 3000.0, 20.0, 0.0, 0.85)
CONTRASTS: dict[str, Protocol] = {
    **{"CT" if one.modality == "CT" else one.name: one for one in PROTOCOLS},
    "PD": _PROTON_DENSITY,
}
_LESION = Code("52988006", "SCT", "Lesion")
_TUMOUR = Code("108369006", "SCT", "Neoplasm")
_OEDEMA = Code("79654002", "SCT", "Edema")
_ABNORMAL = Code("49755003", "SCT", "Morphologically Abnormal Structure")
LESION_SEGMENTS = (
    Segment(1, "Lesion of white matter", "#ffd166", _LESION, _ABNORMAL),
    Segment(2, "Tumour", "#ef476f", _TUMOUR, _ABNORMAL),
    Segment(3, "Oedema", "#06d6a0", _OEDEMA, _ABNORMAL),
)
_SHOWN = 0.5


@dataclass(frozen=True)
class Order:
    """What cohort is wanted: `count` heads of a `seed` within `ranges`, scanned with `protocols`."""

    folder: Path
    count: int
    seed: int = 0
    ranges: Ranges = field(default_factory=Ranges)
    protocols: tuple[Protocol, ...] = PROTOCOLS
    form: Format = "nifti"
    override: bool = False


def protocol_of(words: str) -> Protocol:
    """Return a contrast by its name, or "TR/TE" or "TR/TE/TI" in ms: any spin echo or inversion recovery.

    Raises UsageError.
    """
    if words in CONTRASTS:
        return CONTRASTS[words]
    try:
        times = [float(part) for part in words.split("/")]
    except ValueError:
        times = []
    if len(times) not in (2, 3) or not all(0 < time <= 20_000 for time in times):
        known = ", ".join(CONTRASTS)
        raise UsageError(f"There is no contrast {words}: take {known}, or times in ms as TR/TE or TR/TE/TI.")
    return Protocol.of_times(f"MR {words.replace('/', '-')}", *times)


def write_cohort(order: Order, say: Callable[[str], None] = lambda sentence: None) -> tuple[Path, Verdict | None]:
    """Write a cohort; return its folder and what the leak tests say (None where they could not be made).

    Raises UsageError where there is something in the folder already, or where the tests fail and nobody overrode them;
    WriteError.
    """
    check_new(order.folder, order.count)
    drawn = draw_factors(order.count, order.seed, order.ranges)
    verdict = _judged(drawn, say)
    check_verdict(verdict, order.override)
    failed = verdict is not None and not verdict.passed
    lines: list[dict[str, Any]] = []
    with atomic.new_folder(order.folder) as unfinished:
        for number, (seed, factors) in enumerate(drawn, start=1):
            say(f"Writing case {number} of {order.count}.")
            name = f"case_{number:04d}"
            lines.append(_write_case(unfinished / name, number, make_head(seed, factors), factors, order, failed))
            nearest = "" if verdict is None else f"{verdict.nearest[number - 1]:.3f}"
            lines[-1] |= {"nearest_training_case": nearest, "leak_tests": words_of(verdict)}
        write_table(unfinished / TABLE, lines)
        write_record(unfinished / "cohort.json", verdict, _described(order))
    return order.folder, verdict


def _judged(drawn: Sequence[tuple[int, Factors]], say: Callable[[str], None]) -> Verdict | None:
    folder = training_folder()
    if folder is None:
        say(f"The leak tests were {NOT_TESTED}.")
        return None
    say("Comparing with the heads that the model was fitted to.")
    made = []
    for seed, factors in drawn:
        head = make_head(seed, factors)
        made.append(head_leaks.describe(head.labels, head.spacing))
    return head_leaks.judge_heads(made, *head_leaks.describe_real(folder))


def _described(order: Order) -> dict[str, Any]:
    return {
        "model": MODEL,
        "count": order.count,
        "seed": order.seed,
        "factors": asdict(order.ranges),
        "contrasts": [protocol.name for protocol in order.protocols],
    }


# What all cohorts have


def check_new(folder: Path, count: int) -> None:
    """Raise UsageError where no cohort of so many cases can go into a folder."""
    if count < 1:
        raise UsageError("A cohort has at least one case.")
    if folder.exists():
        raise UsageError(f"{folder}: this is there already; name a new folder.")


def check_verdict(verdict: Verdict | None, override: bool) -> None:
    """Raise UsageError for a cohort that failed its leak tests, unless that is overridden."""
    if verdict is not None and not verdict.passed and not override:
        raise UsageError(
            f"{verdict.sentence} Nothing was written: another --seed makes other cases; --override writes these with a "
            "mark in each object."
        )


def words_of(verdict: Verdict | None) -> str:
    """Return what the table says of the leak tests."""
    if verdict is None:
        return NOT_TESTED
    return "no leak found" if verdict.passed else f"{FAILED_MARK}, overridden"


def write_table(path: Path, lines: Sequence[dict[str, Any]]) -> None:
    """Write one line for each case; every line says that it is synthetic."""
    with atomic.new_file(path) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, ["synthetic", *lines[0]])
        table.writeheader()
        table.writerows({"synthetic": "YES", **line} for line in lines)


def write_record(path: Path, verdict: Verdict | None, order: dict[str, Any]) -> None:
    """Write what was asked for and what the leak tests say."""
    tests = [asdict(finding) for finding in verdict.findings] if verdict is not None else []
    record = {
        "synthetic": True,
        "use": "Research only, not for diagnosis. No case is a person.",
        "program": f"MedGAN Viewer {medgan_viewer.__version__}",
        **order,
        "leak_tests": {"verdict": verdict.sentence if verdict is not None else NOT_TESTED, "tests": tests},
    }
    with atomic.new_file(path) as unfinished:
        unfinished.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


# A case


def _write_case(
    folder: Path, number: int, head: VirtualHead, factors: Factors, order: Order, failed: bool
) -> dict[str, Any]:
    """Write images and masks of one head; return its line of the table."""
    scan = scan_head(head, order.protocols)
    anatomy = label_table(LABEL_SEGMENTS)[scan.labels]
    lesions = _lesion_labels(scan, factors)
    if order.form == "nifti":
        _write_nifti(folder, scan, order.protocols, {"anatomy": anatomy, "lesions": lesions}, failed)
    else:
        _write_dicom(folder, number, head.seed, scan, order, {"anatomy": anatomy, "lesions": lesions}, failed)
    voxel_ml = float(np.prod(scan.spacing)) / 1000
    volumes = {
        f"{segment.name.lower().replace(' ', '_')}_ml": round(float((lesions == segment.label).sum()) * voxel_ml, 3)
        for segment in LESION_SEGMENTS
    }
    return {
        "case": folder.name,
        "class": factors.kind,
        "seed": head.seed,
        "head_size": round(factors.size, 4),
        "ventricles": round(factors.ventricles, 4),
        "ventricles_ml": round(ventricles_ml(head), 2),
        "asked_lesion_ml": round(factors.lesion_ml, 2),
        "place": factors.place if factors.kind != "healthy" else "",
        **volumes,
    }


def _lesion_labels(scan: Scan, factors: Factors) -> NDArray[np.uint8]:
    """Return 0, or a label of `LESION_SEGMENTS`, of what fills more than half of a voxel."""
    labels = np.zeros(scan.tumour.shape, np.uint8)
    if factors.kind == "lesions":
        labels[scan.tumour > _SHOWN] = 1
    elif factors.kind == "tumour":
        labels[scan.tumour > _SHOWN] = 3
        labels[scan.mass > _SHOWN] = 2
    return labels


def _affine(scan: Scan) -> NDArray[np.float64]:
    affine: NDArray[np.float64] = np.eye(4)[[2, 1, 0, 3]] * np.array([*scan.spacing, 1.0])
    affine[:3, 3] = scan.origin
    return affine


def _write_nifti(
    folder: Path, scan: Scan, protocols: Sequence[Protocol], masks: dict[str, NDArray[np.uint8]], failed: bool
) -> None:
    affine = _affine(scan)
    note = FAILED_MARK if failed else ""
    for protocol in protocols:
        volume = Volume(scan.series[protocol.name], affine, modality=protocol.modality, synthetic=True)
        nifti.write(volume, folder / f"synthetic_{protocol.name.replace(' ', '-')}.nii.gz", note=note)
    for name, labels in masks.items():
        volume = Volume(labels, affine, modality="SEG", synthetic=True)
        nifti.write(volume, folder / f"synthetic_{name}.nii.gz", result="segmentation", note=note)


def _write_dicom(
    folder: Path,
    number: int,
    seed: int,
    scan: Scan,
    order: Order,
    masks: dict[str, NDArray[np.uint8]],
    failed: bool,
) -> None:
    """Write the series, and the masks as segmentations of the first one, by the road of all results."""
    from medgan_viewer.dicom import assemble, export, index

    words = ("medgan-viewer cohort", str(order.seed), str(number), json.dumps(_described(order), default=str))
    comments = "Simulated from an anatomical model; no person"
    identity = Identity(
        f"Synthetic^Case {number:04d}",
        f"SC-{order.seed}-{number:04d}",
        "Synthetic cohort: head",
        words,
        seed,
        f"{comments}; {FAILED_MARK}" if failed else comments,
    )
    write_scan(folder, scan, identity, order.protocols)
    series = next(one for study in index.scan([folder], learn=False).studies for one in study.series)
    pending = assemble.open_stack(series)
    assemble.read_whole(pending)
    made = _provenance(series.uid, failed)
    for name, labels in masks.items():
        if not labels.any():
            continue
        segments = _anatomy_segments() if name == "anatomy" else LESION_SEGMENTS
        present = tuple(one for one in segments if (labels == one.label).any())
        layer = LabelLayer(
            uid=f"{name}-{number}",
            name=f"{name.capitalize()} ({FAILED_MARK})" if failed else name.capitalize(),
            source_series_uid=series.uid,
            volume=Volume(labels, _affine(scan), series.frame_of_reference_uid, "SEG", synthetic=True),
            ready=np.ones(len(labels), bool),
            provenance=made,
            segments=present,
        )
        export.write_dicom([layer], series, pending.stack, folder / name)


def _provenance(series: str, failed: bool) -> Provenance:
    made = Provenance(
        model_id=MODEL,
        model_name="Head cohort (shape model)",
        model_version=medgan_viewer.__version__,
        weights_sha256="",
        source_series_uids=(series,),
        device="cpu",
        precision="fp32",
        created=datetime.now(UTC),
        licence="Apache-2.0",
        intended_use="Research only. No case is a person.",
    )
    return replace(made, limits=(FAILED_MARK,)) if failed else made


def _anatomy_segments() -> tuple[Segment, ...]:
    """Return names, colours and codes of the anatomy's labels, as the bundled model of it has them."""
    from medgan_viewer.models.manifest import read_package

    manifest = read_package(resources.path("models", "head-anatomy")).manifest
    return tuple(Segment(s.label, s.name, s.colour, s.code, s.category) for s in manifest.segments)
