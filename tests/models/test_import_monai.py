"""MONAI bundles: weights and literal descriptions are taken, nothing in them is ever executed."""

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from medgan_viewer.errors import PackageError, ReadError
from medgan_viewer.models.device import load
from medgan_viewer.models.importing import Refused, pickles
from medgan_viewer.models.manifest import Package, read_package
from medgan_viewer.models.networks.monai_networks import CLASSES, MonaiNetwork, RefusedError, build_empty
from tests.models.importing_builder import (
    DESCRIPTION,
    SYNTHESIS,
    UNET,
    asked,
    bundle,
    command_line,
    compare_with_torch,
    configuration,
    imported,
    monai_network,
    write_head,
    zipped,
)
from tests.models.scans import head_ct


def same_as_monai(package: Package) -> None:
    """Compare a package's network with the one that MONAI makes."""
    image = np.random.default_rng(0).random((2, 1, 32, 48), dtype=np.float32)
    with torch.inference_mode():
        expected = monai_network(UNET)(torch.from_numpy(image))
    torch.testing.assert_close(load(package, "cpu")(image), expected, rtol=1e-5, atol=1e-5)


def test_that_the_command_line_imports_and_runs_a_bundle(tmp_path: Path) -> None:
    voxels = head_ct((3, 40, 40))
    write_head(tmp_path / "study", voxels)
    folder = bundle(tmp_path / "unet")
    (tmp_path / "said.toml").write_text(DESCRIPTION, encoding="utf-8")
    command_line(tmp_path, "import-model", str(folder), "--describe", str(tmp_path / "said.toml"), "--yes")
    command_line(tmp_path, "run", "unet", str(tmp_path / "study"), "--out", str(tmp_path / "out"), "--force")
    compare_with_torch(monai_network(UNET), voxels, tmp_path / "out")


def test_that_a_bundle_gives_its_name_and_what_its_author_says(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "unet")
    (folder / "LICENSE").write_text("Free for all.", encoding="utf-8")
    described = {key: value for key, value in SYNTHESIS.items() if key != "name"}
    package = imported(folder, tmp_path / "models", described)
    assert (package.manifest.name, package.manifest.version) == ("A bundle", "0.2.0")
    assert package.manifest.description == "Not evaluated. Makes pictures."
    assert package.manifest.network == "monai"
    assert "Trying." in package.card.read_text(encoding="utf-8")
    assert (package.folder / "LICENSE").read_text(encoding="utf-8") == "Free for all."
    same_as_monai(package)


@pytest.mark.parametrize("prefix", ["", "unet_v1/"])
def test_that_a_zip_is_read_like_its_folder(tmp_path: Path, prefix: str) -> None:
    path = zipped(bundle(tmp_path / "unet"), tmp_path / "unet.zip", prefix)
    same_as_monai(imported(path, tmp_path / "models", SYNTHESIS))


