"""Add models of one's own: the file is opened in a process of its own, and added when the reader says so."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from medgan_viewer.errors import MedganError
from medgan_viewer.models import importing, registry
from medgan_viewer.models.importing import Draft, Refused, Request, description
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.panels.widgets import button, label, restyle
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import fitted
from medgan_viewer.wording import marked

if TYPE_CHECKING:
    from medgan_viewer.jobs.runner import Runner
    from medgan_viewer.models.manifest import Package

__all__ = ["ImportModelDialog"]

_FILES = marked("Models (*.onnx *.zip);;All files (*)")
_EXPLANATION = marked(
    "An ONNX file, a MONAI bundle as a folder or zip, or an archive of whole models. What a network's file does not "
    "say, such as the region, the pixel size and what the output means, stands in a description: write a template and "
    "fill it in."
)


class ImportModelDialog(QDialog):
    """Choose a file and its description; check it; see what it is; add it or leave it.

    ``show_models`` is given all models and all problems when one was added. Closed, the dialog ends the check and
    takes away what was not added.
    """

    def __init__(
        self,
        parent: QWidget,
        show_models: "Callable[[tuple[Package, ...], tuple[MedganError, ...]], object]",
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Import model"))
        self.setMinimumWidth(fitted(self, 560).width())
        self._show_models = show_models
        self._background = Background("import-model", self)
        self._runner: Runner | None = None
        self._answer: Future[tuple[Draft, ...] | Refused] | None = None
        self._drafts: tuple[Draft, ...] = ()
        self._ended = False
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(label(tr(_EXPLANATION), "quiet"))
        self.file = self._line(column, tr("MODEL"), tr("ONNX file, MONAI bundle or archive of models"))
        self._buttons(self.file, (tr("File…"), self._on_choose_file), (tr("Folder…"), self._on_choose_folder))
        self.described = self._line(column, tr("DESCRIPTION (TOML)"), tr("None: the file describes itself"))
        self._buttons(self.described, (tr("File…"), self._on_choose_description), (tr("Template…"), self._on_template))
        self.identifier = self._line(column, tr("NAME OF ITS FOLDER"), tr("Named after the file"))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 0)
        self._bar.hide()
        column.addWidget(self._bar)
        self.message = label("")
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.hide()
        column.addWidget(self.message)
        end = QHBoxLayout()
        end.addStretch()
        close = button(tr("Close"))
        close.clicked.connect(self.close)
        end.addWidget(close)
        self.go = button(tr("Check"), tr("Open the file and run it once"), "primary")
        self.go.clicked.connect(self._on_go)
        end.addWidget(self.go)
        column.addLayout(end)
        for line in (self.file, self.described, self.identifier):
            line.textChanged.connect(lambda _: self._forget())
        self._update()

    def _line(self, column: QVBoxLayout, heading: str, placeholder: str) -> QLineEdit:
        column.addWidget(label(heading, "heading"))
        row = QHBoxLayout()
        line = QLineEdit()
        line.setAccessibleName(heading.capitalize())
        line.setPlaceholderText(placeholder)
        row.addWidget(line, 1)
        column.addLayout(row)
        self._row = row
        return line

    def _buttons(self, line: QLineEdit, *made: tuple[str, Callable[[], None]]) -> None:
        """Put buttons behind the line that was made last."""
        for text, handler in made:
            one = button(text, f"{line.accessibleName()}: {text}")
            one.clicked.connect(handler)
            self._row.addWidget(one)

    # -- choosing ------------------------------------------------------------------------------------------------

    def _on_choose_file(self) -> None:
        self._take(self.file, QFileDialog.getOpenFileName(self, tr("Model"), "", tr(_FILES))[0])

    def _on_choose_folder(self) -> None:
        self._take(self.file, QFileDialog.getExistingDirectory(self, tr("MONAI bundle")))

    def _on_choose_description(self) -> None:
        self._take(self.described, QFileDialog.getOpenFileName(self, tr("Description"), "", tr("TOML (*.toml)"))[0])

    def _on_template(self) -> None:
        # A file that is there is refused below, so Qt need not ask.
        keep = QFileDialog.Option.DontConfirmOverwrite
        name = QFileDialog.getSaveFileName(self, tr("Template"), "model.toml", tr("TOML (*.toml)"), options=keep)[0]
        if not name:
            return
        try:
            description.write_template(Path(name))
        except MedganError as error:
            self._say(error.sentence, "caution")
        else:
            self._take(self.described, name)
            self._say(tr("Fill in the template with a text editor, then check."))

    def _take(self, line: QLineEdit, text: str) -> None:
        if text:
            line.setText(text)

    def _forget(self) -> None:
        """Take away what was checked: something else is asked for now."""
        self._drop()
        self._say("")
        self._update()

    def _drop(self) -> None:
        for draft in self._drafts:
            importing.drop(draft)
        self._drafts = ()

    def _update(self) -> None:
        checking = self._answer is not None
        self._bar.setVisible(checking)
        self.go.setText(tr("Add") if self._drafts else tr("Check"))
        self.go.setEnabled(bool(self.file.text().strip()) and not checking)
        for line in (self.file, self.described, self.identifier):
            line.setEnabled(not checking)

    def _say(self, text: str, kind: str = "quiet") -> None:
        self.message.setObjectName(kind)
        restyle(self.message, "said", text)
        self.message.setText(text)
        self.message.setVisible(bool(text))

    # -- checking and adding -------------------------------------------------------------------------------------

    def _on_go(self) -> None:
        if self._drafts:
            self._add()
            return
        try:
            self._answer = self._check(self._request())
        except MedganError as error:
            self._say(error.sentence, "caution")
            return
        self._say(tr("Opening the file in a process of its own…"))
        self._update()
        self._background.run(self._answer.result, self._on_checked)

    def _request(self) -> Request:
        said: dict[str, Any] = {}
        if self.described.text().strip():
            said = description.read(Path(self.described.text().strip()))
        packages, _ = registry.scan()
        return Request(
            Path(self.file.text().strip()).absolute(),
            registry.folders()[-1].absolute(),
            said,
            self.identifier.text().strip(),
            tuple(package.id for package in packages),
        )

    def _check(self, request: Request) -> "Future[tuple[Draft, ...] | Refused]":
        from medgan_viewer.jobs.runner import Runner
        from medgan_viewer.jobs.worker import Job

        if self._runner is None:
            self._runner = Runner(lambda event: None)
        return self._runner.ask(Job(importing.CHECK, {"request": request}))

    def _on_checked(self, answer: tuple[Draft, ...] | Refused | Exception) -> None:
        self._answer = None
        if isinstance(answer, tuple):
            self._drafts = answer
            self._say("\n".join([*map(_words, answer), tr("Research use only.")]))
        elif isinstance(answer, Refused | MedganError):
            self._say(answer.sentence, "caution")
        else:
            self._say(tr("The file could not be checked ({0}).").format(type(answer).__name__), "caution")
        self._update()

    def _add(self) -> None:
        drafts, self._drafts = self._drafts, ()
        try:
            for draft in drafts:
                importing.keep(draft)
            packages, problems = registry.scan()
        except MedganError as error:
            self._say(error.sentence, "caution")
            self._update()
            return
        self._show_models(packages, problems)
        self.accept()

    # -- closing -------------------------------------------------------------------------------------------------

    def done(self, result: int) -> None:
        """Close, by a button, by Esc or by the window's frame."""
        super().done(result)
        self._end()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close a dialog that was not on screen, which Qt does without ``done``."""
        super().closeEvent(event)
        self._end()

    def _end(self) -> None:
        """End the check, and take away what was not added."""
        if self._ended:
            return
        self._ended = True
        if self._runner is not None:
            self._runner.close()
        self._background.close()
        if self._answer is not None and self._answer.done() and self._answer.exception() is None:
            answer = self._answer.result()
            self._drafts = answer if isinstance(answer, tuple) else ()
        self._drop()
        self.deleteLater()


def _words(draft: Draft) -> str:
    """Return what is known of a model before it is added."""
    numbers = (
        tr("Its numbers are on its card.")
        if draft.evaluated
        else tr("Not evaluated: how well it does, and for whom, is not known.")
    )
    return tr("{0}: {1}; {2}; licence: {3}.\n{4}").format(draft.name, draft.task, draft.kind, draft.licence, numbers)
