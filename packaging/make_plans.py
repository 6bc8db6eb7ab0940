"""Convert the built-in backbones, so that an installed program never has to.

    make_plans.py DIR [STRIDE]

Runs in the environment that is frozen. The plans go into the program beside ``plan_cache.py``. With
STRIDE they end at the taps of that stride: what comes behind is three quarters of the numbers.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deeprx_gui.engine.backbones.catalogue import BACKBONES
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.backbones.plan_cache import PlanCache


def main(words: list[str]) -> int:
    """Write one plan for each backbone that comes with the program."""
    folder, stride = Path(words[0]), int(words[1]) if len(words) > 1 else None
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.plan"):
        old.unlink()
    plans = PlanCache(folder, shipped=None)
    with tempfile.TemporaryDirectory() as nothing_imported:
        library = BackboneLibrary(Path(nothing_imported))
        for name, spec in BACKBONES.items():
            if spec.package is not None:
                weights = library.find(name)
                plan = plans.plan(weights)
                if stride is not None:
                    plan = plan.up_to(stride)
                    plans.keep(weights, plan)
                print(f"{name}: {len(plan.steps)} steps")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