def test_that_safetensors_and_checkpoints_with_a_state_dict_are_read(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    folder = bundle(tmp_path / "unet")
    weights = monai_network(UNET).state_dict()
    torch.save({"epoch": 3, "state_dict": weights}, folder / "models" / "model.pt")
    same_as_monai(imported(folder, tmp_path / "models", identifier="a"))
    (folder / "models" / "model.pt").write_bytes(b"not this one")
    save_file(weights, folder / "models" / "model.safetensors")
    same_as_monai(imported(folder, tmp_path / "models", identifier="b"))


def test_that_references_to_plain_values_are_followed(tmp_path: Path) -> None:
    definition = {**UNET, "channels": "@sizes::wide", "in_channels": "@count", "out_channels": "@sizes#one"}
    others = {"sizes": {"wide": [4, "@eight"], "one": 1}, "eight": 8, "count": 1}
    package = imported(bundle(tmp_path / "unet", definition=definition, others=others), tmp_path / "models")
    assert package.manifest.network_arguments["arguments"]["channels"] == [4, 8]
    same_as_monai(package)


def test_that_expressions_elsewhere_are_neither_read_nor_executed(tmp_path: Path) -> None:
    harm = tmp_path / "harm"
    others = {"imports": ["$import os"], "run": f"$open({str(harm)!r}, 'w')", "network": "$@network_def.to('cuda')"}
    same_as_monai(imported(bundle(tmp_path / "unet", others=others), tmp_path / "models"))
    assert not harm.exists()


NO_LITERALS: list[tuple[dict[str, Any], str]] = [
    ({"channels": "$[4, 8]"}, '"network_def.channels"'),
    ({"channels": ["$__import__('os').system('id')", 8]}, '"network_def.channels[0]"'),
    ({"in_channels": "@other"}, '"network_def.in_channels"'),
    ({"in_channels": "@nothing"}, 'refers to "nothing"'),
    ({"in_channels": "@round"}, "refers to itself"),
    ({"norm": "%other.json::x"}, '"network_def.norm"'),
    ({"act": {"_target_": "os.system", "command": "id"}}, '"network_def.act"'),
    ({"_requires_": "$import os"}, '"network_def._requires_"'),
    ({"_mode_": "callable"}, '"network_def._mode_"'),
    ({"_target_": "os.system"}, '"os.system"'),
    ({"_target_": "monai.networks.nets.ViT"}, '"ViT"'),
    ({"_target_": "monai.networks.nets.unet.__builtins__"}, '"__builtins__"'),
    ({"_target_": "monai.networks.netsevil.UNet"}, "no network of MONAI"),
    ({"_target_": "torch.nn.Conv2d"}, "no network of MONAI"),
    ({"_target_": "$UNet"}, "expression"),
    ({"_target_": 3}, '"3"'),
    ({"spatial_dims": 3}, "slice by slice"),
    ({"channels": [4, 1 << 30]}, "more than the 4096"),
    ({"channels": [4] * 65}, "65 entries"),
    ({"num_res_units": 1e308}, "more than the 4096"),
    ({"num_res_units": -(1 << 40)}, "more than the 4096"),
    ({"norm": "x" * 500}, "too long"),
    ({"norm": "NO SUCH"}, "does not take the arguments"),
    ({"unknown": 1}, "does not take the arguments"),
    ({"channels": [4, 16]}, "does not fit its network"),
    ({"channels": [4, 8, 8], "strides": [2, 2]}, "does not fit its network"),
]


@pytest.mark.parametrize(("changes", "words"), NO_LITERALS, ids=[words for _, words in NO_LITERALS])
def test_that_a_network_that_is_no_plain_value_is_refused(
    tmp_path: Path, changes: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "system", lambda command: pytest.fail("executed"))
    folder = bundle(tmp_path / "unet")
    others = {"other": "$1", "round": "@round"}
    text = json.dumps({"network_def": {**UNET, **changes}, **others})
    (folder / "configs" / "inference.json").write_text(text, encoding="utf-8")
    with pytest.raises(ReadError) as caught:
        imported(folder, tmp_path / "models")
    assert words in caught.value.sentence
    assert "\n" not in caught.value.sentence
    assert not (tmp_path / "models").exists()


class Harmful:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (self.path, "harm"))


def stored(content: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream, **options)
    return stream.getvalue()


def scripted() -> bytes:
    stream = io.BytesIO()
    torch.jit.save(torch.jit.trace(torch.nn.Conv2d(1, 1, 1), torch.zeros(1, 1, 2, 2)), stream)  # type: ignore[no-untyped-call]
    return stream.getvalue()


ZIPPED, OLD = ({"_use_new_zipfile_serialization": zipped_} for zipped_ in (True, False))
HARMFUL: list[tuple[str, Callable[[Path], bytes], str]] = [
    ("a pickle", lambda path: pickle.dumps(Harmful(path)), "write_text"),
    ("an old pickle", lambda path: pickle.dumps(Harmful(path), protocol=0), "can run code"),
    ("a pickle of protocol 2", lambda path: pickle.dumps(Harmful(path), protocol=2), "runs code"),
    ("a checkpoint", lambda path: stored({"weight": Harmful(path)}, **ZIPPED), "runs code"),
    ("a checkpoint of the old format", lambda path: stored({"weight": Harmful(path)}, **OLD), "runs code"),
    ("a whole network", lambda path: stored(torch.nn.Conv2d(1, 1, 1)), "torch.nn.modules.conv.Conv2d"),
    ("weights alone", lambda path: stored(torch.nn.Conv2d(1, 1, 1).state_dict()), "weights without their network"),
    ("old weights alone", lambda path: stored(torch.nn.Conv2d(1, 1, 1).state_dict(), **OLD), "weights without"),
    ("a damaged archive", lambda path: b"PK\x03\x04" + bytes(100), "cannot be read"),
    ("a damaged pickle", lambda path: b"\x80\x02" + bytes(100), "cannot be read"),
]


