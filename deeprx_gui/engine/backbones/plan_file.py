"""Plans on disk: one safetensors file with the weights, the steps as JSON, and a hash of it all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from deeprx_gui.domain.json_text import MEGABYTE, JsonLimits, parse_json_text
from deeprx_gui.engine.backbones.function_names import FUNCTION_NAMES
from deeprx_gui.engine.backbones.plan import (
    PIXELS,
    Add,
    Apply,
    Clip,
    Constant,
    Conv,
    MaxPool,
    NetworkPlan,
    Step,
    Upsample,
    sources_of,
)

_FORMAT = "deeprx-plan-1"
_LARGEST_FILE = 2 * 1024**3
_HEAD, _SEAL = "plan", "sha256"
_LIMITS = JsonLimits(bytes=8 * MEGABYTE, depth=16, values=150_000)
_KINDS: Mapping[str, type[Step]] = {
    "conv": Conv,
    "clip": Clip,
    "add": Add,
    "max_pool": MaxPool,
    "upsample": Upsample,
    "constant": Constant,
    "apply": Apply,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_ARRAYS: Mapping[type[Step], tuple[str, ...]] = {Conv: ("weight", "bias"), Constant: ("array",)}
"""Which fields of which steps are arrays."""


SHIPPED = Path(__file__).resolve().parent / "plans"
"""Where the build puts the plans of the built-in backbones; absent beside the source."""

Array = NDArray[Any]


class DamagedPlanError(Exception):
    """The file is not a plan as it was written; the text says what is wrong, for the log."""


def name_of(backbone: str, sha256: str) -> str:
    """Return what the plan of a backbone's published weights is called."""
    return f"{backbone}-{sha256[:16]}.plan"


def reach(file: Path) -> int | None:
    """Return the coarsest tap of a plan, ``None`` when there is none or it is damaged."""
    try:
        return max(read_any(file)[0].taps)
    except (DamagedPlanError, OSError):
        return None


def to_bytes(plan: NetworkPlan, made_for: Mapping[str, str]) -> bytes:
    """Return the file's contents. ``made_for`` comes back from ``read`` only if it is asked for."""
    arrays: dict[str, Array] = {
        f"{number}.{name}": np.ascontiguousarray(getattr(step, name), np.float32)
        for number, step in enumerate(plan.steps)
        for name in _ARRAYS.get(type(step), ())
    }
    head = {
        "format": _FORMAT,
        "made_for": dict(made_for),
        "steps": [
            {"do": _NAMES[type(step)]}
            | {
                f.name: getattr(step, f.name)
                for f in fields(step)
                if f.name not in _ARRAYS.get(type(step), ())
            }
            for step in plan.steps
        ],
        "taps": {str(stride): value for stride, value in plan.taps.items()},
        "mean": plan.mean,
        "std": plan.std,
    }
    arrays[_HEAD] = np.frombuffer(json.dumps(head).encode(), np.uint8)
    arrays[_SEAL] = _seal(arrays)
    return save(arrays)


def read(file: Path, made_for: Mapping[str, str]) -> NetworkPlan:
    """Read a plan.

    Raises FileNotFoundError when there is none, DamagedPlanError when it is not as it was written
    or was made for something else, and OSError when it cannot be read.
    """
    plan, found = read_any(file)
    if found != dict(made_for):
        raise DamagedPlanError(f"it was made for {found}")
    return plan


def read_any(file: Path) -> tuple[NetworkPlan, Mapping[str, str]]:
    """Return a plan and what it was made for. Raises as ``read``, DamagedPlanError for a large one.

    The size is looked at first: the file may come from anywhere.
    """
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise DamagedPlanError("it is too large")
        data = file.read_bytes()
        if int.from_bytes(data[:8], "little") > _LIMITS.bytes:  # the names and shapes, as JSON
            raise DamagedPlanError("its table of contents is too long")
        arrays = load(data)
        seal = arrays.pop(_SEAL)
        if not np.array_equal(seal, _seal(arrays)):
            raise DamagedPlanError("its contents do not have the hash they were written with")
        head = parse_json_text(arrays.pop(_HEAD).tobytes(), _LIMITS)
        if head["format"] != _FORMAT:
            raise DamagedPlanError(f"it is a {head['format']}")
        made_for = {str(key): str(value) for key, value in head["made_for"].items()}
        return checked(_plan(head, arrays)), made_for
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedPlanError(f"{type(error).__name__}: {error}") from error


