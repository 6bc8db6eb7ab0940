"""rx: one Gaussian over the colours of all pixels of all normal images; no network.

d(f) = sqrt((f-μ)ᵀ Σ⁻¹ (f-μ)) of Reed & Yu, "Adaptive multiple-band CFAR detection of an optical
pattern with unknown spectral distribution" (IEEE ASSP 1990), with red, green and blue for bands:
the classical baseline that a network must beat. The arithmetic is that of ``deep_rx``.
"""

from __future__ import annotations

from dataclasses import replace

from deeprx_gui.domain.message import say
from deeprx_gui.engine.detectors import deep_rx
from deeprx_gui.engine.detectors.base import FitExtent
from deeprx_gui.engine.detectors.settings import Settings


def megabytes(_settings: Settings, extent: FitExtent) -> float:
    """Memory of a fit: the pixels of a few pictures in float64, whatever their number."""
    return 4 * 8 * sum(extent.channels) * extent.positions / 1e6


SPEC = replace(
    deep_rx.SPEC,
    name="rx",
    title=say("RX: colours only"),
    hint=say(
        "Looks at the colour of each pixel, without a network: for stains and foreign matter of "
        "an unusual colour. Needs no positioning, but does not see shapes."
    ),
    megabytes=megabytes,
    pixels=True,
)
