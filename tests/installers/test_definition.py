"""One definition for every installer: what scripts name is there, and nothing is told twice."""

import ast
import configparser
import json
import plistlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import medgan_viewer
from installers import definition, libraries, setup_environment
from medgan_viewer.commands import doctor
from medgan_viewer.ui.dialogs.acceptance import WORDS_VERSION

HERE = definition.ROOT / "installers"
WINDOWS, MACOS, LINUX = HERE / "windows", HERE / "macos", HERE / "linux"
# Blocks what the frozen program leaves out, then imports what the program imports somewhere.
_WITHOUT = """
import importlib, importlib.machinery, pkgutil, sys
import medgan_viewer
from installers import definition
left_out = definition.excluded_modules()
class Rest(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if any(name == each or name.startswith(each + ".") for each in left_out):
            return None
        return super().find_spec(name, path, target)
sys.meta_path = [Rest if finder is importlib.machinery.PathFinder else finder for finder in sys.meta_path]
names = [module.name for module in pkgutil.walk_packages(medgan_viewer.__path__, "medgan_viewer.")]
names += ["highdicom", "SimpleITK", "onnxruntime", "monai.networks.nets", "monai.losses", "monai.metrics"]
names += ["pynetdicom", "dicomweb_client.web", "keyring", "lightning_fabric", "safetensors.torch", "torch._dynamo"]
names += ["scipy.ndimage", "scipy.sparse", "scipy.integrate", "scipy.stats", "torch.distributed.fsdp", "pyqtgraph"]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
"""


def test_that_the_version_is_told_once() -> None:
    assert definition.version() == medgan_viewer.__version__
    assert definition.version() in definition.artefact("linux", ".tar.zst")


