"""What methods share about their adversary: judging, teaching it, and what the generator learns from it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.base import Batch, Losses
from medgan_viewer.lab.methods.networks import NetworkChoice, built, result_on
from medgan_viewer.lab.methods.settings import AdversarySettings
from medgan_viewer.lab.objectives import Judge, Judgement, Objective
from medgan_viewer.lab.stabilisers import augmentation, normalise_spectrally, r1

_BATCH_NORMALISATION = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)


class Adversary:
    """A discriminator `network` under an objective with its stabilisers.

    `wanted` is what the network is built with: `in_channels`, `out_channels`, `size`, and `classes` where labels are
    told. Raises ValueError when network, data and objective do not go together.
    """

    def __init__(self, choice: NetworkChoice, settings: AdversarySettings, **wanted: Any) -> None:
        self.settings = settings
        self.objective: Objective = settings.family
        self.network = built(choice, "discriminator", **wanted)
        kind = getattr(self.network, "kind", "scores")
        if kind != self.objective.discriminator_kind:
            needed = {"autoencoder": "one that reconstructs", "scores": "one that scores"}
            raise ValueError(
                f"The objective {self.objective.name} needs {needed[self.objective.discriminator_kind]}; "
                f"the discriminator {choice.name} is none."
            )
        if any(isinstance(module, _BATCH_NORMALISATION) for module in self.network.modules()):
            raise ValueError(
                f"The discriminator {choice.name} normalises by batch, which mixes the pictures it is to judge one by "
                "one: choose one without batch normalisation."
            )
        size = tuple(wanted["size"])
        if settings.augment and size == (1, 1):
            raise ValueError("Points cannot be augmented: leave augment out.")
        size = () if size == (1, 1) else size
        shapes = [(2, wanted[channels], *size) for channels in ("in_channels", "out_channels")]
        scores, features = result_on(self.network, "discriminator", *shapes, label=bool(wanted.get("classes")))
        if len(scores) != 2:
            raise ValueError(f"The discriminator {choice.name} does not judge each picture alone.")
        self.last_features = features[-1][0].numel()
        """How many values the last features of a picture have."""
        if settings.spectral:
            normalise_spectrally(self.network)

    @property
    def steps(self) -> int:
        """The discriminator's steps for one of the generator."""
        return self.settings.discriminator_steps or self.objective.discriminator_steps

    def judge(self, source: Tensor | None = None, label: Tensor | None = None, draw: Draw | None = None) -> Judge:
        """Return the discriminator as a function of the picture, given `source` and `label` where it takes them.

        With `draw` the augmentations are drawn now, at the first picture's size, and are the same for every picture
        that this judge sees: source and picture are changed alike.
        """
        names = self.settings.augment if draw is not None else ()
        drawn: list[Any] = []

        def judged(pictures: Tensor) -> Judgement:
            given = pictures[:, :0] if source is None else source
            if names and draw is not None:
                if not drawn:
                    drawn.append(augmentation(names, len(pictures), (pictures.shape[2], pictures.shape[3]), draw))
                both = drawn[0](torch.cat([given, pictures], dim=1))
                given, pictures = both[:, : given.shape[1]], both[:, given.shape[1] :]
            scores, features = self.network(given, pictures, *([] if label is None else [label]))
            return Judgement(scores.float(), tuple(features))

        return judged

    def teach(
        self, judge: Judge, real: Tensor, synthetic: Tensor, draw: Draw, step: int, weights: Tensor | None = None
    ) -> Losses:
        """Return the discriminator's losses on detached pictures; `step` says whether a lazy penalty is due.

        `weights` `[batch]` say how much each sample, its real and its synthetic picture alike, counts (without: 1);
        penalties are about the discriminator itself and count every sample alike.
        """
        real, synthetic = real.detach(), synthetic.detach()
        loss = weighed(self.objective.discriminator_loss, weights, judge(real), judge(synthetic))
        parts = {"loss/discriminator": loss.detach()}
        penalties = self._penalties(judge, real, synthetic, draw, step)
        if penalties:
            penalty = torch.stack(penalties).sum()
            parts["loss/penalty"] = penalty.detach()
            loss = loss + penalty
        return Losses(loss, parts)

    def _penalties(self, judge: Judge, real: Tensor, synthetic: Tensor, draw: Draw, step: int) -> list[Tensor]:
        penalties = []
        # The slope's own slope loses too much in bf16.
        with torch.autocast(real.device.type, enabled=False):
            if type(self.objective).penalty is not Objective.penalty:
                shares = draw.uniform(len(real)).to(real.device)
                penalties.append(self.objective.penalty(judge, real.float(), synthetic.float(), shares))
            every = self.settings.r1_every
            if self.settings.r1 and step % every == 0:
                penalties.append(every * r1(judge, real.float(), self.settings.r1))
        return penalties

    def realness(self, judge: Judge, pictures: Tensor) -> Tensor:
        """Return one number a picture, larger for more real."""
        scores = self.objective.realness(judge(pictures).scores)
        return scores.reshape(len(pictures), -1).mean(dim=1)


class Reuse:
    """Keeps what the generator made of a batch for the discriminator, until its own turn on the same batch.

    The discriminator's step changes no weight of the generator, so its output and graph are still those of its turn.
    """

    def __init__(self) -> None:
        self._kept: tuple[Batch, Any] | None = None

    def keep(self, batch: Batch, made: Any) -> None:
        """Keep `made` of `batch` in place of what was kept before."""
        self._kept = (batch, made)

    def take(self, batch: Batch) -> Any:
        """Return what was made of this very batch and forget it; None if it was another or none."""
        kept, self._kept = self._kept, None
        return kept[1] if kept is not None and kept[0] is batch else None


def weighed(loss: Callable[..., Tensor], weights: Tensor | None, *judged: Judgement) -> Tensor:
    """Return `loss(*judged)`, or with `weights` `[batch]` the mean over samples of weight · the loss of that sample.

    The same for weights of 1, where the loss is a mean over samples.
    """
    if weights is None:
        return loss(*judged)
    alone = [loss(*(_sample(each, index) for each in judged)) for index in range(len(weights))]
    return (weights * torch.stack(alone)).mean()


def _sample(judged: Judgement, index: int) -> Judgement:
    one = slice(index, index + 1)
    return Judgement(judged.scores[one], tuple(feature[one] for feature in judged.features))


def feature_distance(features: Sequence[Tensor], wanted: Sequence[Tensor], weights: Tensor | None = None) -> Tensor:
    """Return the mean over layers and samples of mean |a − b| / mean |b|, so that every layer counts alike.

    With `weights` `[batch]` each sample counts as much as that.
    """
    distances = []
    for a, b in zip(features, wanted, strict=True):
        difference = (a.float() - b.float()).abs().flatten(1).mean(dim=1)
        distance = difference / (b.float().abs().flatten(1).mean(dim=1) + 1e-6)
        distances.append((distance if weights is None else weights * distance).mean())
    return torch.stack(distances).mean()


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Keep gradients away from the weights of `network` while a graph through it is made."""
    wanted = [weight for weight in network.parameters() if weight.requires_grad]
    for weight in wanted:
        weight.requires_grad_(False)
    try:
        yield
    finally:
        for weight in wanted:
            weight.requires_grad_(True)


@contextmanager
def evaluating(*networks: nn.Module) -> Iterator[None]:
    """Look at networks without changing them: evaluation mode and no gradients."""
    training = [network.training for network in networks]
    for network in networks:
        network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for network, was in zip(networks, training, strict=True):
            network.train(was)
