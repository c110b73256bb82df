"""Runs, stored results and the document that is written from them."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.proofs.__main__ import main
from medgan_viewer.lab.proofs.base import Case
from medgan_viewer.lab.proofs.registry import PROOFS, cases, proof
from medgan_viewer.lab.proofs.runner import measured, run
from medgan_viewer.lab.proofs.store import Result, Store, stored_folder
from medgan_viewer.lab.proofs.table import ABSENT, current, document, spread
from medgan_viewer.lab.proofs.training import train
from medgan_viewer.lab.sources.toy import ToySource

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "gan-families.md"
# What makes a training small enough to see that it runs.
_TINY = {"glyphs": 40, "held out": 20, "classifier steps": 2, "regressor steps": 2, "samples": 500}


def _tiny(case: Case) -> Case:
    settings: dict[str, Any] = {name: _TINY.get(name, value) for name, value in case.settings.items()}
    settings["schedule"] = settings["schedule"] | {"steps": 2, "batch": 8}
    return Case(case.proof, case.entry, case.seed, settings)


@pytest.mark.parametrize("name", ["ring", "grid", "digits", "infogan", "classes", "cycles"])
def test_every_entry_of_a_training_proof_runs_and_gives_the_same_numbers_names_and_claims(name: str) -> None:
    chosen = proof(name)
    first = [case for case in chosen.cases(short=False) if case.seed == 0]
    assert [case.entry for case in first] == list(chosen.entries)
    names = set()
    for case in first:
        values = chosen.run(_tiny(case))
        chosen.claims(case.entry, values)
        assert values["broke at"] is None
        names.add(tuple(values))
    assert len(names) == 1


def _weights(case: Case) -> torch.Tensor:
    source, settings = ToySource("ring"), case.settings
    networks, options, schedule = (settings[name] for name in ("networks", "options", "schedule"))
    trained = train("generation", source, source, networks, options, schedule, case.seed)
    return torch.cat([weight.flatten() for weight in trained.generator.parameters()])


def test_a_seed_gives_the_same_training_wherever_torchs_own_random_stream_stands() -> None:
    case = _tiny(proof("ring").cases(short=True)[1])
    first = _weights(case)
    torch.manual_seed(123)
    assert torch.equal(_weights(case), first)
    assert not torch.equal(_weights(Case(case.proof, case.entry, 1, case.settings)), first)


def test_every_case_is_told_apart_and_the_short_run_takes_one_seed() -> None:
    full, short = cases(short=False), cases(short=True)
    for some in (full, short):
        assert len({(case.proof, case.entry, case.seed) for case in some}) == len(some)
        for case in some:
            json.dumps(case.settings)
    assert {case.seed for case in short} == {0}
    assert sum(case.proof == "grid" for case in full) == 5 * sum(case.proof == "grid" for case in short)
    assert full[-1].proof == "digits"
    # What both runs do, they do alike, but for what is shortened.
    known = {(case.proof, case.entry, case.seed): case.digest for case in full}
    shortened = {case.proof for case in short if known[case.proof, case.entry, case.seed] != case.digest}
    assert shortened == {"ring", "grid", "digits"}


def test_an_unknown_proof_is_named() -> None:
    with pytest.raises(UsageError, match="no proof circle: choose among dirac"):
        proof("circle")


def _result(entry: str, seed: int, digest: str, modes: int) -> Result:
    values: dict[str, float | int | None] = {"modes": modes, "good": 0.5, "kl": None, "broke at": None}
    return Result("ring", entry, seed, digest, {}, values, 1.0, {})


def test_what_is_stored_is_found_again_and_other_settings_are_run_anew(tmp_path: Path) -> None:
    store = Store(tmp_path / "results")
    case, other = Case("ring", "lsgan", 0, {"steps": 1}), Case("ring", "lsgan", 0, {"steps": 2})
    assert store.missing([case]) == [case]
    store.add(_result("lsgan", 0, case.digest, 7))
    assert store.missing([case, other]) == [other]
    store.add(_result("lsgan", 0, other.digest, 8))
    assert store.missing([case, other]) == [case]
    assert [result.values["modes"] for result in store.results("ring")] == [8]
    assert [path.name for path in store.folder.iterdir()] == ["ring.json"]


def test_a_run_stores_each_case_and_a_second_one_runs_nothing(tmp_path: Path) -> None:
    chosen = [case for case in cases(short=True, only=["dirac"]) if case.entry.startswith("minimax")]
    store, said = Store(tmp_path), list[str]()
    assert run(chosen, store, 1, said.append)
    assert len(store.results("dirac")) == len(chosen)
    assert "holds: circles" in "".join(said)
    said.clear()
    assert run(chosen, store, 1, said.append)
    assert said == ["4 cases, 4 of them stored already."]


def test_a_claim_that_does_not_hold_makes_the_run_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from medgan_viewer.lab.proofs import gradients

    monkeypatch.setitem(gradients._BY_HAND, "lsgan", lambda score: 0.0)
    chosen = [case for case in cases(short=True, only=["gradients"]) if case.entry == "lsgan"]
    store, said = Store(tmp_path), list[str]()
    assert not run(chosen, store, 1, said.append)
    assert "DOES NOT HOLD" in said[-1]
    # Nor does it hold because it is stored.
    said.clear()
    assert not run(chosen, store, 1, said.append)
    assert said[-1].startswith("[stored] gradients: lsgan, seed 0")
    assert "DOES NOT HOLD" in said[-1]


def test_the_command_line_runs_a_proof_and_names_an_unknown_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "gradients", "--jobs", "1"]) == 0
    assert "hinge, seed 0: slope times N -1" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="no proof nothing"):
        main(["--only", "nothing"])


def test_a_cell_gives_mean_and_range_or_says_that_nothing_was_run() -> None:
    assert spread([7, 8, 8], "{:.1f}".format) == "7.7 (7.0–8.0)"
    assert spread([8, 8], "{:.0f}".format) == "8"
    assert spread([], "{:.0f}".format) == ABSENT


def test_the_document_shows_what_is_stored_and_leaves_the_rest_open(tmp_path: Path) -> None:
    store = Store(tmp_path)
    case = next(case for case in proof("ring").cases(short=False) if case.entry == "lsgan")
    for seed, modes in enumerate([6, 8]):
        store.add(_result("lsgan", seed, case.digest, modes))
    store.add(_result("hinge", 0, "of other settings", 8))
    text = document(store)
    (row,) = [line for line in text.splitlines() if line.startswith("| LSGAN | 7")]
    assert row.startswith("| LSGAN | 7 (6–8) | 50 % | – |")
    (other,) = [line for line in text.splitlines() if line.startswith("| Hinge GAN | ")]
    assert other.startswith(f"| Hinge GAN | {ABSENT} | {ABSENT}")


def test_the_document_agrees_with_the_stored_results() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(Store(stored_folder()))


@pytest.mark.parametrize(
    ("name", "entry"), [("dirac", "minimax + R1, alternating"), ("gradients", "hinge"), ("divergences", "lsgan")]
)
def test_a_stored_result_comes_out_again_with_the_same_seed(name: str, entry: str) -> None:
    (stored,) = [result for result in current(proof(name), Store(stored_folder())) if result.entry == entry]
    (case,) = [case for case in proof(name).cases(short=True) if case.entry == entry]
    again = measured(case)
    assert again.digest == stored.digest
    assert again.values == pytest.approx(stored.values, rel=2e-3, abs=1e-6)


def test_every_proof_has_its_place_in_the_document() -> None:
    text = document(Store(Path("nowhere")))
    for entry in PROOFS:
        assert entry.title in text
