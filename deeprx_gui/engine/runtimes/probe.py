"""Which runtimes can work on this PC, found out as cheaply as possible.

Imports nothing heavy by itself: torch is asked about CUDA only where there is an NVIDIA driver and
a torch that was built for it.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import logging
import sys
from pathlib import Path
from typing import cast

from deeprx_gui.domain.edition import TORCH, is_light
from deeprx_gui.domain.message import Message, say
from deeprx_gui.engine.torch_import import import_torch_module

_log = logging.getLogger(__name__)
_OPENVINO = "deeprx_gui.engine.runtimes.openvino_compiler"
_TORCH = "deeprx_gui.engine.runtimes.torch_runtime"


def cuda_problem() -> Message | None:
    """Return why CUDA cannot be used here, ``None`` when it can."""
    if is_light():
        return TORCH
    if nvidia_cards() > 0 and _torch_knows_cuda():
        try:
            return cast("Message | None", import_torch_module(_TORCH).cuda_problem())
        except (ImportError, OSError) as error:
            _log.warning("torch cannot be loaded: %s", error)
    return say("This PC has no NVIDIA card that torch can use. Choose the runtime “auto”.")


def openvino_problem() -> Message | None:
    """Return why OpenVINO cannot be used here, ``None`` when it can."""
    try:
        importlib.import_module(_OPENVINO).device_name()
    except (ImportError, OSError, RuntimeError) as error:
        _log.warning("OpenVINO cannot be used: %s", error)
        return say(
            "OpenVINO does not work on this PC ({reason}). Choose the runtime “auto”, "
            "or install the program again.",
            reason=str(error).strip().splitlines()[0] if str(error).strip() else "?",
        )
    return None


def bf16_problem() -> Message | None:
    """Return why OpenVINO cannot compute in bfloat16 here, ``None`` when it can."""
    problem = openvino_problem()
    if problem is None and not importlib.import_module(_OPENVINO).computes_in("BF16"):
        return say("This processor cannot compute in bfloat16. Choose the runtime “auto”.")
    return problem


def torch_problem() -> Message | None:
    """Return why torch cannot be used on the processor, ``None`` when it is installed."""
    return TORCH if is_light() else None


def nvidia_cards() -> int:
    """Return how many cards NVIDIA's driver counts; 0 without a driver, asked without torch."""
    try:
        if sys.platform == "win32":
            driver: ctypes.CDLL = ctypes.WinDLL("nvcuda.dll")
        else:
            driver = ctypes.CDLL("libcuda.so.1")
        count = ctypes.c_int(0)
        failed = driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count))
    except (OSError, AttributeError):
        return 0
    return 0 if failed else count.value


def _torch_knows_cuda() -> bool:
    """Say whether the installed torch was built for CUDA; its CPU build lacks this library."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return False
    name = "torch_cuda.dll" if sys.platform == "win32" else "libtorch_cuda.so"
    return (Path(spec.origin).parent / "lib" / name).exists()
