"""Import torch in a worker thread without freezing the window.

A plain ``import torch`` holds the interpreter lock while the operating system loads and initialises
hundreds of megabytes of libraries: the window stood still for 670 ms here. Three things help, in
this order: the libraries are loaded by a foreign call, which gives the lock away; the garbage
collector, which would look through a million new objects again and again, pauses; and what was
imported is then exempt from it for good. What remains is ordinary Python code, between whose lines
the window gets its turn: 20 to 40 ms at most.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import importlib.util
import logging
import os
import sys
import threading
from pathlib import Path
from types import ModuleType

_LIBRARIES = {
    "linux": ("libtorch_cpu.so", "libtorch_cuda.so", "libtorch.so", "libtorch_python.so"),
    "win32": ("c10.dll", "torch_cpu.dll", "c10_cuda.dll", "torch_cuda.dll"),
}
_LOAD_WITH_ALTERED_SEARCH_PATH = 0x8
_lock = threading.RLock()
_log = logging.getLogger(__name__)


def import_torch_module(module: str) -> ModuleType:
    """Import a module that imports torch; call it in a worker thread."""
    with _lock:
        known = sys.modules.get(module)
        if "torch" in sys.modules and known is not None:
            return known
        collecting = gc.isenabled()
        gc.disable()
        try:
            if "torch" not in sys.modules:
                _preload()
            return importlib.import_module(module)
        finally:
            gc.freeze()
            if collecting:
                gc.enable()


def _preload() -> None:
    """Load torch's libraries without the interpreter lock; a failure is torch's to explain."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / "lib"
    for name in _LIBRARIES.get(sys.platform, ()):
        file = folder / name
        if file.exists() and not _load_library(file):
            _log.info("%s could not be loaded ahead of torch", file)


def _load_library(file: Path) -> bool:
    if sys.platform == "win32":
        load = ctypes.WinDLL("kernel32", use_last_error=True).LoadLibraryExW
        load.argtypes = (ctypes.c_wchar_p, ctypes.c_void_p, ctypes.c_uint32)
        load.restype = ctypes.c_void_p
        return bool(load(str(file), None, _LOAD_WITH_ALTERED_SEARCH_PATH))
    # The C library's own dlopen, not ctypes.CDLL(file): only a foreign call gives the lock away.
    load = ctypes.CDLL(None).dlopen
    load.argtypes = (ctypes.c_char_p, ctypes.c_int)
    load.restype = ctypes.c_void_p
    return bool(load(os.fsencode(file), os.RTLD_NOW | os.RTLD_LOCAL))
