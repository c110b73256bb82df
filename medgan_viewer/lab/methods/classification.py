"""Classification: one network answers one question or several about a picture; cross-entropy, no adversary."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.adversary import evaluating
from medgan_viewer.lab.methods.base import Batch, Losses, Method
from medgan_viewer.lab.methods.networks import NetworkChoice, Shapes, built, check_result
from medgan_viewer.lab.methods.settings import MethodSettings

UNKNOWN = -1
"""The label of a sample of which the answer is not known: it counts for the other questions only."""
_BAR = 4
"""Pixels that the bar of a class is high in a sample's picture."""


@dataclass(frozen=True)
class ClassificationSettings(MethodSettings):
    """How many classes each question has (none named: one question with the data's classes), and smoothed labels.

    `smoothing` (Szegedy et al. 2016, section 7) is the share of a label that is spread over all classes.
    """

    questions: tuple[int, ...] = ()
    smoothing: float = 0.0

    def __post_init__(self) -> None:
        """Check each value."""
        super().__post_init__()
        if any(not isinstance(count, int) or count < 2 for count in self.questions):
            raise ValueError("Each of questions must be a whole number of classes, at least 2.")
        if self.smoothing >= 1:
            raise ValueError("smoothing must be below 1.")


class Classification(Method):
    """Batches need `source` and `label`, `[batch]` or `[batch, question]`, −1 where an answer is not known.

    Batch-dependent: the network's batch normalisation, and that each question's loss is a mean over the samples of the
    batch whose answer is known.
    """

    name: ClassVar[str] = "classification"
    Settings: ClassVar[type[ClassificationSettings]] = ClassificationSettings
    tasks: ClassVar[tuple[str, ...]] = ("classification", "lab")

    def __init__(
        self,
        generator: NetworkChoice,
        discriminator: NetworkChoice | None,
        data: Shapes,
        settings: ClassificationSettings,
    ) -> None:
        """Build the network. Raises ValueError when it does not fit the data or has a discriminator beside it."""
        if discriminator is not None:
            raise ValueError("The method classification has no adversary: leave [discriminator] out.")
        self.questions = settings.questions or (data.classes,)
        if sum(self.questions) != data.classes:
            counts = " + ".join(str(count) for count in self.questions)
            raise ValueError(f"The questions have {counts} classes, but the data have {data.classes}.")
        self.settings = settings
        self.implied = {"out_channels": data.classes}
        self.generator = built(generator, "generator", in_channels=data.source_channels, out_channels=data.classes)
        shape = (2, data.source_channels, *tuple(data.size))
        check_result(self.generator, "generator", shape, (2, data.classes))

    def generator_loss(self, batch: Batch, draw: Draw, *, adversarial: bool) -> Losses:
        """Return the sum of the questions' cross-entropies; `parts` have each one's share of right answers too."""
        logits = self.generator(batch["source"]).float()
        labels = batch["label"].reshape(len(logits), -1)
        total, parts = logits.new_zeros(()), {}
        for number, part in enumerate(logits.split(self.questions, dim=1)):
            wanted = labels[:, number]
            known = (wanted != UNKNOWN).sum().clamp_min(1)
            loss = functional.cross_entropy(
                part, wanted, ignore_index=UNKNOWN, reduction="sum", label_smoothing=self.settings.smoothing
            )
            total = total + loss / known
            parts[f"right/{number}"] = (part.argmax(dim=1) == wanted).sum().detach() / known
        return Losses(total, {"loss/cross_entropy": total.detach(), **parts}, reconstruction=total)

    def samples(self, generator: nn.Module, batch: Batch, draw: Draw) -> Tensor:
        """Return the answers as charts `[batch, 1, rows, columns]`: a bar for each class, as long as it is likely."""
        with evaluating(generator):
            logits = generator(batch["source"]).float()
        shares = torch.cat([part.softmax(dim=1) for part in logits.split(self.questions, dim=1)], dim=1)
        columns = torch.linspace(0, 1, 64, device=shares.device)
        bars = (columns < shares[:, :, None]).float().repeat_interleave(_BAR, dim=1)
        bars[:, _BAR - 1 :: _BAR] = 0
        return bars[:, None]
