"""Images as they arrive: checked, and written whole under names that cannot lead anywhere else."""

import contextlib
import errno
import secrets
import shutil
import struct
import threading
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from medgan_viewer.dicom.archive.base import Progress, Received, is_uid, read_leniently
from medgan_viewer.errors import DiskFullError, WriteError

__all__ = ["RESERVE_BYTES", "Inbox"]

# So much of the disk stays free, for everything else that runs on the machine.
RESERVE_BYTES = 256 << 20
_PREAMBLE = 128
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_UIDS = (0x00080018, 0x0020000D, 0x0020000E)
_FULL = "the disk is nearly full, so the transfer ended; free some space or choose another folder"


class Inbox:
    """Takes images of one study into ``folder/STUDY/SERIES/INSTANCE.dcm``. Any thread may call it.

    ``series_uids`` are the series that were asked for, empty for all. Whatever else an archive sends is left out.
    """

    def __init__(
        self,
        folder: Path,
        study_uid: str,
        series_uids: frozenset[str] = frozenset(),
        *,
        total: int = 0,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        read_leniently()
        self.folder = folder
        self.total = total
        self._study_uid, self._series_uids = study_uid, series_uids
        self._on_progress = on_progress
        self._lock = threading.Lock()
        self._written: set[Path] = set()
        self._bytes = 0
        self._left_out: Counter[str] = Counter()
        # Why nothing more can be taken.
        self.failure: WriteError | None = None

    @property
    def count(self) -> int:
        """How many images arrived."""
        return len(self._written)

    def series_folder(self, series_uid: str) -> Path:
        """Return where the images of a series go."""
        return self.folder / self._study_uid / series_uid

    def take(self, content: bytes | bytearray) -> bool:
        """Write one image, a DICOM file; return whether it was taken. Raises WriteError where the disk refuses."""
        with self._lock:
            if self.failure is not None:
                raise self.failure
            uids = _uids(content)
            reason = self._reason(uids, content)
            if uids is None or reason:
                self._left_out[reason] += 1
                return False
            path = self.series_folder(uids[1]) / f"{uids[2]}.dcm"
            try:
                self._write(path, content)
            except WriteError as error:
                self.failure = error
                raise
            self._written.add(path)
            self._bytes += len(content)
        if self._on_progress is not None:
            self._on_progress(Progress(self.count, self.total, self._bytes / 1e6))
        return True

    def leave_out(self, reason: str, count: int = 1) -> None:
        """Note that images are missing; ``reason`` goes after their number."""
        with self._lock:
            self._left_out[reason] += count

    def received(self, *, cancelled: bool = False) -> Received:
        """Return what arrived."""
        notes = tuple(
            f"One image {reason}." if number == 1 else f"{number} images {reason}."
            for reason, number in self._left_out.items()
        )
        return Received(self.folder, self.count, notes, cancelled)

    def _reason(self, uids: tuple[str, str, str] | None, content: bytes | bytearray) -> str:
        if uids is None:
            if _DEFLATED in content[: 2 * _PREAMBLE + 1024]:
                return "came deflated, which is not taken over a network, left out"
            return "came damaged, left out"
        if not all(is_uid(uid) for uid in uids):
            return "came with a UID that is none, left out"
        if uids[0] != self._study_uid or (self._series_uids and uids[1] not in self._series_uids):
            return "came that nobody had asked for, left out"
        return ""

    def _write(self, path: Path, content: bytes | bytearray) -> None:
        partial = path.with_name(f".part-{secrets.token_hex(4)}-{path.name}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(path.parent).free < len(content) + RESERVE_BYTES:
                raise DiskFullError(self.folder, _FULL)
            partial.write_bytes(content)
            partial.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFullError(self.folder, _FULL) from error
            reason = f"what arrives cannot be written there ({error.strerror}); choose another folder"
            raise WriteError(self.folder, reason) from error


def _uids(content: bytes | bytearray) -> tuple[str, str, str] | None:
    """Return the UIDs of study, series and instance of a DICOM file, None where it cannot be read that far."""
    from pydicom.errors import InvalidDicomError
    from pydicom.filereader import read_partial

    if content[_PREAMBLE : _PREAMBLE + 4] != b"DICM" or _DEFLATED in content[: 2 * _PREAMBLE + 1024]:
        # Deflated content would be inflated whole, to any size.
        return None
    try:
        dataset = read_partial(
            BytesIO(content),
            stop_when=lambda tag, _vr, _length: tag > _UIDS[-1],
            specific_tags=list(_UIDS),
        )
        values = (dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID)
    except (
        InvalidDicomError,
        AttributeError,
        EOFError,
        KeyError,
        NotImplementedError,
        OSError,
        OverflowError,
        RecursionError,
        TypeError,
        ValueError,
        struct.error,
    ):
        return None
    return (str(values[0]), str(values[1]), str(values[2]))
