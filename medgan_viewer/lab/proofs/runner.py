"""Runs cases in processes of one thread each, tells how they went and stores what they gave."""

import importlib.metadata
import multiprocessing
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

import torch

from medgan_viewer.lab.proofs.base import Case, Claim, Proof
from medgan_viewer.lab.proofs.registry import proof
from medgan_viewer.lab.proofs.store import Result, Store

_PACKAGES = ("torch", "numpy", "scipy")


def measured(case: Case, of: Proof | None = None) -> Result:
    """Run one case, of a proof that is not registered too, on one thread; `seconds` of its result is its CPU time."""
    torch.set_num_threads(1)
    began = time.process_time()
    values = (of or proof(case.proof)).run(case)
    rounded = {name: _rounded(value) for name, value in values.items()}
    seconds = round(time.process_time() - began, 1)
    return Result(case.proof, case.entry, case.seed, case.digest, dict(case.settings), rounded, seconds, _versions())


def run(cases: Sequence[Case], store: Store | None, jobs: int, say: Callable[[str], None]) -> bool:
    """Run what is not yet stored, `jobs` at once, and say each result; return whether the claims of all cases hold.

    Cases are begun in their order; each is stored as soon as it ends. Of what was stored before only that is said
    which does not go as claimed.
    """
    waiting = store.missing(cases) if store is not None else list(cases)
    say(f"{len(cases)} cases, {len(cases) - len(waiting)} of them stored already.")
    sound = True
    for known in [] if store is None else filter(None, map(store.find, cases)):
        missed = [claim for claim in _claims(known) if not claim.holds]
        if missed:
            sound = False
            say("\n".join([f"[stored] {described(known)}", *map(_told, missed)]))
    for number, result in enumerate(_results(waiting, jobs), 1):
        if store is not None:
            store.add(result)
        claims = _claims(result)
        sound = sound and all(claim.holds for claim in claims)
        say("\n".join([f"[{number}/{len(waiting)}] {described(result)}", *map(_told, claims)]))
    return sound


def _results(cases: Sequence[Case], jobs: int) -> Iterator[Result]:
    """Yield each result as soon as it is there; with one job at a time, from this very process."""
    if jobs <= 1 or len(cases) <= 1:
        yield from map(measured, cases)
        return
    with ProcessPoolExecutor(min(jobs, len(cases)), multiprocessing.get_context("spawn")) as pool:
        try:
            for future in as_completed([pool.submit(measured, case) for case in cases]):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def described(result: Result) -> str:
    """Return a result on one line."""
    values = ", ".join(f"{name} {_text(value)}" for name, value in result.values.items())
    return f"{result.proof}: {result.entry}, seed {result.seed}: {values} ({result.seconds:.0f} s)"


def _claims(result: Result) -> list[Claim]:
    return proof(result.proof).claims(result.entry, result.values)


def _told(claim: Claim) -> str:
    return f"    {'holds' if claim.holds else 'DOES NOT HOLD'}: {claim.sentence}"


def _text(value: float | int | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _rounded(value: float | int | None) -> float | int | None:
    """Return six significant digits: more would differ from one processor to the next."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _versions() -> dict[str, str]:
    packages = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), "machine": platform.machine()} | packages
