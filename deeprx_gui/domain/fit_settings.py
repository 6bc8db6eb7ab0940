"""What a person chooses before a fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.parts import PartRule
from deeprx_gui.domain.profile import DetectorChoice, Preprocessing, Scoring
from deeprx_gui.domain.view import WHOLE, View

FEWEST_NORMALS = 5
"""Fewer readable normal images than this cannot support a fit."""


USUAL_TAKT_MS = 100.0
"""Milliseconds per picture where no takt was given."""
LONGEST_TAKT_MS = 60_000.0
DEFAULT_PRESET = "automatic"
"""The preset of the command line and of new profiles unless a person prefers another."""


@dataclass(frozen=True)
class FitSettings:
    """Everything a fit can be told; the defaults are the Balanced preset.

    ``limit``: how limits are made, see ``domain/limits.LIMITS``.
    ``parts``: how it is known which pictures show one and the same part.
    ``takt_ms``: milliseconds that judging a picture may take; with it, detector, backbone, picture
    size and scoring are chosen by a search before learning, and what stands for them here plays no
    part. ``None``: the settings hold as they are.
    """

    backbone: str = "efficientnet-lite0"
    taps: tuple[int, ...] = (8, 16)
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    scoring: Scoring = field(default_factory=Scoring)
    detector: DetectorChoice = field(default_factory=lambda: DetectorChoice("deep-rx"))
    false_call_rate: float = 0.01
    review_rate: float = 0.05
    view: View = WHOLE
    limit: str = "auto"
    parts: PartRule = field(default_factory=PartRule)
    takt_ms: float | None = None

    @property
    def automatic(self) -> bool:
        """Whether the program chooses."""
        return self.takt_ms is not None


@dataclass(frozen=True)
class Preset:
    """A named choice of settings; ``title`` and ``hint`` are for the screen."""

    key: str
    title: Message
    hint: Message
    settings: FitSettings


PRESETS: Mapping[str, Preset] = {
    p.key: p
    for p in (
        Preset(
            "automatic",
            say("Automatic"),
            say(
                "The program tries detectors and picture sizes on your images and takes what "
                "finds most within the takt."
            ),
            FitSettings(takt_ms=USUAL_TAKT_MS),
        ),
        Preset(
            "fast",
            say("Fast"),
            say("Smaller picture: for clearly visible defects and short takt times."),
            FitSettings(preprocessing=Preprocessing(size=192)),
        ),
        Preset(
            "balanced",
            say("Balanced"),
            say("Middle picture size, learnt in seconds."),
            FitSettings(),
        ),
        Preset(
            "accurate",
            say("Accurate"),
            say("Larger picture, compared with many normal details: finds more, takes longer."),
            FitSettings(
                preprocessing=Preprocessing(size=384), detector=DetectorChoice("patchcore")
            ),
        ),
    )
}
