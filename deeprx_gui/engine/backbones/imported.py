"""Networks that came as ONNX files, as they are kept on this PC: a plan, and a note beside it."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deeprx_gui.atomic import whole_file
from deeprx_gui.domain.errors import BackboneError
from deeprx_gui.domain.json_text import read_json_file
from deeprx_gui.domain.message import say
from deeprx_gui.domain.onnx_order import OnnxOrder
from deeprx_gui.engine.backbones import plan_file
from deeprx_gui.engine.backbones.catalogue import BACKBONES, BackboneSpec, ImportedNetwork
from deeprx_gui.engine.backbones.plan import NetworkPlan

_FORMAT = "deeprx-onnx-1"
_FOLDER = "imported"
LONGEST_NAME = 60
_log = logging.getLogger(__name__)


def identity(onnx_sha256: str, order: OnnxOrder) -> str:
    """Return what names a network in profiles: its file and how it was imported, nothing else.

    Not the plan: the constants in it may differ in the last bit between processors.
    """
    numbers = (order.pixel_mean, order.pixel_std, order.multiple, order.size)
    told = [_FORMAT, onnx_sha256, order.taps, *numbers]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def is_name(name: str) -> bool:
    """Say whether a network may be called so: it becomes a file name, and is none of ours."""
    good = re.fullmatch(r"[\w-][\w.-]*", name) is not None and len(name) <= LONGEST_NAME
    return good and name not in (*BACKBONES, "pixels")


def plan_path(folder: Path, name: str) -> Path:
    """Return where the plan of a network is kept in a library's folder."""
    return folder / _FOLDER / f"{name}.plan"


def save(folder: Path, spec: BackboneSpec, plan: NetworkPlan) -> None:
    """Keep a network; raises OSError."""
    network = spec.imported
    assert network is not None
    file = plan_path(folder, spec.name)
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(file.with_suffix(".json")) as beside, whole_file(file) as contents:
        beside.write(json.dumps(note_of(spec), indent=1, ensure_ascii=False).encode())
        contents.write(plan_file.to_bytes(plan, {"network": network.sha256}))


def note_of(spec: BackboneSpec) -> dict[str, object]:
    """Return what is written down about a network beside its plan."""
    network = spec.imported
    assert network is not None
    return {
        "format": _FORMAT,
        "name": spec.name,
        "sha256": network.sha256,
        "words": network.words,
        "channels": {str(stride): count for stride, count in spec.channels.items()},
        "mean": spec.mean,
        "std": spec.std,
        "licence": spec.licence,
        "size": network.size,
        "multiple": network.multiple,
        "whole": network.whole,
        "base_ms": network.base_ms,
    }


def found_in(folder: Path) -> Iterator[BackboneSpec]:
    """Return the networks kept in a library's folder; one whose note is damaged is left out."""
    try:
        notes = sorted((folder / _FOLDER).glob("*.json"))
    except OSError:
        return
    for note in notes:
        try:
            raw = read_json_file(note)
            yield spec_from(raw, note.stem)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _log.warning("%s cannot be used: %s", note, error)


def spec_from(raw: Mapping[str, Any], name: str) -> BackboneSpec:
    """Return the entry that a note describes; raises ValueError, KeyError, TypeError for others."""
    if raw["format"] != _FORMAT or raw["name"] != name:
        raise ValueError("it is not the note of this network")
    size = raw["size"]
    network = ImportedNetwork(
        sha256=str(raw["sha256"]),
        words=str(raw["words"]),
        size=None if size is None else int(size),
        multiple=int(raw["multiple"]),
        whole=bool(raw["whole"]),
        base_ms=float(raw["base_ms"]),
    )
    channels = {int(stride): int(count) for stride, count in raw["channels"].items()}
    mean, std, licence = _three(raw["mean"]), _three(raw["std"]), str(raw["licence"])
    return spec_of(name, network, channels, mean, std, licence=licence)


def _three(values: Any) -> tuple[float, float, float]:  # noqa: ANN401 - from a file
    red, green, blue = (float(v) for v in values)
    return red, green, blue


def spec_of(
    name: str,
    network: ImportedNetwork,
    channels: Mapping[int, int],
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
    *,
    licence: str,
) -> BackboneSpec:
    """Return the entry of a network for the catalogue."""
    return BackboneSpec(
        name=name,
        title=say("{name} (imported)", name=name),
        channels=dict(sorted(channels.items())),
        mean=mean,
        std=std,
        build="",
        published=(),
        licence=licence,
        default_taps=tuple(sorted(channels)),
        imported=network,
    )


def read_plan(file: Path, spec: BackboneSpec) -> NetworkPlan:
    """Return the plan that is kept; raises BackboneError when it is damaged."""
    assert spec.imported is not None
    try:
        return plan_file.read(file, {"network": spec.imported.sha256})
    except (plan_file.DamagedPlanError, OSError) as error:
        _log.warning("%s cannot be used: %s", file, error)
        raise BackboneError(
            say(
                "The network stored for {name} is damaged. Import it again: {words}",
                name=spec.name,
                words=spec.imported.words,
            )
        ) from error
