"""What goes into packages: models by their licence, parts with their licences, a control file and a man page."""

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Literal

import pytest

from installers import build, bundled_models, contents, debian, definition, icons, libraries, licences, sbom
from medgan_viewer.cli import COMMANDS
from medgan_viewer.models import registry

DUMP = """
/x/libqxcb.so:     file format elf64-x86-64

Dynamic Section:
  NEEDED               libxcb-cursor.so.0
  NEEDED               libEGL.so.1
  NEEDED               libc.so.6
  RUNPATH              $ORIGIN/../../lib

Version References:
  required from libc.so.6:
    0x09691a75 0x00 03 GLIBC_2.2.5
    0x06969194 0x00 02 GLIBC_2.28
  required from libstdc++.so.6:
    0x08922974 0x00 04 GLIBCXX_3.4.30
"""


def manifest(licence: str, *data: str) -> dict[str, Any]:
    return {"licence": licence, "training_data": [{"name": "heads", "licence": each} for each in data]}


# -- models ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "shipped"),
    [
        (manifest("Apache-2.0", "Apache-2.0"), True),
        (manifest("CC BY-SA 3.0", "CC BY", "Apache-2.0"), True),
        (manifest("Apache-2.0", "Apache-2.0", "CC BY-NC-SA 4.0"), False),
        (manifest("CC BY-NC 4.0", "Apache-2.0"), False),
        (manifest("MIT", "for non-commercial purposes"), False),
        (manifest("MIT", "Noncommercial, on request"), False),
        (manifest("MIT", "academic use only"), False),
        (manifest("MIT", "Data of NCI, CC BY 4.0"), True),
        (manifest("MIT", ""), False),
        (manifest("", "MIT"), False),
        (manifest("MIT"), False),
    ],
)
def test_that_models_of_data_that_forbid_commerce_are_not_shipped(content: dict[str, Any], shipped: bool) -> None:
    assert bundled_models.may_be_shipped(content) is shipped


def test_that_the_other_models_become_an_archive_that_the_model_folder_takes(tmp_path: Path) -> None:
    source = definition.ROOT / "resources" / "models" / "head-anatomy"
    for name, licence in (("free", "Apache-2.0"), ("bound", "CC BY-NC 4.0")):
        shutil.copytree(source, tmp_path / "models" / name)
        path = tmp_path / "models" / name / "manifest.json"
        content = json.loads(path.read_text())
        content |= {"id": name, "training_data": [{"name": "heads", "licence": licence}]}
        path.write_text(json.dumps(content))
    shipped, others = bundled_models.divide(tmp_path / "models")
    assert [folder.name for folder in shipped] == ["free"]
    bundled_models.copy(shipped, tmp_path / "build")
    assert [folder.name for folder in (tmp_path / "build").iterdir()] == ["free"]
    for archive in ("one.zip", "two.zip"):
        bundled_models.write_archive(others, tmp_path / archive)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as file:
        file.extractall(tmp_path / "own")
    packages, problems = registry.scan([tmp_path / "own"])
    assert [package.id for package in packages] == ["bound"]
    assert not problems


def test_that_every_model_of_the_checkout_has_its_place() -> None:
    models = definition.ROOT / "resources" / "models"
    shipped, others = bundled_models.divide(models)
    assert sorted(folder.name for folder in [*shipped, *others]) == sorted(path.name for path in models.iterdir())


# -- parts and licences ------------------------------------------------------------------------------------------------


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[contents.Component]:
    """Return what a program with three packages, a module of Python's and the program's own code is made of."""
    found = contents._python

    def python(name: str) -> contents.Component:
        # The builder's own environment has PyInstaller; this one need not.
        return found("pip" if name == "pyinstaller" else name)

    monkeypatch.setattr(contents, "_python", python)
    files = []
    for name, module in (("numpy", "numpy"), ("pydicom", "pydicom"), ("PySide6_Essentials", "PySide6")):
        listed = importlib.metadata.files(name) or []
        inside = [file for file in listed if str(file).startswith(f"{module}/") and file.suffix == ".py"]
        files.append(Path(str(inside[0].locate())))
    files += [Path(json.__file__), definition.ROOT / "medgan_viewer" / "cli.py"]
    return [*contents.components(files), *contents.models(definition.ROOT / "resources" / "models")]


