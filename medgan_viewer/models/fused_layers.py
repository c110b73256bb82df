"""A network's function in fewer and shorter steps on the processor, without a compiler.

Three changes to the network as it was traced, each exact but for rounding: an activation becomes part of the
convolution before it; a convolution of joined channels becomes the sum of two; and where one of the two sees a picture
of twice the size by repetition, it works before the repetition. Of its nine weights those that meet the same pixel are
added up beforehand, which leaves four for each of the four places that a pixel is repeated to: 4/9 of the
multiplications (Shi et al. 2016, arXiv:1609.07009, show that both are the same function).
"""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, fx, nn
from torch.nn import functional

__all__ = ["fused"]


def fused(module: nn.Module, example: Tensor) -> nn.Module | None:
    """Return a copy of a network [batch, channel, row, column] → Tensor that takes fewer steps; None where it cannot.

    ``example`` is an input of any size that the network takes. The caller compares the answers: what is traced is one
    way through the network.
    """
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return None
    try:
        traced = fx.symbolic_trace(_Whole(copy.deepcopy(module)))
        _Channels(traced).note(example)
    except Exception:  # whatever a network does that looks at values, or cannot be done with this size
        return None
    replaced = [_replace(node, traced) for node in _convolutions(traced)]
    if not any(replaced):
        return None
    traced.graph.eliminate_dead_code()
    traced.delete_all_unused_submodules()
    traced.recompile()
    return traced.eval().requires_grad_(False)


_CHANNELS = "channels"


class _Whole(nn.Module):
    """Traces a network with nothing but its picture: further arguments keep their defaults."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        result: Tensor = self.network(image)
        return result


class _Channels(fx.Interpreter):
    """Notes at each step how many channels it gives."""

    def note(self, example: Tensor) -> None:
        """Go through the network once. (``run`` makes a progress bar, and with it a thread that stays.)"""
        self.args_iter = iter((example,))
        for node in self.graph.nodes:
            result = self.env[node] = self.run_node(node)
            if isinstance(result, Tensor) and result.ndim == 4:
                node.meta[_CHANNELS] = result.shape[1]


class _Convolution(nn.Module):
    """A convolution and the leaky ReLU after it, in one call of oneDNN."""

    def __init__(self, convolution: nn.Conv2d, slope: float) -> None:
        super().__init__()
        self.weight, self.bias = convolution.weight, convolution.bias
        self._steps = (_pair(convolution.padding), convolution.stride, convolution.dilation, convolution.groups)
        self._slope = slope

    def forward(self, value: Tensor) -> Tensor:
        result: Tensor = torch.ops.mkldnn._convolution_pointwise(
            value, self.weight, self.bias, *self._steps, "leaky_relu", [self._slope], ""
        )
        return result


class _UpConvolution(nn.Module):
    """A 3×3 convolution of a picture repeated to twice its size and of further channels, then a leaky ReLU."""

    def __init__(self, convolution: nn.Conv2d, coarse_channels: int, slope: float) -> None:
        super().__init__()
        weight = convolution.weight.detach()
        self.coarse = nn.Parameter(_before_repetition(weight[:, :coarse_channels]), requires_grad=False)
        self.fine = nn.Parameter(weight[:, coarse_channels:].contiguous(), requires_grad=False)
        self.bias = convolution.bias
        self._slope = slope

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        count, _, rows, columns = coarse.shape
        channels = len(self.fine)
        # A row and a column more than the picture has: each repetition's four weights reach out to one side.
        parts = functional.conv2d(coarse, self.coarse, padding=1).permute(0, 2, 3, 1)
        # Channels last, as everything here: a pixel's channels are copied in one piece.
        whole = parts.new_empty((count, rows, 2, columns, 2, channels))
        for place, (down, right) in enumerate(_PLACES):
            here = parts[:, down : down + rows, right : right + columns]
            whole[:, :, down, :, right] = here[..., place * channels : (place + 1) * channels]
        other = whole.view(count, 2 * rows, 2 * columns, channels).permute(0, 3, 1, 2)
        result: Tensor = torch.ops.mkldnn._convolution_pointwise.binary(
            fine, other, self.fine, self.bias, [1, 1], [1, 1], [1, 1], 1, "add", 1.0, None, [], None
        )
        return functional.leaky_relu_(result, self._slope)


_PLACES = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Where a pixel is repeated to: rows down and columns to the right."""


