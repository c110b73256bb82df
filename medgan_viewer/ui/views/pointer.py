"""What lies under the pointer, in words. No Qt here."""

from medgan_viewer.core.findings import score_text
from medgan_viewer.core.layers import DoubtLayer, ImageLayer, LabelLayer, Layer
from medgan_viewer.core.volume import Voxels
from medgan_viewer.ui.translation import numbers, tr
from medgan_viewer.ui.views.camera import Mapping
from medgan_viewer.ui.views.captions import point_text, signed_text, value_text
from medgan_viewer.ui.views.compared import Image, SeriesImage
from medgan_viewer.ui.views.scene import Picture, Scene
from medgan_viewer.ui.views.slices import Sample

__all__ = ["lines"]


def lines(
    scene: Scene, mapping: Mapping, at: tuple[float, float] | None, picture: Picture, *, beyond: bool
) -> tuple[str, ...]:
    """Return the value with its unit and the position under a place of the pane, and what results say of it.

    ``beyond`` says that the place is the second image's where two images share the pane.
    """
    if at is None or scene.opened is None:
        return ()
    row, column = (round(position) for position in mapping.to_pixel(*at))
    if not (0 <= row < mapping.plane.rows and 0 <= column < mapping.plane.columns):
        return ()
    said = _values(scene, picture, _image_under(picture, beyond), (row, column))
    # Where a view shows what it shows: voxel centres, not the place between them.
    said.append(point_text(mapping.plane.point(row, column)))
    for layer in picture.results:
        words = _result_text(layer, _value(scene.layer_values(layer), row, column))
        if words:
            said.append(words)
    return tuple(said)


def _values(scene: Scene, picture: Picture, image: Image | None, at: tuple[int, int]) -> list[str]:
    """Return the value of an image (None for the pane's own series) there; of a difference, which values it is of."""
    if picture.difference is not None and picture.sides is not None:
        value = _value(picture.difference.sample, *at)
        if value is None:
            return []
        both = [_text(scene, side, at) for side in picture.sides]
        return [signed_text(float(value), picture.difference.scale.unit), f"{both[1]} − {both[0]}"]
    own = scene.opened
    if image is None and own is not None:
        image = SeriesImage(own, own=True)
    said = "" if image is None else _text(scene, image, at)
    return [said] if said else []


def _text(scene: Scene, image: Image, at: tuple[int, int]) -> str:
    value = _value(scene.values_of(image), *at)
    unit = image.volume.unit if isinstance(image, ImageLayer) else image.unit
    return "" if value is None else value_text(float(value), unit)


def _image_under(picture: Picture, beyond: bool) -> Image | None:
    """Return the image whose value is meant, None for the pane's own series."""
    if picture.half is not None and picture.sides is not None and beyond:
        return picture.sides[1]
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
        return tr("may be off: {0} wide").format(value_text(float(value), layer.volume.unit))
    return numbers(tr("score {0}").format(score_text(float(value))))
