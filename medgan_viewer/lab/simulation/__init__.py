"""Anatomy and its pictures made from label maps, with the physics of CT and MR."""
