"""``medgan-viewer cohort --n N --out DIR``: labelled synthetic cases that are nobody, with masks and a table."""

import argparse
from pathlib import Path
from typing import Any

from medgan_viewer.commands import console
from medgan_viewer.errors import UsageError

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "write labelled synthetic cases: images, masks and a table"
_HEADS = "head-cohort"
_OF_HEADS = ("kinds", "contrasts", "size", "ventricles", "lesion_ml", "place")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--model",
        default=_HEADS,
        metavar="MODEL",
        help="head-cohort (whole heads), or the folder of a run that generates slices of classes; default: head-cohort",
    )
    parser.add_argument("--n", type=int, required=True, metavar="N", help="how many cases")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")
    parser.add_argument("--format", choices=("dicom", "nifti"), default="nifti", help="default: nifti")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="another seed, other cases; default: 0")
    parser.add_argument(
        "--override", action="store_true", help="write the cohort though it fails its leak tests; every object says so"
    )
    heads = parser.add_argument_group("factors of heads, each case drawing its own between LOW and HIGH")
    heads.add_argument("--kinds", nargs="+", metavar="KIND", help="healthy, lesions, tumour; default: all, in turn")
    heads.add_argument(
        "--contrasts",
        nargs="+",
        metavar="C",
        help="CT, T1, T2, FLAIR, PD, or TR/TE or TR/TE/TI in ms; default: CT T1 T2 FLAIR",
    )
    for name, words in (
        ("size", "size of the head, 1 as its seed has it; default: 0.94 1.06"),
        ("ventricles", "volume of the lateral ventricles, likewise; default: 0.7 2"),
        ("lesion-ml", "volume of lesions or tumour in ml; default: 2 20"),
    ):
        heads.add_argument(f"--{name}", nargs=2, type=float, metavar=("LOW", "HIGH"), help=words)
    heads.add_argument("--place", help="any, periventricular, subcortical, deep, left or right; default: any")


def execute(arguments: argparse.Namespace) -> int:
    """Write the cohort, or say why not."""
    if arguments.model == _HEADS:
        return _heads(arguments)
    if not Path(arguments.model).is_dir():
        raise UsageError(f"There is no model {arguments.model}: name head-cohort, or the folder of a run.")
    named = [name for name in _OF_HEADS if getattr(arguments, name) is not None]
    if named:
        raise UsageError(f"Slices have no --{named[0].replace('_', '-')}: that is a factor of heads.")
    from medgan_viewer.lab.cohort.write_slices import write_slices

    verdict = write_slices(
        Path(arguments.model), arguments.out, arguments.n, arguments.seed, arguments.format, arguments.override
    )
    console.show(verdict.sentence)
    console.show(str(arguments.out))
    return 0


def _heads(arguments: argparse.Namespace) -> int:
    from medgan_viewer.lab.cohort import write
    from medgan_viewer.lab.cohort.heads import KINDS, PLACES, Ranges

    given: dict[str, Any] = {
        name: tuple(ends) for name in ("size", "ventricles", "lesion_ml") if (ends := getattr(arguments, name))
    }
    if arguments.kinds:
        given["kinds"] = tuple(_one_of(KINDS, kind, "kind") for kind in arguments.kinds)
    if arguments.place:
        given["place"] = _one_of(PLACES, arguments.place, "place")
    protocols = tuple(write.protocol_of(words) for words in arguments.contrasts or ("CT", "T1", "T2", "FLAIR"))
    ranges = Ranges(**given)
    order = write.Order(
        arguments.out, arguments.n, arguments.seed, ranges, protocols, arguments.format, arguments.override
    )
    folder, verdict = write.write_cohort(order, console.complain)
    console.show(f"The leak tests were {write.NOT_TESTED}." if verdict is None else verdict.sentence)
    console.show(str(folder))
    return 0


def _one_of(known: tuple[str, ...], word: str, what: str) -> str:
    if word not in known:
        raise UsageError(f"There is no {what} {word}: choose among {', '.join(known)}.")
    return word
