"""Run before the program: packages beside it (beside.py) are found, after everything else."""

from __future__ import annotations

import sys
from pathlib import Path

_inside = Path(getattr(sys, "_MEIPASS", ""))
sys.path += [str(file) for file in sorted(_inside.glob("*-*.zip"))]
