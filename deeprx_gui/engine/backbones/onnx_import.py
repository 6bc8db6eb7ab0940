"""An ONNX file becomes a backbone: translated, measured, checked. Imports torch and openvino."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.onnx_order import LayerInfo, OnnxContents, OnnxOrder
from deeprx_gui.engine.backbones.catalogue import BackboneSpec, ImportedNetwork
from deeprx_gui.engine.backbones.imported import LONGEST_NAME, identity, is_name, spec_of
from deeprx_gui.engine.backbones.onnx_file import OnnxGraph, not_usable, read_onnx
from deeprx_gui.engine.backbones.onnx_layers import suggested
from deeprx_gui.engine.backbones.onnx_steps import UnusableError
from deeprx_gui.engine.backbones.onnx_translate import translate
from deeprx_gui.engine.backbones.plan import NetworkPlan
from deeprx_gui.engine.backbones.plan_network import PlanNetwork
from deeprx_gui.engine.preprocess import SIZES
from deeprx_gui.engine.runtimes.openvino_compiler import Compiler
from deeprx_gui.engine.tile_reach import reach_of

_USUAL_SIZE = 224
_TOLERANCE = 1e-3
"""How far two runtimes may be apart, as a share of the largest feature."""
_FARTHEST = 1e-3
"""What may change, as a share of the largest feature, beyond where a tile ends."""
_PROBES = ((4, 6), (7, 5))
"""Sides of the probes in multiples of what sides must be multiples of."""
_BRIGHT = 2.0
"""Two standard deviations above the mean."""
_ROUNDS = 3


@dataclass(frozen=True, eq=False)
class Imported:
    """A network ready to be kept. ``apart``: how far torch and OpenVINO are apart."""

    spec: BackboneSpec
    plan: NetworkPlan
    apart: float


def look_into(file: Path) -> OnnxContents:
    """Say which layers of a file can be tapped. Raises BackboneError when there are none."""
    graph = read_onnx(file)
    sides = _sides(file, graph, None)
    try:
        found = translate(graph, sides)
    except UnusableError as error:
        raise not_usable(file, error.reason) from error
    if not found.layers:
        raise not_usable(file, found.trouble or _no_grid())
    chosen = set(suggested(found.layers))
    layers = tuple(
        LayerInfo(x.name, x.stride, x.channels, x.kind == "tokens", x.joins, x.name in chosen)
        for x in found.layers
    )
    return OnnxContents(file.name, sides[0], layers)


def make(file: Path, order: OnnxOrder) -> Imported:
    """Make a backbone of a file.

    Raises BackboneError that says what the file cannot be, RequestError for an impossible order.
    """
    if not order.taps:
        raise RequestError(say("Choose at least one layer (--taps)."))
    name = _name(file, order)
    graph = read_onnx(file)
    sides = _sides(file, graph, order.size)
    try:
        found = translate(graph, sides, order.taps)
        plan = NetworkPlan(found.steps, found.taps, order.pixel_mean, order.pixel_std)
        measured = _measured(plan, order, sides)
        apart = _apart(plan, sides)
    except UnusableError as error:
        raise not_usable(file, error.reason) from error
    network = ImportedNetwork(
        sha256=identity(graph.sha256, order),
        words=order.words(file.name),
        size=sides[0] if measured.fixed else None,
        multiple=measured.multiple,
        whole=measured.whole,
        base_ms=measured.base_ms,
    )
    licence = order.licence or "-"
    spec = spec_of(name, network, measured.channels, plan.mean, plan.std, licence=licence)
    return Imported(spec, plan, apart)


@dataclass(frozen=True)
class _Measured:
    """What running a network has shown. ``fixed``: it takes the size of the probe only."""

    channels: Mapping[int, int]
    multiple: int
    fixed: bool
    whole: bool
    base_ms: float


def _measured(plan: NetworkPlan, order: OnnxOrder, sides: tuple[int, int]) -> _Measured:
    """Run a plan on probes. Raises UnusableError for what no backbone may be."""
    taps = tuple(sorted(plan.taps))
    if any(max(taps) % stride for stride in taps):
        strides = ", ".join(map(str, taps))
        raise UnusableError(
            say("the strides of its layers, {strides}, do not divide one another.", strides=strides)
        )
    network = PlanNetwork(plan, taps).eval()
    with torch.inference_mode():
        maps = network(_probe(*sides))
        if not all(bool(torch.isfinite(m).all()) for m in maps):
            raise UnusableError(say("its features are not finite."))
        multiple = _multiple(network, taps, order.multiple)
        if multiple is None:
            _check_fixed(order, sides)
        return _Measured(
            channels={stride: int(m.shape[1]) for stride, m in zip(taps, maps, strict=True)},
            multiple=multiple or max(taps),
            fixed=multiple is None,
            whole=multiple is None or _sees_everything(network, taps, multiple),
            base_ms=_base_ms(network, sides),
        )


def _check_fixed(order: OnnxOrder, sides: tuple[int, int]) -> None:
    if order.multiple is not None:
        raise UnusableError(
            say(
                "it does not take pictures whose sides are any multiples of {multiple}. Leave "
                "--size-multiple out, or choose a larger one.",
                multiple=order.multiple,
            )
        )
    if sides[0] != sides[1]:
        raise UnusableError(say("it takes only one size of picture, and that is no square."))


def _name(file: Path, order: OnnxOrder) -> str:
    name = order.name or re.sub(r"[^\w.-]+", "-", file.stem).strip("-.").lower()
    if not is_name(name):
        raise RequestError(
            say(
                "“{name}” cannot be the name of a backbone. Give it one with --name: letters, "
                "digits, - and _, and none that is taken.",
                name=name[:LONGEST_NAME],
            )
        )
    return name


def _no_grid() -> Message:
    return say("none of its layers is a grid over the picture.")


def _sides(file: Path, graph: OnnxGraph, size: int | None) -> tuple[int, int]:
    """Return the height and width of the probe."""
    sides = graph.sides
    last = len(sides) == 4 and sides[3] == 3 and sides[1] != 3
    colours = sides[3 if last else 1] if len(sides) == 4 else 0
    if colours not in (3, None) or sides[0] not in (1, None):
        shape = " × ".join("?" if side is None else str(side) for side in sides)
        raise not_usable(
            file,
            say(
                "its input is {shape}; a backbone takes one picture of three colours: "
                "1 × 3 × height × width.",
                shape=shape or "?",
            ),
        )
    height, width = sides[1:3] if last else sides[2:4]
    open_sides = size or _USUAL_SIZE
    found = (height or open_sides, width or open_sides)
    if not all(SIZES[0] <= side <= SIZES[1] // 2 for side in found):
        raise not_usable(
            file,
            say("it is made for pictures of {h} × {w} pixels.", h=found[0], w=found[1]),
        )
    if size is not None and (size, size) != found:
        raise not_usable(
            file,
            say(
                "it is made for pictures of {h} × {w} pixels. Leave --size out.",
                h=found[0],
                w=found[1],
            ),
        )
    return found


def _probe(height: int, width: int) -> torch.Tensor:
    noise = np.random.default_rng(3).normal(size=(1, 3, height, width))
    return torch.from_numpy(noise.astype(np.float32))


def _multiple(network: PlanNetwork, taps: Sequence[int], given: int | None) -> int | None:
    """Return what sides must be multiples of; ``None``: it takes the size of the probe only."""
    coarsest = max(taps)
    for multiple in (coarsest, 2 * coarsest, 4 * coarsest) if given is None else (given,):
        if multiple % coarsest == 0 and _takes(network, taps, multiple):
            return multiple
    return None


def _takes(network: PlanNetwork, taps: Sequence[int], multiple: int) -> bool:
    for down, across in _PROBES:
        height, width = down * multiple, across * multiple
        try:
            maps = network(_probe(height, width))
        except (RuntimeError, ValueError, IndexError):
            return False
        for stride, features in zip(taps, maps, strict=True):
            if tuple(features.shape[2:]) != (height // stride, width // stride):
                return False
    return True


def _sees_everything(network: PlanNetwork, taps: Sequence[int], multiple: int) -> bool:
    """Say whether features change with pixels that lie beyond the overlap of tiles."""
    stride = max(taps)
    reach = reach_of(stride)
    altered = reach + 2 * stride  # so much of the picture that its average changes, too
    width = -(-(altered + reach + 2 * stride) // multiple) * multiple
    one = _probe(4 * multiple, width)
    other = one.clone()
    other[..., :altered] = _BRIGHT
    for a, b, tap in zip(network(one), network(other), taps, strict=True):
        begin = (altered + reach) // tap
        if (a - b)[..., begin:].abs().max() > _FARTHEST * a.abs().max():
            return True
    return False


def _base_ms(network: PlanNetwork, sides: tuple[int, int]) -> float:
    pixels = _probe(*sides)
    seconds = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        network(pixels)
        seconds.append(time.perf_counter() - start)
    return round(1000 * min(seconds) * 256**2 / (sides[0] * sides[1]), 2)


def _apart(plan: NetworkPlan, sides: tuple[int, int]) -> float:
    """Return how far torch and OpenVINO are apart, as a share of the largest feature.

    Raises UnusableError when that is too far, or when OpenVINO cannot run the plan.
    """
    taps = tuple(sorted(plan.taps))
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 256, (*sides, 3), dtype=np.uint8)
    mean, std = (np.array(v, np.float32) for v in (plan.mean, plan.std))
    planes = ((pixels.astype(np.float32) - mean) / std).transpose(2, 0, 1)[None]
    with torch.inference_mode():
        maps = PlanNetwork(plan, taps)(torch.from_numpy(np.ascontiguousarray(planes)))
    try:
        request = Compiler(plan, taps).compile(None, sides).create_infer_request()
        request.infer([pixels[None]])
    except RuntimeError as error:
        reason = (str(error).strip().splitlines() or ["?"])[-1][:200]
        raise UnusableError(say("OpenVINO cannot run it: {reason}", reason=reason)) from error
    theirs: list[Float32] = [tensor.data for tensor in request.output_tensors]
    pairs = zip(maps, reversed(theirs), strict=True)
    apart = max(float(np.abs(a.numpy() - b).max() / (np.abs(b).max() or 1.0)) for a, b in pairs)
    if not apart <= _TOLERANCE:
        share = f"{apart:.1g}"
        raise UnusableError(
            say("torch and OpenVINO do not agree about its features ({share}).", share=share)
        )
    return apart
