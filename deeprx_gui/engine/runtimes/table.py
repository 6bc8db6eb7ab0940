"""The runtimes this program knows, in the order in which ``auto`` tries them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from deeprx_gui.domain.errors import RequestError, RuntimeChoiceError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.engine.backbones.library import Weights
from deeprx_gui.engine.heavy import import_heavy
from deeprx_gui.engine.runtimes.base import Extractor, Opener, RuntimeSpec

_TORCH = "deeprx_gui.engine.runtimes.torch_runtime"

RUNTIMES: Mapping[str, RuntimeSpec] = {
    spec.name: spec
    for spec in (
        RuntimeSpec(
            "torch-cuda",
            say("torch on the NVIDIA card"),
            f"{_TORCH}:cuda_problem",
            f"{_TORCH}:open_cuda",
        ),
        RuntimeSpec(
            "torch-cpu",
            say("torch on the processor"),
            f"{_TORCH}:cpu_problem",
            f"{_TORCH}:open_cpu",
        ),
    )
}
_FAMILIES = {"torch": ("torch-cuda", "torch-cpu")}
CHOICES = ("auto", *_FAMILIES, *RUNTIMES)
"""What ``--runtime`` accepts."""


def _load(path: str) -> object:
    module, _, function = path.partition(":")
    return getattr(import_heavy(module), function)


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
    names = tuple(RUNTIMES) if wanted == "auto" else _FAMILIES.get(wanted, (wanted,))
    problem: Message | None = None
    for name in names:
        problem = _problem(RUNTIMES[name])
        if problem is None:
            return RUNTIMES[name]
    assert problem is not None
    raise RuntimeChoiceError(problem)


def open_extractor(spec: RuntimeSpec, weights: Weights, taps: tuple[int, ...]) -> Extractor:
    """Load a backbone on a runtime."""
    return cast("Opener", _load(spec.open))(weights, taps)