def test_that_every_file_is_owned_by_the_package_it_came_with(parts: list[contents.Component]) -> None:
    found = {(part.kind, part.name) for part in parts}
    assert {
        ("python", "numpy"),
        ("python", "pydicom"),
        ("python", "PySide6_Essentials"),
        ("runtime", "python"),
    } <= found
    assert ("model", "head-anatomy") in found
    versions = {part.name: part.version for part in parts}
    assert versions["numpy"] == importlib.metadata.version("numpy")
    assert not any(part.name == "medgan-viewer" for part in parts)


def test_that_a_file_of_nobody_stops_the_build(tmp_path: Path) -> None:
    stray = tmp_path / "libstray.so.1"
    stray.touch()
    with pytest.raises(RuntimeError, match="nobody owns"):
        contents._system_owners([stray])


def test_that_every_part_has_a_licence_text_and_a_line_in_the_table(
    parts: list[contents.Component], tmp_path: Path
) -> None:
    assert licences.collect(parts, tmp_path / "licences") == []
    table = (tmp_path / "licences" / "README.md").read_text(encoding="utf-8")
    for part in parts:
        assert f"| {part.name} | {part.version} |" in table
        assert any((tmp_path / "licences" / part.kind / part.name).iterdir())
    qt = {path.name for path in (tmp_path / "licences" / "python" / "PySide6_Essentials").iterdir()}
    assert qt == {"LGPL-3.0.txt", "GPL-3.0.txt"}


