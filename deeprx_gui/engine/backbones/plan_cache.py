"""The plans kept on this PC: each is made with torch once and read without it ever after."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from deeprx_gui import __version__
from deeprx_gui.atomic import write_cache
from deeprx_gui.domain.edition import is_light
from deeprx_gui.domain.errors import BackboneError
from deeprx_gui.domain.message import say
from deeprx_gui.engine.backbones import plan_file
from deeprx_gui.engine.backbones.imported import read_plan
from deeprx_gui.engine.backbones.plan import NetworkPlan
from deeprx_gui.engine.backbones.prepared import read_kept
from deeprx_gui.engine.backbones.weights import Weights
from deeprx_gui.engine.torch_import import import_torch_module

_log = logging.getLogger(__name__)
_MAKER = "deeprx_gui.engine.backbones.plan_of_network"


class PlanCache:
    """Plans in ``folder``; ``None`` keeps nothing and makes each anew.

    A plan belongs to one weights file and one version of this program. One that is damaged or made
    for something else is made again, and the log says so. ``shipped``: plans that came with the
    program; nothing is ever written there.
    """

    def __init__(self, folder: Path | None, *, shipped: Path | None = plan_file.SHIPPED) -> None:
        self._folder = folder
        self._shipped = shipped

    def plan(self, weights: Weights) -> NetworkPlan:
        """Return the plan of a backbone, from the folder or by writing the torch network down.

        Raises BackboneError when the weights are damaged, or when torch is needed and absent.
        """
        if weights.spec.imported is not None:
            return read_plan(weights.file, weights.spec)
        if weights.prepared:
            return read_kept(weights.file, weights.spec, weights.sha256)
        name = plan_file.name_of(weights.spec.name, weights.sha256)
        made_for = _made_for(weights)
        for folder in (self._shipped, self._folder):
            plan = None if folder is None else _read(folder / name, made_for)
            if plan is not None:
                return plan
        _log.info("%s is prepared for this PC, once", weights.spec.name)
        plan = _make(weights)
        self.keep(weights, plan)
        return plan

    def keep(self, weights: Weights, plan: NetworkPlan) -> None:
        """Keep a plan of a backbone in the folder, where there is one."""
        if self._folder is not None:
            name = plan_file.name_of(weights.spec.name, weights.sha256)
            write_cache(self._folder / name, plan_file.to_bytes(plan, _made_for(weights)))


def _made_for(weights: Weights) -> dict[str, str]:
    return {"weights": weights.sha256, "program": __version__}


def _read(file: Path, made_for: Mapping[str, str]) -> NetworkPlan | None:
    try:
        return plan_file.read(file, made_for)
    except FileNotFoundError:
        return None
    except (plan_file.DamagedPlanError, OSError) as error:
        _log.warning("%s cannot be used and is made again: %s", file, error)
        return None


def _make(weights: Weights) -> NetworkPlan:
    if is_light():
        raise BackboneError(
            say(
                "This is the light edition: {name} must be prepared by the full edition. Write it "
                "there with “deeprx backbones export {name} FILE” and import that file here; what "
                "came with this program is mended by installing it again.",
                name=weights.spec.name,
            )
        )
    try:
        maker = import_torch_module(_MAKER)
    except ImportError as error:
        raise BackboneError(
            say(
                "{name} has not been prepared for this PC, and preparing it needs torch, which "
                "cannot be loaded ({reason}). Install the complete program.",
                name=weights.spec.name,
                reason=str(error),
            )
        ) from error
    return cast("NetworkPlan", maker.plan_of(weights))
