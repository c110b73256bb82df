"""Measurements and annotations: what was drawn, the numbers it gives, and how it is kept. No Qt here."""
