"""Write ``deeprx_gui/work/self_reference.json``: the scores every PC must come to.

    python packaging/make_reference.py            write it
    python packaging/make_reference.py --compare  only say how far this PC is from it

To be run again when the mathematics of a score changes on purpose, and then said in the changelog.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.work.self_checks_deep import REFERENCE, reference_scores

BACKBONES = ("efficientnet-lite0", "efficientnet-lite2")
RUNTIMES = ("openvino-cpu", "torch-cpu")


def measure() -> dict[str, dict[str, list[float]]]:
    """Return limit, good score and defect score by backbone and runtime."""
    with tempfile.TemporaryDirectory() as nothing_imported:
        library = BackboneLibrary(Path(nothing_imported))
        return {
            name: {
                runtime: [round(v, 5) for v in reference_scores(EnginePool(library, runtime), name)]
                for runtime in RUNTIMES
            }
            for name in BACKBONES
        }


def main(words: list[str]) -> int:
    """Write the file, or compare with it."""
    found = measure()
    if "--compare" in words:
        stored = json.loads(REFERENCE.read_text(encoding="utf-8"))
        for name, runtimes in found.items():
            for runtime, values in runtimes.items():
                wanted = stored[name][runtime]
                far = max(abs(f - w) for f, w in zip(values, wanted, strict=True)) / wanted[0]
                print(f"{name} {runtime}: {far:.6f} × limit")
        return 0
    REFERENCE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8", newline="\n")
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