def test_that_nothing_the_program_imports_is_left_out_of_it() -> None:
    done = subprocess.run([sys.executable, "-c", _WITHOUT], cwd=definition.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def test_that_the_spec_is_python_and_its_files_are_there() -> None:
    text = (HERE / "medgan-viewer.spec").read_text(encoding="utf-8")
    ast.parse(text)
    for named in re.findall(r'ROOT((?: / "[^"]+")+)', text):
        path = definition.ROOT.joinpath(*re.findall(r'"([^"]+)"', named))
        assert path.exists(), path


@pytest.mark.parametrize(
    ("place", "origin", "inside"),
    [
        ("libstdc++.so.6", "/lib/x86_64-linux-gnu/libstdc++.so.6", False),
        ("libssl.so.3", "/lib/x86_64-linux-gnu/libssl.so.3", True),
        ("libX11.so.6", "/usr/lib/x86_64-linux-gnu/libX11.so.6", False),
        ("numpy.libs/libgfortran.so.5", "/somewhere/site-packages/numpy.libs/libgfortran.so.5", True),
        ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", True),
        ("torch/bin/test_jit", "/somewhere/torch/bin/test_jit", False),
        ("torch/bin/torch_shm_manager", "/somewhere/torch/bin/torch_shm_manager", True),
        ("scipy/special/tests/data/boost.npz", "/somewhere/boost.npz", False),
        ("torch\\bin\\protoc.exe", "C:\\somewhere\\protoc.exe", False),
        ("torch/lib/libjitbackend_test.so", "/somewhere/torch/lib/libjitbackend_test.so", False),
        ("torch/_inductor/codegen/cpp.py", "/somewhere/torch/_inductor/codegen/cpp.py", False),
        ("torch/nn/functional.py", "/somewhere/torch/nn/functional.py", True),
        ("numpy-2.4.6.dist-info/RECORD", "/somewhere/numpy-2.4.6.dist-info/RECORD", False),
        ("numpy-2.4.6.dist-info/METADATA", "/somewhere/numpy-2.4.6.dist-info/METADATA", True),
        ("PySide6/Qt/translations/qtbase_de.qm", "/somewhere/PySide6/Qt/translations/qtbase_de.qm", True),
        ("PySide6/Qt/translations/designer_de.qm", "/somewhere/PySide6/Qt/translations/designer_de.qm", False),
    ],
)
def test_that_the_desktops_own_libraries_and_what_nobody_opens_stay_out(place: str, origin: str, inside: bool) -> None:
    assert definition.goes_in(place, origin) is inside


def test_that_scripts_get_the_values_in_their_own_words() -> None:
    values = definition.values()
    assert json.loads(definition.written("json")) == values
    inno = dict(re.findall(r'^#define (\w+) "(.*)"$', definition.written("inno"), re.MULTILINE))
    assert inno == values
    shell = shutil.which("sh")
    if shell is None:
        pytest.skip("there is no sh here")
    script = definition.written("shell") + 'printf %s "$Name|$MacosArtefact"'
    said = subprocess.run([shell, "-euc", script], capture_output=True, text=True, check=True).stdout
    assert said == f"{values['Name']}|{values['MacosArtefact']}"


def test_that_inno_setup_is_asked_only_for_values_that_are_defined() -> None:
    text = (WINDOWS / "medgan-viewer.iss").read_text(encoding="utf-8")
    asked = set(re.findall(r"\{#(\w+)\}", text))
    assert asked <= set(definition.values())
    assert {"WindowsId", "Version", "ProgramFolder", "Dist", "Icons"} <= asked
    # Nothing that the definition owns is written out a second time.
    for value in (definition.version(), definition.WINDOWS_ID, definition.NAME, definition.MIME_TYPE):
        assert value not in text
    for line in text.splitlines():
        if line.startswith("Source:"):
            source = re.search(r'Source: "\{#(\w+)\}\\([^"]*)"', line)
            assert source is not None, line
            if source[1] == "Root":
                assert (definition.ROOT / source[2].replace("\\", "/")).is_file()


def test_that_inno_setups_sections_flags_and_quotes_are_whole() -> None:
    text = (WINDOWS / "medgan-viewer.iss").read_text(encoding="utf-8")
    known = {"Setup", "Languages", "Tasks", "Files", "InstallDelete", "Icons", "Registry", "Run", "UninstallDelete"}
    assert set(re.findall(r"^\[(\w+)\]", text, re.MULTILINE)) == {*known, "Code"}
    entries, code = text.split("[Code]")
    tasks = set(re.findall(r'^Name: "(\w+)"; Description', entries, re.MULTILINE))
    used = set(re.findall(r"Tasks: (\w+)", entries)) | set(re.findall(r"WizardIsTaskSelected\('(\w+)'\)", code))
    assert used == tasks
    for line in entries.splitlines():
        if not line.startswith(";"):
            assert line.count('"') % 2 == 0, line
    assert len(re.findall(r"\bbegin\b", code)) == len(re.findall(r"\bend\b[;.]", code))


def test_that_powershell_asks_only_for_values_that_are_defined_and_files_that_are_there() -> None:
    text = (WINDOWS / "build.ps1").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\(?definition\.(\w+)", text)) <= set(definition.values())
    for name in re.findall(r"\$PSScriptRoot '([^']+\.\w+)'", text):
        assert (WINDOWS / name).is_file()
    for script in WINDOWS.glob("*.ps1"):
        content = script.read_text(encoding="utf-8")
        bare = re.sub(r"#[^\n]*|'[^']*'|\"(?:`\"|[^\"])*\"", "", content)
        for left, right in ("{}", "()", "[]"):
            assert bare.count(left) == bare.count(right), f"{script.name}: {left}{right}"
        powershell = shutil.which("pwsh")
        if powershell is not None:
            check = f"[void][scriptblock]::Create((Get-Content -Raw '{script}'))"
            subprocess.run([powershell, "-NoProfile", "-Command", check], check=True)


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no sh here")
@pytest.mark.parametrize("script", sorted([*MACOS.glob("*.sh"), *LINUX.glob("*.sh")]), ids=str)
def test_that_shell_scripts_are_whole(script: Path) -> None:
    subprocess.run(["sh", "-n", str(script)], check=True)
    assert script.read_text(encoding="utf-8").splitlines()[0] == "#!/bin/sh"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux' artefacts are tried by it")
def test_that_trying_artefacts_says_what_it_wants_before_it_does_anything(tmp_path: Path) -> None:
    nobody = tmp_path / "id"
    nobody.write_text("#!/bin/sh\necho 1000\n")
    nobody.chmod(0o755)
    command = ["sh", str(LINUX / "check_artefacts.sh"), str(tmp_path / "results")]
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(command, env=path, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("FAILED: run this as root")
    assert not (tmp_path / "results").exists()


def test_that_the_macos_script_uses_only_what_is_defined_and_files_that_are_there() -> None:
    text = (MACOS / "build.sh").read_text(encoding="utf-8")
    used = set(re.findall(r"\$\{?([A-Z][a-z]\w*)", text))
    assert used <= set(definition.values())
    for name in re.findall(r"\$HERE/([\w.]+\.\w+)", text):
        assert (MACOS / name).is_file()


def test_that_the_entitlements_are_those_of_a_python_that_may_be_notarised() -> None:
    with (MACOS / "entitlements.plist").open("rb") as stream:
        entitlements = plistlib.load(stream)
    assert all(value is True for value in entitlements.values())
    # A program that may be debugged by any other one is refused.
    assert "com.apple.security.get-task-allow" not in entitlements
    assert "com.apple.security.cs.disable-library-validation" in entitlements


def test_that_the_menu_entry_calls_a_command_that_exists_with_the_files_it_is_given() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(LINUX / "medgan-viewer.desktop", encoding="utf-8")
    group = entry["Desktop Entry"]
    assert group["Name"] == definition.NAME
    assert group["Exec"] == f"{definition.PROGRAM} view %F"
    assert group["Icon"] == definition.PROGRAM
    assert definition.MIME_TYPE in group["MimeType"].split(";")
    assert group["Categories"].endswith(";")


def test_that_the_file_type_is_dicoms_by_name_and_by_its_magic_word() -> None:
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    (kind,) = ET.parse(LINUX / "medgan-viewer.xml").getroot()
    assert kind.get("type") == definition.MIME_TYPE
    assert "*.dcm" in {each.get("pattern") for each in kind.iter(f"{space}glob")}
    (match,) = kind.iter(f"{space}match")
    assert (match.get("offset"), match.get("value")) == ("128", "DICM")


@pytest.mark.parametrize(
    "script",
    [*LINUX.glob("smoke_test.*"), *LINUX.glob("*.py"), *MACOS.glob("smoke*"), *WINDOWS.glob("smoke*")],
    ids=str,
)
def test_that_whoever_starts_the_window_has_agreed_to_the_present_words_on_research_use(script: Path) -> None:
    assert f'{{"accepted": "{WORDS_VERSION}"}}' in script.read_text(encoding="utf-8")


def test_that_the_workflow_calls_scripts_that_are_there() -> None:
    text = (definition.ROOT / ".github" / "workflows" / "installers.yml").read_text(encoding="utf-8")
    for script in ("installers/macos/smoke_test.sh", "installers\\windows\\smoke_test.ps1", "smoke_test.sh"):
        assert script in text
    for path in re.findall(r"installers[/\\][\w/\\]+\.\w+", text):
        assert (definition.ROOT / path.replace("\\", "/")).is_file(), path
    assert "make installer" in text
    assert "\t" not in text


def test_that_doctor_the_set_up_and_the_package_look_for_the_same_libraries() -> None:
    assert {**doctor._QT_LIBRARIES, **doctor._X11_LIBRARIES} == setup_environment.QT_LIBRARIES
    assert setup_environment.QT_LIBRARIES.items() <= libraries._PACKAGES.items()


def test_that_make_knows_the_target() -> None:
    makefile = (definition.ROOT / "Makefile").read_text(encoding="utf-8")
    assert makefile.count(" installer") >= 2
