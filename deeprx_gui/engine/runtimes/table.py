"""The runtimes this program knows, in the order in which ``auto`` tries them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

from deeprx_gui.domain.edition import is_light
from deeprx_gui.domain.errors import RequestError, RuntimeChoiceError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.engine.backbones.autoencoder import AutoencoderNetwork
from deeprx_gui.engine.backbones.weights import Weights
from deeprx_gui.engine.runtimes.base import Extractor, Opener, RuntimeSpec
from deeprx_gui.engine.torch_import import import_torch_module

_HERE = "deeprx_gui.engine.runtimes"

RUNTIMES: Mapping[str, RuntimeSpec] = {
    spec.name: spec
    for spec in (
        RuntimeSpec(
            "torch-cuda",
            say("torch on the NVIDIA card"),
            f"{_HERE}.probe:cuda_problem",
            f"{_HERE}.torch_runtime:open_cuda",
        ),
        RuntimeSpec(
            "openvino-cpu",
            say("OpenVINO on the processor"),
            f"{_HERE}.probe:openvino_problem",
            f"{_HERE}.openvino_runtime:open_cpu",
        ),
        RuntimeSpec(
            "torch-cpu",
            say("torch on the processor"),
            f"{_HERE}.probe:torch_problem",
            f"{_HERE}.torch_runtime:open_cpu",
        ),
    )
}
REDUCED: Mapping[str, RuntimeSpec] = {
    spec.name: spec
    for spec in (
        RuntimeSpec(
            "openvino-cpu-bf16",
            say("OpenVINO on the processor, in bfloat16"),
            f"{_HERE}.probe:bf16_problem",
            f"{_HERE}.openvino_runtime:open_cpu_bf16",
        ),
    )
}
"""Quicker and less exact: used when asked for by name, or when a profile has proved that it scores
the same (see ``reduced_precision``)."""
_FAMILIES = {"torch": ("torch-cuda", "torch-cpu"), "openvino": ("openvino-cpu",)}
CHOICES = ("auto", *_FAMILIES, *RUNTIMES, *REDUCED)
"""What ``--runtime`` accepts."""


def _load(path: str) -> object:
    module, _, function = path.partition(":")
    load = import_torch_module if module.endswith(".torch_runtime") else importlib.import_module
    return getattr(load(module), function)


def _problem(spec: RuntimeSpec) -> Message | None:
    return cast("Message | None", cast("type", _load(spec.available))())


def choose(wanted: str) -> RuntimeSpec:
    """Return the runtime for ``wanted``: a name, a family, or ``auto``.

    Raises RequestError for an unknown name and RuntimeChoiceError when a runtime asked for by name
    cannot run here: it is never silently replaced by another one.
    """
    if wanted not in CHOICES:
        raise RequestError(
            say(
                "There is no runtime “{name}”. Choose one of: {known}.",
                name=wanted,
                known=", ".join(CHOICES),
            )
        )
    names = _automatic() if wanted == "auto" else _FAMILIES.get(wanted, (wanted,))
    problem: Message | None = None
    for name in names:
        spec = RUNTIMES.get(name) or REDUCED[name]
        problem = _problem(spec)
        if problem is None:
            return spec
    assert problem is not None
    raise RuntimeChoiceError(problem)


def _automatic() -> tuple[str, ...]:
    """Return what ``auto`` tries; where only OpenVINO is there, its trouble is what is told."""
    return _FAMILIES["openvino"] if is_light() else tuple(RUNTIMES)


@cache
def reduced_of(name: str) -> str | None:
    """Return the reduced precision of a runtime that works on this PC; ``None``: there is none."""
    found = (r for r, spec in REDUCED.items() if r.startswith(name) and _problem(spec) is None)
    return next(found, None)


def open_extractor(
    spec: RuntimeSpec,
    weights: Weights | AutoencoderNetwork,
    taps: tuple[int, ...],
    cache: Path | None = None,
) -> Extractor:
    """Load a backbone on a runtime; ``cache``: where it may keep what it prepared for this PC."""
    return cast("Opener", _load(spec.open))(weights, taps, cache)
