"""Compiles graphs for this processor, each once: the next start finds it on disk.

OpenVINO's processor plugin gives the thread that wakes it an alternate signal stack, which is gone
with the last graph; the next Ctrl-C in that thread would crash the program. So what wakes it runs
in a thread of its own.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Final

from deeprx_gui import __version__
from deeprx_gui.engine.backbones.plan import NetworkPlan
from deeprx_gui.engine.heads import Head, SupportsImageWeight
from deeprx_gui.engine.run_in_thread import run_in_thread
from deeprx_gui.engine.runtimes.compiled_cache import CompiledCache
from deeprx_gui.engine.runtimes.openvino_graph import GraphBuilder
from deeprx_gui.engine.runtimes.openvino_heads import HEADS, fingerprint
from deeprx_gui.engine.runtimes.quiet_openvino import Compiled, Core, ov

_DEVICE = "CPU"
_SETTINGS: Final = {"PERFORMANCE_HINT": "LATENCY"}
_log = logging.getLogger(__name__)


def device_name() -> str:
    """Return the processor's name; raises RuntimeError when OpenVINO does not work on it."""
    return run_in_thread(lambda: str(ov.Core().get_property(_DEVICE, "FULL_DEVICE_NAME")))


def computes_in(precision: str) -> bool:
    """Say whether this processor has instructions for ``precision``, for example ``BF16``."""
    abilities = run_in_thread(
        lambda: [str(name) for name in ov.Core().get_property(_DEVICE, "OPTIMIZATION_CAPABILITIES")]
    )
    return precision in abilities


class Compiler:
    """Compiles a backbone up to some taps, with a head or without, for one size or for any.

    ``cache``: a folder for compiled graphs, ``None`` compiles anew each time. ``weights`` names the
    plan there; ``precision`` is OpenVINO's name of what is computed in, ``f32`` or ``bf16``.
    """

    def __init__(
        self,
        plan: NetworkPlan,
        taps: tuple[int, ...],
        cache: Path | None = None,
        weights: str = "",
        precision: str = "f32",
    ) -> None:
        self.plan, self.taps = plan, taps
        self._core = ov.Core()
        self._settings = {**_SETTINGS, "INFERENCE_PRECISION_HINT": precision}
        machine = run_in_thread(lambda: _machine(self._core, self._settings))
        self._cache = CompiledCache(cache, {**machine, "weights": weights})

    def compile(self, head: Head | None, size: tuple[int, int] | None) -> Compiled:
        """Return the compiled graph: the score map of ``head``, or without one the taps' maps.

        A head that weighs the image score needs the maps, too: they follow the score map.
        """
        return run_in_thread(lambda: self._compile(head, size))

    def _compile(self, head: Head | None, size: tuple[int, int] | None) -> Compiled:
        name = json.dumps([self.taps, size, None if head is None else fingerprint(head)])
        kept = self._cache.find(name)
        if kept is not None:
            try:
                return self._core.import_model(kept, _DEVICE, self._settings)
            except RuntimeError as error:
                _log.warning("a compiled graph cannot be used and is made again: %s", error)
        graph = GraphBuilder(self.plan, self.taps, size)
        outputs = [] if head is None else [HEADS[type(head)](head, graph.taps)]
        if head is None or isinstance(head, SupportsImageWeight):
            outputs += graph.taps
        compiled = self._core.compile_model(graph.model(outputs), _DEVICE, self._settings)
        if self._cache.keeps:
            self._cache.keep(name, compiled.export_model().getvalue())
        return compiled


def _machine(core: Core, settings: dict[str, str]) -> dict[str, str]:
    """Everything but the graph that decides what the compiler makes of it."""
    abilities = core.get_property(_DEVICE, "OPTIMIZATION_CAPABILITIES")
    return {
        "program": __version__,
        "openvino": str(ov.get_version()),
        "device": str(core.get_property(_DEVICE, "FULL_DEVICE_NAME")),
        "abilities": " ".join(sorted(map(str, abilities))),
        "threads": str(core.get_property(_DEVICE, "INFERENCE_NUM_THREADS")),
        "settings": json.dumps(settings, sort_keys=True),
    }
