"""How long a fit will take and how much memory it will need, at once, from tables. No torch here.

The owner of what a detector announces (``DetectorCost``): ``rehearsal`` measures the rest on a few
pictures and takes the announcement from here (ADR 0020).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from deeprx_gui.atomic import write_cache
from deeprx_gui.domain.errors import DeepRxError, FitError, ProfileError
from deeprx_gui.domain.fit import FitForecast
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.json_text import read_json_file
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import DetectorChoice, Profile
from deeprx_gui.domain.search import EXPERIENCED, MOST_NORMALS, PLANTED
from deeprx_gui.engine.backbones.catalogue import backbone, known_backbones
from deeprx_gui.engine.detectors.base import FitExtent
from deeprx_gui.engine.detectors.table import DETECTORS, detector
from deeprx_gui.engine.tiles import LONGEST

# Milliseconds for one 256 px picture through each backbone up to stride 16 in torch on two desktop
# cores; only their ratios matter once this PC has learnt something (``Speed``).
_BASE_MS: Mapping[str, float] = {
    "efficientnet-lite0": 20.0,
    "efficientnet-lite2": 28.0,
    "resnet18": 18.0,
    "resnet50": 45.0,
    "wide-resnet50-2": 110.0,
    "vgg16": 190.0,
    "autoencoder": 16.0,
}
_DECODE_MS = 6.0
_OPERATIONS_PER_SECOND = 2e10
_TEACHING_SECONDS = 45.0
_START_SECONDS = 4.0
_PROGRAM_MB = 750.0
_BARE_MB = 120.0  # without network and what computes it
_BYTES_PER_PIXEL = 260.0
_KEPT_FREE_MB = 500.0
_MAPS_AT_ONCE = 3.0  # copies of the feature maps while a picture is scored: rx at 8192 px, 2.6 GB
_BYTES_PER_SCORED_PIXEL = 3.0  # the picture at the size it is looked at
_LEARNT_AT_ONCE = 3.0  # what was learnt: as read, as prepared, as the runtime holds it
_UNKNOWN_CHANNELS = 512  # of a tap of a network that is not on this PC
_SEARCHED_SIZES = (256, 384, 512)


@dataclass(frozen=True)
class DetectorCost:
    """What a detector announces for one fit: memory in MB, arithmetic in operations."""

    megabytes: float
    operations: float


def detector_cost(settings: FitSettings, images: int) -> DetectorCost:
    """Ask the detector what a fit of ``images`` pictures costs beyond the network.

    Raises RequestError for impossible settings, FitError for what its memory cannot hold.
    """
    spec = detector(settings.detector.name)
    extent = _extent(settings, images)
    chosen = spec.settle(spec.check(settings.detector.settings), extent)
    return DetectorCost(spec.megabytes(chosen, extent), spec.operations(chosen, extent))


class Speed:
    """This PC's speed, learnt from finished fits and kept in one small file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def factor(self) -> float | None:
        """Return this PC's time over the table's, ``None`` before the first fit."""
        try:
            value = read_json_file(self._file)["factor"]
        except (OSError, ValueError, KeyError, TypeError):
            return None  # nothing measured yet, or the cache was tidied away: the table serves
        return float(value) if isinstance(value, int | float) and 0.01 < value < 100 else None

    def learn(self, settings: FitSettings, images: int, seconds: float) -> None:
        """Take in a finished fit; old and new count half each."""
        expected = _work_seconds(settings, images, detector_cost(settings, images))
        if images < 5 or expected <= 0:
            return
        now = max(0.02, (seconds - _START_SECONDS) / expected)
        before = self.factor()
        value = now if before is None else (now + before) / 2
        write_cache(self._file, json.dumps({"factor": value}).encode())


def predict(settings: FitSettings, images: int, speed: Speed | None = None) -> FitForecast:
    """Predict a fit of ``images`` normal images.

    Raises RequestError for an unknown backbone or impossible settings, FitError when the fit would
    not stay within the detector's memory.
    """
    factor = speed.factor() if speed else None
    if settings.automatic:
        return _predict_search(settings, images, factor)
    cost = detector_cost(settings, images)
    pixels = min(settings.preprocessing.size**2, LONGEST**2)  # larger ones go through in tiles
    return FitForecast(
        seconds=_START_SECONDS + _work_seconds(settings, images, cost) * (factor or 1.0),
        megabytes=(_BARE_MB if detector(settings.detector.name).pixels else _PROGRAM_MB)
        + cost.megabytes
        + pixels * _BYTES_PER_PIXEL / 1e6,
        measured=factor is not None,
    )


