"""The families and stabilisers that are proven side by side: objective, options, and where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Family:
    """A row of the tables: `options` are settings of the method `generation`."""

    name: str
    title: str
    source: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def autoencoder(self) -> bool:
        """Whether the discriminator reconstructs."""
        return self.name.startswith("ebgan")


def _plain(name: str, title: str, source: str, **options: Any) -> Family:
    return Family(name, title, source, {"objective": {"name": name}} | options)


def _divergence(name: str, title: str) -> Family:
    # With the generator's step of the paper's section 3.2: by the bound itself, Pearson χ² and squared Hellinger found
    # no mode of Ring-8 in 12,000 steps, and Jensen-Shannon one of them.
    options = {"objective": {"name": name, "nonsaturating": True}}
    return Family(name, title, "Nowozin 2016, arXiv:1606.00709, section 3.2", options)


def _stabilised(name: str, title: str, source: str, **options: Any) -> Family:
    return Family(name, title, source, {"objective": {"name": "nonsaturating"}} | options)


FAMILIES: tuple[Family, ...] = (
    _plain("minimax", "GAN (minimax)", "Goodfellow 2014, arXiv:1406.2661"),
    _plain("nonsaturating", "GAN (non-saturating)", "Goodfellow 2014, arXiv:1406.2661"),
    _divergence("fgan-kl", "f-GAN (KL)"),
    _divergence("fgan-reverse-kl", "f-GAN (reverse KL)"),
    _divergence("fgan-pearson", "f-GAN (Pearson χ²)"),
    _divergence("fgan-hellinger", "f-GAN (squared Hellinger)"),
    _divergence("fgan-js", "f-GAN (Jensen–Shannon)"),
    _plain("lsgan", "LSGAN", "Mao 2017, arXiv:1611.04076"),
    _plain("hinge", "Hinge GAN", "Lim and Ye 2017, arXiv:1705.02894"),
    _plain("wgan", "WGAN (clipping)", "Arjovsky 2017, arXiv:1701.07875"),
    _plain("wgan-gp", "WGAN-GP", "Gulrajani 2017, arXiv:1704.00028"),
    _plain("ebgan", "EBGAN", "Zhao 2017, arXiv:1609.03126"),
    Family(
        "ebgan-pt",
        "EBGAN with pull-away term",
        "Zhao 2017, arXiv:1609.03126",
        {"objective": {"name": "ebgan", "pull_away": 0.1}},
    ),
    _stabilised("r1", "non-saturating + R1", "Mescheder 2018, arXiv:1801.04406", r1=0.1, r1_every=4),
    _stabilised("spectral", "non-saturating + spectral norm", "Miyato 2018, arXiv:1802.05957", spectral=True),
    _stabilised("pack2", "non-saturating + packing of 2", "Lin 2018, arXiv:1712.04086", pack=2),
    _stabilised("pack4", "non-saturating + packing of 4", "Lin 2018, arXiv:1712.04086", pack=4),
)
"""In the order of the tables."""


def family(name: str) -> Family:
    """Return a family by its name. Raises KeyError for an unknown one."""
    return {entry.name: entry for entry in FAMILIES}[name]
