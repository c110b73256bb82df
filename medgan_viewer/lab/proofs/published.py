"""Figures from the literature that the measured ones are set beside. † marks those that were not read again here."""

MIXTURES: dict[str, tuple[str, str]] = {
    # Family → Ring-8, Grid-25 as modes, good samples, KL.
    "nonsaturating": ("6.3 ± 0.5, 98 %, 0.45 †", "17.3 ± 0.8, 95 %, 0.70 †"),
    "pack2": ("7.9 ± 0.1, 96 %, 0.07 †", "23.8 ± 0.7, 91 %, 0.14 †"),
    "pack4": ("7.8 ± 0.1, 96 %, 0.07 †", "24.8 ± 0.2, 94 %, 0.04 †"),
}
MIXTURES_SOURCE = (
    "Lin et al. 2018 (PacGAN, arXiv:1712.04086), table 1, mean ± standard error of 10 runs. Modes on the grid (17.3 "
    "and 24.8) were checked, the figures marked † are quoted from memory of that table. The GAN there is "
    "non-saturating, with four layers of 400 units and batch normalisation against three of 200 maxout units, "
    "trained for 400,000 steps of 100 points. Srivastava et al. 2017 (VEEGAN, arXiv:1705.07761), table 1, with "
    "smaller networks: GAN 1 of 8 and 3.3 of 25, Unrolled GAN 7.6 and 23.6, VEEGAN 8 and 24.6 †."
)
DIGITS: dict[str, str] = {
    "nonsaturating": "99 modes, KL 3.40 † (DCGAN)",
    "pack2": "1000 modes, KL 0.06 † (PacDCGAN2)",
}
DIGITS_SOURCE = (
    "Lin et al. 2018 (arXiv:1712.04086), table 2, stacked MNIST, 50 epochs of 128,000 pictures; the modes were "
    "checked, the KLs marked † are quoted from memory of that table."
)
