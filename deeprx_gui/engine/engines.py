"""Engines: opens engines for profiles and fits, chooses the runtime once, keeps the last few."""

from __future__ import annotations

from pathlib import Path

from deeprx_gui.domain.errors import BackboneError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import BackboneChoice, Preprocessing, Profile
from deeprx_gui.domain.view import View
from deeprx_gui.engine.backbones.catalogue import check_taps
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine import Engine, Scorer
from deeprx_gui.engine.runtimes.base import Extractor, RuntimeInfo, RuntimeSpec
from deeprx_gui.engine.runtimes.pixels import CHANNELS, PIXELS, PixelsExtractor
from deeprx_gui.engine.runtimes.table import choose, open_extractor
from deeprx_gui.engine.tiles import Tiled

_KEPT = 2


def choice_of(settings: FitSettings, weights_sha256: str) -> BackboneChoice:
    """Return what a profile learnt with these settings names as its backbone."""
    if detector(settings.detector.name).pixels:
        return BackboneChoice(PIXELS, tuple(CHANNELS), "")
    return BackboneChoice(settings.backbone, settings.taps, weights_sha256)


class Engines:
    """The engine room of one worker thread.

    ``cache``: a folder in which runtimes keep what they prepared for this PC; ``None``: nothing is
    kept, and every start prepares it anew.
    """

    def __init__(
        self, library: BackboneLibrary, runtime: str = "auto", cache: Path | None = None
    ) -> None:
        self.library = library
        self._wanted = runtime
        self._cache = cache
        self._runtime: RuntimeSpec | None = None
        self._open: dict[tuple[str, str, tuple[int, ...]], Extractor] = {}
        self._info: RuntimeInfo | None = None

    def describe(self) -> RuntimeInfo | None:
        """Return what computes, ``None`` before the first engine was opened."""
        return self._info

    def for_fit(self, settings: FitSettings) -> Engine:
        """Open an engine for a fit.

        Raises BackboneError when the backbone is not installed, RequestError for impossible
        settings, RuntimeChoiceError when the runtime is not to be had.
        """
        if detector(settings.detector.name).pixels:
            return self._pixels(settings.preprocessing, settings.view)
        return self._engine(settings.backbone, settings.taps, settings.preprocessing, settings.view)

    def for_profile(self, profile: Profile) -> Scorer:
        """Open what scores frames for a profile.

        Raises as ``for_fit``, and BackboneError when the installed weights are not those that the
        profile was learnt with.
        """
        spec = detector(profile.detector.name)
        if spec.pixels:
            engine = self._pixels(profile.preprocessing, profile.view)
        else:
            engine = self._with_backbone(profile)
        head = spec.head(profile.statistics, profile.detector.settings)
        return engine.scorer(head, profile.scoring)

    def _with_backbone(self, profile: Profile) -> Engine:
        chosen = profile.backbone
        engine = self._engine(chosen.name, chosen.taps, profile.preprocessing, profile.view)
        if engine.weights_sha256 != chosen.weights_sha256:
            raise BackboneError(
                say(
                    "“{profile}” was learnt with other weights of {name} (sha256 {wanted}…) than "
                    "those installed here ({here}…). Import the same weights file, or learn again.",
                    profile=profile.name,
                    name=chosen.name,
                    wanted=chosen.weights_sha256[:12],
                    here=engine.weights_sha256[:12],
                )
            )
        return engine

    def _pixels(self, preprocessing: Preprocessing, view: View) -> Engine:
        extractor = PixelsExtractor()
        self._info = extractor.info
        return Engine(extractor, preprocessing, CHANNELS, "", view)

    def _engine(
        self, name: str, taps: tuple[int, ...], preprocessing: Preprocessing, view: View
    ) -> Engine:
        weights = self.library.find(name)
        ordered = check_taps(weights.spec, taps, weights.max_stride)
        key = (name, weights.sha256, ordered)
        extractor = self._open.pop(key, None)
        if extractor is None:
            self._runtime = self._runtime or choose(self._wanted)
            opened = open_extractor(self._runtime, weights, ordered, self._cache)
            extractor = Tiled(opened, max(ordered))
        self._open[key] = extractor
        while len(self._open) > _KEPT:
            self._open.pop(next(iter(self._open)))
        self._info = extractor.info
        channels = {stride: weights.spec.channels[stride] for stride in ordered}
        return Engine(extractor, preprocessing, channels, weights.sha256, view)
