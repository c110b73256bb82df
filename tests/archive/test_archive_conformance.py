"""The network part of the conformance statement says what the program does."""

import re
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from pynetdicom import AE

from medgan_viewer.dicom.archive import base, contexts, inbox, link, web
from medgan_viewer.dicom.archive.dimse import DimseArchive
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.dicom.archive.outbox import Outgoing
from medgan_viewer.dicom.archive.receiver import Receiver
from medgan_viewer.errors import ArchiveError
from tests.archive import evil
from tests.dicom_builder import image_dataset, save

STATEMENT = (Path(__file__).resolve().parents[2] / "docs" / "conformance.md").read_text(encoding="utf-8")
NETWORK = STATEMENT.partition("## Network")[2].partition("\n## ")[0]

# Megabytes: two fit into one request, one is larger than any.
_SIZES = ((1 << 10, 6 << 10), (1 << 10, 6 << 10), (1 << 10, 20 << 10), (1 << 10, 8 << 10))


def rows(heading: str) -> list[str]:
    """Return the UIDs of the table under a heading row."""
    table = NETWORK.partition(heading)[2].partition("\n\n")[0]
    return re.findall(r"\| `([0-9.]+)` \|", table)


def test_that_the_storage_classes_that_are_taken_are_listed() -> None:
    assert rows("| SOP class | UID |") == list(contexts.storage_classes())


def test_that_the_transfer_syntaxes_that_are_taken_are_listed() -> None:
    assert rows("| transfer syntax | UID |") == [*contexts.UNCOMPRESSED, *contexts.COMPRESSED]


def test_that_the_bounds_are_those_in_the_code() -> None:
    said = " ".join(NETWORK.split())
    assert f"a PDU of {link.ANNOUNCED_PDU_BYTES >> 10} KiB is announced" in said
    assert f"none over {link.MAX_PDU_BYTES >> 20} MiB is read" in said
    assert f"one image has at most {base.MAX_INSTANCE_BYTES >> 30} GiB" in said
    assert f"after {link.CONNECT_SECONDS:.0f} s without a connection" in said
    assert f"after {link.QUIET_SECONDS:.0f} s of silence" in said
    assert f"at most {base.MAX_RESULTS:,} answers" in said
    assert f"{inbox.RESERVE_BYTES >> 20} MiB of the disk stay free" in said


def test_that_tls_is_1_2_at_least_and_always_verifies() -> None:
    context = link.tls_context("", "")
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_that_a_web_request_holds_16_megabytes_or_one_file(tmp_path: Path) -> None:
    assert "requests of up to 16 MB or one file" in NETWORK
    files = [save(image_dataset(np.zeros(size, np.uint8)), tmp_path / f"{n}.dcm") for n, size in enumerate(_SIZES)]
    notes: list[str] = []
    parts = [list(part) for part in web._requests(files, notes)]
    assert parts == [files[:2], files[2:3], files[3:]]
    assert notes == []


def test_that_the_listener_has_four_associations_at_most() -> None:
    assert "at most four associations" in " ".join(NETWORK.split())
    entity = AE("FRIEND")
    entity.add_requested_context("1.2.840.10008.1.1")
    with Receiver("127.0.0.1", 0, "MEDGAN", ("FRIEND",), lambda image: True, quiet_seconds=5.0) as running:
        calls = [entity.associate("127.0.0.1", running.port, ae_title="MEDGAN") for _ in range(5)]
        assert [call.is_established for call in calls] == [True] * 4 + [False]
        for call in calls:
            call.abort()


def test_that_nothing_is_retried_by_itself() -> None:
    calls: list[int] = []

    def hang_up(connection: socket.socket, ended: threading.Event) -> None:
        calls.append(1)
        connection.recv(10)

    with evil.listening(hang_up) as port, pytest.raises(ArchiveError):
        DimseArchive(Entry("pacs", host="127.0.0.1", port=port, ae_title="X"), quiet_seconds=0.6).verify()
    assert calls == [1]


def test_that_every_association_has_room_for_what_is_proposed() -> None:
    for modality in ("CT", "MR", "PT", "NM", "US", "CR", "DX", "MG", "XA", "RF", "OT", "SEG", ""):
        offered = contexts.to_receive(modality)
        assert len(offered) <= 127
        plain = {one.abstract_syntax for one in offered if list(one.transfer_syntax) == list(contexts.UNCOMPRESSED)}
        assert plain == set(contexts.storage_classes())


def test_that_every_compressed_syntax_is_proposed_for_the_images_of_a_modality() -> None:
    for modality, image in (("CT", "2"), ("MR", "4"), ("PT", "128"), ("US", "6.1"), ("CR", "1")):
        offered = contexts.to_receive(modality)
        name = f"1.2.840.10008.5.1.4.1.1.{image}"
        own = {
            one.transfer_syntax[0] for one in offered if one.abstract_syntax == name and len(one.transfer_syntax) == 1
        }
        assert own == set(contexts.COMPRESSED)


def test_that_files_of_many_kinds_are_sent_in_several_associations() -> None:
    files = [Outgoing(Path(str(n)), f"1.2.{n}", f"1.3.{n}", contexts.UNCOMPRESSED[0]) for n in range(150)]
    parts = contexts.batches(files)
    assert [file for part in parts for file in part] == files
    assert all(len(contexts.for_sending(part)) <= 128 for part in parts)


def test_that_naming_an_archive_loads_no_network_library() -> None:
    script = (
        "import sys, medgan_viewer.dicom.archive.entries, medgan_viewer.dicom.archive.inbox,"
        "medgan_viewer.dicom.archive.dimse, medgan_viewer.dicom.archive.web, medgan_viewer.commands.archive;"
        "print(sorted({'pynetdicom', 'dicomweb_client', 'keyring', 'requests', 'torch', 'PySide6'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
