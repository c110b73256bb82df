"""Colours and sizes, each named once. Violet stands for everything synthetic and for nothing else."""

from dataclasses import dataclass

__all__ = ["DARK", "LIGHT", "Theme"]


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one look, as #rrggbb. Around the image it is black in every look."""

    name: str
    window: str
    panel: str
    raised: str
    line: str
    text: str
    quiet_text: str
    faint_text: str
    accent: str
    accent_text: str
    synthetic: str
    synthetic_text: str
    warning: str
    error: str
    # On the image: the same in every look.
    image_text: str = "#e6e9ee"
    image_quiet_text: str = "#aeb6c2"
    image_warning: str = "#f2c14e"
    orientation: str = "#f2c14e"
    finding: str = "#f2c14e"
    crosshair: str = "#45c4b0"
    annotation: str = "#58d3f0"
    image_background: str = "#000000"


DARK = Theme(
    name="dark",
    window="#0e1318",
    panel="#131a21",
    raised="#1c2630",
    line="#2a3642",
    text="#e6e9ee",
    quiet_text="#9aa5b1",
    faint_text="#66717d",
    accent="#45c4b0",
    accent_text="#06211d",
    synthetic="#b388ff",
    synthetic_text="#1b0b3a",
    warning="#f2c14e",
    error="#ff7a70",
)

LIGHT = Theme(
    name="light",
    window="#eef1f4",
    panel="#f8f9fb",
    raised="#ffffff",
    line="#cdd5dd",
    text="#17202a",
    quiet_text="#4c5a68",
    faint_text="#8290a0",
    accent="#0b7d6c",
    accent_text="#ffffff",
    synthetic="#6a3fd1",
    synthetic_text="#ffffff",
    warning="#845500",
    error="#b3261e",
)
