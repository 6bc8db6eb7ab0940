"""Start the window, or run one command: ``python -m deeprx_gui [command …]``."""

from __future__ import annotations

import sys

PROBE = "--probe"
"""``--probe NAME FILE``: how the self-test starts this very program for one look (probes.py)."""


def console() -> int:
    """Entry point of ``deeprx``."""
    if PROBE in sys.argv[1:2]:
        return _probe()
    try:
        from deeprx_gui.cli.main import main  # the window's start must not load the command line
    except KeyboardInterrupt:  # Ctrl-C before there are words for it
        return 130
    return main()


def window() -> int:
    """Entry point of ``deeprx-gui``; with a command it behaves like ``deeprx``."""
    if PROBE in sys.argv[1:2]:
        return _probe()
    from deeprx_gui.window_start import main

    return main(sys.argv[1:])


def _probe() -> int:
    from deeprx_gui.self_test_probes import main

    return main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(window())
