"""Makes the Debian package: the frozen program in /usr/lib, its menu entry, icons, file type, man page and licences.

There are no scripts in it: the menus' and file types' caches are kept by their own packages' triggers, so that removing
the package leaves nothing.
"""

import gzip
import hashlib
import importlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from installers import definition, icons, libraries

__all__ = ["build", "control", "man_page", "package_name"]

_LINUX = definition.ROOT / "installers" / "linux"
_DESCRIPTION = """ It opens DICOM studies, runs generative models (GANs) on this computer and shows
 what they made (synthetic MR and CT, segmentations, anomaly heat maps) beside
 the original images, every synthetic pixel marked.
 .
 Research use only. It is not a medical device."""


def package_name() -> str:
    """Return the package's name."""
    return definition.PROGRAM + definition.flavour()


def control(must: Sequence[str], may: Sequence[str], c_library: tuple[int, int], kilobytes: int) -> str:
    """Return the control file, from the packages it depends on and the size of what it installs."""
    # Without a font Qt draws no letters.
    fonts = "fonts-dejavu-core | fonts-liberation | fonts-noto-core"
    depends = [f"libc6 (>= {c_library[0]}.{c_library[1]})", *must, fonts]
    fields = {
        "Package": package_name(),
        "Version": definition.version(),
        "Architecture": definition.architecture(),
        "Maintainer": f"{definition.PUBLISHER} <packages@medgan-viewer.invalid>",
        "Installed-Size": str(kilobytes),
        "Depends": ", ".join(depends),
        # A key ring for archives' credentials, Chinese letters, and what Wayland desktops have.
        "Recommends": ", ".join([*may, "fonts-noto-cjk", "gnome-keyring | kwalletmanager"]),
        "Section": "science",
        "Priority": "optional",
        "Description": f"{definition.SUMMARY}\n{_DESCRIPTION}",
    }
    if definition.flavour():
        fields |= {"Provides": definition.PROGRAM, "Conflicts": definition.PROGRAM, "Replaces": definition.PROGRAM}
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def man_page() -> str:
    """Return the man page; its list of commands is the command line's own."""
    from medgan_viewer.cli import COMMANDS

    summaries = [(name, str(importlib.import_module(module).SUMMARY)) for name, module in COMMANDS]
    lines = [f".TP\n.B {_escaped(name)}\n{_escaped(words[:1].upper() + words[1:])}." for name, words in summaries]
    text = (_LINUX / "medgan-viewer.1").read_text(encoding="utf-8")
    for key, value in {
        "DATE": f"{definition.source()[1]:%Y-%m-%d}",
        "VERSION": definition.version(),
        "SUMMARY": _escaped(definition.SUMMARY),
        "PACKAGE": _escaped(package_name()),
        "COMMANDS": "\n".join(lines),
    }.items():
        text = text.replace(f"@{key}@", value)
    return text


def _escaped(text: str) -> str:
    """Return text for troff: a hyphen that is typed is a minus there."""
    return text.replace("\\", "\\e").replace("-", "\\-")


def build(program: Path, licences: Path, target: Path) -> Path:
    """Write the package of a frozen program below a folder and return its file.

    Raises RuntimeError where a library is needed that no Debian package is known for.
    """
    wanted = libraries.needed(program)
    must, may = libraries.debian_packages(wanted.libraries)
    root = definition.Paths.build / "debian"
    shutil.rmtree(root, ignore_errors=True)
    _put_program(program, root)
    _put_desktop(root)
    _put_documents(licences, root)
    kilobytes = sum(path.lstat().st_size for path in root.rglob("*") if not path.is_dir()) // 1024
    meta = root / "DEBIAN"
    meta.mkdir()
    (meta / "control").write_text(control(must, may, wanted.c_library, kilobytes), encoding="utf-8")
    (meta / "md5sums").write_text(_sums(root), encoding="utf-8")
    _set_modes(root)
    file = target / f"{package_name()}_{definition.version()}_{definition.architecture()}.deb"
    epoch = {**os.environ, "SOURCE_DATE_EPOCH": str(int(definition.source()[1].timestamp()))}
    command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", str(root), str(file)]
    subprocess.run(command, check=True, env=epoch, stdout=subprocess.DEVNULL)
    shutil.rmtree(root)
    return file


def _put_program(program: Path, root: Path) -> None:
    home = root / "usr" / "lib" / definition.PROGRAM
    home.parent.mkdir(parents=True)
    # Hard links: the program is a gigabyte.
    shutil.copytree(program, home, symlinks=True, copy_function=os.link)
    binary = root / "usr" / "bin" / definition.PROGRAM
    binary.parent.mkdir()
    binary.symlink_to(f"../lib/{definition.PROGRAM}/{definition.PROGRAM}")


def _put_desktop(root: Path) -> None:
    share, name = root / "usr" / "share", definition.PROGRAM
    for source, place in (("desktop", "applications"), ("xml", "mime/packages")):
        (share / place).mkdir(parents=True)
        shutil.copyfile(_LINUX / f"{name}.{source}", share / place / f"{name}.{source}")
    for size in icons.SIZES:
        folder = share / "icons" / "hicolor" / f"{size}x{size}" / "apps"
        folder.mkdir(parents=True)
        shutil.copyfile(definition.Paths.icons / f"{size}.png", folder / f"{name}.png")
    folder = share / "icons" / "hicolor" / "scalable" / "apps"
    folder.mkdir(parents=True)
    shutil.copyfile(definition.ROOT / "resources" / "icons" / f"{name}.svg", folder / f"{name}.svg")
    (share / "man" / "man1").mkdir(parents=True)
    _write_packed(share / "man" / "man1" / f"{name}.1.gz", man_page())


def _put_documents(licences: Path, root: Path) -> None:
    folder = root / "usr" / "share" / "doc" / package_name()
    shutil.copytree(licences, folder / "licences")
    (folder / "copyright").write_text(copyright_text(), encoding="utf-8")
    _write_packed(folder / "changelog.gz", (definition.ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))


def copyright_text() -> str:
    """Return what a package must say of its licences."""
    licence = (definition.ROOT / "LICENSE").read_text(encoding="utf-8")
    return (
        f"{definition.NAME} {definition.version()}\n\n"
        "The program's own code is under the Apache License 2.0, which follows. What it is packaged with has licences\n"
        "of its own; licences/README.md beside this file lists every part. Two of them bind whoever passes it on: Qt\n"
        "and PySide6 (LGPL 3, as libraries that can be exchanged in the program's folder), and pylibjpeg-libjpeg, a\n"
        "decoder (GPL 3), by which the package as a whole may only be passed on under the terms of the GPL 3.\n"
        "Each model has the licence that its card states.\n\n" + licence
    )


def _write_packed(path: Path, text: str) -> None:
    with path.open("wb") as stream, gzip.GzipFile("", "wb", 9, stream, mtime=0) as packed:
        packed.write(text.encode())


def _sums(root: Path) -> str:
    lines = []
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink() and "DEBIAN" not in path.parts:
            with path.open("rb") as stream:
                # dpkg --verify knows only MD5.
                digest = hashlib.file_digest(stream, "md5").hexdigest()
            lines.append(f"{digest}  {path.relative_to(root).as_posix()}\n")
    return "".join(lines)


def _set_modes(root: Path) -> None:
    """Give everybody what the owner may read and run, whatever the builder's umask was."""
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
