"""What doctor tells can be given to anybody: nothing personal is in it."""

import getpass
import json
import platform
import socket
from pathlib import Path

import pytest

from medgan_viewer import cli, resources
from medgan_viewer.commands import doctor


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home that is named after a person, with everything of the program in it."""
    home = tmp_path / "jane.doe"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("CONFIG", "CACHE", "LOGS"):
        monkeypatch.setenv(f"MEDGAN_{name}", str(home / name.lower()))
    return home


def test_that_doctor_names_version_build_device_and_the_logs_place_and_nothing_personal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cli.main(["doctor"])
    said = capsys.readouterr()
    text = said.out + said.err
    for line in ("program: 0.", "build: 0.", "devices: used ", "crash reports: 0", "updates: no release feed is set"):
        assert line in text
    assert f"log: {Path('~') / 'logs'}" in text
    assert "jane.doe" not in text
    assert socket.gethostname() not in text or len(socket.gethostname()) < 4
    user = getpass.getuser()
    assert user == "root" or user not in text.replace(platform.release(), "")


def test_that_doctor_names_the_packages_of_missing_libraries(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(doctor, "_devices", lambda missing: {})
    monkeypatch.setattr(doctor, "_loads", lambda library: library not in {"libEGL.so.1", "libxcb-cursor.so.0"})
    assert cli.main(["doctor", "--json"]) == 1
    said = capsys.readouterr()
    sentence = "The window needs system libraries; install them with: apt install libegl1 libxcb-cursor0"
    assert sentence in said.err
    assert sentence in json.loads(said.out)["missing"]


def test_that_a_wayland_desktop_is_not_told_to_install_x11(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setattr(doctor, "_loads", lambda library: "xcb" not in library and "x11" not in library)
    missing: list[str] = []
    doctor._check_libraries(missing)
    assert missing == []


def test_that_a_packaged_program_tells_its_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resources.build_words().endswith("(from source)")
    (tmp_path / "build.json").write_text(
        json.dumps({"commit": "abc123", "date": "2026-11-21", "system": "Linux amd64"})
    )
    monkeypatch.setattr(resources, "folder", lambda: tmp_path)
    assert resources.build_words().endswith("(build abc123 of 2026-11-21, Linux amd64)")


def test_that_a_home_without_a_name_is_not_cut_out_of_every_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/"))
    assert doctor._without_home({"log": ["/var/log"], "count": 2}) == {"log": ["/var/log"], "count": 2}
