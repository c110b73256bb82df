"""What lies under the pointer, in words. No Qt here."""

from medgan_viewer.core.layers import DoubtLayer, ImageLayer, LabelLayer, Layer
from medgan_viewer.core.volume import Voxels
from medgan_viewer.ui.views.camera import Mapping
from medgan_viewer.ui.views.captions import point_text, value_text
from medgan_viewer.ui.views.scene import Picture, Scene
from medgan_viewer.ui.views.slices import Sample

__all__ = ["lines"]


def lines(
    scene: Scene, mapping: Mapping, at: tuple[float, float] | None, picture: Picture, *, beyond: bool
) -> tuple[str, ...]:
    """Return the value with its unit and the position under a place of the pane, and what results say of it.

    ``beyond`` says that the place is the synthetic image's where two images share the pane.
    """
    if at is None or scene.opened is None:
        return ()
    row, column = (round(position) for position in mapping.to_pixel(*at))
    if not (0 <= row < mapping.plane.rows and 0 <= column < mapping.plane.columns):
        return ()
    image = _image_under(picture, beyond)
    sample = scene.series_values() if image is None else scene.layer_values(image)
    unit = scene.opened.stack.unit if image is None else image.volume.unit
    value = _value(sample, row, column)
    said = [] if value is None else [value_text(float(value), unit)]
    # Where a view shows what it shows: voxel centres, not the place between them.
    said.append(point_text(mapping.plane.point(row, column)))
    for layer in picture.results:
        words = _result_text(layer, _value(scene.layer_values(layer), row, column))
        if words:
            said.append(words)
    return tuple(said)


def _image_under(picture: Picture, beyond: bool) -> ImageLayer | None:
    """Return the synthetic image whose value is meant, None for the original's."""
    if picture.half is not None:
        return picture.synthetic[0] if beyond else None
    return picture.front


def _value(sample: Sample | None, row: int, column: int) -> Voxels | None:
    if sample is None or (sample.valid is not None and not sample.valid[row, column]):
        return None
    return sample.values[row, column]  # type: ignore[no-any-return]


def _result_text(layer: Layer, value: Voxels | None) -> str:
    if value is None:
        return ""
    if isinstance(layer, LabelLayer):
        return next((segment.name for segment in layer.segments if segment.label == int(value)), "")
    if isinstance(layer, DoubtLayer):
        return f"may be off: {value_text(float(value), layer.volume.unit)} wide"
    return f"score {float(value):.2f}"
