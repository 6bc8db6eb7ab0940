"""``DeepRX Inspector``: what the windowed program of a frozen folder runs."""

from __future__ import annotations

import sys

from deeprx_gui.launcher import run_reporting_failures

if __name__ == "__main__":
    sys.exit(run_reporting_failures("window"))
