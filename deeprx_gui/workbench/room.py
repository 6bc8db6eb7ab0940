"""What a fit will take on this PC, and what to say when it would not fit."""

from __future__ import annotations

import psutil

from deeprx_gui.domain.errors import DeepRxError, FitError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import Message, say
from deeprx_gui.state.teach import Forecast
from deeprx_gui.work.predict import Speed, predict

_KEPT_FREE_MB = 500.0


def memory_mb() -> float:
    """Return the memory of this PC in megabytes, less what the system itself needs."""
    return float(psutil.virtual_memory().total) / 1e6 - _KEPT_FREE_MB


def forecast_of(settings: FitSettings, images: int, speed: Speed) -> Forecast | None:
    """Forecast a fit, with the reason where it would not fit; ``None`` for impossible settings."""
    try:
        expected = predict(settings, images, speed)
    except FitError as error:
        return Forecast(0.0, 0.0, error.message)
    except DeepRxError:
        return None  # no taps chosen yet: the page says so itself
    problem = too_much(expected.megabytes, memory_mb())
    return Forecast(expected.seconds, expected.megabytes, problem)


def too_much(megabytes: float, room: float) -> Message | None:
    """Say that a fit would not fit into this PC, ``None`` when it would."""
    if megabytes <= room:
        return None
    return say(
        "This would need about {mb} MB of memory; this PC has {room} MB. Choose a smaller picture "
        "size or another detector.",
        mb=f"{megabytes:,.0f}",
        room=f"{room:,.0f}",
    )
