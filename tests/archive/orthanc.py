"""A real Orthanc on loopback, started for the tests with a folder and a configuration of its own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

__all__ = [
    "AE_TITLE",
    "OWN_AE_TITLE",
    "PASSWORD",
    "USER",
    "Orthanc",
    "dcmtk",
    "find_program",
    "free_port",
    "getscu",
    "start",
]

AE_TITLE, OWN_AE_TITLE = "ORTHANC", "MEDGAN"
USER, PASSWORD = "reader", "s3cret-for-tests"
_PATIENCE_SECONDS = 60.0
_PLUGIN = "libOrthancDicomWeb.so"
_PLUGIN_FOLDERS = ("/usr/share/orthanc/plugins", "/usr/lib/orthanc", "/usr/local/share/orthanc/plugins")


def find_program() -> tuple[str, str]:
    """Return Orthanc and its DICOMweb plug-in; skip where they are not installed, but fail in CI."""
    program = shutil.which("Orthanc", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    plugin = next((f"{folder}/{_PLUGIN}" for folder in _PLUGIN_FOLDERS if Path(folder, _PLUGIN).exists()), None)
    if program is None or plugin is None:
        if os.environ.get("CI"):
            pytest.fail("Orthanc is missing: apt-get install orthanc orthanc-dicomweb")
        pytest.skip("Orthanc is not installed (Debian: apt-get install orthanc orthanc-dicomweb)")
    return program, plugin


def dcmtk(program: str) -> str | None:
    """Return dcmtk's program, None where it is not installed: pynetdicom brings others of the same names."""
    own = {Path(sys.executable).parent, Path(sys.prefix, "bin"), Path(sys.prefix, "Scripts")}
    folders = [folder for folder in os.get_exec_path() if Path(folder) not in own]
    return shutil.which(program, path=os.pathsep.join(folders))


def getscu(port: int, study_uid: str, folder: Path, **environment: str) -> None:
    """Let dcmtk retrieve a study from a server of this machine into an existing folder; it must be installed."""
    command = [str(dcmtk("getscu")), "-S", "-aet", OWN_AE_TITLE, "-aec", AE_TITLE, "-od", str(folder)]
    keys = ["-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study_uid}"]
    subprocess.run(
        [*command, *keys, "127.0.0.1", str(port)], check=True, capture_output=True, env={**os.environ, **environment}
    )


def free_port() -> int:
    """Return a TCP port of loopback that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Orthanc:
    """A running Orthanc."""

    dicom_port: int
    http_port: int
    # Where it sends what a C-MOVE asks for.
    move_port: int
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.http_port}"

    def ask(self, path: str, body: Any = None) -> Any:
        """Ask Orthanc's own interface, the independent witness of what it has; return what its JSON says."""
        return json.loads(self.read(path, body) or b"null")

    def read(self, path: str, body: Any = None) -> bytes:
        """Return an answer of Orthanc's own interface as it comes."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, content)
        handler = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        handler.add_password(None, self.url, USER, PASSWORD)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPBasicAuthHandler(handler)
        )
        with opener.open(request, timeout=30) as answer:
            return bytes(answer.read())

    def put(self, files: list[Path]) -> None:
        """Store files."""
        for file in files:
            self.ask("/instances", file.read_bytes())

    def instance(self, level_uid: str, keyword: str = "SOPInstanceUID") -> str:
        """Return Orthanc's own identifier of the one image with this UID."""
        (held,) = self.ask("/tools/find", {"Level": "Instance", "Query": {keyword: level_uid}})
        return str(held)

    def instances(self, series_uid: str) -> int:
        """Return how many images it has of a series."""
        query = {"Level": "Instance", "Query": {"SeriesInstanceUID": series_uid}}
        return len(self.ask("/tools/find", query))


def configuration(folder: Path, orthanc: Orthanc, plugin: str, **more: Any) -> dict[str, Any]:
    """Return the configuration: everything on loopback, everything in one folder."""
    return {
        "Name": "tests",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [plugin],
        "HttpPort": orthanc.http_port,
        "HttpServerEnabled": True,
        "HttpDescribeErrors": True,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomServerEnabled": True,
        "DicomAet": AE_TITLE,
        "DicomPort": orthanc.dicom_port,
        "DicomCheckCalledAet": True,
        "DicomAlwaysAllowEcho": False,
        "DicomAlwaysAllowStore": False,
        "DicomAlwaysAllowFind": False,
        "DicomAlwaysAllowGet": False,
        "UnknownSopClassAccepted": False,
        "OverwriteInstances": True,
        "StorageCompression": False,
        "DicomModalities": {
            "viewer": {
                "AET": OWN_AE_TITLE,
                "Host": "127.0.0.1",
                "Port": orthanc.move_port,
                "AllowGet": True,
                "AllowMove": True,
                "AllowTranscoding": False,
            }
        },
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "EnableWado": False, "Ssl": False},
        **more,
    }


@contextmanager
def start(folder: Path, **more: Any) -> Iterator[Orthanc]:
    """Give a running Orthanc; it ends with the block. ``more`` goes into its configuration."""
    program, plugin = find_program()
    orthanc = Orthanc(free_port(), free_port(), free_port())
    (folder / "storage").mkdir(parents=True)
    written = folder / "orthanc.json"
    written.write_text(json.dumps(configuration(folder, orthanc, plugin, **more)))
    with (folder / "orthanc.log").open("w") as log:
        process = subprocess.Popen([program, str(written)], stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(orthanc, process, folder / "orthanc.log")
        yield orthanc
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)


def _wait(orthanc: Orthanc, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until both ports answer."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"Orthanc ended: {log.read_text()[-2000:]}")
        try:
            for port in (orthanc.http_port, orthanc.dicom_port):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"Orthanc did not start: {log.read_text()[-2000:]}")
