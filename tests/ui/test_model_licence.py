"""The models' panel says which of them may not be used for commerce, before anybody runs one."""

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medgan_viewer.models.manifest import read_package
from medgan_viewer.ui.panels.models import ModelsPanel
from medgan_viewer.ui.runs import Runs
from tests.models.tiny import content, write_package
from tests.ui import scans


@pytest.mark.parametrize(
    ("licence", "data", "said"),
    [
        ("CC BY-NC-SA 4.0", "CC BY-NC-SA 4.0", "Licence: CC BY-NC-SA 4.0. Not for commercial use."),
        ("MIT", "for non-commercial purposes", "Licence: MIT. Not for commercial use."),
        ("CC BY-SA 3.0", "CC BY", ""),
    ],
)
def test_that_a_model_that_is_not_for_commerce_says_so(
    qtbot: QtBot, tmp_path: Path, licence: str, data: str, said: str
) -> None:
    manifest = content() | {"licence": licence, "training_data": [{"name": "heads", "licence": data}]}
    package = read_package(write_package(tmp_path, manifest, np.ones((1, 2), np.float32)))
    held = scans.document()
    panel = ModelsPanel(held, Runs(held))
    qtbot.addWidget(panel)
    held.select_series("1.1")
    panel.set_models([package], [])
    panel.show()
    card = panel.card("tiny")
    assert card is not None
    assert card.licence.text() == said
    assert card.licence.isVisible() is bool(said)
