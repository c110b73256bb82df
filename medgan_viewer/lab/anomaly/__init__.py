"""The anomaly model: its healthy slices, the disease that is put into them, and what its heat map is worth."""