def _before_repetition(weight: Tensor) -> Tensor:
    """Return weights [4 · out, in, 2, 2] that do on a picture what [out, in, 3, 3] do on its repetition.

    The upper repetition of a row sees the row above with its first weight and its own row with the other two; the lower
    one its own row with the first two and the row below with the last. Columns likewise.
    """
    first, middle, last = weight.unbind(2)
    by_row = (torch.stack([first, middle + last], 2), torch.stack([first + middle, last], 2))
    parts = []
    for down, right in _PLACES:
        first, middle, last = by_row[down].unbind(3)
        pair = (first, middle + last) if right == 0 else (first + middle, last)
        parts.append(torch.stack(pair, 3))
    return torch.cat(parts)


def _convolutions(traced: fx.GraphModule) -> Iterator[fx.Node]:
    modules = dict(traced.named_modules())
    for node in list(traced.graph.nodes):
        found = modules.get(str(node.target)) if node.op == "call_module" else None
        if type(found) is nn.Conv2d and found.padding_mode == "zeros" and not isinstance(found.padding, str):
            yield node


def _replace(node: fx.Node, traced: fx.GraphModule) -> bool:
    """Put the convolution at a node and the activation after it into one step; return whether that could be done."""
    convolution = traced.get_submodule(str(node.target))
    assert isinstance(convolution, nn.Conv2d)
    last, slope = _activation(node, traced)
    if slope is None:
        return False
    joined = _repeated(node)
    if joined is not None and _is_usual(convolution):
        step: nn.Module = _UpConvolution(convolution, joined[0].meta[_CHANNELS], slope)
        inputs: tuple[fx.Node, ...] = joined
    else:
        step, inputs = _Convolution(convolution, slope), tuple(node.all_input_nodes)
    name = f"fused_{node.name}"
    traced.add_submodule(name, step)
    with traced.graph.inserting_before(node):
        new = traced.graph.call_module(name, inputs)
    new.meta.update(last.meta)
    last.replace_all_uses_with(new)
    return True


def _activation(node: fx.Node, traced: fx.GraphModule) -> tuple[fx.Node, float | None]:
    """Return the last step of a convolution with its activation, and the slope below 0; None where it has none."""
    while len(node.users) == 1:
        (node,) = node.users
        step = traced.get_submodule(str(node.target)) if node.op == "call_module" else None
        if isinstance(step, nn.LeakyReLU):
            return node, step.negative_slope
        if isinstance(step, nn.ReLU):
            return node, 0.0
        if not isinstance(step, nn.Identity):
            break
    return node, None


def _repeated(node: fx.Node) -> tuple[fx.Node, fx.Node] | None:
    """Return the picture that is repeated to twice its size and the channels it is joined with before a convolution."""
    (joined,) = node.all_input_nodes
    if joined.target is not torch.cat or joined.kwargs.get("dim", joined.args[-1]) != 1:
        return None
    parts = joined.all_input_nodes
    wider = parts[0]
    if len(parts) != 2 or wider.target is not functional.interpolate:
        return None
    asked = wider.kwargs
    doubled = asked.get("scale_factor") == 2.0 and asked.get("mode", "nearest") == "nearest"
    return (wider.all_input_nodes[0], parts[1]) if doubled else None


def _is_usual(convolution: nn.Conv2d) -> bool:
    """Return whether a convolution is one of 3×3 that keeps the size."""
    shape = (convolution.kernel_size, _pair(convolution.padding), convolution.stride, convolution.dilation)
    return shape == ((3, 3), (1, 1), (1, 1), (1, 1)) and convolution.groups == 1


def _pair(padding: str | tuple[int, ...]) -> tuple[int, ...]:
    assert not isinstance(padding, str)
    return padding
