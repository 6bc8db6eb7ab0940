"""``deeprx``: what the console program of a frozen folder runs."""

from __future__ import annotations

import sys

from deeprx_gui.doorstep import enter

if __name__ == "__main__":
    sys.exit(enter("console"))
