"""Entry point. Imports nothing at module level: spawn and frozen programs run this file again in every child."""


def main() -> int:
    """Start the command line, or the window when no command is given; return the exit code."""
    from multiprocessing import freeze_support

    _open_streams()
    freeze_support()
    from medgan_viewer.cli import main as run_command_line

    return run_command_line()


def _open_streams() -> None:
    """Give a program without a terminal, which Windows starts without any stream, somewhere to write to."""
    import os
    import sys
    from pathlib import Path

    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  (open to the end)


if __name__ == "__main__":
    raise SystemExit(main())
