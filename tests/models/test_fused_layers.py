"""Fewer steps on the processor: the same function as the network as it is written, on real weights and on odd ones."""

import copy
import os
import sys
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from medgan_viewer import resources
from medgan_viewer.models import device, tasks
from medgan_viewer.models.device import LoadedNetwork
from medgan_viewer.models.fused_layers import fused
from medgan_viewer.models.manifest import Package, read_package

TRUNKS = ("head-anatomy", "head-anomaly", "head-ct-to-mr", "head-mr-to-ct", "mr-contrast", "sequence-guess")
SIDE = 64


def package(name: str) -> Package:
    return read_package(resources.path("models") / name)


def noise(channels: int, *, count: int = 1, rows: int = SIDE, columns: int = SIDE) -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).random((count, channels, rows, columns), dtype=np.float32))


def answer(module: nn.Module, image: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return what a network gives, run as the program runs it: channels last, nothing kept for gradients."""
    whole = copy.deepcopy(module).eval().to(dtype=dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
    with torch.inference_mode():
        result: Tensor = whole(image.to(dtype=dtype, memory_format=torch.channels_last))
    return result.float()


def steps(module: nn.Module | None) -> list[str]:
    """Return the names of the kinds of step that were put together, in order."""
    assert module is not None
    return [type(step).__name__ for name, step in module.named_children() if name.startswith("fused_")]


class Joined(nn.Module):
    """A convolution of a picture that is made twice the size, beside another, as the ways up of U-Nets have it."""

    def __init__(self, mode: str = "nearest", turned: bool = False, bias: bool = True, kernel: int = 3) -> None:
        super().__init__()
        self.mode, self.turned = mode, turned
        self.coarser = nn.Conv2d(2, 5, 2, stride=2)
        self.both = nn.Conv2d(7, 4, kernel, padding=kernel // 2, bias=bias)
        self.bend = nn.LeakyReLU(0.2)

    def forward(self, image: Tensor) -> Tensor:
        wider = functional.interpolate(self.coarser(image), scale_factor=2.0, mode=self.mode)
        parts = [image, wider] if self.turned else [wider, image]
        result: Tensor = self.bend(self.both(torch.cat(parts, dim=1)))
        return result


@pytest.mark.parametrize("name", TRUNKS)
def test_that_on_real_weights_nothing_differs_that_a_stored_value_could_show(name: str) -> None:
    opened = package(name)
    module = device.built(opened, opened.manifest.degree(None))
    image = noise(opened.manifest.channels_in, count=2)
    whole = fused(module, image[:1, :, :32, :32])
    assert whole is not None
    right, own = answer(module, image), answer(whole, image)
    # A step of stored values is 1/1000 of an MR's unit; 0…1 and decisions about larger numbers likewise.
    assert float((own - right).abs().max()) < 1e-5 * max(1.0, float(right.abs().max()))


def test_that_in_half_precision_the_answer_is_as_near_to_the_full_one_as_without() -> None:
    if not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        pytest.skip("this processor does not convolve in bf16")
    opened = package("head-ct-to-mr")
    module = device.built(opened, opened.manifest.degree(None))
    image = noise(opened.manifest.channels_in, rows=96, columns=96)
    whole = fused(module, image)
    assert whole is not None
    right = answer(module, image)
    plain, own = (float((answer(m, image, torch.bfloat16) - right).abs().mean()) for m in (module, whole))
    assert own < 1.1 * plain
    assert plain < 0.01 * float(right.std())


def test_that_the_same_picture_gives_the_same_bits_again_and_the_network_itself_is_left_alone() -> None:
    opened = package("lgg-tumour" if (resources.path("models") / "lgg-tumour").exists() else "head-mr-to-ct")
    module = device.built(opened, opened.manifest.degree(None))
    image = noise(opened.manifest.channels_in)
    before = answer(module, image)
    whole = fused(module, image)
    assert whole is not None
    assert torch.equal(answer(whole, image), answer(whole, image))
    assert torch.equal(answer(module, image), before)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("rows", "columns"), [(8, 8), (6, 14), (2, 2)])
def test_that_working_before_the_repetition_gives_the_same_up_to_every_edge(
    rows: int, columns: int, bias: bool
) -> None:
    torch.manual_seed(0)
    module = Joined(bias=bias)
    image = noise(2, count=3, rows=rows, columns=columns)
    whole = fused(module, image)
    assert steps(whole) == ["_UpConvolution"]
    assert whole is not None
    assert torch.allclose(answer(whole, image), answer(module, image), atol=1e-6)


@pytest.mark.parametrize(
    "module",
    [Joined(mode="bilinear"), Joined(turned=True), Joined(kernel=5), Joined(kernel=1)],
    ids=["smooth", "the other way round", "wide", "narrow"],
)
def test_that_other_joinings_only_take_their_activation_in(module: nn.Module) -> None:
    image = noise(2, rows=8, columns=8)
    whole = fused(module, image)
    assert steps(whole) == ["_Convolution"]
    assert whole is not None
    assert torch.allclose(answer(whole, image), answer(module, image), atol=1e-6)


@pytest.mark.parametrize(
    "convolution",
    [
        nn.Conv2d(4, 6, 3),
        nn.Conv2d(4, 6, 3, stride=2, padding=1, bias=False),
        nn.Conv2d(4, 8, 3, padding=2, dilation=2, groups=2),
        nn.Conv2d(4, 6, (1, 5), padding=(0, 2)),
    ],
    ids=["shrinking", "strided", "grouped", "lying"],
)
@pytest.mark.parametrize("activation", [nn.ReLU(), nn.LeakyReLU(0.3)], ids=["relu", "leaky"])
def test_that_any_convolution_takes_its_activation_in(convolution: nn.Module, activation: nn.Module) -> None:
    image = noise(4, rows=10, columns=12) - 0.5
    module = nn.Sequential(convolution, nn.Identity(), activation)
    whole = fused(module, image)
    assert steps(whole) == ["_Convolution"]
    assert whole is not None
    assert torch.allclose(answer(whole, image), answer(module, image), atol=1e-6)


class Branching(nn.Module):
    """Uses a convolution's result with and without its activation."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution, self.bend = nn.Conv2d(2, 2, 3, padding=1), nn.ReLU()
        self.last = nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.ReLU())

    def forward(self, image: Tensor) -> Tensor:
        value = self.convolution(image)
        result: Tensor = self.last(value + self.bend(value))
        return result