@pytest.mark.parametrize(("what", "make", "words"), HARMFUL, ids=[case[0] for case in HARMFUL])
def test_that_pickles_are_refused_without_being_loaded(
    tmp_path: Path, what: str, make: Callable[[Path], bytes], words: str
) -> None:
    harm, path = tmp_path / "harm", tmp_path / "model.pt"
    path.write_bytes(make(harm))
    with pytest.raises(ReadError) as caught:
        imported(path, tmp_path / "models")
    assert words in caught.value.sentence
    assert "torch.onnx.export" in caught.value.sentence
    assert not harm.exists()


@pytest.mark.filterwarnings("ignore:.*jit.*:DeprecationWarning")
def test_that_torchscript_is_refused_with_the_way_to_convert_it(tmp_path: Path) -> None:
    path = tmp_path / "model.ts"
    path.write_bytes(scripted())
    with pytest.raises(ReadError, match=r"TorchScript.*torch\.onnx\.export"):
        imported(path, tmp_path / "models")
    folder = bundle(tmp_path / "unet", weights=scripted())
    with pytest.raises(ReadError, match="TorchScript"):
        imported(folder, tmp_path / "models")
    (folder / "models" / "model.pt").rename(folder / "models" / "model.ts")
    with pytest.raises(ReadError, match=r"TorchScript.*safetensors"):
        imported(folder, tmp_path / "models")


@pytest.mark.parametrize("kind", [ZIPPED, OLD], ids=["zip", "old"])
def test_that_a_bundles_pickle_is_not_executed(tmp_path: Path, kind: dict[str, bool]) -> None:
    harm = tmp_path / "harm"
    folder = bundle(tmp_path / "unet", weights=stored({"weight": Harmful(harm)}, **kind))
    with pytest.raises(ReadError, match="pickle that runs code"):
        imported(folder, tmp_path / "models")
    assert not harm.exists()


def test_that_tensors_that_claim_to_be_giant_take_no_memory(tmp_path: Path) -> None:
    weights = monai_network(UNET).state_dict()
    name = next(iter(weights))
    weights[name] = torch.zeros(1).expand(1 << 20, 1 << 20, 1, 1)
    folder = bundle(tmp_path / "unet", weights=stored(weights))
    with pytest.raises(ReadError, match="has the shape"):
        imported(folder, tmp_path / "models")


@pytest.mark.parametrize("name", ["../evil.json", "/evil.json", "a/../../evil", "..\\evil", "C:\\evil"])
def test_that_a_zip_that_leads_outside_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    path = zipped(bundle(tmp_path / "in" / "unet"), tmp_path / "in" / "unet.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "evil")
    with pytest.raises(ReadError, match="outside its folder"):
        imported(path, tmp_path / "in" / "models")
    assert sorted(each.name for each in tmp_path.rglob("*evil*")) == []


def test_that_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "unet")
    (folder / "configs" / "metadata.json").write_text(" " * (16 << 20))
    with zipfile.ZipFile(tmp_path / "unet.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.*")):
            archive.write(file, file.relative_to(folder).as_posix())
    with pytest.raises(ReadError, match="larger than is allowed"):
        imported(tmp_path / "unet.zip", tmp_path / "models")


def test_that_a_link_out_of_the_bundle_is_not_followed(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "unet")
    (folder / "models" / "model.pt").rename(tmp_path / "elsewhere.pt")
    (folder / "models" / "model.pt").symlink_to(tmp_path / "elsewhere.pt")
    with pytest.raises(ReadError, match="link to a file elsewhere"):
        imported(folder, tmp_path / "models")