def test_that_the_bill_of_materials_is_cyclonedx(parts: list[contents.Component]) -> None:
    document = sbom.document(parts, {"head-anatomy": "ab" * 32})
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", document["serialNumber"])
    references = [part["bom-ref"] for part in document["components"]]
    assert len(set(references)) == len(references) == len(parts)
    root = document["metadata"]["component"]["bom-ref"]
    edges = {edge["ref"]: edge["dependsOn"] for edge in document["dependencies"]}
    assert set(edges) == {root, *references}
    assert set(edges[root]) == set(references)
    by_name = {part["name"]: part for part in document["components"]}
    assert by_name["pydicom"]["purl"] == f"pkg:pypi/pydicom@{importlib.metadata.version('pydicom')}"
    assert by_name["pydicom"]["licenses"] == [{"license": {"id": "MIT"}}]
    assert by_name["PySide6_Essentials"]["licenses"][0].keys() == {"expression"}
    assert by_name["head-anatomy"]["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    assert document == sbom.document(parts, {"head-anatomy": "ab" * 32})


def test_that_only_spdxs_own_words_are_told_as_its_expressions() -> None:
    def told(kind: Literal["python", "system", "model"], licence: str) -> dict[str, Any]:
        part = contents.Component(kind, "x", "1", licence, ())
        (licences_told,) = sbom.document([part])["components"][0]["licenses"]
        found: dict[str, Any] = licences_told
        return found

    assert told("python", "Apache-2.0 OR BSD-3-Clause") == {"expression": "Apache-2.0 OR BSD-3-Clause"}
    assert told("system", "GPL-2+ AND public-domain") == {"license": {"name": "GPL-2+ AND public-domain"}}
    assert told("system", "MIT") == {"license": {"id": "MIT"}}
    assert told("model", "CC BY-SA 3.0") == {"license": {"id": "CC-BY-SA-3.0"}}
    assert told("model", "CC BY 4.0") == {"license": {"id": "CC-BY-4.0"}}


def test_that_the_texts_of_parts_without_a_text_of_their_own_are_there() -> None:
    named = [*contents._MICROSOFT.texts, *(text for texts in contents._TEXTS.values() for text in texts)]
    assert named
    for text in named:
        assert text.stat().st_size > 500, text


def test_that_makers_own_words_become_spdx_where_they_are_clear() -> None:
    for words, expected in (("MIT License", "MIT"), ("Apache 2.0", "Apache-2.0"), ("GPL V3.0", "GPL-3.0-only")):
        assert contents.licence_of(_metadata({"License": words})) == expected
    assert contents.licence_of(_metadata({"License-Expression": "MIT AND 0BSD", "License": "x"})) == "MIT AND 0BSD"
    classified = _metadata({"License": "LICENSE", "Classifier": "License :: OSI Approved :: MIT License"})
    assert contents.licence_of(classified) == "MIT"


def _metadata(fields: dict[str, str]) -> Any:
    from email.message import Message

    message = Message()
    for name, value in fields.items():
        message[name] = value
    return message


# -- the Debian package ------------------------------------------------------------------------------------------------


def test_that_what_a_library_needs_is_read_from_it() -> None:
    assert libraries.read_dump(DUMP) == ({"libxcb-cursor.so.0", "libEGL.so.1", "libc.so.6"}, (2, 28))


@pytest.mark.skipif(shutil.which("objdump") is None, reason="there is no objdump here")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux' programs are read")
def test_that_a_programs_own_libraries_are_not_asked_of_the_system(tmp_path: Path) -> None:
    import PySide6

    home = Path(PySide6.__file__).parent
    for name in ("Qt/lib/libQt6Core.so.6", "QtCore.abi3.so"):
        shutil.copyfile(home / name, tmp_path / Path(name).name)
    found = libraries.needed(tmp_path)
    assert "libstdc++.so.6" in found.libraries
    assert not {"libQt6Core.so.6", "libc.so.6", "libpthread.so.0"} & found.libraries
    assert (2, 17) <= found.c_library < (3, 0)


def test_that_packages_are_known_by_the_names_of_their_libraries() -> None:
    must, may = libraries.debian_packages({"libEGL.so.1", "libxcb-cursor.so.0", "libwayland-client.so.0"})
    assert (must, may) == (["libegl1", "libxcb-cursor0"], ["libwayland-client0"])
    with pytest.raises(RuntimeError, match=r"libnew\.so\.1"):
        libraries.debian_packages({"libnew.so.1"})


def test_that_the_control_file_has_every_field_dpkg_and_a_user_need() -> None:
    text = debian.control(["libegl1", "libgl1"], ["libwayland-client0"], (2, 36), 1_000_000)
    fields = dict(re.findall(r"^([A-Z][\w-]+): (.*)$", text, re.MULTILINE))
    assert {"Package", "Version", "Architecture", "Maintainer", "Depends", "Section", "Description"} <= fields.keys()
    assert fields["Version"] == definition.version()
    assert fields["Depends"].startswith("libc6 (>= 2.36), libegl1, libgl1, ")
    assert "python" not in fields["Depends"]
    assert fields["Installed-Size"] == "1000000"
    assert re.fullmatch(r"[^<]+ <[^@>]+@[^>]+>", fields["Maintainer"])
    assert not fields["Description"].endswith(".")
    # The long description: each line is set in, an empty one is a full stop.
    long = text.partition("Description: ")[2].splitlines()[1:]
    assert long
    assert all(line.startswith(" ") and line.strip() for line in long)
    if shutil.which("dpkg-deb") is None:
        return
    assert definition.architecture() in {"amd64", "arm64"}


def test_that_the_cuda_package_takes_the_others_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDGAN_CUDA", "1")
    text = debian.control([], [], (2, 36), 1)
    assert "Package: medgan-viewer-cuda\n" in text
    assert "Conflicts: medgan-viewer\n" in text


def test_that_the_man_page_names_every_command_and_troff_has_nothing_to_say(tmp_path: Path) -> None:
    page = debian.man_page()
    assert "@" not in page
    for name, _ in COMMANDS:
        assert f"\n.B {name.replace('-', chr(92) + '-')}\n" in page
    if shutil.which("groff") is None:
        pytest.skip("there is no groff here")
    path = tmp_path / "medgan-viewer.1"
    path.write_text(page, encoding="utf-8")
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-z", str(path)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="there is no dpkg here")
def test_that_a_package_holds_the_program_its_menu_entry_and_its_sums(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, texts = tmp_path / "frozen" / "medgan-viewer", tmp_path / "texts"
    program.mkdir(parents=True)
    texts.mkdir()
    (texts / "README.md").write_text("licences")
    (program / "medgan-viewer").write_text("#!/bin/sh\n")
    (program / "medgan-viewer").chmod(0o700)
    (program / "data.bin").write_bytes(b"data")
    monkeypatch.setattr(definition.Paths, "build", tmp_path / "build")
    monkeypatch.setattr(definition.Paths, "icons", tmp_path / "icons")
    (tmp_path / "icons").mkdir()
    for size in icons.SIZES:
        (tmp_path / "icons" / f"{size}.png").write_bytes(b"png")
    monkeypatch.setattr(libraries, "needed", lambda folder: libraries.Needed(frozenset({"libEGL.so.1"}), (2, 36)))
    package = debian.build(program, texts, tmp_path)
    listed = subprocess.run(["dpkg-deb", "-c", str(package)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"^-rwxr-xr-x root/root .* \./usr/lib/medgan-viewer/medgan-viewer$", listed, re.MULTILINE)
    assert "./usr/bin/medgan-viewer -> ../lib/medgan-viewer/medgan-viewer" in listed
    for place in (
        "applications/medgan-viewer.desktop",
        "mime/packages/medgan-viewer.xml",
        "man/man1/medgan-viewer.1.gz",
    ):
        assert f"./usr/share/{place}" in listed
    control = subprocess.run(["dpkg-deb", "-I", str(package)], capture_output=True, text=True, check=True).stdout
    # Without scripts nothing can be left half done.
    assert not re.search(r"(pre|post)(inst|rm)", control)
    subprocess.run(["dpkg-deb", "-x", str(package), str(tmp_path / "unpacked")], check=True)
    subprocess.run(["dpkg-deb", "-e", str(package), str(tmp_path / "meta")], check=True)
    sums = str(tmp_path / "meta" / "md5sums")
    subprocess.run(["md5sum", "--quiet", "-c", sums], cwd=tmp_path / "unpacked", check=True)


# -- the checks of a build ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["torch/lib/libtorch_cuda.so", "nvidia/libcudnn.so.9", "numpy/tests/test_x.py", "scipy/test/x.py"],
)
def test_that_cuda_and_tests_in_the_program_stop_the_build(name: str, tmp_path: Path) -> None:
    (tmp_path / "medgan-viewer").touch()
    build._check(tmp_path)
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).touch()
    with pytest.raises(RuntimeError, match="must not be"):
        build._check(tmp_path)


def test_that_the_names_of_functions_are_taken_only_out_of_libraries_that_bear_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bear_it = {"libpython3.11.so.1.0", "torch/lib/libtorch_cpu.so", "python3.11/lib-dynload/math.cpython-311.so"}
    others = {"numpy.libs/libscipy_openblas.so", "PySide6/Qt/lib/libQt6Core.so.6", "torch/lib/README.txt"}
    inside = tmp_path / "_internal"
    for name in bear_it | others:
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).touch()
    (inside / "libpython3.so").symlink_to("libpython3.11.so.1.0")
    commands: list[list[str]] = []
    monkeypatch.setattr(build, "_run", commands.append)
    build._strip(tmp_path)
    assert {tuple(command[:2]) for command in commands} == {("strip", "--strip-unneeded")}
    assert {Path(command[2]).relative_to(inside).as_posix() for command in commands} == bear_it


def test_that_a_model_of_non_commercial_data_in_the_program_stops_the_build(tmp_path: Path) -> None:
    models = tmp_path / "_internal" / "resources" / "models"
    for name, licence in (("free", "Apache-2.0"), ("bound", "CC BY-NC-SA 4.0")):
        (models / name).mkdir(parents=True)
        (models / name / "manifest.json").write_text(json.dumps(manifest("Apache-2.0", licence)))
    with pytest.raises(RuntimeError, match="models/bound") as caught:
        build._check(tmp_path)
    assert "models/free" not in str(caught.value)


def test_that_a_link_to_nowhere_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "libQt6Qml.so.6").symlink_to("gone")
    with pytest.raises(RuntimeError, match="libQt6Qml"):
        build._check(tmp_path)


def test_that_sums_are_those_of_sha256(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definition.Paths, "dist", tmp_path)
    (tmp_path / f"a-{definition.version()}.deb").write_bytes(b"abc")
    (tmp_path / "old-0.0.1.deb").write_bytes(b"old")
    build.write_sums()
    (sums,) = tmp_path.glob("SHA256SUMS*")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sums.read_text() == f"{digest}  a-{definition.version()}.deb\n"
