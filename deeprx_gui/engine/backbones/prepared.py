"""Networks prepared on another PC: a plan that the light edition takes over without torch.

The full edition writes one from any installed network, built-in, published or from an ONNX file;
whatever imports it computes with the very same numbers. A file is sealed against damage, and its
contents are held to what a runtime can build and to what the catalogue says about the network.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deeprx_gui.atomic import whole_file
from deeprx_gui.domain.errors import BackboneError
from deeprx_gui.domain.json_text import JsonLimits, parse_json_text
from deeprx_gui.domain.message import say
from deeprx_gui.engine.backbones import imported, plan_file
from deeprx_gui.engine.backbones.catalogue import BackboneSpec, identify
from deeprx_gui.engine.backbones.plan import Conv, NetworkPlan
from deeprx_gui.engine.backbones.weights import Weights

SUFFIX = ".deeprx-network"
SIDES = range(1, 4097)
"""Sides of pictures that a network may ask for, in pixels."""
_FORMAT = "deeprx-network-1"
_FOLDER = "prepared"
_NOTE_LIMITS = JsonLimits(bytes=1 << 16, depth=4, values=1_000)
_log = logging.getLogger(__name__)


def write(file: Path, spec: BackboneSpec, sha256: str, plan: NetworkPlan) -> None:
    """Write a network for other PCs. ``sha256`` names its weights. Raises OSError."""
    note = "" if spec.imported is None else json.dumps(imported.note_of(spec), ensure_ascii=False)
    made_for = {"file": _FORMAT, "name": spec.name, "network": sha256, "note": note}
    with whole_file(file) as contents:
        contents.write(plan_file.to_bytes(plan, made_for))


def is_one(file: Path) -> bool:
    """Say whether a file calls itself a prepared network; it may still be damaged."""
    return file.suffix.lower() == SUFFIX


def read(file: Path) -> tuple[BackboneSpec, str, NetworkPlan]:
    """Return entry, hash and plan of a network that was written elsewhere.

    Raises BackboneError when it is not one, is damaged, or is not the network it says it is.
    """
    try:
        plan, made_for = plan_file.read_any(file)
        if made_for.get("file") != _FORMAT:
            raise ValueError("it is not a network for other PCs")
        spec = _spec(made_for)
        _check(spec, plan)
    except (plan_file.DamagedPlanError, ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("%s cannot be used: %s", file, error)
        raise BackboneError(
            say(
                "{file} is not a network that this program can use, or it is damaged. Write it "
                "again with “deeprx backbones export” of the full edition.",
                file=file.name,
            )
        ) from error
    except OSError as error:
        raise BackboneError(
            say(
                "{file} cannot be read: {reason}. Check the path and the permissions.",
                file=file,
                reason=error.strerror or str(error),
            )
        ) from error
    return spec, str(made_for["network"]), plan


def _spec(made_for: Mapping[str, Any]) -> BackboneSpec:
    name, sha256 = str(made_for["name"]), str(made_for["network"])
    if made_for["note"]:
        spec = imported.spec_from(parse_json_text(made_for["note"].encode(), _NOTE_LIMITS), name)
        network = spec.imported
        if network is None or network.sha256 != sha256 or not imported.is_name(name):
            raise ValueError("its note belongs to another network")
        if network.multiple not in SIDES or network.size not in (None, *SIDES):
            raise ValueError(f"a picture size of {network.size}, multiples of {network.multiple}")
        return spec
    known = identify(sha256)
    if known is None or known[0].name != name:
        raise ValueError(f"no published weights of {name} have this hash")
    return known[0]


def _check(spec: BackboneSpec, plan: NetworkPlan) -> None:
    """Hold a plan to the entry of its network; raises ValueError."""
    if not set(plan.taps) <= set(spec.channels) or min(plan.taps) < 1:
        raise ValueError(f"taps {sorted(plan.taps)} where there are {sorted(spec.channels)}")
    for stride, value in plan.taps.items():
        step = plan.steps[value]
        if isinstance(step, Conv) and len(step.bias) != spec.channels[stride]:
            raise ValueError(f"{len(step.bias)} channels at stride {stride}")


def keep(folder: Path, spec: BackboneSpec, sha256: str, plan: NetworkPlan) -> None:
    """Keep the plan of published weights in a library's folder; raises OSError."""
    file = plan_path(folder, spec.name)
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(file) as contents:
        contents.write(plan_file.to_bytes(plan, {"network": sha256}))


def plan_path(folder: Path, name: str) -> Path:
    """Return where the plan of published weights is kept in a library's folder."""
    return folder / _FOLDER / f"{name}.plan"


def kept(folder: Path, spec: BackboneSpec) -> Weights | None:
    """Return the published weights whose plan is kept, ``None`` when none is."""
    file = plan_path(folder, spec.name)
    try:
        plan, made_for = plan_file.read_any(file)
    except (plan_file.DamagedPlanError, OSError):
        return None
    sha256 = str(made_for.get("network", ""))
    known = identify(sha256)
    if known is None or known[0].name != spec.name:
        return None
    return Weights(spec, file, sha256, "", max(plan.taps), converted=True, prepared=True)


def read_kept(file: Path, spec: BackboneSpec, sha256: str) -> NetworkPlan:
    """Return a plan that is kept; raises BackboneError when it is damaged."""
    try:
        return plan_file.read(file, {"network": sha256})
    except (plan_file.DamagedPlanError, OSError) as error:
        _log.warning("%s cannot be used: %s", file, error)
        raise BackboneError(
            say("The weights stored for {name} are damaged. Import the file again.", name=spec.name)
        ) from error
