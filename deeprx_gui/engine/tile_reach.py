"""How far around a place its features may look, for tiles to overlap enough."""

from __future__ import annotations

_REACH = 12
"""Features of stride s come from pixels within 12 s. Measured (largest difference of a map's
maximum): EfficientNet-Lite0 1e-6 from 10 s on, Lite2 1e-6 and ResNet-18 1e-5 from 6 s on. Of a
network from elsewhere it is measured when it is imported."""


def reach_of(stride: int) -> int:
    """Return how many pixels on each side are enough for features of a stride."""
    return _REACH * stride
