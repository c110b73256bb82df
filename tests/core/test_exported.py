"""What lies in files is remembered as long as it is what lies there."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from medgan_viewer.core.document import Document
from medgan_viewer.core.exported import Contents
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import Finding, Judgement, LabelLayer, Provenance
from medgan_viewer.core.volume import Volume

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_FINDING = Finding(1, (1, 2, 3), (0.0, 0.0, 0.0), 0.9, 1.0, ((1, 2), (2, 3), (3, 4)))
_MADE = Provenance("m", "Model", "1", "ab", ("ct",), "cpu", "fp32", _NOW, "CC0", "Test.")


def _layer(uid: str = "a", provenance: Provenance = _MADE) -> LabelLayer:
    volume = Volume(np.zeros((4, 5, 6), np.uint8), np.eye(4))
    return LabelLayer(
        uid=uid,
        name=uid,
        source_series_uid="ct",
        volume=volume,
        ready=np.ones(4, bool),
        provenance=provenance,
        segments=(),
    )


@pytest.fixture
def document() -> Document:
    return Document()


def _export(document: Document, contents: Contents, *, written: bool = True) -> None:
    document.exported.begin(contents)
    document.exported.end(contents, written=written)


def test_nothing_is_exported_before_it_is_written(document: Document) -> None:
    layer = _layer()
    contents = Contents.of([layer], [layer], {}, ())
    document.exported.begin(contents)
    assert not document.exported.has_layer(layer)
    document.exported.end(contents, written=False)
    assert not document.exported.has_layer(layer)
    _export(document, Contents.of([layer], [layer], {}, ()))
    assert document.exported.has_layer(layer)


def test_a_result_in_which_a_hand_drew_since_is_not_in_the_file(document: Document) -> None:
    layer = _layer(provenance=Provenance.drawn("ct", _NOW))
    document.add_layer(layer)
    _export(document, Contents.of([layer], [layer], {}, ()))
    assert document.exported.has_layer(layer.changed(opacity=0.3)), "how it is drawn is no work that is lost"
    document.refill_layer(layer)
    assert not document.exported.has_layer(layer)


def test_what_is_drawn_while_it_is_being_written_is_not_in_the_file(document: Document) -> None:
    layer = _layer(provenance=Provenance.drawn("ct", _NOW))
    document.add_layer(layer)
    contents = Contents.of([layer], [layer], {}, ())
    document.exported.begin(contents)
    document.refill_layer(layer)
    document.exported.end(contents, written=True)
    assert not document.exported.has_layer(layer)


def test_what_a_model_made_and_the_reader_left_out_counts_but_nothing_of_his_own_hand(document: Document) -> None:
    made, drawn = _layer("made"), _layer("drawn", Provenance.drawn("ct", _NOW))
    half = replace(_layer("half"), ready=np.array([True, True, False, False]))
    _export(document, Contents.of([half], [made, drawn, half], {}, ()))
    assert document.exported.has_layer(made)
    assert not document.exported.has_layer(drawn)
    assert not document.exported.has_layer(half)
    assert not document.exported.has_layer(_layer("later"))


def test_a_verdict_given_anew_is_another_one(document: Document) -> None:
    said = Judgement(_FINDING, "accepted", _NOW, 0.5)
    _export(document, Contents.of((), (), {"heat": (said,)}, ()))
    assert document.exported.has_judgement("heat", said)
    assert not document.exported.has_judgement("heat", replace(said, verdict="rejected"))
    assert not document.exported.has_judgement("other", said)
    _export(document, Contents.of((), (), {"other": (said,)}, ()))
    assert document.exported.has_judgement("heat", said), "a later export of something else takes nothing away"


def test_what_is_gone_for_good_is_forgotten(document: Document) -> None:
    layer, said = _layer(), Judgement(_FINDING, "accepted", _NOW, 0.5)
    keys = KeyImage("ct", 1), KeyImage("ct", 1, "a")
    _export(document, Contents.of([layer], [layer], {"a": (said,)}, keys))
    document.exported.keep_only({"b"})
    assert not document.exported.has_layer(layer)
    assert not document.exported.has_judgement("a", said)
    assert [document.exported.has_key_image(key) for key in keys] == [True, False]
