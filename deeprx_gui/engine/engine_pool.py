"""EnginePool: opens engines for profiles and fits, chooses the runtime once, keeps the last few."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path
from typing import cast

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.edition import TEACHING, is_light
from deeprx_gui.domain.errors import BackboneError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import BackboneChoice, Preprocessing, Profile
from deeprx_gui.domain.view import View
from deeprx_gui.engine.backbones.autoencoder import STRIDE, AutoencoderNetwork
from deeprx_gui.engine.backbones.catalogue import (
    BACKBONES,
    backbone,
    check_size,
    check_taps,
    known_backbones,
)
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.backbones.teaching_progress import TeachingStep
from deeprx_gui.engine.backbones.weights import Weights
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine import Engine, Scorer
from deeprx_gui.engine.normalise import normaliser_of
from deeprx_gui.engine.reduced_precision import is_worth_while
from deeprx_gui.engine.runtimes.base import Extractor, RuntimeInfo, RuntimeSpec
from deeprx_gui.engine.runtimes.pixels import CHANNELS, PIXELS, PixelsExtractor
from deeprx_gui.engine.runtimes.table import choose, open_extractor, reduced_of
from deeprx_gui.engine.tiles import Tiled
from deeprx_gui.engine.torch_import import import_torch_module

_KEPT = 2


def choice_of(settings: FitSettings, weights_sha256: str) -> BackboneChoice:
    """Return what a profile learnt with these settings names as its backbone."""
    if detector(settings.detector.name).pixels:
        return BackboneChoice(PIXELS, tuple(CHANNELS), "")
    return BackboneChoice(settings.backbone, settings.taps, weights_sha256)


def is_taught(settings: FitSettings) -> bool:
    """Say whether a fit with these settings teaches a network of its own before it learns."""
    return not detector(settings.detector.name).pixels and backbone(settings.backbone).own


class EnginePool:
    """The engine room of one worker thread.

    ``cache``: a folder in which runtimes keep what they prepared for this PC; ``None``: nothing is
    kept, and every start prepares it anew. ``held_out`` reads the normal images of a profile that a
    reduced precision must agree on beside its golden ones.
    """

    def __init__(
        self,
        library: BackboneLibrary,
        runtime: str = "auto",
        cache: Path | None = None,
        held_out: Callable[[Profile], Iterable[Frame]] | None = None,
    ) -> None:
        self.library = library
        self._wanted = runtime
        self._cache = cache
        self._held_out = held_out
        self._runtime: RuntimeSpec | None = None
        self._open: dict[tuple[str, str, tuple[int, ...]], Extractor] = {}
        self._info: RuntimeInfo | None = None
        self._reduced: EnginePool | None = None
        self._worth_while: dict[tuple[str, int, tuple[float, ...]], bool] = {}

    def describe(self) -> RuntimeInfo | None:
        """Return what computes, ``None`` before the first engine was opened."""
        return self._info

    def for_fit(self, settings: FitSettings, network: AutoencoderNetwork | None = None) -> Engine:
        """Open an engine for a fit; ``network``: what ``teach`` returned for these settings.

        Raises BackboneError when the backbone is not installed or not yet taught, RequestError for
        impossible settings, RuntimeChoiceError when the runtime is not to be had.
        """
        if detector(settings.detector.name).pixels:
            return self._pixels(settings.preprocessing, settings.view)
        seen = (settings.preprocessing, settings.view)
        if network is not None:
            return self._own(settings.backbone, settings.taps, network, *seen)
        return self._engine(settings.backbone, settings.taps, *seen)

    def check_teaching(self) -> None:
        """Raise BackboneError where no network can be taught: before pictures are read for it."""
        if is_light():
            raise BackboneError(TEACHING)

    def teach(
        self, pictures: Sequence[ByteImage], watched: Sequence[ByteImage]
    ) -> Generator[TeachingStep, None, AutoencoderNetwork]:
        """Teach an autoencoder on prepared pixels; it stops when ``watched`` says so.

        On the NVIDIA card where that is the runtime, else with torch on the processor. Raises
        BackboneError when torch cannot be loaded, RuntimeChoiceError as ``for_fit``.
        """
        self.check_teaching()
        self._runtime = self._runtime or choose(self._wanted)
        device = "cuda" if self._runtime.name == "torch-cuda" else "cpu"
        try:
            teacher = import_torch_module("deeprx_gui.engine.backbones.autoencoder_teaching")
        except ImportError as error:
            raise BackboneError(
                say(
                    "Teaching the autoencoder needs torch, which cannot be loaded ({reason}). "
                    "Install the complete program, or choose another backbone.",
                    reason=str(error),
                )
            ) from error
        steps = teacher.teach(pictures, watched, device=device)
        return cast("Generator[TeachingStep, None, AutoencoderNetwork]", steps)

    def for_profile(self, profile: Profile) -> Scorer:
        """Open what scores frames for a profile.

        Raises as ``for_fit``, and BackboneError when the installed weights are not those that the
        profile was learnt with.

        Left to choose, the program computes in a reduced precision where the processor has one and
        the profile's golden images, and its highest normal images where they are on this PC, prove
        that it is quicker and scores the same.
        """
        exact = self._scorer(profile)
        if self._wanted != "auto" or self._runtime is None or not profile.golden:
            return exact
        room = self._reduced_room()
        if room is None or detector(profile.detector.name).pixels:
            return exact
        reduced = room.for_profile(profile)
        key = (profile.id, profile.revision, tuple(golden.score for golden in profile.golden))
        if key not in self._worth_while:
            held_out: Iterable[Frame] = ()
            if self._held_out is not None:
                held_out = self._held_out(profile)
            self._worth_while[key] = is_worth_while(profile, exact, reduced, held_out)
        if not self._worth_while[key]:
            return exact
        self._info = room.describe()
        return reduced

    def _reduced_room(self) -> EnginePool | None:
        """Return the pool of the reduced precision of the runtime; ``None`` where it has none."""
        if self._reduced is None:
            assert self._runtime is not None
            name = reduced_of(self._runtime.name)
            if name is None:
                return None
            self._reduced = EnginePool(self.library, name, self._cache)
        return self._reduced

    def _scorer(self, profile: Profile) -> Scorer:
        spec = detector(profile.detector.name)
        if spec.pixels:
            engine = self._pixels(profile.preprocessing, profile.view)
        else:
            engine = self._with_backbone(profile)
        head = spec.head(profile.statistics, profile.detector.settings)
        normalise = normaliser_of(profile.statistics, profile.scoring)
        return engine.scorer(head, profile.scoring, normalise)

    def _with_backbone(self, profile: Profile) -> Engine:
        chosen = profile.backbone
        seen = (profile.preprocessing, profile.view)
        if chosen.name in BACKBONES and BACKBONES[chosen.name].own:
            network = AutoencoderNetwork.in_profile(profile.statistics, chosen.weights_sha256)
            return self._own(chosen.name, chosen.taps, network, *seen)
        if chosen.name not in known_backbones():
            raise BackboneError(
                say(
                    "“{profile}” was learnt with the imported network {name} (sha256 {wanted}…), "
                    "which is not on this PC. Import its ONNX file here, in the words that "
                    "“deeprx backbones list” shows on the PC where it was learnt.",
                    profile=profile.name,
                    name=chosen.name,
                    wanted=chosen.weights_sha256[:12],
                )
            )
        here = self.library.find(chosen.name).sha256
        if here != chosen.weights_sha256:
            raise BackboneError(
                say(
                    "“{profile}” was learnt with other weights of {name} (sha256 {wanted}…) than "
                    "those installed here ({here}…). Import the same weights file (an ONNX file: "
                    "in the same words), or learn again.",
                    profile=profile.name,
                    name=chosen.name,
                    wanted=chosen.weights_sha256[:12],
                    here=here[:12],
                )
            )
        return self._engine(chosen.name, chosen.taps, *seen)

    def _pixels(self, preprocessing: Preprocessing, view: View) -> Engine:
        extractor = PixelsExtractor()
        self._info = extractor.info
        return Engine(extractor, preprocessing, CHANNELS, "", view)

    def _engine(
        self, name: str, taps: tuple[int, ...], preprocessing: Preprocessing, view: View
    ) -> Engine:
        weights = self.library.find(name)
        ordered = check_taps(weights.spec, taps, weights.max_stride)
        check_size(weights.spec, preprocessing)
        extractor = self._opened(name, weights, ordered)
        channels = {stride: weights.spec.channels[stride] for stride in ordered}
        network = weights.spec.imported
        multiple = None if network is None else network.multiple
        return Engine(extractor, preprocessing, channels, weights.sha256, view, stride=multiple)

    def _own(
        self,
        name: str,
        taps: tuple[int, ...],
        network: AutoencoderNetwork,
        preprocessing: Preprocessing,
        view: View,
    ) -> Engine:
        spec = backbone(name)
        ordered = check_taps(spec, taps, max(spec.channels))
        extractor = self._opened(name, network, ordered)
        channels = {stride: spec.channels[stride] for stride in ordered}
        return Engine(extractor, preprocessing, channels, network.sha256, view, stride=STRIDE)

    def _opened(
        self, name: str, weights: Weights | AutoencoderNetwork, ordered: tuple[int, ...]
    ) -> Extractor:
        key = (name, weights.sha256, ordered)
        extractor = self._open.pop(key, None)
        if extractor is None:
            self._runtime = self._runtime or choose(self._wanted)
            opened = open_extractor(self._runtime, weights, ordered, self._cache)
            network = weights.spec.imported if isinstance(weights, Weights) else None
            whole = network is not None and network.whole
            extractor = opened if whole else Tiled(opened, max(ordered))
        self._open[key] = extractor
        while len(self._open) > _KEPT:
            self._open.pop(next(iter(self._open)))
        self._info = extractor.info
        return extractor
