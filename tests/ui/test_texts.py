"""The dialogs that only tell."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer import resources
from medgan_viewer.ui.dialogs import texts

CARD = """# Model

Does this. **Research only.**

## How it was made

Network.

```
## not a section of its own by title
```

## Numbers

| a | b |
|---|---|
| 1 | 2 |

## Limits

- One.

## Licence

Apache-2.0
"""


def _titles(markdown: str) -> list[str]:
    return [line.removeprefix("## ") for line in markdown.splitlines() if line.startswith("## ")]


def test_a_card_begins_with_what_it_is_for_its_limits_and_its_numbers() -> None:
    said = texts.limits_first(CARD.replace("## not", "not"))
    assert said.startswith("# Model\n\nDoes this.")
    assert _titles(said) == ["Limits", "Numbers", "How it was made", "Licence"]
    assert sorted(said.split()) == sorted(CARD.replace("## not", "not").split())


@pytest.mark.parametrize("folder", sorted(resources.path("models").iterdir()), ids=lambda folder: folder.name)
def test_every_bundled_card_has_limits_and_numbers_before_how_it_was_made(folder: Path) -> None:
    card = (folder / "CARD.md").read_text(encoding="utf-8")
    titles = _titles(texts.limits_first(card))
    assert titles[:2] == ["Limits", "Numbers"]
    assert sorted(titles) == sorted(_titles(card))


def test_the_dialog_shows_them_in_that_order(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "CARD.md").write_text(CARD, encoding="utf-8")
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = texts.card(parent, "Model", tmp_path / "CARD.md")
    said = dialog.findChildren(QTextBrowser)[0].toPlainText()
    assert said.index("One.") < said.index("Numbers") < said.index("Network.")
    dialog.close()
