"""One Orthanc for the tests of a process, filled with two series built by the tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from medgan_viewer.dicom.archive.entries import Entry
from tests.archive import orthanc
from tests.archive.orthanc import Orthanc
from tests.archive.studies import fill

KeyringMemory = dict[tuple[str, str], str]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """Give a running Orthanc that has one study; tests that send to it use UIDs of their own."""
    folder = tmp_path_factory.mktemp("orthanc")
    with orthanc.start(folder / "server") as running:
        fill(running, folder / "files")
        yield running


@pytest.fixture
def dimse(server: Orthanc) -> Entry:
    """Return the server as an archive that speaks DIMSE."""
    return Entry("pacs", host="127.0.0.1", port=server.dicom_port, ae_title=orthanc.AE_TITLE)


@pytest.fixture
def move(server: Orthanc) -> Entry:
    """Return the server as an archive that sends images back to a port of ours."""
    port, back = server.dicom_port, server.move_port
    title = orthanc.AE_TITLE
    return Entry("moving", host="127.0.0.1", port=port, ae_title=title, retrieve_by="move", listen_port=back)


@pytest.fixture
def web(server: Orthanc, keyring_memory: KeyringMemory) -> Entry:
    """Return the server as a DICOMweb archive."""
    return Entry("web", kind="web", url=f"{server.url}/dicom-web")


@pytest.fixture(params=["dimse", "move", "web"])
def entry(request: pytest.FixtureRequest, server: Orthanc) -> Entry:
    """Return each kind of archive in turn."""
    del server  # named so that it starts before the watch over child processes looks
    made: Entry = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def keyring_memory() -> Iterator[KeyringMemory]:
    """Keep credentials in memory; return what is kept."""
    import keyring
    from keyring.backend import KeyringBackend

    kept: KeyringMemory = {}

    class Memory(KeyringBackend):
        priority = 1.0

        def get_password(self, service: str, username: str) -> str | None:
            return kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del kept[service, username]

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())  # type: ignore[no-untyped-call]
    yield kept
    keyring.set_keyring(before)


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Keep archives in a folder of the test's own; the returned function adds some."""
    from medgan_viewer.dicom.archive import entries

    monkeypatch.setenv("MEDGAN_CONFIG", str(tmp_path / "config"))

    def add(*wanted: Entry) -> None:
        for one in wanted:
            entries.add(one)

    return add
