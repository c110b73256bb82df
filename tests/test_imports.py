"""The viewer process stays light: it never imports torch, and the command line imports no Qt."""

import subprocess
import sys

import pytest

_CHECK = """
import importlib, sys
for name in sys.argv[2:]:
    importlib.import_module(name)
found = sorted({module.partition(".")[0] for module in sys.modules} & set(sys.argv[1].split(",")))
print(",".join(found))
"""
# Slow to import: only ever loaded by the function that needs them.
_SLOW = "highdicom,SimpleITK,monai,scipy,safetensors"


def loaded(unwanted: str, *modules: str) -> str:
    """Return which of the unwanted packages are loaded after a fresh interpreter has imported the modules."""
    command = [sys.executable, "-c", _CHECK, unwanted, *modules]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    "modules",
    [
        ("medgan_viewer.core.document", "medgan_viewer.core.regrid", "medgan_viewer.core.findings"),
        ("medgan_viewer.jobs.runner", "medgan_viewer.jobs.worker", "medgan_viewer.jobs.shared_array"),
        ("medgan_viewer.dicom.index", "medgan_viewer.dicom.assemble"),
        ("medgan_viewer.models.registry", "medgan_viewer.models.suitability", "medgan_viewer.models.networks"),
        ("medgan_viewer.models.tasks", "medgan_viewer.models.inference", "medgan_viewer.models.device"),
        ("medgan_viewer.services", "medgan_viewer.settings"),
    ],
    ids=lambda modules: modules[0].removeprefix("medgan_viewer."),
)
def test_that_importing_a_part_of_the_viewer_loads_neither_torch_nor_qt(modules: tuple[str, ...]) -> None:
    assert loaded(f"torch,PySide6,pyqtgraph,{_SLOW}", *modules) == ""


def test_that_every_command_is_declared_without_torch_or_qt() -> None:
    names = [
        f"medgan_viewer.commands.{name}" for name in ("convert", "demo", "doctor", "info", "models", "run", "view")
    ]
    assert loaded(f"torch,PySide6,pyqtgraph,{_SLOW}", "medgan_viewer.cli", *names) == ""


def test_that_the_virtual_patient_is_made_without_torch() -> None:
    assert loaded("torch,PySide6", "medgan_viewer.lab.virtual_patient.study") == ""


def test_that_starting_the_program_imports_nothing_yet() -> None:
    assert loaded("numpy,pydicom,torch,PySide6", "medgan_viewer.__main__") == ""
