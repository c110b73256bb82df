"""Set up MedGAN Viewer's own environment beside the sources, then start, test or measure the program in it.

    python installers/setup_environment.py [setup | demo | test | bench | proofs | proofs-full | models-check | soak |
        docs | installer]

Standard library only: this runs before anything is installed. ``make`` calls it on Linux and macOS, Windows calls it
directly. What a target has installed is remembered in ``.venv`` and done again only when ``pyproject.toml`` changes.
"""

# An older Python must get as far as the sentence that says so.
from __future__ import annotations

import argparse
import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"

# A CPU build of PyTorch is offered for exactly this release; elsewhere pip installs what the index has.
TORCH_FOR_CPU = "torch==2.13.0"
TORCH_FOR_CUDA = "torch>=2.6,<=2.13.0,!=2.13.0+cpu"

# Debian's package for each library that Qt loads, even for its offscreen platform.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
FONT_PACKAGE = "fonts-dejavu-core"
# Programs that the tests compare with or run under, and Debian's package of each.
TEST_PROGRAMS = {
    "Xvfb": "xvfb",
    "xauth": "xauth",
    "dcm2niix": "dcm2niix",
    "dciodvfy": "dicom3tools",
    "dcmdump": "dcmtk",
    "Orthanc": "orthanc",
}
# Files that tell the same of what has no program.
TEST_FILES = {"/usr/share/orthanc/plugins/libOrthancDicomWeb.so": "orthanc-dicomweb"}
# What building an installer on Linux calls, and Debian's package of each.
INSTALLER_PROGRAMS = {"dpkg-deb": "dpkg", "git": "git", "objdump": "binutils", "tar": "tar", "zstd": "zstd"}
# Debian puts servers where an ordinary user's PATH does not look.
SERVER_FOLDERS = ("/usr/sbin", "/usr/local/sbin")


class SetupError(Exception):
    """The environment could not be made; the message is one sentence for the user."""


def say(text: str) -> None:
    """Write one line to standard output at once, so that it stays in order with the output of child processes."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def environment_program(name: str) -> Path:
    """Return the path of a program inside the environment."""
    if os.name == "nt":
        return ENVIRONMENT / "Scripts" / f"{name}.exe"
    return ENVIRONMENT / "bin" / name


def run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> int:
    """Run a command from the root of the checkout and return its exit code."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, check=False).returncode


def can_load(library: str) -> bool:
    """Say whether the dynamic linker finds and loads a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_font(folders: Sequence[str] = FONT_FOLDERS) -> bool:
    """Say whether at least one scalable font is installed: without one Qt draws no letters."""
    return any(next(Path(folder).rglob("*.[to]tf"), None) is not None for folder in folders)


def missing_for_installer() -> list[str]:
    """Return Debian's names of what building an installer on Linux lacks; Python's own library is often apart."""
    missing = [package for program, package in INSTALLER_PROGRAMS.items() if shutil.which(program) is None]
    library = sysconfig.get_config_var("INSTSONAME") or ""
    beside = Path(str(sysconfig.get_config_var("LIBDIR"))) / library
    if library.endswith(".a") or not (beside.is_file() or can_load(library)):
        missing.append(f"libpython3.{sys.version_info.minor}")
    return missing


def missing_packages(for_tests: bool, loads: Callable[[str], bool] = can_load) -> list[str]:
    """Return Debian's names of the system packages that are really missing, empty on other systems than Linux."""
    if not sys.platform.startswith("linux"):
        return []
    missing = [package for library, package in QT_LIBRARIES.items() if not loads(library)]
    if not has_font():
        missing.append(FONT_PACKAGE)
    if for_tests:
        path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SERVER_FOLDERS])
        missing += [package for program, package in TEST_PROGRAMS.items() if shutil.which(program, path=path) is None]
        missing += [package for file, package in TEST_FILES.items() if not Path(file).exists()]
    return missing


