"""Voxels, where they are, and what is open: no Qt, no torch, no DICOM."""
