"""Writes what an export holds, and sends it. Slow: done in the background."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from medgan_viewer.core.display import Window
from medgan_viewer.core.measure.picture import labelled_on
from medgan_viewer.errors import MedganError
from medgan_viewer.ui.dialogs.export_plan import ExportPlan
from medgan_viewer.ui.report import paper
from medgan_viewer.ui.report.content import ReportContent, ReportOrder
from medgan_viewer.ui.report.gather import gather
from medgan_viewer.ui.translation import tr

if TYPE_CHECKING:
    from medgan_viewer.dicom.deidentify import Deidentifier
    from medgan_viewer.dicom.export import Report, ResultSet

__all__ = ["report_of", "write"]


def write(plan: ExportPlan) -> tuple[list[Path], list[str]]:
    """Write a plan and send what is for an archive; return the paths and sentences. Raises MedganError. Slow."""
    from medgan_viewer.dicom import export
    from medgan_viewer.dicom.deidentify import Deidentifier

    report = export.Report()
    if plan.folder is not None:
        deidentifier = None if plan.secret is None else Deidentifier(secret=plan.secret)
        report += _objects(plan, plan.folder, deidentifier)
        report += _paper(plan, plan.folder)
    if plan.archive:
        report += _sent(plan)
    return list(report.paths), list(report.notes)


def report_of(order: ReportOrder, secret: bytes | None) -> ReportContent:
    """Return what a report holds, without the patient's identity where there is a secret. Raises MedganError. Slow."""
    from medgan_viewer.dicom.deidentify import Deidentifier

    return gather(order, None if secret is None else Deidentifier(secret=secret))


def _objects(
    plan: ExportPlan, folder: Path, deidentifier: "Deidentifier | None", formats: tuple[str, ...] = ("dicom", "png")
) -> "Report":
    """Write results, slices, findings and measurements as one set."""
    from medgan_viewer.core.rendering import slices_above_threshold
    from medgan_viewer.dicom import export

    report = export.Report()
    series, stack, slices = plan.opened.series, plan.opened.stack, plan.slices
    if plan.above is not None:
        slices = (*slices, *slices_above_threshold(plan.above, stack))
        if not slices:
            report += export.Report(notes=(tr("{0} reaches its threshold on no slice.").format(plan.above.name),))
    results = export.ResultSet(series, stack, folder, deidentifier=deidentifier)
    report += results.write_layers(plan.objects, plan.study)
    if slices:
        figures = {one: tuple(labelled_on(plan.annotations, plan.opened, one, plan.base)) for one in slices}
        report += results.write_slices(
            slices,
            plan.drawn,
            window=plan.window,
            base=plan.base,
            formats=formats,
            figures=figures,
            readings=plan.pictured,
        )
    report += results.write_readings(plan.readings)
    report += _key_images(plan, results)
    if plan.measurements:
        report += results.write_measurements(plan.measurements)
        report += _on_other_series(plan, folder, results.next_series_number, deidentifier)
    return report


def _key_images(plan: ExportPlan, results: "ResultSet") -> "Report":
    """Write the list of key images; it is of one series, and those of others are counted in a note."""
    from medgan_viewer.dicom import export

    report = results.write_key_images(plan.key_images)
    left = sum(key.series_uid != plan.opened.series.uid for key in plan.key_images)
    if left:
        words = (
            tr("One key image is on another series; select that and export again for its list.")
            if left == 1
            else tr("{0} key images are on another series; select that and export again for its list.")
        )
        report += export.Report(notes=(words.format(left),))
    return report


def _on_other_series(plan: ExportPlan, folder: Path, number: int, deidentifier: "Deidentifier | None") -> "Report":
    """Write the reports of what was measured on other series than the one that results are exported of."""
    from medgan_viewer.dicom import export

    report = export.Report()
    others = {entry.series.uid: entry for entry in plan.measurements if entry.series is not None and entry.opened}
    others.pop(plan.opened.series.uid, None)
    for entry in others.values():
        if entry.series is not None and entry.opened is not None:
            results = export.ResultSet(
                entry.opened.series,
                entry.opened.stack,
                folder,
                deidentifier=deidentifier,
                first_series_number=number,
            )
            report += results.write_measurements(plan.measurements, table=False)
            number = results.next_series_number
    left = sum(entry.opened is None for entry in plan.measurements)
    if left:
        words = (
            tr("One measurement is in the table alone: its series is not open.")
            if left == 1
            else tr("{0} measurements are in the table alone: its series is not open.")
        )
        report += export.Report(notes=(words.format(left),))
    return report


def _paper(plan: ExportPlan, folder: Path) -> "Report":
    """Write the report and the films."""
    from medgan_viewer.dicom import atomic, export, provenance, write_cine

    report = export.Report()
    for layer, suffix in plan.films:
        path = atomic.free_path(folder, f"{provenance.file_name(layer)}_film{suffix}")
        series, stack = plan.opened.series, plan.opened.stack
        report += export.Report((write_cine.write(series, stack, path, Window(*layer.window), base=layer),))
    if plan.report is not None:
        path = atomic.free_path(folder, "synthetic_report.pdf")
        report += export.Report((paper.write(report_of(plan.report, plan.secret), path),))
    return report


def _sent(plan: ExportPlan) -> "Report":
    """Send the DICOM objects, with the patient's identity; a failure is a note, as files may be written already."""
    from medgan_viewer.dicom import export
    from medgan_viewer.dicom.archive import connect, entries, outbox

    try:
        with tempfile.TemporaryDirectory(prefix="medgan-results-") as name:
            _objects(plan, Path(name), None, ("dicom",))
            sent = connect(entries.named(plan.archive)).send(outbox.files_in([Path(name)]))
    except MedganError as error:
        return export.Report(notes=(tr("Not all was sent to {0}. {1}").format(plan.archive, error.sentence),))
    took = tr("{0} took 1 DICOM object.") if sent.count == 1 else tr("{0} took {1} DICOM objects.")
    return export.Report(notes=(took.format(plan.archive, sent.count), *sent.notes))
