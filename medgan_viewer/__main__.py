"""Entry point. Imports nothing at module level: spawn and frozen programs run this file again in every child."""


def main() -> int:
    """Start the command line, or the window when no command is given; return the exit code."""
    from multiprocessing import freeze_support

    freeze_support()
    from medgan_viewer.cli import main as run_command_line

    return run_command_line()


if __name__ == "__main__":
    raise SystemExit(main())
