"""A last look at the pixels before a model runs: is this what the model needs, whatever the headers say?

What :func:`suitability.check` finds in headers cannot be overridden. What is found here can be wrong, so the reader may
run the model all the same, and the result says so for ever. Runs in the worker; torch only for the classifier.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import QuestionableError
from medgan_viewer.models import recognition
from medgan_viewer.models.manifest import Input, Manifest, Package, read_package
from medgan_viewer.models.recognition import Guess
from medgan_viewer.models.suitability import ANY_REGION

__all__ = ["CLASSIFIER", "Look", "demand", "guess_of", "look_at", "measured", "objections", "words_of"]

CLASSIFIER = "sequence-guess"
"""The id of the model that says what a series shows."""
_KINDS = {"CT": "a CT", "other": "neither CT nor one of the MR contrasts that are known here"}
_REGIONS = {"head": "a head", "body": "a chest or belly", "other": "no part of a person that is known here"}
_WITH_MEDIUM = {"T1", "T1+C"}
# What the longer side of a head measures in plane (mm): from an infant's to a large one with nose and head rest.
_SMALLEST_HEAD, _LARGEST_HEAD = 95.0, 290.0
# The share of looked-at slices in which tissue may reach an edge of the image over the share of that edge.
_CUT_SLICES, _CUT_EDGE = 0.5, 0.25
# Noise as a share of the signal, and of CT in HU: from "tell" to "ask".
_NOISE = {"MR": (0.15, 0.3), "CT": (18.0, 45.0)}
_COARSE_MM = 3.0
_LOWEST_HU, _SOFT_HU = -1024.0, (-20.0, 90.0)
# Bone, even the enamel of teeth, stays below this; what is that bright over so large a part of a slice is metal.
_METAL_HU, _METAL_MM2 = 3000, 4.0
# Slices through a stack that is lower than this show too little to tell head from feet.
_LOWEST_STACK_MM = 70.0
_KEPT_LOOKS = 16
_looks: dict[str, "Look"] = {}


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a volume gave.

    ``size_mm`` is how far tissue reaches along rows and columns (None where there is none), ``cut`` whether it reaches
    over the edges of most slices, ``noise`` σ in HU of a CT's soft tissue, else as a share of the signal (None where
    it cannot be told). ``guess`` is the classifier's on the series' own slices, ``across`` its answers on slices
    through the stack; None where there is no classifier. ``metal`` is how many slices of a CT seem to show some.
    """

    size_mm: tuple[float, float] | None
    cut: bool
    noise: float | None
    guess: Guess | None = None
    across: tuple[Guess, ...] = ()
    metal: int = 0


def demand(
    manifest: Manifest, volumes: Sequence[Volume], stated: Sequence[str | None], confirmed: Sequence[str], checker: str
) -> tuple[tuple[str, ...], int]:
    """Return what the user should be told of the inputs of a run, one sentence each, and how many of them to use.

    An optional input that something speaks against is not used: nobody is asked to confirm what is not needed.
    ``volumes`` and the contrasts ``stated`` in their headers are in the manifest's order, ``checker`` is the folder of
    the classifier ("" for none). Raises QuestionableError where a model should not be run on them, unless all of that
    is ``confirmed``.
    """
    package = read_package(Path(checker)) if checker else None
    wanted = manifest.requires.inputs or (_only_input(manifest, volumes[0]),)
    against: list[str] = []
    notices: list[str] = []
    for each, volume, contrast in zip(wanted[: len(volumes)], volumes, stated, strict=True):
        more, fewer = objections(manifest, each, contrast, volume, look_at(volume, package))
        if each.optional and more:
            notices.append(f"Made without the {each.words} series. {' '.join(more)}")
            volumes = volumes[:-1]
            continue
        prefix = f"{each.words}: " if len(volumes) > 1 else ""
        against += [prefix + sentence for sentence in more]
        notices += [prefix + sentence for sentence in fewer]
    if not set(against) <= set(confirmed):
        words = " ".join(against)
        raise QuestionableError(f"{manifest.name} was not run. {words}", tuple(against))
    return tuple(notices), len(volumes)


