"""OpenVINO on the processor: scores without torch. Imports openvino.

float32 unless bfloat16 is asked for: on newer processors OpenVINO would choose that by itself,
which moves scores by several thousandths of the limit and more.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.engine.backbones.autoencoder import AutoencoderNetwork
from deeprx_gui.engine.backbones.plan_cache import PlanCache
from deeprx_gui.engine.backbones.weights import Weights
from deeprx_gui.engine.heads import Head, SupportsHomeGrid
from deeprx_gui.engine.runtimes.base import MapWithTaps, RuntimeInfo, numpy_scorer_with_taps
from deeprx_gui.engine.runtimes.openvino_compiler import Compiler, device_name
from deeprx_gui.engine.runtimes.openvino_graph import smallest_side
from deeprx_gui.engine.runtimes.openvino_heads import HEADS, fingerprint
from deeprx_gui.engine.runtimes.quiet_openvino import Compiled, ov
from deeprx_gui.engine.tap_maps import TapMaps

_SIZES_KEPT = 2
"""So many picture sizes get a graph of their own, about a tenth faster than the one for all."""
_HEADS_KEPT = 2


def open_cpu(
    weights: Weights | AutoencoderNetwork, taps: tuple[int, ...], cache: Path | None
) -> OpenVinoExtractor:
    """Load a backbone; ``cache``: where what was prepared for this PC is kept."""
    return _open(weights, taps, cache, "openvino-cpu", "f32")


def open_cpu_bf16(
    weights: Weights | AutoencoderNetwork, taps: tuple[int, ...], cache: Path | None
) -> OpenVinoExtractor:
    """Load a backbone as ``open_cpu``, to compute in bfloat16."""
    return _open(weights, taps, cache, "openvino-cpu-bf16", "bf16")


def _open(
    weights: Weights | AutoencoderNetwork,
    taps: tuple[int, ...],
    cache: Path | None,
    name: str,
    precision: str,
) -> OpenVinoExtractor:
    plans, compiled = (None, None) if cache is None else (cache / "backbones", cache / "compiled")
    plan = (
        weights.plan if isinstance(weights, AutoencoderNetwork) else PlanCache(plans).plan(weights)
    )
    return OpenVinoExtractor(Compiler(plan, taps, compiled, weights.sha256, precision), name)


class OpenVinoExtractor:
    """One backbone in OpenVINO on the processor."""

    def __init__(self, compiler: Compiler, name: str = "openvino-cpu") -> None:
        self.info = RuntimeInfo(name, device_name())
        self._compiler = compiler
        self._backbone = _Network(compiler, None)
        self._scorers: dict[str, _Network] = {}

    def taps(self, pixels: ByteImage) -> TapMaps:
        """Return the feature maps as contiguous arrays."""
        return TapMaps(tuple(np.array(m[0]) for m in self._backbone.run(pixels)))

    def compute(self, pixels: ByteImage) -> None:
        """Compute the feature maps and leave them where they are."""
        self._backbone.run(pixels)

    def scorer(self, head: Head) -> Callable[[ByteImage], Float32]:
        """Compute the head in the same graph where it is known, else in numpy."""
        if type(head) not in HEADS:
            return lambda pixels: head.score_map(self.taps(pixels))
        return partial(self._score, head, self._network(head))

    def scorer_with_taps(self, head: Head) -> Callable[[ByteImage], MapWithTaps]:
        """Compute the head in the same graph where it is known, else in numpy."""
        if type(head) not in HEADS:
            return numpy_scorer_with_taps(self, head)
        network = self._network(head)

        def run(pixels: ByteImage) -> MapWithTaps:
            raw, *maps = network.run(pixels)
            return np.array(raw[0]), TapMaps(tuple(np.array(m[0]) for m in maps))

        return run

    def _network(self, head: Head) -> _Network:
        """Return the graph of a head, one of the last few or a new one."""
        key = fingerprint(head)
        network = self._scorers.pop(key, None)
        if network is None:
            network = _Network(self._compiler, head)
        self._scorers[key] = network
        while len(self._scorers) > _HEADS_KEPT:
            self._scorers.pop(next(iter(self._scorers)))
        return network

    def _score(self, head: Head, network: _Network, pixels: ByteImage) -> Float32:
        strides = sorted(self._compiler.taps, reverse=True)
        grids = tuple((pixels.shape[0] // s, pixels.shape[1] // s) for s in strides)
        if isinstance(head, SupportsHomeGrid) and head.home != grids:
            return head.score_map(self.taps(pixels))
        return np.array(network.run(pixels)[0][0])


class _Network:
    """One graph – the backbone, with a head or without – compiled for the sizes it meets."""

    def __init__(self, compiler: Compiler, head: Head | None) -> None:
        self._compiler, self._head = compiler, head
        self._stride = max(compiler.taps)
        self._smallest = smallest_side(compiler.plan, compiler.taps)
        self._fixed: dict[tuple[int, int], _Request] = {}
        self._any_size: _Request | None = None

    def run(self, pixels: ByteImage) -> list[Float32]:
        """Return the outputs; they are overwritten by the next run."""
        size = (pixels.shape[0], pixels.shape[1])
        request = self._fixed.get(size)
        if request is None:
            request = self._choose(size)
        return request.run(pixels)

    def _choose(self, size: tuple[int, int]) -> _Request:
        if any(side % self._stride or side <= 0 for side in size):
            raise ValueError(f"{size} is not a multiple of {self._stride}")
        small = min(size) < self._smallest
        if small or len(self._fixed) < _SIZES_KEPT:
            # A map smaller than what is mirrored needs another border: never in the general graph.
            while len(self._fixed) >= _SIZES_KEPT:
                self._fixed.pop(next(iter(self._fixed)))
            self._fixed[size] = self._compile(size)
            return self._fixed[size]
        if self._any_size is None:
            self._any_size = self._compile(None)
        return self._any_size

    def _compile(self, size: tuple[int, int] | None) -> _Request:
        return _Request(self._compiler.compile(self._head, size))


class _Request:
    """A compiled graph with memory for its input: pixels are copied there, and nowhere else."""

    def __init__(self, compiled: Compiled) -> None:
        self._request = compiled.create_infer_request()
        self._input: ByteImage | None = None

    def run(self, pixels: ByteImage) -> list[Float32]:
        if self._input is None or self._input.shape != pixels.shape:
            tensor = ov.Tensor(ov.Type.u8, ov.Shape([1, *pixels.shape]))
            self._request.set_input_tensor(tensor)
            self._input = tensor.data[0]
        np.copyto(self._input, pixels)
        self._request.infer()
        return [tensor.data for tensor in self._request.output_tensors]
