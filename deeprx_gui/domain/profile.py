"""Product profile: everything needed to judge one product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.limit_samples import LimitSample
from deeprx_gui.domain.limits import HeldOutScheme, Limits
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.domain.view import WHOLE, View


@dataclass(frozen=True)
class Preprocessing:
    """From frame to network input.

    ``size``: side in pixels of a square with the same area as the network input.
    ``keep_aspect``: keep height : width (rounded to the coarsest tap's stride); ``False`` squashes
    to a ``size`` x ``size`` square.
    """

    size: int = 256
    keep_aspect: bool = True


@dataclass(frozen=True)
class Scoring:
    """From distances to one number: ``sigma`` in grid cells, ``reduce`` is ``max`` or ``top1``.

    ``min_area``: so many connected grid cells must reach a score for it to count; 1: any one may.
    ``normalise``: ``none``, or ``position``: each cell is measured by what is usual there in good
    parts. Settings of a fit may say ``auto``; a profile never does.
    """

    sigma: float = 1.0
    reduce: str = "max"
    min_area: int = 1
    normalise: str = "none"


@dataclass(frozen=True)
class BackboneChoice:
    """Which frozen network, at which strides, with exactly which weights (sha256, hex)."""

    name: str
    taps: tuple[int, ...]
    weights_sha256: str


@dataclass(frozen=True)
class DetectorChoice:
    """Which detector with which settings (JSON-able)."""

    name: str
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class NormalImage:
    """One normal image of the fit and its held-out score.

    ``held_out`` is ``None`` when the image was read but not among those scored.
    """

    source: str
    held_out: float | None


@dataclass(frozen=True)
class RevisionOrigin:
    """Who saved this revision, when, why, and with which program and runtime."""

    who: str
    when: datetime
    why: str
    program: str
    runtime: str


@dataclass(frozen=True)
class Lineage:
    """Which product this is on every PC (``id``), and which saved state of it (``mark``).

    ``before``: the marks that were known where it was saved, oldest first. Empty until saved.
    """

    id: str = ""
    mark: str = ""
    before: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class GoldenImage:
    """A small normal image kept inside the profile, and the score it had when saved."""

    name: str
    pixels: ByteImage
    score: float


@dataclass(frozen=True, eq=False)
class Profile:
    """One revision of one product's profile, in memory.

    ``id`` is the folder name, ``revision`` counts from 1 (0: not yet saved). ``extra`` holds keys
    of the file this program does not know, so that they survive a round trip. Scores are shown in
    multiples of ``suggested.review``, whatever ``limits`` say (``Limits.unit``).
    """

    id: str
    name: str
    revision: int
    preprocessing: Preprocessing
    scoring: Scoring
    backbone: BackboneChoice
    detector: DetectorChoice
    limits: Limits
    suggested: Limits
    held_out_scheme: HeldOutScheme
    normals: tuple[NormalImage, ...]
    origin: RevisionOrigin
    statistics: Statistics
    golden: tuple[GoldenImage, ...]
    thumbnail: ByteImage | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    view: View = WHOLE
    lineage: Lineage = field(default_factory=Lineage)
    limit_samples: tuple[LimitSample, ...] = ()

    def __post_init__(self) -> None:
        unit = self.suggested.review
        object.__setattr__(self, "suggested", self.suggested.shown_in(unit))
        object.__setattr__(self, "limits", self.limits.shown_in(unit))

    @property
    def method(self) -> str:
        """Detector and backbone, as in ``patchcore · efficientnet-lite0``."""
        return f"{self.detector.name} · {self.backbone.name}"

    @property
    def held_out_scores(self) -> tuple[float, ...]:
        """The held-out scores that exist, in the order of the images."""
        return tuple(n.held_out for n in self.normals if n.held_out is not None)