def _predict_search(settings: FitSettings, images: int, factor: float | None) -> FitForecast:
    """Predict a search and the fit behind it, as if every size up to 512 px were tried."""
    tried = [
        replace(
            settings,
            takt_ms=None,
            preprocessing=replace(settings.preprocessing, size=size),
            detector=DetectorChoice(EXPERIENCED),
        )
        for size in _SEARCHED_SIZES
    ]
    used = min(images, MOST_NORMALS)
    looked = sum(
        (used + PLANTED) * (_DECODE_MS + _base_ms(s.backbone) * s.preprocessing.size**2 / 256**2)
        for s in tried
    )
    learnt = sum(_seconds(s, used) for s in tried) + _seconds(tried[-1], images)
    largest = predict(tried[-1], images)
    return FitForecast(
        seconds=_START_SECONDS + (looked / 1000 + learnt) * (factor or 1.0),
        megabytes=largest.megabytes,
        measured=factor is not None,
    )


def _seconds(settings: FitSettings, images: int) -> float:
    return _work_seconds(settings, images, detector_cost(settings, images))


def forecast_of(settings: FitSettings, images: int, speed: Speed) -> FitForecast | None:
    """Forecast a fit, with the reason where it would not fit; ``None`` for impossible settings."""
    try:
        expected = predict(settings, images, speed)
    except FitError as error:
        return FitForecast(0.0, 0.0, error.message)
    except DeepRxError:
        return None  # no taps chosen yet: the page says so itself
    problem = memory_problem(expected.megabytes, memory_mb())
    return replace(expected, problem=problem)


def memory_problem(megabytes: float, room: float) -> Message | None:
    """Say that a fit would not fit into this PC, ``None`` when it would."""
    if megabytes <= room:
        return None
    return say(
        "This would need about {mb} MB of memory; this PC has {room} MB. Choose a smaller picture "
        "size or another detector.",
        mb=f"{megabytes:,.0f}",
        room=f"{room:,.0f}",
    )


def judging_mb(profile: Profile) -> float | None:
    """Predict the memory that judging one picture with a profile takes, the program included.

    ``None`` for a detector that this program lacks.
    """
    if profile.detector.name not in DETECTORS:
        return None
    spec = detector(profile.detector.name)
    pixels = float(profile.preprocessing.size) ** 2
    if spec.pixels:
        numbers, base = 3 * pixels, _BARE_MB
    else:
        taps = profile.backbone.taps
        known = profile.backbone.name in known_backbones()
        channels = backbone(profile.backbone.name).channels if known else {}
        cells = pixels / min(taps, default=1) ** 2
        numbers = cells * sum(channels.get(tap, _UNKNOWN_CHANNELS) for tap in taps)
        base = _PROGRAM_MB + min(pixels, LONGEST**2) * _BYTES_PER_PIXEL / 1e6
    learnt = sum(array.nbytes for array in profile.statistics.arrays.values())
    maps = _MAPS_AT_ONCE * 4 * numbers
    return base + (maps + _BYTES_PER_SCORED_PIXEL * pixels + _LEARNT_AT_ONCE * learnt) / 1e6


def check_judging(profile: Profile) -> None:
    """Raise ProfileError with the figure when judging with a profile needs more than this PC has.

    A profile from elsewhere may ask for pictures of any size.
    """
    needed, room = judging_mb(profile), memory_mb()
    if needed is not None and needed > room:
        raise ProfileError(
            say(
                "“{name}” looks at pictures of {size} × {size} pixels: judging with it would need"
                " about {mb} MB of memory, and this PC has {room} MB. Use a PC with more memory, or"
                " learn the product with a smaller picture size.",
                name=profile.name,
                size=profile.preprocessing.size,
                mb=f"{needed:,.0f}",
                room=f"{room:,.0f}",
            )
        )


def memory_mb() -> float:
    """Return the memory of this PC in megabytes, less what the system itself needs."""
    return float(psutil.virtual_memory().total) / 1e6 - _KEPT_FREE_MB


def _extent(settings: FitSettings, images: int) -> FitExtent:
    """Return how much there will be to learn from; a square picture stands for all shapes."""
    if detector(settings.detector.name).pixels:
        return FitExtent((3,), (settings.preprocessing.size,) * 2, images)
    channels = backbone(settings.backbone).channels
    side = settings.preprocessing.size // min(settings.taps)
    found = tuple(channels.get(tap, 0) for tap in sorted(settings.taps, reverse=True))
    return FitExtent(found, (side, side), images)


def _work_seconds(settings: FitSettings, images: int, cost: DetectorCost) -> float:
    """Seconds of the table's PC for reading, features, statistics, and the held-out scores."""
    spec = detector(settings.detector.name)
    scale = settings.preprocessing.size**2 / 256**2
    network_ms = 0.0 if spec.pixels else _base_ms(settings.backbone) * scale
    reading = images * (_DECODE_MS + network_ms) / 1000
    taught = not spec.pixels and backbone(settings.backbone).own
    teaching = _TEACHING_SECONDS if taught else 0.0
    return teaching + reading + cost.operations / _OPERATIONS_PER_SECOND


def _base_ms(name: str) -> float:
    """Return milliseconds for a picture of 256 pixels: the table's, or measured at the import."""
    network = backbone(name).imported
    return _BASE_MS[name] if network is None else network.base_ms
