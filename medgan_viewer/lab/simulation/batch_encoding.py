"""The encodings of `models.encoding` on batches that already lie on a device, number for number the same."""

import torch
from torch import Tensor
from torch.nn import functional

from medgan_viewer.models import encoding


def encode_ct(ct: Tensor) -> Tensor:
    """Return `[batch, slice, 2, row, column]` of CT numbers `[batch, slice, row, column]`: "ct_two_window"."""
    low, high = encoding.BRAIN_WINDOW_HU
    brain = ((ct - low) / (high - low) * 2 - 1).clamp(-1, 1)
    return torch.stack([(ct / 1000).clamp(-1, 3), brain], dim=2)


def encode_mr(scaled: Tensor) -> Tensor:
    """Return `[batch, slice, 1, row, column]` of MR that was divided by its reference: `scaled_mr_channels`."""
    return scaled.clamp(0, 1.5)[:, :, None]


def compand(hounsfield: Tensor) -> Tensor:
    """Return CT numbers as a network's target: `compand_ct`."""
    bounds, values = encoding.COMPANDING_HU.tolist(), encoding.COMPANDING_VALUE.tolist()
    result = torch.full_like(hounsfield, values[0])
    for low, high, start, end in zip(bounds, bounds[1:], values, values[1:], strict=False):
        result += (hounsfield.clamp(low, high) - low) * ((end - start) / (high - low))
    return result


def mask_couch(ct: Tensor, clean: Tensor) -> Tensor:
    """Return the CT with air outside the head, as `encoding.mask_couch` leaves it; `clean` is the CT without a couch.

    The head is what is solid in `clean`, with all that lies between solid pixels both in its row and in its column,
    and about 2 pixels around it; worked out at half the resolution.
    """
    solid = functional.max_pool2d((clean > -350).float(), 2, ceil_mode=True)
    head = torch.ones_like(solid)
    for axis in (-2, -1):
        before = solid.cummax(dim=axis).values
        after = solid.flip(axis).cummax(dim=axis).values.flip(axis)
        head = head * before * after
    head = functional.max_pool2d(torch.maximum(head, solid), 3, stride=1, padding=1)
    fine = head.repeat_interleave(2, dim=-2).repeat_interleave(2, dim=-1)[..., : ct.shape[-2], : ct.shape[-1]]
    return torch.where(fine > 0, ct, encoding.AIR_HU)
