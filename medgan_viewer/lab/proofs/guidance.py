"""Which family when: what the literature and the analysis say of each. What was measured is put beside it."""

GUIDANCE: dict[str, str] = {
    "minimax": "The game of the theory, for analysis. Its generator's slope fades with the discriminator's success "
    "(parallel lines, slopes at −5), so do not train with it where the supports hardly overlap; Goodfellow's own "
    "advice is the next one.",
    "nonsaturating": "The plain default, and still the loss of StyleGAN2, but there never without R1. Alone it "
    "drops modes and does not settle.",
    "fgan-kl": "Punishes missed modes, so it spreads and pays with samples between them. Its conjugate is an "
    "exponential of the score: losses may grow suddenly. For density-ratio work rather than pictures.",
    "fgan-reverse-kl": "Punishes samples outside of the data, so it is content with some of the modes. Take it "
    "where a wrong sample costs more than a missing one.",
    "fgan-pearson": "Squares the density ratio. Its generator's slope turns round at scores below −2, so a "
    "discriminator that wins drives the generator the wrong way: pair it with a regularised discriminator, or take "
    "LSGAN, whose slope turns at no caught sample.",
    "fgan-hellinger": "Between KL and reverse KL and symmetric; both its terms are exponentials of the score, so it "
    "needs small rates. A choice for study.",
    "fgan-js": "Up to a constant the minimax game, with the same fading slope.",
    "lsgan": "Slopes grow with the distance from the target, so a caught sample is heard loudest. The usual choice "
    "for image-to-image work (CycleGAN, and the bundled models here), where a reconstruction term holds the modes; "
    "alone it has no answer to mode loss.",
    "hinge": "The slope is constant for the generator and the discriminator stops learning from what it is sure of: "
    "with spectral norm the standard of class-conditional generation (SNGAN, SAGAN, BigGAN).",
    "wgan": "A distance that shrinks with the real one even without overlap, which is of use for watching a "
    "training. Clipping makes the critic too simple (Gulrajani 2017, figure 1): it sees the spread of the modes "
    "before the modes. Take WGAN-GP.",
    "wgan-gp": "The distance estimate with a critic that can be as rich as wanted; five critic steps and a second "
    "derivative make it the most expensive of all. It does not settle (Dirac-GAN). Where time is short take R1.",
    "ebgan": "An autoencoder as discriminator: rich gradients early on, and its energy serves as an anomaly score. The "
    "margin has to be found by trial, and without the pull-away term nothing keeps samples apart.",
    "ebgan-pt": "EBGAN with codes pushed apart within a batch. The remedy is for the batch, so it needs large batches.",
    "r1": "The one addition with a proof of local convergence and the least trouble: one weight, a step in every "
    "few. Make it the first thing to try.",
    "spectral": "No penalty to pay for and no second derivative; bounds every layer. First choice where the second "
    "derivative is too expensive, or with the hinge.",
    "pack2": "Shows the discriminator two samples at once, so that a lack of variety is visible. Costs "
    "twice as many pictures for as many packs, combines with any loss, but not with class labels.",
    "pack4": "As packing of two, more strongly; four times as many pictures have to be made for as many packs.",
}