MISSING: list[tuple[Callable[[Path], object], str]] = [
    (lambda folder: (folder / "configs" / "metadata.json").unlink(), "no MONAI bundle"),
    (lambda folder: (folder / "configs" / "inference.json").unlink(), "no configs/inference.json"),
    (lambda folder: (folder / "configs" / "inference.json").rename(folder / "configs" / "inference.yaml"), "YAML"),
    (lambda folder: (folder / "configs" / "inference.json").write_text("[" * 100_000), "as JSON"),
    (lambda folder: (folder / "configs" / "inference.json").write_text("{}"), '"network_def"'),
    (lambda folder: (folder / "models" / "model.pt").unlink(), "no weights"),
    (lambda folder: (folder / "models" / "model.pt").write_bytes(b"text"), "no file of PyTorch"),
    (lambda folder: (folder / "models" / "model.pt").write_bytes(stored([1, 2])), "no table of weights"),
    (lambda folder: (folder / "models" / "model.pt").write_bytes(stored({"a": torch.zeros(1)})), "is missing"),
    (lambda folder: (folder / "models" / "model.safetensors").write_bytes(b"text"), "damaged"),
]


@pytest.mark.parametrize(("change", "words"), MISSING, ids=[words for _, words in MISSING])
def test_that_an_incomplete_bundle_is_one_sentence(
    tmp_path: Path, change: Callable[[Path], object], words: str
) -> None:
    folder = bundle(tmp_path / "unet")
    change(folder)
    with pytest.raises(ReadError) as caught:
        imported(folder, tmp_path / "models")
    assert words in caught.value.sentence
    assert not (tmp_path / "models").exists()


def test_that_what_the_metadata_do_not_say_must_be_described(tmp_path: Path) -> None:
    answer = asked(bundle(tmp_path / "unet"), tmp_path / "models", {})
    assert isinstance(answer, Refused)
    assert "name" not in answer.missing
    assert "requires.modalities" not in answer.missing
    assert "outputs" in answer.missing


def test_that_altered_weights_of_an_imported_model_are_not_run(tmp_path: Path) -> None:
    package = imported(bundle(tmp_path / "unet"), tmp_path / "models")
    content = bytearray(package.weights.read_bytes())
    content[-1] ^= 1
    package.weights.write_bytes(content)
    with pytest.raises(PackageError, match="not those the manifest names"):
        load(read_package(package.folder), "cpu")


@pytest.mark.parametrize("name", CLASSES)
def test_that_each_allowed_class_is_built_without_memory(name: str) -> None:
    sizes: dict[str, Any] = {"channels": [4, 8], "strides": [2, 2] if name == "AutoEncoder" else [2]}
    further = {
        "DynUNet": {"kernel_size": [3, 3, 3], "strides": [1, 2, 2], "upsample_kernel_size": [2, 2]},
        "BasicUNet": {},
        "SegResNet": {},
    }.get(name, sizes)
    network = build_empty(name, {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, **further})
    assert {parameter.device.type for parameter in network.parameters()} == {"meta"}


def test_that_a_network_of_too_many_weights_is_refused_before_memory_is_taken() -> None:
    giant = {"spatial_dims": 2, "in_channels": 1, "out_channels": 1, "channels": [4096] * 40, "strides": [2] * 39}
    with pytest.raises(RefusedError, match="parameters"):
        MonaiNetwork(**{"class": "UNet", "arguments": giant})


@pytest.mark.parametrize("arguments", [None, [], {"spatial_dims": 2, "in_channels": torch}, {"spatial_dims": True}])
def test_that_arguments_that_are_no_plain_values_build_nothing(arguments: Any) -> None:
    with pytest.raises(RefusedError):
        build_empty("UNet", arguments)


def test_that_a_pickle_with_an_extension_or_a_computed_name_is_code() -> None:
    assert pickles.inspect(b"\x80\x02\x82\x01.").kind == "code"
    # A name taken from the memo in place of one that stands before the instruction.
    assert pickles.inspect(b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x8c\x01x0h\x00h\x01\x93.").kind == "code"


def test_that_a_configuration_is_as_monai_writes_it(tmp_path: Path) -> None:
    assert configuration(bundle(tmp_path / "unet"))["network_def"] == UNET
