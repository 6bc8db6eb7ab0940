"""Collects torch for learning and scoring on a processor; replaces the hook that takes all of it.

Which modules a program needs is not guessed: the very modules of ours that use torch are imported
in a process of their own, and what they brought along is collected.
"""

from __future__ import annotations

from pathlib import Path

from PyInstaller import isolated
from PyInstaller.utils.hooks import PY_DYLIB_PATTERNS, collect_dynamic_libs, get_package_paths

# torch's settings modules read their own source text when they are imported; the others do not,
# and 2,500 files less make a program that installs and starts faster.
_WITH_SOURCE = (
    "torch._dynamo.config",
    "torch._export.config",
    "torch._functorch.config",
    "torch._higher_order_ops.config",
    "torch._inductor.config",
    "torch.compiler.config",
    "torch.distributed.config",
    "torch.functional",
    "torch.fx.experimental._config",
    "torch.nn.functional",
    "torch.utils._config_module",
)
module_collection_mode = {"torch": "pyz", **dict.fromkeys(_WITH_SOURCE, "pyz+py")}
warn_on_missing_hiddenimports = False
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
binaries = collect_dynamic_libs("torch", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"])


@isolated.decorate  # type: ignore[untyped-decorator]  # PyInstaller publishes no types
def _brought_along() -> list[str]:
    import sys

    import deeprx_gui.engine.backbones.convert
    import deeprx_gui.engine.backbones.plan_of_network
    import deeprx_gui.engine.backbones.teach
    import deeprx_gui.engine.backbones.torchvision_trunks
    import deeprx_gui.engine.runtimes.torch_runtime  # noqa: F401

    return sorted(m for m in sys.modules if m.split(".")[0] in {"torch", "torchgen"})


hiddenimports = _brought_along()

# On Linux torch insists on this program beside its libraries, used or not.
_manager = Path(get_package_paths("torch")[1]) / "bin" / "torch_shm_manager"
if _manager.exists():
    binaries.append((str(_manager), "torch/bin"))