def test_that_a_result_which_is_also_needed_without_its_activation_is_kept() -> None:
    image = noise(2) - 0.5
    torch.manual_seed(0)
    module = Branching()
    whole = fused(module, image)
    assert steps(whole) == ["_Convolution"]
    assert whole is not None
    assert torch.allclose(answer(whole, image), answer(module, image), atol=1e-6)


class Looking(nn.Module):
    """Does one thing or another, depending on the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.ReLU())

    def forward(self, image: Tensor) -> Tensor:
        result: Tensor = self.first(image) if image.mean() > 0 else image
        return result


@pytest.mark.parametrize(
    "module",
    [
        Looking(),
        nn.Sequential(nn.Conv2d(2, 2, 3)),
        nn.Sequential(nn.Conv2d(2, 2, 1, padding_mode="reflect"), nn.ReLU()),
    ],
    ids=["looks at values", "nothing to put together", "mirrors at the edge"],
)
def test_that_a_network_is_run_as_it_is_written_where_nothing_can_be_put_together(module: nn.Module) -> None:
    assert fused(module, noise(2)) is None


class Constant(LoadedNetwork):
    """Gives the same numbers whatever comes."""

    def __init__(self, values: NDArray[np.float32], precision: str, path: str) -> None:
        super().__init__(nn.Identity(), "cpu", precision, channels_last=True, path=path)
        self._values = torch.from_numpy(values)

    def __call__(self, inputs: NDArray[np.float32]) -> Tensor:
        del inputs
        return self._values


def chosen(
    monkeypatch: pytest.MonkeyPatch,
    seconds: list[float],
    errors: list[float],
    name: str = "head-ct-to-mr",
) -> LoadedNetwork:
    """Return what is chosen among eager, fused fp32 and fused bf16 that take so long and are so far off."""
    monkeypatch.delenv("MEDGAN_PRECISION", raising=False)
    values = np.linspace(-1, 1, 64, dtype=np.float32).reshape(1, 1, 8, 8)
    others = [Constant(values + e, p, "fused") for e, p in zip(errors, ("fp32", "bf16"), strict=True)]

    def candidates(*of: object, half: bool) -> list[Constant]:
        del of
        return [other for other in others if half or other.precision == "fp32"]

    monkeypatch.setattr(device, "candidates", candidates)
    monkeypatch.setattr(device, "built", lambda *of: nn.Identity())
    monkeypatch.setattr(device, "_cache", OrderedDict())
    answers = [values, *(other._values.numpy() for other in others)]

    def timed(networks: list[LoadedNetwork], inputs: object, turns: int) -> list[tuple[float, Tensor]]:
        del inputs, turns
        return [(seconds[place], torch.from_numpy(answers[place])) for place in range(len(networks))]

    monkeypatch.setattr(device, "_timed", timed)
    return device.load(package(name), "cpu")


@pytest.mark.parametrize(
    ("seconds", "errors", "execution"),
    [
        ([0.10, 0.07, 0.04], [0.0, 0.004], "bf16 fused"),
        # Half precision must be worth it against the quicker of the other two.
        ([0.10, 0.07, 0.065], [0.0, 0.004], "fp32 fused"),
        ([0.10, 0.11, 0.09], [0.0, 0.004], "fp32"),
        # The quickest is of no use where its answer is another.
        ([0.10, 0.07, 0.04], [0.0, 0.1], "fp32 fused"),
        ([0.10, 0.07, 0.04], [0.001, 0.1], "fp32"),
        ([0.10, 0.07, 0.04], [float("nan"), float("nan")], "fp32"),
    ],
)
def test_that_the_quickest_way_with_the_same_answer_is_taken_and_named(
    monkeypatch: pytest.MonkeyPatch, seconds: list[float], errors: list[float], execution: str
) -> None:
    assert chosen(monkeypatch, seconds, errors).execution == execution


@pytest.mark.parametrize(
    ("name", "execution"),
    [("head-anomaly", "fp32 fused"), ("head-anomaly-lgg", "fp32 fused"), ("lgg-tumour", "bf16 fused")],
)
def test_that_a_heat_map_whose_thresholds_were_calibrated_is_never_made_in_half_precision(
    monkeypatch: pytest.MonkeyPatch, name: str, execution: str
) -> None:
    assert chosen(monkeypatch, [0.10, 0.07, 0.04], [0.0, 0.004], name).execution == execution


def test_that_who_measures_a_model_gets_no_half_precision_though_it_is_quicker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert chosen(monkeypatch, [0.10, 0.07, 0.04], [0.0, 0.004]).execution == "bf16 fused"
    measured = device.load(package("head-ct-to-mr"), "cpu", half=False)
    assert measured.execution == "fp32 fused"


def test_that_a_network_that_is_quick_as_it_is_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(monkeypatch, [0.001, 0.0001, 0.0001], [0.0, 0.0]).execution == "fp32"


def test_that_a_worker_names_the_way_a_model_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Constant(np.zeros((1, 1, 8, 8), np.float32), "bf16", "fused")
    monkeypatch.setattr(device, "load", lambda *of: made)
    context: Any = None
    told = tasks.warm(context, folder=str(resources.path("models") / "head-ct-to-mr"), device="cpu")
    assert told == {"device": "cpu", "precision": "bf16 fused"}


def test_that_on_the_processor_every_way_of_running_a_trunk_gives_its_answer() -> None:
    opened = package("head-ct-to-mr")
    module = device.built(opened, opened.manifest.degree(None))
    image = noise(opened.manifest.channels_in).numpy()
    right = LoadedNetwork(module, "cpu", "fp32", channels_last=False)(image)
    others = device.candidates(module, image, "cpu")
    assert others[0].execution == "fp32 fused"
    full = device.candidates(module, image, "cpu", half=False)
    assert [other.execution for other in full] == ["fp32 fused"]
    for other in others:
        off = float((other(image) - right).abs().mean()) / float(right.std())
        assert off < device._SAME_ANSWER[other.precision], other.execution


def test_that_threads_sleep_while_they_wait_unless_the_environment_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    device._let_threads_sleep()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"
    monkeypatch.delenv("OMP_WAIT_POLICY")
    device._let_threads_sleep()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
