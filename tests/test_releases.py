"""The release feed: asked only on request, and believed only where it makes sense."""

import json
import socket
from pathlib import Path

import pytest

from medgan_viewer import __version__, cli, releases, settings
from medgan_viewer.errors import ReadError, UsageError

pytestmark = pytest.mark.usefixtures("user_folders")


def feed(tmp_path: Path, content: object) -> str:
    """Return the path of a feed with this content."""
    path = tmp_path / "releases.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


@pytest.mark.parametrize(
    ("version", "newer"),
    [(__version__, False), (f"{__version__}.0", False), ("0.0.9", False), ("0.1.1", True), ("0.10", True), ("1", True)],
)
def test_that_versions_are_compared_number_by_number(version: str, newer: bool, tmp_path: Path) -> None:
    assert releases.check(feed(tmp_path, {"version": version})).newer is newer


def test_that_a_newer_version_is_told_with_its_page(tmp_path: Path) -> None:
    release = releases.check(feed(tmp_path, {"version": "9.1", "page": "https://example.org/viewer"}))
    words = f"Version 9.1 can be had from https://example.org/viewer; this is {__version__}."
    assert releases.words(release) == words


def test_that_a_page_that_is_no_web_address_is_left_out(tmp_path: Path) -> None:
    assert releases.check(feed(tmp_path, {"version": "9.1", "page": "file:///etc/passwd"})).page == ""


@pytest.mark.parametrize("content", ["not json", [], {}, {"version": 2}, {"version": "2; rm"}, {"version": "1" * 9000}])
def test_that_a_feed_that_makes_no_sense_is_an_error_of_one_sentence(content: object, tmp_path: Path) -> None:
    if content == {"version": "1" * 9000}:
        content = {"version": "1." * 9000}
    with pytest.raises(ReadError, match=r"releases.json: the release feed"):
        releases.check(feed(tmp_path, content))


def test_that_a_feed_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError):
        releases.check(str(tmp_path / "absent.json"))


def test_that_nothing_but_https_is_asked() -> None:
    with pytest.raises(UsageError):
        releases.check("http://example.org/releases.json")


def test_that_an_address_that_does_not_answer_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ReadError):
        releases.check(f"https://127.0.0.1:{port}/releases.json")


def test_that_doctor_asks_only_when_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []
    check = releases.check

    def count(address: str) -> releases.Release:
        asked.append(address)
        return check(address)

    monkeypatch.setattr(releases, "check", count)
    address = feed(tmp_path, {"version": "9.1"})
    settings.save(settings.Settings().changed("release_feed", address))
    cli.main(["doctor", "--json"])
    assert json.loads(capsys.readouterr().out)["updates"] == "asked only by `medgan-viewer doctor --updates`"
    assert asked == []
    cli.main(["doctor", "--json", "--updates"])
    assert "Version 9.1 can be had" in json.loads(capsys.readouterr().out)["updates"]
    assert asked == [address]
