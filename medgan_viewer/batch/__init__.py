"""A model on every series of a folder or an archive: planned, done once, resumed where it broke off."""
