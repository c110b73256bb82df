"""ONNX files become packages that give what the file computes; everything else is one sentence."""

import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper

from medgan_viewer.errors import MedganError, PackageError, ReadError
from medgan_viewer.models.device import LoadedNetwork, load
from medgan_viewer.models.importing import Refused, description, drop
from medgan_viewer.models.importing.onnx_file import OnnxError, inlined, inspect
from medgan_viewer.models.inference import load_where_it_fits
from medgan_viewer.models.manifest import read_package
from tests.models.importing_builder import (
    DESCRIPTION,
    SYNTHESIS,
    asked,
    command_line,
    compare_with_torch,
    convolution,
    export,
    imported,
    network,
    write_head,
)
from tests.models.scans import head_ct

EDGES = np.array([[[[0, 1, 0], [1, -4, 1], [0, 1, 0]]]], np.float32)
HALF = np.full((1, 1, 1, 1), 0.5, np.float32)


def saved(model: onnx.ModelProto, path: Path, **options: Any) -> Path:
    onnx.save_model(model, path, **options)
    return path


def values(shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.random.default_rng(1).random(shape, dtype=np.float32)


def loaded(folder: Path) -> LoadedNetwork:
    return load(read_package(folder), "cpu")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return ``network()`` as torch exports it, with its weights in a second file."""
    # Once for all tests: it takes seconds, and leaves a thread of tqdm's behind.
    return export(network(), tmp_path_factory.mktemp("exported") / "My Net_v2.onnx")


def test_that_an_exported_network_gives_what_torch_gives(exported: Path, tmp_path: Path) -> None:
    module = network()
    package = imported(exported, tmp_path / "models")
    assert package.id == "my-net-v2"
    image = values((3, 1, 24, 40))
    ran = loaded(package.folder)
    with torch.inference_mode():
        expected = module(torch.from_numpy(image))
    torch.testing.assert_close(ran(image), expected, rtol=1e-5, atol=1e-5)
    assert (ran.device, ran.precision) == ("cpu", "fp32")


def test_that_the_command_line_imports_and_runs_an_exported_network(exported: Path, tmp_path: Path) -> None:
    """In processes of their own, as a user does, on a head CT in DICOM; against torch on the same voxels."""
    voxels = head_ct((4, 40, 32))
    write_head(tmp_path / "study", voxels)
    (tmp_path / "said.toml").write_text(DESCRIPTION, encoding="utf-8")
    command_line(tmp_path, "import-model", str(exported), "--describe", str(tmp_path / "said.toml"), "--yes")
    command_line(tmp_path, "run", "my-net-v2", str(tmp_path / "study"), "--out", str(tmp_path / "out"), "--force")
    compare_with_torch(network(), voxels, tmp_path / "out")


def test_that_the_manifest_and_card_say_that_nobody_evaluated_it(tmp_path: Path) -> None:
    path = saved(convolution(HALF), tmp_path / "a.onnx")
    package = imported(path, tmp_path / "models", {**SYNTHESIS, "description": "Shows T1."})
    manifest = package.manifest
    assert manifest.description == "Not evaluated. Shows T1."
    assert manifest.evaluation.rows == ()
    assert manifest.licence == "not stated"
    card = package.card.read_text(encoding="utf-8")
    assert "a.onnx" in card
    assert "Nobody has evaluated this model" in card
    assert "Research use only" in card


def test_that_weights_beside_the_file_are_taken_in(tmp_path: Path) -> None:
    weights = values((4, 2, 3, 3))
    path = tmp_path / "there" / "net.onnx"
    path.parent.mkdir()
    saved(convolution(weights), path, save_as_external_data=True, location="net.data", size_threshold=0)
    assert inspect(path.read_bytes()).external == {"net.data"}
    described = {
        **SYNTHESIS,
        "preprocessing": {**SYNTHESIS["preprocessing"], "encoding": {"CT": "ct_two_window"}},
    }
    package = imported(path, tmp_path / "models", described)
    (path.parent / "net.data").unlink()
    image = values((1, 2, 16, 16))
    expected = torch.nn.functional.conv2d(torch.from_numpy(image), torch.from_numpy(weights), padding=1)
    torch.testing.assert_close(loaded(package.folder)(image), expected, rtol=1e-5, atol=1e-5)
    with pytest.raises(ReadError, match=r"net\.data, which is not beside it"):
        imported(path, tmp_path / "models", described, identifier="again")


@pytest.mark.parametrize("location", ["../secret", "/etc/passwd", "a/b", "..\\x", "C:x", ""])
def test_that_weights_elsewhere_are_refused(tmp_path: Path, location: str) -> None:
    model = convolution(EDGES)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    (tmp_path / "secret").write_bytes(bytes(36))
    (tmp_path / "in").mkdir()
    with pytest.raises(ReadError, match="outside its own folder"):
        imported(saved(model, tmp_path / "in" / "a.onnx"), tmp_path / "models")


def test_that_external_weights_of_the_wrong_length_are_refused(tmp_path: Path) -> None:
    path = saved(
        convolution(EDGES), tmp_path / "a.onnx", save_as_external_data=True, location="a.data", size_threshold=0
    )
    (tmp_path / "a.data").write_bytes(bytes(8))
    with pytest.raises(OnnxError, match="cut off"):
        inlined(path.read_bytes(), tmp_path)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/etc/passwd"), Path.mkdir])
def test_that_weights_beside_the_file_must_be_a_plain_file(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = saved(
        convolution(EDGES), tmp_path / "a.onnx", save_as_external_data=True, location="a.data", size_threshold=0
    )
    (tmp_path / "a.data").unlink()
    make(tmp_path / "a.data")
    with pytest.raises(OnnxError, match=r"a\.data cannot be used"):
        inlined(path.read_bytes(), tmp_path)


@pytest.mark.parametrize("size", [(1, None, 48, 64), (4, None, 48, 64), (1, None, "rows", "columns")])
def test_that_fixed_sizes_give_what_free_ones_give(tmp_path: Path, size: tuple[Any, ...]) -> None:
    package = imported(saved(convolution(EDGES, shape=size), tmp_path / "a.onnx"), tmp_path / "models")
    image = values((3, 1, 40, 64))
    expected = torch.nn.functional.conv2d(torch.from_numpy(image), torch.from_numpy(EDGES), padding=1)
    result = loaded(package.folder)(image)
    # At the rim the smaller picture sees its repeated edge in place of zeros.
    torch.testing.assert_close(result[..., 1:-1, 1:-1], expected[..., 1:-1, 1:-1], rtol=1e-5, atol=1e-5)
    assert result.shape == expected.shape


def test_that_a_head_larger_than_a_fixed_picture_is_one_sentence(tmp_path: Path) -> None:
    package = imported(saved(convolution(HALF, shape=(1, 1, 32, 32)), tmp_path / "a.onnx"), tmp_path / "models")
    assert package.manifest.preprocessing.size_multiple == 1
    with pytest.raises(MedganError, match="sees only 32 × 32"):
        loaded(package.folder)(values((1, 1, 40, 16)))


def test_that_half_precision_runs(tmp_path: Path) -> None:
    path = saved(convolution(HALF, dtype=TensorProto.FLOAT16), tmp_path / "a.onnx")
    ran = loaded(imported(path, tmp_path / "models").folder)
    image = values((1, 1, 16, 16))
    torch.testing.assert_close(ran(image), torch.from_numpy(image) / 2, rtol=2e-3, atol=1e-3)
    assert ran.precision == "fp16"


@pytest.mark.parametrize(
    ("task", "outputs", "said", "expected"),
    [
        ("anomaly", [{"channel": 0, "name": "Heat"}], "probabilities", lambda p: p),
        ("anomaly", [{"channel": 0, "name": "Heat"}], "logits", lambda p: 1 / (1 + np.exp(-p))),
        ("segmentation", [{"name": "Half"}], "probabilities", lambda p: p > 0.5),
        ("segmentation", [{"name": "Half"}], "logits", lambda p: p > 0),
    ],
)
def test_that_probabilities_and_single_channels_become_what_a_task_takes(
    tmp_path: Path, task: str, outputs: list[dict[str, Any]], said: str, expected: Callable[[Any], Any]
) -> None:
    described = {**SYNTHESIS, "task": task, "outputs": outputs, "output_values": said}
    package = imported(
        saved(convolution(np.ones((1, 1, 1, 1), np.float32)), tmp_path / "a.onnx"), tmp_path / "m", described
    )
    image = values((1, 1, 16, 16))
    output = loaded(package.folder)(image)
    found = output.sigmoid()[0, 0] if task == "anomaly" else output.argmax(dim=1)[0]
    np.testing.assert_allclose(found, expected(image[0, 0]), atol=1e-5)
    assert output.shape[1] == package.manifest.channels_out == (1 if task == "anomaly" else 2)


def test_that_the_file_may_describe_itself_and_the_user_may_correct_it(tmp_path: Path) -> None:
    model = convolution(HALF)
    model.metadata_props.add(key=description.METADATA_KEY, value=DESCRIPTION)
    path = saved(model, tmp_path / "a.onnx")
    own = imported(path, tmp_path / "models", {}).manifest
    assert (own.name, own.licence, own.preprocessing.size_multiple) == ("Foreign", "CC-BY-4.0", 8)
    corrected = {"name": "Mine", "preprocessing": {"size_multiple": 16}}
    mine = imported(path, tmp_path / "models", corrected, identifier="mine").manifest
    assert (mine.name, mine.licence, mine.preprocessing.size_multiple) == ("Mine", "CC-BY-4.0", 16)
    assert mine.preprocessing.grid_spacing_mm == 1.0


def test_that_missing_keys_are_listed_in_one_sentence(tmp_path: Path) -> None:
    path = saved(convolution(HALF), tmp_path / "a.onnx")
    answer = asked(path, tmp_path / "models", {"name": "A", "requires": {"body_part": "HEAD", "modalities": []}})
    assert isinstance(answer, Refused)
    assert answer.missing == (
        "task", "requires.modalities", "requires.max_slice_spacing_mm", "preprocessing.grid_spacing_mm",
        "preprocessing.encoding", "outputs",
    )  # fmt: skip
    assert all(key in answer.sentence for key in answer.missing)
    assert "--template" in answer.sentence


def changed(**changes: Any) -> dict[str, Any]:
    return description.merged(SYNTHESIS, changes)


WRONG: list[tuple[dict[str, Any], str]] = [
    (changed(preprocessing={"encoding": {"CT": "ct_two_window"}}), "takes 1 channels and the described"),
    (changed(preprocessing={"neighbours": 1}), "takes 1 channels and the described preprocessing gives 3"),
    (changed(preprocessing={"neighbours": "one"}), "neighbours"),
    (changed(preprocessing={"size_multiple": 0}), "size_multiple"),
    (changed(preprocessing={"encoding": {"CT": "ct_range(1, 0, 0, 1)"}}), "no known encoding"),
    (changed(preprocessing={"encoding": "ct"}), "no known encoding"),
    (changed(requires={"modalities": ["MR"]}), "no known encoding"),
    (changed(requires={"orientation": "coronal"}), "orientation"),
    (changed(requires={"max_slice_spacing_mm": "8"}), "max_slice_spacing_mm"),
    (changed(task="diagnosis"), "possible are synthesis"),
    (changed(outputs=[]), "outputs"),
    (changed(outputs=["T1"]), "[[outputs]]"),
    (changed(outputs=[{**SYNTHESIS["outputs"][0], "channel": 3}]), "output channels"),
    (changed(outputs=[{**SYNTHESIS["outputs"][0], "decoding": "magic"}]), "decoding"),
    (changed(training_data=["scans"]), "training_data"),
    (changed(limits=[1]), "limits"),
    (changed(output_values="scores"), "output_values"),
    (changed(name=float("nan")), "no manifest can hold"),
    (changed(id="../up"), "is no id"),
    (changed(name="x" * 65), "more than 64 letters"),
    (changed(name="two\nlines"), "line breaks"),
    (changed(preprocessing={"neighbours": 10**9}), "takes 1 channels"),
]


@pytest.mark.parametrize(("described", "words"), WRONG, ids=[words for _, words in WRONG])
def test_that_a_wrong_description_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, described: dict[str, Any], words: str
) -> None:
    answer = asked(saved(convolution(HALF), tmp_path / "a.onnx"), tmp_path / "models", described)
    assert isinstance(answer, Refused)
    assert words in answer.sentence
    assert "\n" not in answer.sentence
    assert not (tmp_path / "models").exists() or not list((tmp_path / "models").iterdir())


def node(operator: str, **attributes: Any) -> list[onnx.NodeProto]:
    return [helper.make_node(operator, ["x"], ["y"], **attributes)]


def two_inputs() -> onnx.ModelProto:
    model = convolution(HALF)
    model.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, [1]))
    return model


def two_outputs() -> onnx.ModelProto:
    model = convolution(HALF)
    model.graph.node.append(helper.make_node("Relu", ["y"], ["z"]))
    model.graph.output.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["batch", 1, "rows", "columns"]))
    return model


def giant_output() -> onnx.ModelProto:
    model = convolution(HALF, shape=(1, 1, 64, 64), nodes=[helper.make_node("ConstantOfShape", ["s"], ["y"])])
    model.graph.initializer.append(helper.make_tensor("s", TensorProto.INT64, [4], [1, 1, 1 << 20, 1 << 20]))
    del model.graph.output[0].type.tensor_type.shape.dim[:]
    return model


def giant_weights() -> onnx.ModelProto:
    model = convolution(HALF)
    model.graph.initializer[0].dims[:] = [1 << 20, 1 << 20, 1, 1]
    return model


REFUSED: list[tuple[str, Callable[[], onnx.ModelProto], str]] = [
    ("a foreign operator", lambda: convolution(HALF, nodes=node("Run", domain="evil.ops")), "operator evil.ops.Run"),
    ("an unknown operator", lambda: convolution(HALF, nodes=node("Conv99")), "Conv99"),
    ("a network in another file", lambda: convolution(HALF, nodes=node("EPContext", domain="com.microsoft")), "EPCont"),
    ("a newer operator set", lambda: convolution(HALF, opset=999), "ONNX Runtime cannot open it"),
    ("two inputs", two_inputs, "2 inputs"),
    ("two outputs", two_outputs, "output_name"),
    ("a volume", lambda: convolution(np.ones((1, 1, 1, 1, 1), np.float32), shape=(1, 1, 8, 8, 8)), "slice by slice"),
    ("whole numbers", lambda: convolution(HALF, dtype=TensorProto.INT32), "neither float32 nor"),
    ("a giant picture", lambda: convolution(HALF, shape=(1, 1, 1 << 30, 1 << 30)), "larger than 4096"),
    ("giant weights without data", giant_weights, "ONNX Runtime cannot open it"),
    ("a giant output", giant_output, "a.onnx"),
    ("no picture", lambda: convolution(HALF, nodes=node("Flatten")), "a.onnx"),
    ("values that are no numbers", lambda: convolution(np.full((1, 1, 1, 1), np.nan, np.float32)), "no numbers"),
]


@pytest.mark.parametrize(("what", "make", "words"), REFUSED, ids=[case[0] for case in REFUSED])
def test_that_what_cannot_run_is_refused_in_one_sentence(
    tmp_path: Path, what: str, make: Callable[[], onnx.ModelProto], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ReadError) as caught:
        imported(saved(make(), tmp_path / "a.onnx"), tmp_path / "models")
    assert words in caught.value.sentence
    assert "\n" not in caught.value.sentence
    assert not (tmp_path / "models").exists()
    # Standard output belongs to results.
    assert capfd.readouterr().out == ""


def test_that_onnx_runtime_itself_writes_nothing_about_a_damaged_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    content = bytearray(convolution(HALF).SerializeToString())
    generator = np.random.default_rng(0)
    for _ in range(300):
        altered = bytearray(content)
        altered[int(generator.integers(len(content)))] = int(generator.integers(128, 256))
        (tmp_path / "a.onnx").write_bytes(altered)
        with suppress(MedganError):
            answer = asked(tmp_path / "a.onnx", tmp_path / "models")
            if not isinstance(answer, Refused):
                for draft in answer:
                    drop(draft)
    assert capfd.readouterr() == ("", "")


def test_that_one_of_several_outputs_can_be_named(tmp_path: Path) -> None:
    path = saved(two_outputs(), tmp_path / "a.onnx")
    package = imported(path, tmp_path / "models", {**SYNTHESIS, "output_name": "z"})
    assert float(loaded(package.folder)(np.full((1, 1, 8, 8), -1, np.float32)).min()) == 0
    with pytest.raises(ReadError, match='no output "q"; there are: y, z'):
        imported(path, tmp_path / "models", {**SYNTHESIS, "output_name": "q"}, identifier="q")


def test_that_functions_of_the_file_itself_are_no_foreign_operators(tmp_path: Path) -> None:
    model = convolution(HALF, nodes=node("Twice", domain="mine"), domains=("mine",))
    body = [helper.make_node("Add", ["a", "a"], ["b"])]
    model.functions.append(helper.make_function("mine", "Twice", ["a"], ["b"], body, [helper.make_opsetid("", 17)]))
    ran = loaded(imported(saved(model, tmp_path / "a.onnx"), tmp_path / "models").folder)
    assert float(ran(np.full((1, 1, 8, 8), 3, np.float32)).mean()) == 6


def test_that_a_file_cut_off_anywhere_or_altered_is_never_a_crash() -> None:
    content = convolution(values((2, 2, 3, 3))).SerializeToString()
    for length in range(len(content)):
        with pytest.raises(OnnxError):
            # The graph is the longest part: without its end, or what follows it, nothing is complete.
            inspect(content[:length])
    generator = np.random.default_rng(0)
    for _ in range(2000):
        altered = bytearray(content)
        altered[int(generator.integers(len(content)))] = int(generator.integers(256))
        with suppress(OnnxError):
            inspect(bytes(altered))


def deeply_nested() -> onnx.ModelProto:
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [], [])
    for _ in range(30):
        graph = helper.make_graph([helper.make_node("If", ["x"], ["y"], then_branch=graph)], "g", [], [])
    return helper.make_model(graph)


def test_that_graphs_nested_without_end_are_refused() -> None:
    with pytest.raises(OnnxError, match="nested too deeply"):
        inspect(deeply_nested().SerializeToString())


@pytest.mark.parametrize("content", [b"", b"hello world", b"\x00" * 100, b"\xff" * 100, b"\x08\x07"])
def test_that_what_is_no_onnx_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(content)
    with pytest.raises(ReadError, match="this is no ONNX file"):
        imported(path, tmp_path / "models")


def test_that_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    with pytest.raises(ReadError, match="neither a file nor a folder"):
        imported(tmp_path / "pipe.onnx", tmp_path / "models")
    with pytest.raises(ReadError, match="no such file"):
        imported(tmp_path / "nothing.onnx", tmp_path / "models")


def test_that_a_network_for_any_number_of_channels_takes_no_billions(tmp_path: Path) -> None:
    path = saved(convolution(HALF, shape=(1, "c", 8, 8), nodes=node("Relu")), tmp_path / "a.onnx")
    answer = asked(path, tmp_path / "models", changed(preprocessing={"neighbours": 10**9}))
    assert isinstance(answer, Refused)
    assert "at most 1024" in answer.sentence


def test_that_a_strangers_words_make_no_heading_or_picture_in_the_card(tmp_path: Path) -> None:
    words = "Good.\n\n## Numbers\n\n![x](file:///etc/passwd) <img src='http://x'> Dice 0.99"
    path = saved(convolution(HALF), tmp_path / "a.onnx")
    described = {**SYNTHESIS, "description": words, "limits": [words], "licence": words}
    card = imported(path, tmp_path / "models", described).card.read_text(encoding="utf-8")
    assert card.count("\n## Numbers\n") == 1
    assert "![" not in card
    assert re.search(r"(?<!\\)<", card) is None


def test_that_an_id_in_use_is_not_taken_twice(tmp_path: Path) -> None:
    path = saved(convolution(HALF), tmp_path / "a.onnx")
    imported(path, tmp_path / "models", identifier="one")
    for options in ({"identifier": "one"}, {"identifier": "two", "taken": ("two",)}):
        answer = asked(path, tmp_path / "models", **options)
        assert isinstance(answer, Refused)
        assert "already a model" in answer.sentence
    assert [each.name for each in (tmp_path / "models").iterdir()] == ["one"]


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


class Listener:
    """The least of a job's context: it keeps what the user is told."""

    visible: int | None = None
    device = "cuda"
    cancelled = False

    def __init__(self) -> None:
        self.notices: list[str] = []

    def array(self, handle: Any, /) -> NDArray[Any]:
        raise NotImplementedError

    def started(self, device: str, precision: str, slices: int, inputs: int | None = None, /) -> None:
        raise NotImplementedError

    def slice_ready(self, index: int, /) -> None:
        raise NotImplementedError

    def notice(self, sentence: str, /) -> None:
        self.notices.append(sentence)


@pytest.mark.skipif(
    "CUDAExecutionProvider" in onnxruntime.get_available_providers(), reason="this ONNX Runtime can use a GPU"
)
def test_that_the_user_is_told_when_a_graphics_card_was_asked_for_in_vain(tmp_path: Path) -> None:
    package = imported(saved(convolution(HALF), tmp_path / "a.onnx"), tmp_path / "models")
    listener = Listener()
    assert load_where_it_fits(listener, package, "cuda").device == "cpu"
    assert listener.notices == ["ONNX Runtime cannot use this graphics card, so the model runs on the processor."]
    assert load_where_it_fits(listener, package, "cpu").device == "cpu"
    assert len(listener.notices) == 1


def test_that_an_altered_network_is_not_run(tmp_path: Path) -> None:
    package = imported(saved(convolution(HALF), tmp_path / "a.onnx"), tmp_path / "models")
    saved(convolution(EDGES), package.weights)
    with pytest.raises(PackageError, match="not those the manifest names"):
        loaded(package.folder)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m["network"]["arguments"]["input"].update(name="other"), "not those that the manifest names"),
        (lambda m: m["network"]["arguments"]["output"].update(shape=[0, 1, 8, 8]), "not those that the manifest"),
        (lambda m: m["network"]["arguments"].update(adapt="magic"), "described wrongly"),
        (lambda m: m["network"]["arguments"].update(output=3), "described wrongly"),
        (lambda m: m["network"].update(arguments={}), "manifest names"),
        (lambda m: m["network"].update(name="unet_2p5d"), "must be a .safetensors file"),
        (lambda m: m["weights"].update(file="weights.safetensors"), "must be a .onnx file"),
    ],
)
def test_that_a_manifest_that_says_otherwise_than_the_file_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    package = imported(saved(convolution(HALF), tmp_path / "a.onnx"), tmp_path / "models")
    edit(package.folder, change)
    with pytest.raises(PackageError, match=words):
        loaded(package.folder)
