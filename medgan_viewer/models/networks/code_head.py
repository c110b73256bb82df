"""InfoGAN's recognition head Q: which codes a picture was made from (Chen et al. 2016, arXiv:1606.03657)."""

from collections.abc import Sequence

from torch import Tensor, nn


class CodeHead(nn.Module):
    """The discriminator's last features `[batch, …]`, `in_features` values in all → what they say of each code.

    `categorical` gives each categorical code's number of values, `continuous` how many continuous codes there are.
    """

    def __init__(
        self, in_features: int, categorical: Sequence[int] = (), continuous: int = 0, width: int = 128
    ) -> None:
        super().__init__()
        self.hidden = nn.Linear(in_features, width)
        self.categorical = nn.ModuleList(nn.Linear(width, values) for values in categorical)
        # Mean and spread side by side.
        self.continuous = nn.Linear(width, 2 * continuous) if continuous else None

    def forward(self, features: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        """Return the logits of each categorical code, and mean and log standard deviation `[batch, continuous]`."""
        value = nn.functional.leaky_relu(self.hidden(features.flatten(1)), 0.2)
        logits = [head(value) for head in self.categorical]
        both = value[:, :0] if self.continuous is None else self.continuous(value)
        mean, log_spread = both.chunk(2, dim=1)
        # A spread that nothing bounds would shrink to 0 on a code that is recognised exactly.
        return logits, mean, log_spread.clamp(-4, 4)
