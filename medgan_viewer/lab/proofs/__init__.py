"""Proofs that each family of GANs does what its paper says; `python -m medgan_viewer.lab.proofs` runs them."""