def bring_system_packages(for_tests: bool, further: Sequence[str] = ()) -> None:
    """Install missing system packages, and further ones, as root through apt-get; otherwise name them.

    Raises SetupError when something is missing and cannot be installed from here.
    """
    missing = [*missing_packages(for_tests), *further]
    if not missing:
        return
    names = " ".join(missing)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SetupError(f"System packages are missing; install them as root and try again: apt-get install {names}")
    say(f"Installing system packages: {names}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
    if run(["apt-get", "update", "-qq"], quiet) != 0 or run(install, quiet) != 0:
        raise SetupError(f"apt-get could not install the system packages; install them by hand and try again: {names}")
    if "orthanc" in missing and shutil.which("systemctl") is not None:
        # The tests start an Orthanc of their own; the package's service would listen on the network for nothing.
        run(["systemctl", "disable", "--now", "orthanc"])
    still_missing = missing_packages(for_tests)
    if still_missing:
        raise SetupError(f"These system packages are installed and yet cannot be loaded: {' '.join(still_missing)}")


def create_environment() -> None:
    """Create ``.venv`` with a pip that knows dependency groups, unless a working one is there."""
    python = environment_program("python")
    if python.is_file() and run([python, "-c", "import pip"]) == 0:
        return
    say(f"Creating {ENVIRONMENT.name}")
    try:
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
    except (subprocess.CalledProcessError, ImportError) as error:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        raise SetupError("This Python cannot make environments; install it with: apt install python3-venv") from error
    pip_install("pip>=25.1")


def pip_install(*arguments: str) -> None:
    """Install with the environment's pip; raises SetupError when pip fails."""
    python = str(environment_program("python"))
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    if run(command) != 0:
        raise SetupError(f"pip could not install {' '.join(arguments)}; its own words are above.")


def has_nvidia_gpu() -> bool:
    """Say whether an NVIDIA GPU answers on this machine."""
    if shutil.which("nvidia-smi") is None:
        return False
    return subprocess.run(["nvidia-smi", "-L"], capture_output=True, check=False).returncode == 0


def torch_requirement() -> str:
    """Return which build of PyTorch to install: CUDA's only where there is a GPU for it, since it is several GB."""
    return TORCH_FOR_CUDA if has_nvidia_gpu() else TORCH_FOR_CPU


def fingerprint() -> str:
    """Return what an installation depends on: the project's declaration, this script's choices and the Python."""
    content = (ROOT / "pyproject.toml").read_bytes() + torch_requirement().encode() + platform.python_version().encode()
    return hashlib.sha256(content).hexdigest()


def install(for_development: bool) -> None:
    """Install the program, and the developers' tools if asked, once for each state of ``pyproject.toml``."""
    bring_system_packages(for_tests=for_development)
    create_environment()
    stamps = [ENVIRONMENT / "installed-program.txt", ENVIRONMENT / "installed-development.txt"]
    wanted = fingerprint()
    stamp = stamps[for_development]
    if any(done.is_file() and done.read_text() == wanted for done in (stamp, stamps[1])):
        return
    say("Installing the program" + (" and the developers' tools" if for_development else "") + " (minutes, once)")
    # PyTorch first and alone: with it in place nothing that follows pulls CUDA packages.
    pip_install(torch_requirement())
    pip_install("--editable", ".", *(("--group", "dev") if for_development else ()))
    stamp.write_text(wanted)


def has_display() -> bool:
    """Say whether a window can be shown."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def demo() -> int:
    """Start the demonstration, without a window where there is no display."""
    install(for_development=False)
    viewer = environment_program("medgan-viewer")
    if has_display():
        return run([viewer, "demo"])
    say("No display: the demonstration writes its results to demo-output.")
    offscreen = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    return run([viewer, "demo", "--headless", "--out", "demo-output"], offscreen)


def check() -> int:
    """Run every check and every test; all of them run even when one fails. Return 0 when all passed."""
    install(for_development=True)
    python = environment_program("python")
    offscreen = {"OMP_NUM_THREADS": "1", **os.environ, "QT_QPA_PLATFORM": "offscreen"}
    pytest = [str(python), "-m", "pytest", "-q"]
    stages: list[tuple[str, Sequence[str | Path], Mapping[str, str]]] = [
        ("ruff: style", [environment_program("ruff"), "check", "."], offscreen),
        ("ruff: format", [environment_program("ruff"), "format", "--check", "."], offscreen),
        ("mypy: types", [environment_program("mypy")], offscreen),
        ("import-linter: what may import what", [environment_program("lint-imports")], offscreen),
    ]
    # Two processes at once; the larger part comes last, so that the last lines of the output are its summary.
    rest = [*pytest, "-n", "2", "--durations=10"]
    if sys.platform.startswith("linux"):
        on_screen = {**offscreen, "QT_QPA_PLATFORM": "xcb"}
        windows = [*pytest, "-n", "2", "-m", "window", "--xvfb-backend", "xvfb"]
        stages.append(("pytest: windows, each process in an X server of its own", windows, on_screen))
        stages.append(("pytest: everything else, offscreen", [*rest, "-m", "not window"], offscreen))
    else:
        stages.append(("pytest: everything, offscreen", rest, offscreen))
    failed = []
    for title, command, environment in stages:
        say(f"\n==== {title} ====")
        if run(command, environment) != 0:
            failed.append(title)
    if failed:
        say("Failed: " + "; ".join(failed))
    return 1 if failed else 0


def bench() -> int:
    """Measure, and write the table into ``docs/benchmarks.md``."""
    install(for_development=True)
    return run([environment_program("python"), "-m", "benchmarks"])


def proofs(*options: str) -> int:
    """Prove each GAN family in minutes: the analytic proofs, and one seed of the others."""
    install(for_development=False)
    return run([environment_program("python"), "-m", "medgan_viewer.lab.proofs", *options])


def proofs_full() -> int:
    """Run every proof with all its seeds (hours; goes on where it was interrupted) and write its table."""
    return proofs("--full", "--table")


def installer() -> int:
    """Build what people install on this system, in an environment with nothing of the developers' in it."""
    # This script runs one target: all that follows works in the builder's environment.
    global ENVIRONMENT
    ENVIRONMENT = Path(os.environ.get("MEDGAN_BUILD") or ROOT / "build").resolve() / "environment"
    on_linux = sys.platform.startswith("linux")
    bring_system_packages(for_tests=False, further=missing_for_installer() if on_linux else ())
    create_environment()
    tools = ROOT / "installers" / "requirements.txt"
    torch = TORCH_FOR_CUDA if os.environ.get("MEDGAN_CUDA") == "1" else TORCH_FOR_CPU
    wanted = hashlib.sha256(tools.read_bytes() + torch.encode() + fingerprint().encode()).hexdigest()
    stamp = ENVIRONMENT / "installed-for-installer.txt"
    if not (stamp.is_file() and stamp.read_text() == wanted):
        say("Installing the program and what packs it (minutes, once)")
        pip_install(torch)
        pip_install("--editable", ".", "--requirement", str(tools))
        stamp.write_text(wanted)
    python = environment_program("python")
    if sys.platform == "win32":
        script = ROOT / "installers" / "windows" / "build.ps1"
        shell = ["powershell", "-NoProfile", "-ExecutionPolicy", "Bypass", "-File"]
        return run([*shell, script, "-Python", python])
    if sys.platform == "darwin":
        return run(["sh", ROOT / "installers" / "macos" / "build.sh", python])
    return run([python, "-m", "installers.build", "linux"])


def models_check() -> int:
    """Measure every packaged model again from its weights and compare with its card (needs the data)."""
    install(for_development=False)
    return run([environment_program("python"), "-m", "medgan_viewer.lab.evaluation.check"])


def soak() -> int:
    """Use the program at random, 20,000 things, and look for faults and growing memory."""
    install(for_development=True)
    offscreen = {"OMP_NUM_THREADS": "1", **os.environ, "QT_QPA_PLATFORM": "offscreen"}
    return run([environment_program("python"), "-m", "tests.ui.random_user"], offscreen)


def docs() -> int:
    """Take the pictures of ``docs/images`` anew, of the virtual patient (minutes, without a display)."""
    install(for_development=False)
    return run([environment_program("python"), ROOT / "docs" / "make_pictures.py"])


def setup() -> int:
    """Install the program."""
    install(for_development=False)
    say(f"Ready. Start it with: {environment_program('medgan-viewer').relative_to(ROOT)}")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the target named on the command line and return its exit code."""
    targets = {
        "setup": setup,
        "demo": demo,
        "test": check,
        "bench": bench,
        "proofs": proofs,
        "proofs-full": proofs_full,
        "models-check": models_check,
        "docs": docs,
        "soak": soak,
        "installer": installer,
    }
    parser = argparse.ArgumentParser(description="Set up, start, test or measure MedGAN Viewer.")
    parser.add_argument("target", choices=targets, nargs="?", default="setup")
    target = parser.parse_args(arguments).target
    if sys.version_info < (3, 11):  # noqa: UP036  (the one file that an older Python may start)
        say("MedGAN Viewer needs Python 3.11 or newer.")
        return 1
    try:
        return targets[target]()
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