def _only_input(manifest: Manifest, volume: Volume) -> Input:
    return Input(volume.modality, manifest.requires.contrasts if volume.modality == "MR" else ())


def objections(
    manifest: Manifest, wanted: Input, stated: str | None, volume: Volume, look: Look
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what speaks against running a model on a volume, and what is merely worth knowing; one sentence each."""
    against: list[str] = []
    notices: list[str] = []
    head = manifest.requires.body_part.upper() == "HEAD"
    if look.guess is not None:
        region = look.guess.sure("region")
        if head and region not in (None, "head"):
            against.append(f"The images seem to show {_REGIONS[region or '']}; the model needs a head.")
        elif manifest.requires.body_part.upper() == ANY_REGION and region == "other":
            against.append(f"The images seem to show {_REGIONS['other']}; the model needs a patient's.")
        else:
            _judge_kind(wanted, stated, look.guess, against, notices)
            if region == "head":
                _judge_position(volume, look, against)
    if head:
        _judge_size(look, against, notices)
    # Noise is what a model that takes it away is there for.
    if manifest.control is None or manifest.control.name != "strength":
        _judge_noise(volume, look, against, notices)
    if look.metal:
        slices = "One slice seems" if look.metal == 1 else f"{look.metal} slices seem"
        notices.append(f"{slices} to show metal; its streaks may come out as tissue that is not there.")
    return tuple(against), tuple(notices)


def _judge_kind(wanted: Input, stated: str | None, guess: Guess, against: list[str], notices: list[str]) -> None:
    kind = guess.sure("kind")
    if kind is None:
        if wanted.contrasts and stated is None:
            notices.append(f"Neither header nor pixels tell the contrast; the model needs {wanted.words}.")
        return
    seen = _KINDS.get(kind, f"a {kind}")
    if (kind == "CT") != (wanted.modality == "CT") or kind == "other":
        against.append(f"The images seem to show {seen}; the model needs {_article(wanted)}.")
    elif wanted.contrasts and kind not in wanted.contrasts:
        said = f" although the series says {stated}" if stated is not None else ""
        sentence = f"The images look like {seen}{said}; the model needs {wanted.words}."
        # Contrast medium shows in few places: it is told, and not asked about.
        alike = kind in _WITH_MEDIUM and bool(_WITH_MEDIUM & set(wanted.contrasts))
        (notices if alike else against).append(sentence)


def _article(wanted: Input) -> str:
    return "a CT" if wanted.modality == "CT" else f"an MR ({wanted.words})" if wanted.contrasts else "an MR"


def _judge_position(volume: Volume, look: Look, against: list[str]) -> None:
    """Compare what lies above and in front by the headers with what the images show."""
    assert look.guess is not None
    plane, stated = look.guess.sure("plane"), recognition.plane_of(volume)
    if plane not in (None, "none", stated):
        against.append(f"The slices are {stated} by their headers and look {plane}.")
        return
    if look.guess.sure("way") == "upside down":
        against.append("The images look upside down: by their headers the face points backwards.")
    turned = [each.sure("way") == "upside down" and each.sure("plane") != "axial" for each in look.across]
    if turned and all(turned):
        against.append("The series looks upside down: by its headers the feet are above the head.")


def _judge_size(look: Look, against: list[str], notices: list[str]) -> None:
    if look.size_mm is None:
        against.append("The images seem to be empty.")
        return
    if not _SMALLEST_HEAD <= max(look.size_mm) <= _LARGEST_HEAD:
        rows, columns = look.size_mm
        against.append(
            f"What the images show measures {rows:.0f} × {columns:.0f} mm in plane, which no head does: the pixel size "
            "in the headers may be wrong."
        )
    elif look.cut:
        notices.append("Part of the head lies outside the images; results near their edges are less reliable.")


def _judge_noise(volume: Volume, look: Look, against: list[str], notices: list[str]) -> None:
    if look.noise is None or volume.modality not in _NOISE:
        return
    tell, ask = _NOISE[volume.modality]
    amount = f"{look.noise:.0f} HU" if volume.modality == "CT" else f"{100 * look.noise:.0f} % of the signal"
    if look.noise > ask:
        against.append(f"The images are far noisier ({amount}) than any the model was made for.")
    elif look.noise > tell:
        notices.append(f"The images are noisy ({amount}); results are less reliable.")


# Looking


def look_at(volume: Volume, classifier: Package | None) -> Look:
    """Look at a volume, with a classifier where there is one.

    The looks of a few volumes are kept: the next model of the same series, or the same with another setting, need not
    wait for another.
    """
    key = _fingerprint(volume, classifier)
    look = _looks.get(key) or _look_anew(volume, classifier)
    if len(_looks) >= _KEPT_LOOKS:
        _looks.clear()
    _looks[key] = look
    return look


def _fingerprint(volume: Volume, classifier: Package | None) -> str:
    """Return what a volume and a classifier are known by: one voxel of 64 in every slice tells scans apart."""
    digest = hashlib.blake2b(np.ascontiguousarray(volume.array[:, ::8, ::8]).tobytes())
    weights = classifier.manifest.weights_sha256 if classifier is not None else ""
    digest.update(repr((volume.array.shape, volume.affine.tolist(), volume.modality, weights)).encode())
    return digest.hexdigest()


def _look_anew(volume: Volume, classifier: Package | None) -> Look:
    look = measured(volume)
    if classifier is None:
        return look
    stacks = (recognition.along(volume, axis) for axis in (1, 2)) if _is_high(volume) else ()
    across = [guess_of(classifier, recognition.pictures(stack, _middle(stack))) for stack in stacks]
    own = guess_of(classifier, recognition.pictures(volume))
    return replace(look, guess=own, across=tuple(one for one in across if one is not None))


def _is_high(volume: Volume) -> bool:
    return volume.shape[0] * volume.spacing[0] >= _LOWEST_STACK_MM


def _middle(volume: Volume) -> list[int]:
    """Return three slices about the middle of what the stack shows."""
    count = volume.shape[0]
    return sorted({round(share * (count - 1)) for share in (0.42, 0.5, 0.58)})


def guess_of(classifier: Package, pictures: NDArray[np.float32]) -> Guess | None:
    """Return what a classifier says of pictures ``[slice, 1, row, column]``; None where there are none."""
    if not len(pictures):
        return None
    from medgan_viewer.models import device

    network, questions = device.load(classifier, "cpu"), classifier.manifest.questions
    found = recognition.answer(network(pictures).numpy(), questions)
    if found.sure("way") == "upside down":
        # What looks upside down both ways round is no head that shows which way is up.
        turned = recognition.answer(network(np.ascontiguousarray(pictures[:, :, ::-1])).numpy(), questions)
        if turned.sure("way") != "upright":
            way = replace(found.answers["way"], sure=False)
            return Guess({**found.answers, "way": way})
    return found


def recognise(context: object, *, folder: str, volume: Volume) -> Guess | None:
    """Return what the classifier of a folder says of all slices of a volume: the entry point of a job in the worker."""
    del context
    return guess_of(read_package(Path(folder)), recognition.pictures(volume, range(volume.shape[0])))


def words_of(guess: Guess) -> str:
    """Return what a series seems to show in a line: "T2 (99 %) · head (100 %) · axial (98 %)"."""
    shown = [guess.answers[name].words for name in ("kind", "region", "plane") if name in guess.answers]
    return " · ".join(shown)


def measured(volume: Volume) -> Look:
    """Return what needs no classifier: size, cut edges and noise, from at most a dozen slices; metal, from all."""
    sizes: list[tuple[float, float]] = []
    cut = 0
    noises: list[float] = []
    chosen = recognition.sampled(volume.shape[0], 12)
    values = np.stack([np.nan_to_num(volume.array[index].astype(np.float32)) for index in chosen])
    level = _tissue_level(values, volume.modality)
    for image in values if level is not None else ():
        box = _tissue(image, volume, level or 0.0)
        if box is None:
            continue
        sizes.append(box[:2])
        cut += box[2]
        noise = _noise_of(image, volume.modality, level or 0.0)
        if noise is not None:
            noises.append(noise)
    if not sizes:
        return Look(None, False, None)
    rows, columns = (max(size[axis] for size in sizes) for axis in (0, 1))
    noise = float(np.median(noises)) if noises else None
    return Look((rows, columns), cut > _CUT_SLICES * len(chosen), noise, metal=_with_metal(volume))


def _with_metal(volume: Volume) -> int:
    """Return how many slices of a CT seem to show metal."""
    if volume.modality != "CT":
        return 0
    fewest = _METAL_MM2 / (volume.spacing[1] * volume.spacing[2])
    return sum(int(np.count_nonzero(image >= _METAL_HU)) >= fewest for image in volume.array)


def _tissue_level(values: NDArray[np.float32], modality: str) -> float | None:
    """Return the value above which there is tissue; None where all is alike."""
    low = float(values.min())
    if modality == "CT" and low < -500:
        # Whether the percentile below lies over the lowest value, without sorting what there may be much of.
        above = values.size - math.ceil(0.99 * (values.size - 1))
        return -350.0 if np.count_nonzero(values > low) >= above else None
    high = float(np.percentile(values, 99))
    if not high > low:
        return None
    return low + 0.1 * (high - low) if modality == "CT" else 0.12 * high


def _tissue(image: NDArray[np.float32], volume: Volume, level: float) -> tuple[float, float, bool] | None:
    """Return the extent (mm) of the largest solid part along rows and columns, and whether it is cut by an edge."""
    from scipy import ndimage

    steps = [max(1, round(_COARSE_MM / spacing)) for spacing in volume.spacing[1:]]
    # Thin things, such as a couch or noise, vanish.
    solid = ndimage.binary_opening(image[:: steps[0], :: steps[1]] > level, iterations=1)
    parts, count = ndimage.label(solid)
    if not count:
        return None
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    part = parts == sizes.argmax()
    lines = [np.flatnonzero(part.any(axis=axis)) for axis in (1, 0)]
    extent = [
        (line[-1] - line[0] + 1) * step * spacing
        for line, step, spacing in zip(lines, steps, volume.spacing[1:], strict=True)
    ]
    edges = (part[0], part[-1], part[:, 0], part[:, -1])
    return float(extent[0]), float(extent[1]), any(float(edge.mean()) > _CUT_EDGE for edge in edges)


def _noise_of(image: NDArray[np.float32], modality: str, level: float) -> float | None:
    """Return σ of the noise inside tissue, robustly, from second differences that cancel edges (Immerkær 1996)."""
    # Every second row says as much, in half the time.
    above, middle, below = image[:-2:2], image[1:-1:2], image[2::2]
    inside = middle > level if modality != "CT" else (middle > _SOFT_HU[0] - 200) & (middle < _SOFT_HU[1] + 200)
    pattern = (
        above[:, :-2] + above[:, 2:] + below[:, :-2] + below[:, 2:]
        - 2 * (above[:, 1:-1] + below[:, 1:-1] + middle[:, :-2] + middle[:, 2:])
        + 4 * middle[:, 1:-1]
    )  # fmt: skip
    chosen = np.abs(pattern[inside[:, 1:-1]])
    if chosen.size < 100:
        return None
    # The median of |N(0, 6σ)| is 0.6745 · 6σ.
    sigma = float(np.median(chosen)) / (0.6745 * 6)
    return sigma if modality == "CT" else sigma / float(np.median(middle[inside]))
