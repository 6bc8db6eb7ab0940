"""The detectors this program knows."""

from __future__ import annotations

from collections.abc import Mapping

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import DetectorChoice
from deeprx_gui.engine.detectors import deep_rx, deep_rx_local, padim, patchcore, rpca_rx, rx
from deeprx_gui.engine.detectors.base import DetectorSpec

DETECTORS: Mapping[str, DetectorSpec] = {
    spec.name: spec
    for spec in (
        deep_rx.SPEC,
        deep_rx_local.SPEC,
        padim.SPEC,
        patchcore.SPEC,
        rx.SPEC,
        rpca_rx.SPEC,
    )
}


def detector(name: str) -> DetectorSpec:
    """Return the entry for ``name``; raises RequestError naming the known ones."""
    if name not in DETECTORS:
        raise RequestError(
            say(
                "There is no detector “{name}”. Choose one of: {known}.",
                name=name,
                known=", ".join(DETECTORS),
            )
        )
    return DETECTORS[name]


def chosen_for(learnt: DetectorChoice) -> DetectorChoice:
    """Return what a person has to choose to learn once more what a profile was learnt with.

    Settings that the program has chosen, or decides anew for other pictures, are left to it. A
    detector or setting that this program does not know is returned as it is.
    """
    spec = DETECTORS.get(learnt.name)
    if spec is None:
        return learnt
    usual = spec.check({})
    own = {
        key: value
        for key, value in learnt.settings.items()
        if key not in spec.settled and (key not in usual or usual[key] != value)
    }
    return DetectorChoice(learnt.name, own)
