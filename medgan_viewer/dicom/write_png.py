"""A picture as PNG, with its marks burned in and text chunks that say what made it."""

from pathlib import Path

import medgan_viewer
from medgan_viewer.dicom import atomic
from medgan_viewer.dicom.capture import Capture
from medgan_viewer.dicom.mark import plain

__all__ = ["write"]


def write(capture: Capture, path: Path) -> Path:
    """Write the capture to ``path`` (replacing it). Raises ``WriteError``."""
    from PIL import Image, PngImagePlugin

    chunks = PngImagePlugin.PngInfo()
    for key, text in texts(capture).items():
        chunks.add_text(key, plain(text))
    with atomic.new_file(path) as temporary:
        Image.fromarray(capture.marked()[0]).save(temporary, format="PNG", pnginfo=chunks)
    return path


def texts(capture: Capture) -> dict[str, str]:
    """Return the text chunks: synthetic or not, and for every result its model and the hash of its weights."""
    models = {layer.provenance.model_id: layer.provenance for layer in capture.layers}
    return {
        "Software": f"MedGAN Viewer {medgan_viewer.__version__}",
        "Synthetic": "YES" if capture.synthetic else "NO",
        "Description": capture.description,
        "Disclaimer": "For research only, not for diagnosis",
        "Model": "; ".join(f"{made.model_id} {made.model_version}".strip() for made in models.values()),
        "Weights SHA-256": "; ".join(made.weights_sha256 for made in models.values()),
    }
