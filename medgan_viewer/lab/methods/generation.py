"""Generation out of noise: unconditional, told the class, or with InfoGAN's codes; with any objective.

A class goes into generator and discriminator (Miyato and Koyama 2018, arXiv:1802.05637). InfoGAN (Chen et al. 2016,
arXiv:1606.03657, equation 6) adds −λ·L_I to both networks' losses: the generator makes its codes recognisable and the
head Q, which sits on the discriminator's last features, learns to recognise them.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.adversary import Adversary, evaluating, frozen
from medgan_viewer.lab.methods.base import Batch, Losses, Method
from medgan_viewer.lab.methods.latents import Latents, drawn, information
from medgan_viewer.lab.methods.networks import NetworkChoice, Shapes, built, check_result
from medgan_viewer.lab.methods.settings import AdversarySettings
from medgan_viewer.lab.objectives import Judgement
from medgan_viewer.lab.stabilisers import packed
from medgan_viewer.models.networks import build


@dataclass(frozen=True)
class GenerationSettings(AdversarySettings):
    """`latent` is the number of noise values; `conditional` tells both networks the batch's `label`.

    `pack` pictures are judged together (batch-dependent where it is above 1). `categorical` gives each categorical
    code's number of values, `continuous` counts continuous codes, and `information_weight` is λ. With a `diversity`
    above 0 two pictures of one class must differ as their latents do (Yang et al. 2019, arXiv:1901.09024, equation 2):
    this weight on the mean absolute difference of the pictures against that of the latents, up to `enough` of it.
    """

    latent: int = 64
    conditional: bool = False
    pack: int = 1
    categorical: tuple[int, ...] = ()
    continuous: int = 0
    information_weight: float = 1.0
    diversity: float = 0.0
    enough: float = 0.1

    def __post_init__(self) -> None:
        """Check that the settings go together, and each alone as always."""
        super().__post_init__()
        if self.latent < 1 or self.pack < 1:
            raise ValueError("latent and pack must be at least 1.")
        if any(not isinstance(count, int) or count < 2 for count in self.categorical):
            raise ValueError("Each categorical code needs at least two values.")
        if self.pack > 1 and (self.conditional or self.categorical or self.continuous or self.diversity):
            raise ValueError("Packing goes with neither classes nor codes nor diversity: set pack = 1.")
        if not self.adversarial_weight:
            raise ValueError("The method generation learns from its adversary alone: its weight must be above 0.")

    @property
    def codes(self) -> bool:
        """Whether there are codes to be recognised."""
        return bool(self.categorical) or self.continuous > 0


class Generation(Method):
    """Batches need `image` (or `target`), and `label` when conditional.

    Every loss is a mean over samples, but packing is batch-dependent.
    """

    name: ClassVar[str] = "generation"
    Settings: ClassVar[type[GenerationSettings]] = GenerationSettings
    tasks: ClassVar[tuple[str, ...]] = ("lab",)
    needs_adversary: ClassVar[bool] = True
    no_package: ClassVar[str] = (
        "The method generation makes pictures out of noise: there is no series that the viewer could run it on, so no "
        "package can be made of it; use the command sample."
    )

    def __init__(
        self,
        generator: NetworkChoice,
        discriminator: NetworkChoice | None,
        data: Shapes,
        settings: GenerationSettings,
    ) -> None:
        """Build the networks. Raises ValueError when they do not fit the data or the objective."""
        if discriminator is None:
            raise ValueError("The method generation needs a discriminator.")
        if settings.conditional and data.classes < 1:
            raise ValueError("The data have no classes to be told: set conditional = false.")
        self.settings = settings
        self.objective = settings.family
        size, classes = tuple(data.size), data.classes if settings.conditional else 0
        latent = settings.latent + sum(settings.categorical) + settings.continuous
        channels: dict[str, Any] = {"out_channels": data.target_channels, "size": size, "classes": classes}
        self.generator = built(generator, "generator", latent_channels=latent, **channels)
        picture = (2, data.target_channels, *(() if size == (1, 1) else size))
        check_result(self.generator, "generator", (2, latent), picture, label=settings.conditional)
        channels["out_channels"] *= settings.pack
        self._adversary = Adversary(discriminator, settings, in_channels=0, **channels)
        self.discriminator = self._adversary.network
        self.discriminator_steps = self._adversary.steps
        if settings.codes:
            codes = {"categorical": settings.categorical, "continuous": settings.continuous}
            head = build("code_head", {"in_features": self._adversary.last_features, **codes})
            self.discriminator = nn.ModuleDict({"critic": self._adversary.network, "codes": head})

    def latents(self, count: int, draw: Draw) -> Latents:
        """Return random latents for `count` pictures, on the generator's device."""
        settings = self.settings
        device = next(self.generator.parameters()).device
        return drawn(count, settings.latent, settings.categorical, settings.continuous, draw, device)

    def pictures(self, generator: nn.Module, latents: Latents, label: Tensor | None = None) -> Tensor:
        """Return what `generator` makes of latents, of the classes `label` when conditional."""
        vector = latents.vector(self.settings.categorical)
        picture: Tensor = generator(vector, label) if self.settings.conditional else generator(vector)
        return picture.float()

    def recognised(self, pictures: Tensor, label: Tensor | None = None) -> tuple[list[Tensor], Tensor]:
        """Return Q's probabilities of each categorical code `[n, values]`, and the continuous codes `[n, c]`."""
        assert self.discriminator is not None
        with evaluating(self.discriminator):
            logits, mean, _ = self._guess(self._adversary.judge(label=label)(pictures))
        return [guess.float().softmax(dim=1) for guess in logits], mean.float()

    def generator_loss(self, batch: Batch, draw: Draw, *, adversarial: bool) -> Losses:
        """Return the adversarial loss, and the codes' information. Raises ValueError without `adversarial`."""
        if not adversarial:
            raise ValueError("The method generation has no losses without its adversary: make every phase adversarial.")
        assert self.discriminator is not None
        settings = self.settings
        latents, label = self.latents(len(self.real(batch)), draw), self._label(batch)
        output = self._packed(self.pictures(self.generator, latents, label))
        with frozen(self.discriminator):
            judged = self._adversary.judge(label=label, draw=draw)(output)
            loss = self._adversary.objective.generator_loss(judged)
            parts = {"loss/adversarial": loss.detach()}
            total = loss = settings.adversarial_weight * loss
            if settings.codes:
                bound = information(latents, *self._guess(judged))
                parts["information"] = bound.detach()
                total = loss - settings.information_weight * bound
        if settings.diversity:
            gain = self._diversity(output, latents, label, draw)
            parts["diversity/gain"] = gain.detach()
            total = total - settings.diversity * gain
        return Losses(total, parts, adversarial=loss)

    def discriminator_loss(self, batch: Batch, draw: Draw, *, step: int) -> Losses:
        """Return the discriminator's losses on new pictures, and the codes' information in them."""
        real, label = self.real(batch), self._label(batch)
        latents = self.latents(len(real), draw)
        with torch.no_grad():
            output = self._packed(self.pictures(self.generator, latents, label))
        judge = self._adversary.judge(label=label, draw=draw)
        losses = self._adversary.teach(judge, self._packed(real), output, draw, step)
        if not self.settings.codes:
            return losses
        bound = information(latents, *self._guess(judge(output)))
        return Losses(losses.total - self.settings.information_weight * bound, losses.parts)

    def constrain(self) -> None:
        """Clip the discriminator's weights where the objective does so."""
        self._adversary.objective.constrain(self._adversary.network)

    def samples(self, generator: nn.Module, batch: Batch, draw: Draw) -> Tensor:
        """Return as many new pictures as the batch has, of the same classes when conditional."""
        with evaluating(generator):
            return self.pictures(generator, self.latents(len(self.real(batch)), draw), self._label(batch))

    def real(self, batch: Batch) -> Tensor:
        """Return the batch's pictures."""
        return batch["image"] if "image" in batch else batch["target"]

    def realness(self, batch: Batch, draw: Draw) -> tuple[Tensor, Tensor] | None:
        """Return how real the batch's and as many new pictures are; those of one pack have the same number.

        Pictures that fill no pack are left out.
        """
        pack = self.settings.pack
        real = self.real(batch)[: len(self.real(batch)) // pack * pack]
        label = self._label(batch)
        with evaluating(self.generator, self._adversary.network):
            output = self.pictures(self.generator, self.latents(len(real), draw), label)
            judge = self._adversary.judge(label=label)
            seen, made = (self._adversary.realness(judge, self._packed(pictures)) for pictures in (real, output))
        return seen.repeat_interleave(pack), made.repeat_interleave(pack)

    def _diversity(self, pictures: Tensor, latents: Latents, label: Tensor | None, draw: Draw) -> Tensor:
        """Return how far pictures of other latents and the same classes lie from these, against their latents."""
        others = self.latents(len(pictures), draw)
        categorical = self.settings.categorical
        apart = (latents.vector(categorical) - others.vector(categorical)).abs().mean(dim=1)
        moved = (pictures - self.pictures(self.generator, others, label)).abs().flatten(1).mean(dim=1)
        return (moved / apart).clamp_max(self.settings.enough).mean()

    def _packed(self, pictures: Tensor) -> Tensor:
        return packed(pictures, self.settings.pack) if self.settings.pack > 1 else pictures

    def _label(self, batch: Batch) -> Tensor | None:
        return batch["label"] if self.settings.conditional else None

    def _guess(self, judged: Judgement) -> tuple[list[Tensor], Tensor, Tensor]:
        assert isinstance(self.discriminator, nn.ModuleDict)
        guess: tuple[list[Tensor], Tensor, Tensor] = self.discriminator["codes"](judged.features[-1])
        return guess
