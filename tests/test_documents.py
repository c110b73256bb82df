"""The documents name what the program has: every key and every command."""

import re
from pathlib import Path

import pytest

from medgan_viewer.cli import COMMANDS
from medgan_viewer.ui.actions import HOLD_TO_REVEAL, TABLE

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "user-guide.md").read_text(encoding="utf-8")
# The guide says "Up, Down: one slice; Shift: ten" and calls the Return key by the name printed on it.
SPOKEN = {"Shift+Up": "Shift: ten", "Shift+Down": "Shift: ten", "Return": "Enter"}


@pytest.mark.parametrize("key", sorted({key for spec in TABLE for key in spec.keys} - {"Ctrl+Q", "Ctrl+Shift+O"}))
def test_that_the_user_guide_names_every_key(key: str) -> None:
    words = re.escape(SPOKEN.get(key, key))
    assert re.search(rf"(?<![\w+]){words}(?!\w)", GUIDE)


def test_that_the_user_guide_names_the_key_that_is_held() -> None:
    assert f"hold {HOLD_TO_REVEAL.keys[0]}" in GUIDE


@pytest.mark.parametrize("command", [name for name, _ in COMMANDS])
def test_that_readme_or_guide_show_every_command(command: str) -> None:
    assert f"medgan-viewer {command}" in GUIDE + (ROOT / "README.md").read_text(encoding="utf-8")
