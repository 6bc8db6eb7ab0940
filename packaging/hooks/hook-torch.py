"""Collects torch for learning and scoring on a processor; replaces the hook that takes all of it.

Which modules a program needs is not guessed: what ours do with torch is done in a process of its
own – weights read and converted, a network taught, a picture computed – and what that brought along
is collected.
"""

from __future__ import annotations

from pathlib import Path

from PyInstaller import isolated
from PyInstaller.utils.hooks import PY_DYLIB_PATTERNS, collect_dynamic_libs, get_package_paths

warn_on_missing_hiddenimports = False
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
binaries = collect_dynamic_libs("torch", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"])


@isolated.decorate  # type: ignore[untyped-decorator]  # PyInstaller publishes no types
def _brought_along() -> list[str]:
    import sys
    import tempfile
    from pathlib import Path

    import numpy as np
    import torch

    import deeprx_gui.engine.backbones.torchvision_trunks  # noqa: F401
    from deeprx_gui.domain.fit_settings import FitSettings
    from deeprx_gui.engine.backbones import (
        autoencoder_teaching,
        convert,
        onnx_import,  # noqa: F401 - what it brings along
        plan_of_network,
    )
    from deeprx_gui.engine.backbones.library import BackboneLibrary
    from deeprx_gui.engine.engine_pool import EnginePool

    with tempfile.TemporaryDirectory() as folder:
        library = BackboneLibrary(Path(folder))
        weights = library.find("efficientnet-lite0")
        plan_of_network.plan_of(weights)
        taken_over = Path(folder) / "taken-over.safetensors"
        taken_over.write_bytes(convert.to_safetensors(weights.spec, weights.file, 16))
        from safetensors.torch import load_file

        load_file(taken_over)
        pixels = np.zeros((64, 64, 3), np.uint8)
        list(autoencoder_teaching.teach([pixels], [pixels], most_steps=2))
        engine = EnginePool(library, "torch-cpu").for_fit(FitSettings())
        engine.taps(engine.prepare(pixels))
        torch.cdist(torch.rand(4, 3), torch.rand(5, 3)).topk(2)
    return sorted(m for m in sys.modules if m.split(".")[0] in {"torch", "torchgen"})


hiddenimports = _brought_along()

# torch's settings modules read their own source text when they are imported; the others do not,
# and 2,500 files less make a program that installs and starts faster.
_WITH_SOURCE = {m for m in hiddenimports if m.endswith(("config", "config_module"))}
_WITH_SOURCE |= {"torch.functional", "torch.nn.functional"}
module_collection_mode = {"torch": "pyz", **dict.fromkeys(sorted(_WITH_SOURCE), "pyz+py")}

# On Linux torch insists on this program beside its libraries, used or not.
_manager = Path(get_package_paths("torch")[1]) / "bin" / "torch_shm_manager"
if _manager.exists():
    binaries.append((str(_manager), "torch/bin"))
