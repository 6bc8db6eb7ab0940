"""Start the window, or run one command: ``python -m deeprx_gui [command …]``."""

from __future__ import annotations

import sys


def console() -> int:
    """Entry point of ``deeprx``."""
    try:
        from deeprx_gui.cli.main import main  # the window's start must not load the command line
    except KeyboardInterrupt:  # Ctrl-C before there are words for it
        return 130
    return main()


def window() -> int:
    """Entry point of ``deeprx-gui``; with a command it behaves like ``deeprx``."""
    from deeprx_gui.start import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(window())
