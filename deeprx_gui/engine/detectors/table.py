"""The detectors this program knows."""

from __future__ import annotations

from collections.abc import Mapping

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
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
