"""Whoever cancels tells the archive so (C-CANCEL), and an archive that does not listen is left."""

import time
from pathlib import Path
from typing import Any, Literal

import pytest

from medgan_viewer.dicom.archive import link
from medgan_viewer.dicom.archive.base import Query
from medgan_viewer.errors import ArchiveError
from tests.archive.peer import STUDY, Peer
from tests.archive.studies import stored_under


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait longer than a reader would: a busy machine answers late."""
    monkeypatch.setattr(link, "CANCEL_SECONDS", 20.0)


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    (tmp_path / "archive").mkdir()
    return Peer(tmp_path / "archive")


@pytest.mark.parametrize("by", ["get", "move"])
def test_that_a_cancelled_retrieval_is_cancelled_at_the_archive_and_keeps_what_came(
    peer: Peer, by: Literal["get", "move"], tmp_path: Path
) -> None:
    arrived: list[Any] = []
    with peer.running() as port:
        archive = peer.archive(port, by=by)
        received = archive.retrieve(
            STUDY, tmp_path / "in", on_progress=arrived.append, cancelled=lambda: len(arrived) >= 2
        )
        assert peer.told.wait(10)
    assert peer.stopped == [by]
    # The association ended in order: nothing was cut off.
    assert "aborted" not in peer.ends
    assert received.cancelled
    assert 2 <= received.count == len(stored_under(tmp_path / "in"))


def test_that_a_cancelled_query_is_cancelled_at_the_archive(
    peer: Peer,
) -> None:
    began = time.monotonic()
    with peer.running() as port:
        found = peer.archive(port).find_studies(Query(), cancelled=lambda: time.monotonic() > began + 0.5)
        assert peer.told.wait(10)
    assert peer.stopped == ["find"]
    assert not found.more or len(found.studies) == 1000


def test_that_a_query_with_too_many_answers_is_cancelled_at_the_archive(
    peer: Peer,
) -> None:
    with peer.running() as port:
        found = peer.archive(port).find_studies(Query())
        assert peer.told.wait(10)
    assert (len(found.studies), found.more) == (1000, True)
    assert peer.stopped == ["find"]


def test_that_an_archive_that_does_not_listen_is_cut_off_soon(
    peer: Peer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link, "CANCEL_SECONDS", 0.3)
    peer.deaf = True
    arrived: list[Any] = []
    with peer.running() as port:
        received = peer.archive(port).retrieve(
            STUDY, tmp_path / "in", on_progress=arrived.append, cancelled=lambda: len(arrived) >= 2
        )
        assert peer.closed.wait(10)
        assert received.cancelled
        assert 2 <= received.count == len(stored_under(tmp_path / "in"))
    assert peer.stopped == []


@pytest.mark.parametrize("by", ["get", "move"])
@pytest.mark.parametrize(("status", "words"), [(0xA702, "it could not send the images"), (0xC123, "status C123")])
def test_that_what_arrived_before_an_archive_refused_to_go_on_is_kept(
    peer: Peer, by: Literal["get", "move"], tmp_path: Path, status: int, words: str
) -> None:
    peer.fails_after, peer.status = 3, status
    with peer.running() as port, pytest.raises(ArchiveError) as caught:
        peer.archive(port, by=by).retrieve(STUDY, tmp_path / "in")
    assert words in caught.value.sentence
    assert caught.value.sentence.endswith("what had arrived is kept (3 images).")
    assert len(stored_under(tmp_path / "in")) == 3
