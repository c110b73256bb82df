"""Parts of the lab's window. None imports torch; only `curves` imports pyqtgraph."""
