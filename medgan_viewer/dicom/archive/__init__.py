"""A hospital's archive over the network: DIMSE (pynetdicom) and DICOMweb (dicomweb-client) behind one interface.

Nothing here is imported by ``medgan_viewer.dicom`` itself, and the network libraries only when an archive is asked.
"""

from medgan_viewer.dicom.archive.base import Archive
from medgan_viewer.dicom.archive.entries import Entry

__all__ = ["connect"]


def connect(entry: Entry) -> Archive:
    """Return the archive of an entry. Nothing is sent before it is asked for something.

    Raises UsageError where credentials would cross the network unencrypted.
    """
    if entry.kind == "web":
        from medgan_viewer.dicom.archive.web import WebArchive

        return WebArchive(entry)
    from medgan_viewer.dicom.archive.dimse import DimseArchive

    return DimseArchive(entry)
