"""Calls aside, and why: after OpenVINO's graphs are gone, a signal must not crash the program."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from deeprx_gui.engine.run_in_thread import run_in_thread


def test_a_call_runs_in_another_thread_and_gives_its_result() -> None:
    here = threading.get_ident()
    assert run_in_thread(threading.get_ident) != here
    with pytest.raises(ZeroDivisionError):
        run_in_thread(lambda: 1 / 0)
    assert not [t for t in threading.enumerate() if t.name.startswith("aside")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no alternate signal stacks")
def test_opening_engines_leaves_the_signal_stack_alone() -> None:
    code = (
        "import ctypes, faulthandler, gc, signal, tempfile\n"
        "from pathlib import Path\n"
        "from deeprx_gui.domain.fit_settings import FitSettings\n"
        "from deeprx_gui.engine.backbones.library import BackboneLibrary\n"
        "from deeprx_gui.engine.engine_pool import EnginePool\n"
        "import numpy as np\n"
        "class Stack(ctypes.Structure):\n"
        "    _fields_ = [('at', ctypes.c_void_p), ('flags', ctypes.c_int),\n"
        "                ('size', ctypes.c_size_t)]\n"
        "def stack():\n"
        "    found = Stack()\n"
        "    ctypes.CDLL(None).sigaltstack(None, ctypes.byref(found))\n"
        "    return found.at, found.flags\n"
        "faulthandler.enable()\n"
        "before = stack()\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    engines = EnginePool(BackboneLibrary(Path(folder)), 'openvino')\n"
        "    for name in ('efficientnet-lite0', 'efficientnet-lite2'):\n"
        "        engine = engines.for_fit(FitSettings(backbone=name))\n"
        "        engine.taps(np.zeros((64, 64, 3), np.uint8))\n"
        "        assert stack() == before\n"
        "    del engines, engine\n"
        "    gc.collect()\n"
        "hits = []\n"
        "signal.signal(signal.SIGINT, lambda *_: hits.append(1))\n"
        "signal.raise_signal(signal.SIGINT)\n"
        "assert hits == [1] and stack() == before\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
