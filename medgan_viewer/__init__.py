"""MedGAN Viewer: generative models on DICOM studies, judged beside the originals. Research use only."""

__version__ = "0.1.0"