def _seal(arrays: Mapping[str, Array]) -> Array:
    """Return the sha256 of names, types, shapes and contents, as 32 numbers."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype} {arrays[name].shape} ".encode())
        digest.update(np.ascontiguousarray(arrays[name]).data)
    return np.frombuffer(digest.digest(), np.uint8)


def _plan(head: Mapping[str, Any], arrays: Mapping[str, Array]) -> NetworkPlan:
    steps = []
    for number, entry in enumerate(head["steps"]):
        kind = _KINDS[entry.pop("do")]
        entry |= {name: arrays[f"{number}.{name}"] for name in _ARRAYS.get(kind, ())}
        step = kind(**entry)
        steps.append(_as_written(step) if isinstance(step, Apply) else step)
    taps = {int(stride): int(value) for stride, value in head["taps"].items()}
    mean, std = (tuple(float(v) for v in head[key]) for key in ("mean", "std"))
    if len(mean) != 3 or len(std) != 3 or min(std) <= 0:
        raise ValueError("mean and std are three numbers each")
    return NetworkPlan(tuple(steps), taps, (mean[0], mean[1], mean[2]), (std[0], std[1], std[2]))


def _as_written(step: Apply) -> Apply:
    """Return a step whose lists, which JSON made of tuples, are tuples again."""
    read: Mapping[str, Any] = step.numbers
    numbers = {k: tuple(v) if isinstance(v, list) else v for k, v in read.items()}
    return Apply(str(step.function), tuple(step.sources), numbers, step.stride)


def checked(plan: NetworkPlan) -> NetworkPlan:
    """Return the plan if a runtime can build it; raises ValueError otherwise."""
    channels: dict[int, int | None] = {PIXELS: 3}
    """How wide a value is, ``None`` for what a general function made."""
    for number, step in enumerate(plan.steps):
        widths = {channels[source] for source in sources_of(step)}  # KeyError: ahead of itself
        if isinstance(step, Apply | Constant):
            _check_general(step)
            channels[number] = None
            continue
        if len(widths - {None}) > 1:
            raise ValueError(f"step {number} adds maps of different widths")
        channels[number] = _width(step, max(w or 0 for w in widths) or None)
    if not plan.taps or not set(plan.taps.values()) <= set(range(len(plan.steps))):
        raise ValueError("a tap is no step")
    return plan


def _check_general(step: Apply | Constant) -> None:
    if isinstance(step, Constant):
        if step.array.dtype != np.float32 or not np.isfinite(step.array).all():
            raise ValueError("a constant of numbers that are none")
    elif step.function not in FUNCTION_NAMES or not step.sources or step.stride < 1:
        raise ValueError(f"an impossible function {step.function}")


def _width(step: Step, width: int | None) -> int | None:
    """Return how many channels a step makes of ``width``."""
    if not isinstance(step, Conv):
        return width
    weight, bias = step.weight, step.bias
    fits = weight.ndim == 4 and weight.dtype == bias.dtype == np.float32 and step.groups > 0
    wide = weight.shape[1] * step.groups if weight.ndim == 4 else 0
    if not fits or width not in (wide, None) or weight.shape[0] % step.groups:
        raise ValueError(f"weights of shape {weight.shape} do not fit {width} channels")
    if bias.shape != weight.shape[:1] or weight.shape[2] != weight.shape[3]:
        raise ValueError(f"weights of shape {weight.shape} do not fit together")
    if min(step.before, step.after) < 0 or step.stride < 1:
        raise ValueError("an impossible stride or border")
    if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
        raise ValueError("weights that are not numbers")
    return int(weight.shape[0])
