"""What a batch will do: which series the model is run on, which not and why, and which are done already."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import medgan_viewer
from medgan_viewer import services
from medgan_viewer.batch.target import Record, Target
from medgan_viewer.core.catalog import Catalog, Instance, Series, Study
from medgan_viewer.models import suitability
from medgan_viewer.models.manifest import Package

__all__ = ["Job", "Order", "Planned", "digest", "known_skip", "plan", "remember_skip", "replaced_uid"]

# So many series numbers are left for the results of one series of a study.
_NUMBERS_OF_A_SERIES = 10


@dataclass(frozen=True)
class Order:
    """What is asked for: a model on everything that it fits, results of one format in one folder.

    ``confirmed`` says that a person answers for series whose region or contrast is not stated, ``force`` that those are
    run which the input check speaks against; without, they are skipped, for nobody looks on while a batch runs.
    """

    package: Package
    target: Path
    form: str = "dicom"
    confirmed: bool = False
    force: bool = False
    # For models with that control; None takes the model's own.
    degree: float | None = None
    # By which the patient's identity is replaced in results and records; None leaves it in.
    secret: bytes | None = None

    def identity(self) -> dict[str, Any]:
        """Return what beside the input decides about a result.

        The device does not: it changes rounding alone. Nor does ``force``: what passes the check is the same with it.
        """
        manifest = (self.package.folder / "manifest.json").read_bytes()
        made = {
            "schema": 1,
            "model": self.package.id,
            "weights_sha256": self.package.manifest.weights_sha256,
            "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
            "format": self.form,
        }
        if self.degree is not None:
            made["degree"] = self.degree
        if self.secret is not None:
            # Who has results without identity cannot find out by their keys which images they were made from.
            made["without_identity"] = hashlib.sha256(self.secret).hexdigest()
        return made

    def uid(self, original: str) -> str:
        """Return the UID that stands for another in what is written."""
        return replaced_uid(original, self.secret)


def replaced_uid(original: str, secret: bytes | None) -> str:
    """Return a UID as it stands in results: the same one, or, where identity goes, the one in its place."""
    from medgan_viewer.dicom.deidentify import Deidentifier

    return original if secret is None else Deidentifier(secret=secret).uid(original)


@dataclass(frozen=True)
class Job:
    """A run of the model on a series, or on several that belong together. Picklable."""

    key: str
    package: Package
    inputs: tuple[Series, ...]
    target: Path
    form: str
    numbers_taken: int
    force: bool = False
    degree: float | None = None
    secret: bytes | None = None

    @property
    def slices(self) -> int:
        """How many images the first series has."""
        return len(self.inputs[0].instances)


@dataclass(frozen=True)
class Planned:
    """What becomes of some series: a job, or why there is none. ``done`` where its result is there already."""

    inputs: tuple[Series, ...]
    key: str = ""
    reason: str = ""
    done: bool = False
    job: Job | None = None


def digest(content: Any) -> str:
    """Return the key of what a JSON text can say: 128 bits in hexadecimal."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def plan(order: Order, catalog: Catalog) -> list[Planned]:
    """Return what becomes of every series, study by study. What the same images would give twice is made once."""
    identity, target = order.identity(), Target(order.target)
    planned: list[Planned] = []
    seen: set[str] = set()
    for study in catalog.studies:
        for inputs, reason in _choices(order, study):
            if reason:
                planned.append(Planned(inputs, reason=reason))
                continue
            key = digest({**identity, "inputs": [_identity(series) for series in inputs]})
            if key in seen:
                planned.append(Planned(inputs, reason="The same images are there more than once."))
            elif target.record(key) is not None:
                planned.append(Planned(inputs, key, "Its result is there already.", done=True))
            elif known := known_skip(order, key):
                planned.append(Planned(inputs, key, known))
            else:
                taken = _NUMBERS_OF_A_SERIES * study.series.index(inputs[0])
                job = Job(
                    key,
                    order.package,
                    inputs,
                    order.target,
                    order.form,
                    taken,
                    force=order.force,
                    degree=order.degree,
                    secret=order.secret,
                )
                planned.append(Planned(inputs, key, job=job))
            seen.add(key)
    return planned


def known_skip(order: Order, key: str) -> str:
    """Return why an earlier batch skipped a job that this one would skip as well; "" where it is to be tried."""
    known = Target(order.target).skip(key)
    if known is None or known.get("judged_by") != _judge() or (known.get("questionable") and order.force):
        return ""
    return str(known.get("reason", ""))


def remember_skip(target: Target, key: str, reason: str, *, questionable: bool) -> None:
    """Keep why a job was skipped; ``questionable`` where a person may want it all the same. Raises WriteError."""
    content: Record = {"reason": reason, "questionable": questionable, "judged_by": _judge()}
    target.write_skip(key, content)


def _judge() -> str:
    """Return what beside the job decides whether it is skipped: this program and the classifier of the input check."""
    folder = services.checker()
    manifest = (Path(folder) / "manifest.json").read_bytes() if folder else b""
    return digest([medgan_viewer.__version__, hashlib.sha256(manifest).hexdigest()])


def _identity(series: Series) -> list[Any]:
    """Return what tells a series' images from all others, wherever the files lie."""
    images = sorted(
        [i.sop_instance_uid, -1 if i.frame is None else i.frame, *_stamp(series, i)] for i in series.instances
    )
    return [series.study_uid, series.series_instance_uid, images]


def _stamp(series: Series, instance: Instance) -> list[int]:
    """Return size and time of a file whose format has no UIDs: they are made from its name."""
    if series.format == "dicom":
        return []
    status = instance.path.stat()
    return [status.st_size, status.st_mtime_ns]


def _choices(order: Order, study: Study) -> list[tuple[tuple[Series, ...], str]]:
    """Return which series the model takes, alone or together, each with the reason why it does not."""
    manifest = order.package.manifest
    reasons = {series.uid: _reason(order, series) for series in study.series}
    requires = manifest.requires
    if not requires.inputs:
        return [((series,), reasons[series.uid]) for series in study.series]
    firsts = [series for series in study.series if not reasons[series.uid]]
    # Beside a T1 any series without a stated contrast could be one too: only where none says so is it taken for one.
    if requires.several:
        firsts = [series for series in firsts if series.contrast in requires.contrasts] or firsts
    rivals = Counter(series.frame_of_reference_uid for series in firsts if requires.several)
    made: list[tuple[tuple[Series, ...], str]] = []
    for first in firsts:
        choice = suitability.choose_inputs(manifest, first, study.series)
        reason = " ".join(choice.reasons)
        if choice.ambiguous or rivals[first.frame_of_reference_uid] > 1:
            reason = "Several series would do for one input; choose with `medgan-viewer run --series`."
        made.append((choice.inputs or (first,), reason))
    used = {series.uid for inputs, _ in made for series in inputs}
    unused = [series for series in study.series if series.uid not in used]
    return made + [((series,), reasons[series.uid] or "Other series of the study are taken.") for series in unused]


def _reason(order: Order, series: Series) -> str:
    verdict = suitability.check(order.package.manifest, series)
    if verdict.fits and verdict.cautions and not order.confirmed:
        return f"{' '.join(verdict.cautions)} `--confirm` does so for all."
    return " ".join(verdict.reasons)
